import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pricesAsOf } from '../../../../src/core/pricing/prices-as-of.ts';

describe('the day of the price table', () => {
	it('belongs to the version that the table was made from', () => {
		const table = readFileSync(join(import.meta.dirname, '../../../../src/core/pricing/table.json'), 'utf8');
		assert.equal((JSON.parse(table) as { source: string }).source, pricesAsOf.source);
		assert.match(pricesAsOf.date, /^20\d\d-\d\d-\d\d$/);
	});
});
