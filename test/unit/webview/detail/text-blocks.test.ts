import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutPoint, lengthOfLines, textBlocks } from '../../../../webview/detail/text-blocks.ts';

const blocks = (text: string) =>
	[...textBlocks(text)].map(({ kind, language, start, end }) => ({ kind, language, text: text.slice(start, end) }));

describe('finding code in a text', () => {
	it('takes fenced blocks apart from prose', () => {
		assert.deepEqual(blocks('Look:\n```ts\nlet a;\n```\nDone.'), [
			{ kind: 'prose', language: '', text: 'Look:\n' },
			{ kind: 'code', language: 'ts', text: 'let a;\n' },
			{ kind: 'prose', language: '', text: 'Done.' },
		]);
	});

	it('runs to the end where a fence is never closed', () => {
		assert.deepEqual(blocks('```\nx\ny'), [{ kind: 'code', language: '', text: 'x\ny' }]);
	});

	it('closes a fence only by one at least as long and of the same sign', () => {
		assert.deepEqual(blocks('````md\n```\ninner\n```\n~~~\n````\n'), [
			{ kind: 'code', language: 'md', text: '```\ninner\n```\n~~~\n' },
		]);
	});

	it('sees no fence in inline code or in deep indentation', () => {
		assert.equal(blocks('a ``` b\n    ```\n```x```\n').length, 1);
	});

	it('cuts long blocks, so that the first comes without reading all of a text', () => {
		const text = 'line\n'.repeat(100_000);
		const first = textBlocks(text).next().value;
		assert.ok(first !== undefined && first.end < 40_000);
		assert.equal(
			blocks(text)
				.map((block) => block.text)
				.join(''),
			text,
		);
	});

	it('loses nothing but fences', () => {
		const piece = fc.constantFrom('```', '~~~~', '\n', 'a', ' ', '`', 'ts', '\r\n');
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
				const text = pieces.join('');
				let from = 0;
				for (const { start, end } of textBlocks(text)) {
					assert.ok(start >= from && end >= start && end <= text.length);
					assert.match(text.slice(from, start), /^( {0,3}(`{3,}|~{3,})[^\n]*\n?)*$/);
					from = end;
				}
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('cutting a text', () => {
	it('prefers a line break, then a space', () => {
		assert.equal(cutPoint('aaaa bbbb\ncccc dddd', 0, 19, 12), 10);
		assert.equal(cutPoint('aaaa bbbb cccc dddd', 0, 19, 12), 10);
	});

	it('cuts a line without spaces where it must', () => assert.equal(cutPoint('x'.repeat(100), 0, 100, 40), 40));

	it('never cuts a character in two', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 50 }),
				fc.integer({ min: 1, max: 20 }),
				(text, limit) => {
					let at = 0;
					const pieces: string[] = [];
					while (at < text.length) {
						const next = cutPoint(text, at, text.length, limit);
						assert.ok(next > at);
						pieces.push(text.slice(at, next));
						at = next;
					}
					assert.equal(pieces.join(''), text);
					if (limit > 1) for (const piece of pieces) assert.ok(piece.isWellFormed());
				},
			),
		);
	});

	it('counts lines from anywhere', () => {
		assert.equal(lengthOfLines('a\nbb\nccc', 0, 2), 5);
		assert.equal(lengthOfLines('a\nbb\nccc', 2, 9), 6);
	});
});
