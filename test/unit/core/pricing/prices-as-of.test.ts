import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pricesAsOf } from '../../../../src/core/pricing/prices-as-of.ts';
import { asOfText } from '../../../run/prices.ts';

describe('the day of the price table', () => {
	it('is written with the version by `npm run prices`', () => {
		const file = readFileSync(join(import.meta.dirname, '../../../../src/core/pricing/prices-as-of.ts'), 'utf8');
		const renewed = asOfText(file, '9.8.7', '2031-02-03');
		assert.match(renewed, /source: 'genai-prices 9\.8\.7', date: '2031-02-03'/);
		assert.equal(asOfText(renewed, pricesAsOf.source.replace('genai-prices ', ''), pricesAsOf.date), file);
		assert.throws(() => asOfText('export const other = 1;', '1.0.0', '2031-02-03'), /usual form/);
	});

	it('belongs to the version that the table was made from', () => {
		const table = readFileSync(join(import.meta.dirname, '../../../../src/core/pricing/table.json'), 'utf8');
		assert.equal((JSON.parse(table) as { source: string }).source, pricesAsOf.source);
		assert.match(pricesAsOf.date, /^20\d\d-\d\d-\d\d$/);
	});
});
