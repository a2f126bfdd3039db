import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutPoint, lengthOfLines, TextChunks } from '../../../../webview/markdown/text-chunks.ts';

function chunks(text: string, limit: number): { kind: string; language: string; text: string; continued: boolean }[] {
	const found = [];
	const cutter = new TextChunks(text);
	for (let chunk = cutter.next(limit); chunk !== null; chunk = cutter.next(limit)) {
		const { kind, language, start, end, continued } = chunk;
		found.push({ kind, language, text: text.slice(start, end), continued });
	}
	return found;
}

describe('cutting a text into stretches of Markdown', () => {
	it('leaves a short text whole, fences included', () => {
		const text = 'Look:\n```ts\nlet a;\n```\nDone.';
		assert.deepEqual(chunks(text, 1000), [{ kind: 'markdown', language: '', text, continued: false }]);
	});

	it('cuts between blocks, not within a list item', () => {
		const text = `${'word '.repeat(10)}\n\n- item\n\n  of two paragraphs ${'word '.repeat(10)}\n\nnext\n`;
		assert.equal(chunks(text, 90)[0]?.text, `${'word '.repeat(10)}\n\n`);
	});

	it('takes the inside of a fence apart that does not fit', () => {
		const code = 'let a;\n'.repeat(10);
		assert.deepEqual(chunks(`Look:\n\`\`\`ts\n${code}\`\`\`\nDone.`, 40), [
			{ kind: 'markdown', language: '', text: 'Look:\n', continued: false },
			{ kind: 'code', language: 'ts', text: code.slice(0, 35), continued: false },
			{ kind: 'code', language: 'ts', text: code.slice(35), continued: true },
			{ kind: 'markdown', language: '', text: 'Done.', continued: false },
		]);
	});

	it('runs to the end where a fence is never closed', () => {
		const code = 'x\n'.repeat(50);
		const found = chunks(`\`\`\`\n${code}`, 40);
		assert.ok(found.every(({ kind }) => kind === 'code'));
		assert.equal(found.map(({ text }) => text).join(''), code);
	});

	it('closes a fence only by one at least as long and of the same sign', () => {
		const inner = '```\ninner\n```\n~~~\n'.repeat(5);
		const found = chunks(`\`\`\`\`md\n${inner}\`\`\`\`\nafter`, 60);
		assert.equal(
			found
				.filter(({ kind }) => kind === 'code')
				.map(({ text }) => text)
				.join(''),
			inner,
		);
		assert.deepEqual(found.at(-1), { kind: 'markdown', language: '', text: 'after', continued: false });
	});

	it('says that nothing is left when only the closing fence is', () => {
		const cutter = new TextChunks(`\`\`\`\n${'x'.repeat(100)}\n\`\`\`\n\n`);
		cutter.next(10);
		assert.equal(cutter.ended, false);
		while (!cutter.ended) assert.notEqual(cutter.next(10), null);
		assert.ok(cutter.position >= 104);
	});

	it('reads of a long text only what it is asked for', () => {
		const cutter = new TextChunks('line\n'.repeat(100_000));
		assert.ok((cutter.next(4000)?.end ?? 0) <= 4000);
	});

	it('loses nothing but fences, and always goes on', () => {
		const piece = fc.constantFrom('```', '~~~~', '\n', 'a', ' ', '`', 'ts', '\r\n', '\n\n', '😀');
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 2, max: 80 }), (pieces, limit) => {
				const text = pieces.join('');
				const cutter = new TextChunks(text);
				let from = 0;
				for (let chunk = cutter.next(limit); chunk !== null; chunk = cutter.next(limit)) {
					assert.ok(chunk.start >= from && chunk.end >= chunk.start && chunk.end <= text.length);
					assert.match(text.slice(from, chunk.start), /^( {0,3}(`{3,}|~{3,})[^\n]*\n?)*$/);
					assert.ok(cutter.position > from || chunk.end > from || cutter.ended);
					from = chunk.end;
				}
				assert.match(text.slice(from), /^( {0,3}(`{3,}|~{3,})[^\n]*\n?)*$/);
			}),
			{ numRuns: 3000 },
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
