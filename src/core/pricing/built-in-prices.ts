import type { Prices } from './find-price.ts';
import type { PriceOverride } from './overrides.ts';
import { loadPriceTable, type PriceTable } from './price-table.ts';
import json from './table.json' with { type: 'json' };

let table: PriceTable | undefined;

/** The built-in price table with the user's own prices on top. The table is read on first use. */
export function builtInPrices(overrides: readonly PriceOverride[] = []): Prices {
	table ??= loadPriceTable(json);
	return { table, overrides };
}
