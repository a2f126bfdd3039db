import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ObjectReading, readJsonObject } from '../../../src/sources/json-object-reader.ts';

describe('a file that holds one JSON object with a long array', () => {
	let folder: string;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-json-object-'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	async function read(
		content: string | Buffer,
		maxValueBytes?: number,
	): Promise<ObjectReading & { members: Record<string, unknown>; elements: unknown[] }> {
		const path = join(folder, 'file.json');
		writeFileSync(path, content);
		const members: Record<string, unknown> = {};
		const elements: unknown[] = [];
		const reading = await readJsonObject(path, {
			array: 'list',
			onElement: (value) => elements.push(value),
			onMember: (key, value) => {
				members[key] = value;
			},
			...(maxValueBytes === undefined ? {} : { maxValueBytes }),
		});
		assert.ok(reading);
		return { ...reading, members, elements };
	}

	it('hands over each member, and the array by its elements', async () => {
		const value = { a: 1, 'k"ey': { deep: [1, { x: '}]' }] }, list: [{ b: '],[' }, [2], 'c', 3, null], z: 'end' };
		for (const indent of [0, 2]) {
			const { members, elements, bad, complete } = await read(JSON.stringify(value, null, indent));
			const { list, ...rest } = value;
			assert.deepEqual([members, elements, bad, complete], [rest, list, 0, true]);
		}
	});

	it('reads the same wherever the bytes are divided', async () => {
		// Longer than two chunks, so that each boundary of a chunk falls somewhere inside.
		const list = Array.from({ length: 700 }, (_, nth) => ({ nth, text: 'é"\\{[,:'.repeat(100 + (nth % 7)) }));
		const { elements, members, bad, complete } = await read(JSON.stringify({ first: 'x', list, last: [1] }));
		assert.deepEqual([elements, members, bad, complete], [list, { first: 'x', last: [1] }, 0, true]);
	});

	it('gives what came before a cut, at any byte', async () => {
		const text = JSON.stringify({ a: 1, list: [{ b: 2 }, { c: 3 }], d: 4 });
		for (let length = 0; length < text.length; length++) {
			const { elements, complete } = await read(text.slice(0, length));
			assert.equal(complete, false, text.slice(0, length));
			assert.deepEqual(elements, [{ b: 2 }, { c: 3 }].slice(0, elements.length));
		}
	});

	it('leaves out what is no JSON or no UTF-8, and counts it', async () => {
		const { elements, members, bad } = await read(
			Buffer.concat([Buffer.from('{"x":nope,"list":[1,{bad},"'), Buffer.from([0xff]), Buffer.from('",2],"y":3}')]),
		);
		assert.deepEqual([elements, members, bad], [[1, 2], { y: 3 }, 3]);
	});

	it('leaves out a value that is too long', async () => {
		const { elements, members, bad } = await read(
			JSON.stringify({ x: 'x'.repeat(600_000), list: ['y'.repeat(600_000), 1], z: 2 }),
			300_000,
		);
		assert.deepEqual([elements, members, bad], [[1], { z: 2 }, 2]);
	});

	it('comes to an end on any damage', async () => {
		for (const text of [
			'',
			'[]',
			'}',
			'{',
			'{}x',
			'{"list":[}',
			'{"list":[1,}2]}',
			'{"a"}',
			'{,,}',
			'{"a":]}',
			'{"a":,"b":1}',
		]) {
			const { complete, bad } = await read(text);
			assert.ok(!complete || bad > 0 || text === '{,,}', text);
		}
	});

	it('takes an empty object, and one with an empty array, for whole', async () => {
		for (const text of ['{}', ' \ufeff{"list":[]} \n'.trimStart()]) {
			const { complete, bad } = await read(text);
			assert.deepEqual([complete, bad], [true, 0]);
		}
	});

	it('gives null for a file that is not there, and follows no link', async () => {
		const options = { array: 'list', onElement: assert.fail, onMember: assert.fail };
		assert.equal(await readJsonObject(join(folder, 'none.json'), options), null);
		if (process.platform === 'win32') return;
		writeFileSync(join(folder, 'target.json'), '{"a":1}');
		symlinkSync(join(folder, 'target.json'), join(folder, 'link.json'));
		await assert.rejects(readJsonObject(join(folder, 'link.json'), options), { code: 'ELOOP' });
	});
});
