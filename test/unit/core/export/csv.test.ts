import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { csvColumns, csvContentColumns, csvHead, csvOfCall, exactUsd } from '../../../../src/core/export/csv.ts';
import { costOf, exportedCall } from './exported-call.ts';

/** Reads CSV by RFC 4180, apart from our code. */
function parseCsv(text: string): string[][] {
	const rows: string[][] = [];
	let row: string[] = [];
	let cell = '';
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		const char = text[i] ?? '';
		if (quoted) {
			if (char === '"' && text[i + 1] === '"') {
				cell += '"';
				i++;
			} else if (char === '"') quoted = false;
			else cell += char;
		} else if (char === '"' && cell === '') quoted = true;
		else if (char === ',' || (char === '\r' && text[i + 1] === '\n')) {
			row.push(cell);
			cell = '';
			if (char === '\r') {
				rows.push(row);
				row = [];
				i++;
			}
		} else cell += char;
	}
	assert.equal(cell, '', 'the file ends with a line end');
	return rows;
}

const head = { content: false, bom: false };

function cellsOf(line: string, content = false): Record<string, string> {
	const [names = [], cells = []] = parseCsv(csvHead({ ...head, content }) + line);
	assert.equal(cells.length, names.length);
	return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
}

describe('CSV of calls', () => {
	it('issue 6, export: CSV is one call a line by RFC 4180, whatever the names in it', () => {
		const text = fc.string({ unit: 'grapheme', maxLength: 30 });
		fc.assert(
			fc.property(text, text, text, (model, title, completion) => {
				const call = exportedCall({ model, sessionTitle: title }, { completion });
				const cells = cellsOf(csvOfCall(call, true), true);
				for (const [name, given] of Object.entries({ model, title, completion })) {
					const plain = given.replaceAll('\u0000', '');
					assert.equal(cells[name], /^[=+\-@\t\r\n＝＋－＠]/.test(plain) ? `'${plain}` : plain);
				}
			}),
		);
	});

	it('issue 6, export: no cell of a CSV can be run as a formula', () => {
		for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '\u0000=', '＝']) {
			const line = csvOfCall(exportedCall({ model: `${start}HYPERLINK("http://evil","x")` }), false);
			assert.match(cellsOf(line).model ?? '', /^'/);
		}
	});

	it('issue 6, export: unknown is empty in a CSV, and zero is zero', () => {
		const unknown = cellsOf(csvOfCall(exportedCall(), false));
		const unpriced = cellsOf(csvOfCall(exportedCall({}, { cost: costOf(null) }), false));
		const zero = cellsOf(csvOfCall(exportedCall({ cacheReadTokens: 0 }, { cost: costOf(0) }), false));
		assert.deepEqual([unknown.cost_usd, unknown.cache_read_tokens, unknown.folder], ['', '', '']);
		assert.deepEqual([unpriced.cost_usd, unpriced.cost_basis, unpriced.cost_bound], ['', 'unpriced', '']);
		assert.deepEqual([zero.cost_usd, zero.cache_read_tokens], ['0', '0']);
	});

	it('issue 6, export: a cost in a CSV is an exact decimal', () => {
		assert.deepEqual([1, 42_450_000, 1e9, 1_000_000_001, 0].map(exactUsd), [
			'0.000000001',
			'0.04245',
			'1',
			'1.000000001',
			'0',
		]);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (nano) => {
				const [whole = '', part = ''] = exactUsd(nano).split('.');
				assert.equal(BigInt(whole + part.padEnd(9, '0')), BigInt(nano));
				assert.doesNotMatch(part, /0$/);
			}),
		);
	});

	it('has a byte order mark only when asked, and content only when asked', () => {
		assert.match(csvHead({ content: false, bom: true }), /^\ufeffcall_id,/);
		assert.match(csvHead(head), /^call_id,/);
		const secret = exportedCall({ sessionTitle: 'a title' }, { completion: 'an answer', systemPrompt: 'a prompt' });
		assert.doesNotMatch(csvOfCall(secret, false), /title|answer|prompt/);
		assert.match(csvOfCall(secret, true), /a title.*a prompt.*an answer/s);
	});

	it('names each column once', () => {
		const names = [...csvColumns, ...csvContentColumns].map(({ name }) => name);
		assert.equal(new Set(names).size, names.length);
	});
});
