import { describeIssues } from '../core/describe-issues.ts';
import { builtInPrices } from '../core/pricing/built-in-prices.ts';
import type { Prices } from '../core/pricing/find-price.ts';
import { parsePriceOverrides } from '../core/pricing/overrides.ts';
import { ledgerError } from './sqlite-error.ts';

/**
 * The price table with the user's own prices on top.
 *
 * @param overrides the setting `callmeter.prices`
 * @throws {LedgerError} `badInput` with the path of what is wrong.
 */
export function pricesWith(overrides: unknown): Prices {
	try {
		return builtInPrices(parsePriceOverrides(overrides));
	} catch (error) {
		const detail = error instanceof Error && 'issues' in error ? describeIssues(error as never) : String(error);
		throw ledgerError('badInput', detail, error);
	}
}
