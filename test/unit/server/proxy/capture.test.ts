import assert from 'node:assert/strict';
import { Capture } from '../../../../src/server/proxy/capture.ts';

describe('the copy that the proxy keeps', () => {
	it('is all of it, with the time of each piece, up to its bound', () => {
		const capture = new Capture(100);
		const piece = Buffer.from('abc');
		capture.see(piece, 1);
		piece.fill('x');
		capture.see(Buffer.from('def'), 2);
		const { body, memory } = capture.take('GZIP');
		assert.deepEqual(
			body.chunks.map(({ atMs, bytes }) => [atMs, Buffer.from(bytes).toString()]),
			[
				[1, 'abc'],
				[2, 'def'],
			],
		);
		assert.deepEqual([body.cut, body.encoding, memory.length], [false, 'gzip', 2]);
	});

	it('is no more than the beginning of what is larger', () => {
		const capture = new Capture(1024 * 1024);
		for (let at = 0; at < 64; at++) capture.see(Buffer.alloc(100_000, 'y'), at);
		const { body, memory } = capture.take(undefined);
		assert.deepEqual([body.cut, body.encoding], [true, null]);
		assert.ok(memory.reduce((sum, { byteLength }) => sum + byteLength, 0) <= 64 * 1024);
	});
});
