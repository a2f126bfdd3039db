import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Draft } from '../../../../src/core/draft.ts';
import type { Ledger, Receipt } from '../../../../src/ledger/ledger.ts';
import { apiApp } from '../../../../src/server/api/api-app.ts';
import { BodyRoom } from '../../../../src/server/api/body-room.ts';
import { EventStreams } from '../../../../src/server/api/event-stream.ts';
import { LiveCalls } from '../../../../src/server/api/live-calls.ts';
import { pairOf } from './serving.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('the room for bodies that are read', () => {
	it('lets in who fits, and the others in their order as it empties', async () => {
		const room = new BodyRoom(10);
		const came: string[] = [];
		const enter = (name: string, bytes: number) =>
			room.enter(bytes).then((leave) => {
				came.push(name);
				return leave;
			});
		const first = await enter('first', 6);
		const large = enter('large', 7);
		const small = enter('small', 3);
		await settled();
		assert.deepEqual(came, ['first']);
		first();
		await Promise.all([large, small]);
		assert.deepEqual(came, ['first', 'large', 'small']);
	});

	it('lets in what is larger than all of it, alone', async () => {
		const room = new BodyRoom(10);
		const leave = await room.enter(100);
		let came = false;
		const next = room.enter(1).then(() => {
			came = true;
		});
		await settled();
		assert.equal(came, false);
		leave();
		await next;
	});

	it('keeps compressed bodies from all being inflated at once, and takes each of them', async () => {
		const waiting: (() => void)[] = [];
		let most = 0;
		const record = (drafts: readonly Draft[]) =>
			new Promise<Receipt[]>((resolve) => {
				const taken = drafts.map(
					({ callId }): Receipt => ({ callId, outcome: 'appended', eventId: 'e', hash: 'h', reason: null }),
				);
				waiting.push(() => resolve(taken));
				most = Math.max(most, waiting.length);
			});
		const app = apiApp({
			ledger: () => ({ record }) as unknown as Ledger,
			streams: new EventStreams(new LiveCalls(), 'instance'),
			version: '1',
			nowMs: () => 0,
		});
		const send = async (n: number) => {
			const body = n === 3 ? gzipSync('no JSON') : gzipSync(JSON.stringify({ events: pairOf({ callId: `c${n}` }) }));
			const env = { body, gzip: true, source: 'http' as const, lastEventId: null };
			return (await app.fetch(new Request('http://callmeter.invalid/events', { method: 'POST' }), env)).status;
		};
		const answers = Array.from({ length: 8 }, (_, n) => send(n));
		let open = answers.length;
		for (const answer of answers) void Promise.resolve(answer).finally(() => open--);
		while (open > 0) {
			await settled();
			waiting.shift()?.();
		}
		assert.deepEqual(await Promise.all(answers), [200, 200, 200, 400, 200, 200, 200, 200]);
		assert.equal(most, 2);
	});
});
