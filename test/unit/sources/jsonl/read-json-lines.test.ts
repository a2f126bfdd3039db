import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinesCursor } from '../../../../src/sources/jsonl/lines-cursor.ts';
import { type LinesOptions, type LinesReading, readJsonLines } from '../../../../src/sources/jsonl/read-json-lines.ts';

describe('readJsonLines', () => {
	let folder = '';
	let path = '';
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-lines-'));
		path = join(folder, 'records.jsonl');
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	function read(options: Partial<LinesOptions> = {}): LinesReading & { values: unknown[] } {
		const values: unknown[] = [];
		const reading = readJsonLines(path, (value) => void values.push(value), { cursor: null, ...options });
		assert.ok(reading !== null, 'the file is there');
		return { ...reading, values };
	}

	/** Everything from `cursor` on, page by page. */
	function readOn(cursor: LinesCursor | null, options: Partial<LinesOptions> = {}) {
		const values: unknown[] = [];
		for (let at = cursor; ; ) {
			const page = read({ ...options, cursor: at });
			values.push(...page.values);
			at = page.cursor;
			if (!page.more) return { values, cursor: at };
		}
	}

	it('gives each line, whatever ends it', () => {
		writeFileSync(path, '\ufeff{"a":1}\r\n\n  \r\n{"b":"ü😀"}\t\n[3]\n');
		const { values, bad, more, cutOff } = read();
		assert.deepEqual([values, bad, more, cutOff], [[{ a: 1 }, { b: 'ü😀' }, [3]], 0, false, false]);
	});

	it('leaves a last line that is cut off to the next reading', () => {
		writeFileSync(path, '{"a":1}\n{"b":');
		const first = read();
		assert.deepEqual([first.values, first.cutOff, first.bad], [[{ a: 1 }], true, 0]);
		appendFileSync(path, '2}\n');
		const second = read({ cursor: first.cursor });
		assert.deepEqual([second.values, second.cutOff, second.restarted], [[{ b: 2 }], false, false]);
	});

	it('takes a last line without a line break once it is whole, and only once', () => {
		writeFileSync(path, '{"a":{"b":1}');
		const cut = read();
		assert.deepEqual([cut.values, cut.cutOff], [[], true]);
		appendFileSync(path, '}');
		const whole = read({ cursor: cut.cursor });
		assert.deepEqual([whole.values, whole.cutOff], [[{ a: { b: 1 } }], false]);
		appendFileSync(path, '\n{"c":2}\n');
		assert.deepEqual(read({ cursor: whole.cursor }).values, [{ c: 2 }]);
	});

	it('does not take half a line for one that is not wanted', () => {
		writeFileSync(path, '{"skip":{}');
		const cut = read({ wanted: (line) => !line.includes('skip') });
		appendFileSync(path, '}\n{"a":1}\n');
		const { values, bad } = read({ cursor: cut.cursor, wanted: (line) => !line.includes('skip') });
		assert.deepEqual([values, bad], [[{ a: 1 }], 0]);
	});

	it('gives the same values wherever the file was split, at any byte', () => {
		const lines = ['{"a":"é"}', '', '{bad}', '{"b":[1,2]}\r', '{"c":"x"}'];
		const content = Buffer.from(`\ufeff${lines.join('\n')}\n`);
		writeFileSync(path, content);
		const whole = read();
		for (let split = 0; split <= content.length; split++) {
			writeFileSync(path, content.subarray(0, split));
			const first = read();
			appendFileSync(path, content.subarray(split));
			const second = read({ cursor: first.cursor });
			assert.deepEqual([...first.values, ...second.values], whole.values, `split at ${split}`);
			assert.equal(first.bad + second.bad, whole.bad, `bad lines, split at ${split}`);
			assert.equal(second.restarted, false);
		}
	});

	it('ends a page with the line that passes its size, and goes on from there', () => {
		const values = Array.from({ length: 500 }, (_, n) => ({ n, text: 'x'.repeat(n) }));
		writeFileSync(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
		const first = read({ maxBytes: 1000 });
		assert.equal(first.more, true);
		assert.ok(first.cursor.offset >= 1000 && first.cursor.offset < 2000);
		assert.deepEqual([...first.values, ...readOn(first.cursor, { maxBytes: 3000 }).values], values);
	});

	it('ends a page when the reader says stop', () => {
		writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":3}\n');
		const seen: unknown[] = [];
		const takeOne = (value: unknown) => {
			seen.push(value);
			return 'stop';
		};
		const stopped = readJsonLines(path, takeOne, { cursor: null });
		assert.deepEqual([seen, stopped?.more], [[{ n: 1 }], true]);
		assert.deepEqual(readOn(stopped?.cursor ?? null).values, [{ n: 2 }, { n: 3 }]);
	});

	it('reads again from an earlier line when asked to', () => {
		writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":3}\n');
		const starts: number[] = [];
		const page = readJsonLines(path, (_value, { start }) => void starts.push(start), {
			cursor: null,
			readAgainFrom: () => starts[1] ?? null,
		});
		assert.deepEqual(read({ cursor: page?.cursor ?? null }).values, [{ n: 2 }, { n: 3 }]);
	});

	it('counts a bad line once, however often it is read', () => {
		writeFileSync(path, '{"n":1}\n{oops\n{"n":2}\n');
		const again = { readAgainFrom: () => 0 };
		const first = read(again);
		appendFileSync(path, '{oops too\n');
		const second = read({ ...again, cursor: first.cursor });
		assert.deepEqual([first.bad, second.bad, second.values], [1, 1, first.values]);
		assert.equal(read({ ...again, cursor: second.cursor }).bad, 0);
	});

	it('tells before the first line that it starts again', () => {
		writeFileSync(path, '{"n":1}\n{"n":2}\n');
		const { cursor } = read();
		writeFileSync(path, '{"n":3}\n');
		const told: unknown[] = [];
		readJsonLines(path, (value) => void told.push(value), { cursor, onRestart: () => told.push('restart') });
		assert.deepEqual(told, ['restart', { n: 3 }]);
	});

	it('parses only lines that are wanted', () => {
		writeFileSync(path, '{"usage":1}\n{broken\n{"usage":2}\n');
		const { values, bad } = read({ wanted: (line) => line.includes('"usage"') });
		assert.deepEqual([values, bad], [[{ usage: 1 }, { usage: 2 }], 0]);
	});

	it('counts lines that are no JSON, and hands over those with a few bytes that are no UTF-8', () => {
		const latin1 = Buffer.from('{"a":"gr\u00fcn"}\n', 'latin1');
		writeFileSync(path, Buffer.concat([Buffer.from('{oops\n'), latin1, Buffer.alloc(20), Buffer.from('\n{"b":1}\n')]));
		const { values, bad, replaced } = read();
		assert.deepEqual([values, bad, replaced], [[{ a: 'gr\ufffdn' }, { b: 1 }], 2, 1]);
	});

	it('skips a line above the limit, wherever its chunks end', () => {
		for (const length of [2000, 1 << 20, (1 << 20) + 7, 3 << 20]) {
			writeFileSync(path, `{"a":1}\n{"long":"${'x'.repeat(length)}"}\n{"b":2}\n`);
			const { values, bad } = read({ maxLineBytes: 1000 });
			assert.deepEqual([values, bad], [[{ a: 1 }, { b: 2 }], 1], `${length} bytes`);
		}
	});

	it('looks again at a line above the limit whose end is not written yet, and counts it once', () => {
		writeFileSync(path, `{"a":1}\n{"long":"${'x'.repeat(3 << 20)}`);
		const first = read({ maxLineBytes: 1000 });
		assert.deepEqual([first.values, first.bad, first.cutOff], [[{ a: 1 }], 0, true]);
		appendFileSync(path, '"}\n{"b":2}\n');
		const second = read({ maxLineBytes: 1000, cursor: first.cursor });
		assert.deepEqual([second.values, second.bad], [[{ b: 2 }], 1]);
	});

	it('reads a line of many chunks', () => {
		const text = 'ü'.repeat(3 << 20);
		writeFileSync(path, `${JSON.stringify({ text })}\n{"b":2}\n`);
		assert.deepEqual(read().values, [{ text }, { b: 2 }]);
	});

	it('starts again when the file was cut, rewritten or replaced', () => {
		const record = (n: number, text = 'same') => `${JSON.stringify({ n, text })}\n`;
		const old = [1, 2, 3].map((n) => record(n)).join('');
		const changes: [string, () => void][] = [
			['cut', () => writeFileSync(path, record(1))],
			['rewritten longer', () => writeFileSync(path, [1, 2, 9, 4].map((n) => record(n)).join(''))],
			['rewritten with another head', () => writeFileSync(path, record(0, 'diff') + record(2) + record(3) + record(4))],
			[
				'replaced by a file with other lines',
				() => {
					writeFileSync(`${path}.new`, `${record(7)}${old}`);
					renameSync(`${path}.new`, path);
				},
			],
		];
		for (const [name, change] of changes) {
			writeFileSync(path, old);
			const { cursor } = read();
			change();
			const again = read({ cursor });
			assert.equal(again.restarted, true, name);
			assert.deepEqual(again.values, read().values, name);
		}
	});

	it('goes on after a rotation from the start of the new file', () => {
		writeFileSync(path, '{"n":1}\n{"n":2}\n');
		const { cursor } = read();
		renameSync(path, `${path}.1`);
		writeFileSync(path, '{"n":3}\n');
		const { values, restarted } = read({ cursor });
		assert.deepEqual([values, restarted], [[{ n: 3 }], true]);
	});

	it('says nothing of a file that is gone, and reads none that only leads to another', () => {
		writeFileSync(path, '{"n":1}\n');
		const link = join(folder, 'link.jsonl');
		symlinkSync(path, link);
		assert.throws(() => readJsonLines(link, () => undefined, { cursor: null }));
		const { cursor } = read();
		unlinkSync(path);
		assert.equal(
			readJsonLines(path, () => undefined, { cursor }),
			null,
		);
		assert.equal(
			readJsonLines(folder, () => undefined, { cursor: null }),
			null,
		);
	});

	it('survives a file that is deleted or cut while it is read', () => {
		const lines = Array.from({ length: 40 }, (_, n) => `{"n":${n},"text":"${'x'.repeat(100_000)}"}\n`).join('');
		writeFileSync(path, lines);
		let seen = 0;
		const deleted = readJsonLines(path, () => ++seen === 1 && unlinkSync(path), { cursor: null });
		assert.ok(deleted !== null && seen >= 1);
		writeFileSync(path, lines);
		seen = 0;
		const cut = readJsonLines(path, () => ++seen === 1 && writeFileSync(path, '{"n":0}\n'), { cursor: null });
		assert.deepEqual(readOn(cut?.cursor ?? null).values, [{ n: 0 }]);
	});

	it('can begin one page within another', () => {
		writeFileSync(path, '{"n":1}\n{"n":2}\n');
		const inner: unknown[][] = [];
		const outer: unknown[] = [];
		readJsonLines(
			path,
			(value) => {
				outer.push(value);
				inner.push(read().values);
			},
			{ cursor: null },
		);
		assert.deepEqual(outer, [{ n: 1 }, { n: 2 }]);
		assert.deepEqual(inner, [outer, outer]);
	});

	it('stops when it is told to', () => {
		writeFileSync(path, '{"n":1}\n');
		assert.throws(() => read({ signal: AbortSignal.abort(new Error('enough')) }), /enough/);
	});

	it('issue 5: reads a file of 1 GB with a line of 100 MB in memory that does not grow with it', async function () {
		this.timeout(60_000);
		// Sparse: the long line is a hole of zeros, which costs neither time nor disk to write.
		const file = await open(path, 'w');
		await file.write('{"n":1}\n{"long":"');
		await file.write('"}\n{"n":2}\n', 100 << 20);
		await file.write('\n{"n":3}\n', (1 << 30) - 9);
		await file.close();
		const before = process.memoryUsage();
		const { values } = readOn(null);
		const after = process.memoryUsage();
		assert.deepEqual(values, [{ n: 1 }, { n: 2 }, { n: 3 }]);
		const grown = after.heapUsed + after.external + after.arrayBuffers;
		const idle = before.heapUsed + before.external + before.arrayBuffers;
		assert.ok(grown - idle < 100 << 20, `${Math.round((grown - idle) / (1 << 20))} MB more`);
	});
});
