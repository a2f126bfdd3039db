import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArrayReadOptions, readJsonArray } from '../../../src/sources/json-array-reader.ts';

describe('readJsonArray', () => {
	let folder = '';
	before(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-array-'));
	});
	after(() => rmSync(folder, { recursive: true }));

	async function read(content: string | Buffer, options: ArrayReadOptions = {}) {
		const path = join(folder, 'array.json');
		writeFileSync(path, content);
		const elements: unknown[] = [];
		const { bad, complete } = await readJsonArray(path, (element) => elements.push(element), options);
		return { elements, bad, complete };
	}

	it('gives what JSON.parse gives, for any kind of element', async () => {
		const value = [{ a: [1, { b: '],"}\\' }] }, 'x "[{', -1.5e3, true, null, [], {}, [['é€😀']]];
		assert.deepEqual(await read(JSON.stringify(value)), { elements: value, bad: 0, complete: true });
		assert.deepEqual(await read(`\ufeff ${JSON.stringify(value, null, 2)}\n`), {
			elements: value,
			bad: 0,
			complete: true,
		});
	});

	it('reads an empty array, and finds an empty file incomplete', async () => {
		assert.deepEqual(await read(' [ ] '), { elements: [], bad: 0, complete: true });
		assert.deepEqual(await read(''), { elements: [], bad: 0, complete: false });
	});

	it('reads elements that lie across the borders of its chunks', async () => {
		const value = Array.from({ length: 300 }, (_, index) => ({ index, text: `"\\${'ü'.repeat(index * 31)}` }));
		assert.deepEqual(await read(JSON.stringify(value)), { elements: value, bad: 0, complete: true });
	});

	it('gives the elements before the place where a file ends too early', async () => {
		const text = JSON.stringify([{ a: 1 }, { b: 'two' }]);
		assert.deepEqual(await read(text.slice(0, -4)), { elements: [{ a: 1 }], bad: 1, complete: false });
		assert.deepEqual(await read(text.slice(0, text.indexOf(',') + 1)), {
			elements: [{ a: 1 }],
			bad: 0,
			complete: false,
		});
	});

	it('counts a bad element and goes on with the next', async () => {
		assert.deepEqual(await read('[{"a":1},{bad},{"c":3}]'), { elements: [{ a: 1 }, { c: 3 }], bad: 1, complete: true });
	});

	it('counts what is not UTF-8, and bends nothing into text', async () => {
		const latin1 = Buffer.from('[{"a":"gr\u00fcn"},{"b":1}]', 'latin1');
		assert.deepEqual(await read(latin1), { elements: [{ b: 1 }], bad: 1, complete: true });
		const utf16 = await read(Buffer.from('[{"a":1}]', 'utf16le'));
		assert.deepEqual([utf16.elements, utf16.bad > 0], [[], true]);
	});

	it('takes no file for an array that is none', async () => {
		for (const text of ['{"a":[1,2]}', 'null', 'hello [1]']) {
			const { elements, bad, complete } = await read(text);
			assert.deepEqual([elements, bad, complete], [[], 1, false], text);
		}
	});

	it('skips an element that is too long, and goes on', async () => {
		const text = JSON.stringify([{ long: 'x'.repeat(2_000_000) }, { b: 1 }]);
		assert.deepEqual(await read(text, { maxElementBytes: 1000 }), { elements: [{ b: 1 }], bad: 1, complete: true });
	});

	it('does not parse what is not wanted', async () => {
		const wanted = (element: Buffer): boolean => element.includes('"keep"');
		const { elements, bad } = await read('[{bad},{"keep":1},{"x":2}]', { wanted });
		assert.deepEqual([elements, bad], [[{ keep: 1 }], 0]);
	});

	it('reads a file of 200 MB in memory that does not grow with it', async () => {
		const path = join(folder, 'large.json');
		const row = `${JSON.stringify({ text: 'tool output "quoted"\n'.repeat(40_000) })},`;
		const times = Math.ceil((200 << 20) / row.length);
		writeFileSync(path, '[');
		for (let time = 0; time < times; time++) appendFileSync(path, row);
		appendFileSync(path, '{"last":true}]');

		const idle = process.memoryUsage.rss();
		let peak = idle;
		const seen: unknown[] = [];
		const { complete } = await readJsonArray(path, (element) => seen.push(element), {
			wanted: (element) => {
				peak = Math.max(peak, process.memoryUsage.rss());
				return element.includes('"last"');
			},
		});
		assert.deepEqual([seen, complete], [[{ last: true }], true]);
		const grownMb = (peak - idle) / 1024 / 1024;
		assert.ok(grownMb <= 100, `${grownMb.toFixed(0)} MB`);
	}).timeout(30_000);

	it('comes to an end when a brace stands where an element should', async () => {
		const { elements, bad, complete } = await read('[1,}2]');
		assert.deepEqual([elements, bad, complete], [[1], 1, false]);
	});

	it('stops when it is told to', async () => {
		const signal = AbortSignal.abort(new Error('enough'));
		await assert.rejects(read('[1]', { signal }), /enough/);
	});

	it('rejects for a file that is not there', async () => {
		await assert.rejects(
			readJsonArray(join(folder, 'none.json'), () => assert.fail()),
			{ code: 'ENOENT' },
		);
	});
});
