import assert from 'node:assert/strict';
import { csvOf } from '../../../../webview/charts/csv.ts';
import type { TableData } from '../../../../webview/charts/picture.ts';

function table(...rows: (string | number | null)[][]): TableData {
	return {
		columns: [
			{ id: 'model', label: 'Model', number: false },
			{ id: 'cost_usd', label: null, number: true },
		],
		rows: rows.map((raws) => ({ cells: raws.map((raw) => ({ text: `shown ${raw}`, raw })), filter: null })),
	};
}

describe('figures as CSV', () => {
	it('are lines that end in CRLF, headings first, with those columns that the screen leaves out', () => {
		assert.equal(csvOf(table(['a', 1], ['b', 2])), 'model,cost_usd\r\na,1\r\nb,2\r\n');
	});

	it('quote what RFC 4180 asks to be quoted', () => {
		assert.equal(
			csvOf(table(['a,b', 1], ['say "hi"', 2], ['two\nlines', 3])),
			'model,cost_usd\r\n"a,b",1\r\n"say ""hi""",2\r\n"two\nlines",3\r\n',
		);
	});

	it('write numbers as programs do: a point, no grouping, no exponent, no digit for nothing', () => {
		const numbers = [1234567.5, 1e-9, 2.5e-7, 0, 3e21, -4];
		const written = csvOf(table(...numbers.map((number) => ['m', number])))
			.split('\r\n')
			.slice(1, -1)
			.map((line) => line.slice(2));
		assert.deepEqual(written, ['1234567.5', '0.000000001', '0.00000025', '0', '3000000000000000000000', '-4']);
	});

	it('leave unknown figures empty', () => {
		assert.equal(csvOf(table(['m', null])), 'model,cost_usd\r\nm,\r\n');
	});

	it('let no foreign text run as a formula', () => {
		const hostile = ['=HYPERLINK("http://x")', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1'];
		const lines = hostile.map((name) => csvOf(table([name, 1])).slice('model,cost_usd\r\n'.length));
		assert.deepEqual(lines, [
			`"'=HYPERLINK(""http://x"")",1\r\n`,
			"'+1,1\r\n",
			"'-1+2,1\r\n",
			"'@SUM(A1),1\r\n",
			"'\t=1,1\r\n",
			`"'\r=1",1\r\n`,
		]);
	});

	it('keep a negative figure a figure', () => {
		assert.match(csvOf(table(['m', -1.5])), /m,-1\.5/);
	});
});
