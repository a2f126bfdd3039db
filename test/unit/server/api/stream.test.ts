import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { pairOf, Serving } from './serving.ts';

interface Told {
	id: string;
	event: string;
	data: {
		phase?: string;
		run_id?: string;
		kind?: string;
		call?: { callId?: string; state?: string; costUsd?: number | null; seq?: number; latency_ms?: number };
		summary?: { calls: number; total_tokens: number };
		revision?: number;
	};
}

/** The events of a stream, one after the other. */
class Reading {
	readonly #reader: ReadableStreamDefaultReader<string>;
	#text = '';

	constructor(response: Response) {
		assert.equal(response.status, 200);
		assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
		assert.ok(response.body);
		this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	}

	/** The next event of that name, others left out; `null`: the stream has ended. */
	async next(name?: string): Promise<Told | null> {
		for (;;) {
			const end = this.#text.indexOf('\n\n');
			if (end >= 0) {
				const lines = this.#text.slice(0, end).split('\n');
				this.#text = this.#text.slice(end + 2);
				const field = (key: string) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
				const event = field('event');
				if (event !== '' && (name === undefined || event === name)) {
					return { id: field('id'), event, data: JSON.parse(field('data')) };
				}
				continue;
			}
			const { done, value } = await this.#reader.read();
			if (done) return null;
			this.#text += value;
		}
	}

	close(): Promise<void> {
		return this.#reader.cancel();
	}
}

describe('GET /api/stream', () => {
	let serving: Serving;
	const readings: Reading[] = [];
	async function begin(): Promise<void> {
		serving = new Serving();
		await serving.start();
	}
	before(begin);
	afterEach(async () => {
		await Promise.allSettled(readings.splice(0).map((reading) => reading.close()));
	});
	after(() => serving.stop());

	async function read(query = '', headers: Record<string, string> = {}): Promise<Reading> {
		const reading = new Reading(await serving.ask(`/stream${query}`, { headers }));
		readings.push(reading);
		return reading;
	}

	it('tells of calls as they begin and as they end', async () => {
		const reading = await read('?events=call');
		const [call, response] = pairOf({ callId: 'live' });
		await serving.record(call);
		const started = await reading.next();
		assert.deepEqual([started?.event, started?.data.phase], ['call', 'started']);
		assert.deepEqual([started?.data.call?.callId, started?.data.call?.state], ['live', 'pending']);
		await serving.record(response);
		const ended = await reading.next();
		assert.deepEqual([ended?.data.phase, ended?.data.call?.costUsd], ['ended', 0.25]);
	});

	it('seed 002 §5: sends run.diagnostics for each call that ends, and for its run once that is quiet', async function () {
		this.timeout(10_000);
		const reading = await read('?events=run.diagnostics&sessionId=run');
		await serving.record(...pairOf({ callId: 'one', sessionId: 'run' }));
		await serving.record(...pairOf({ callId: 'two', sessionId: 'run', at: '2026-02-08T10:16:00Z' }));
		for (const seq of [1, 2]) {
			const { run_id, kind, call } = (await reading.next())?.data ?? {};
			assert.deepEqual([run_id, kind, call?.seq, call?.latency_ms], ['run', 'llm_call', seq, 1_000]);
		}
		const { kind, summary } = (await reading.next())?.data ?? {};
		assert.deepEqual([kind, summary?.calls, summary?.total_tokens], ['run_summary', 2, 240]);
	});

	it('tells of one session alone when that is asked for', async () => {
		const reading = await read('?events=call&sessionId=mine');
		await serving.record(...pairOf({ callId: 'other', sessionId: 'other' }));
		await serving.record(...pairOf({ callId: 'mine', sessionId: 'mine' }));
		assert.equal((await reading.next())?.data.call?.callId, 'mine');
	});

	it('tells a reader that comes again what it missed', async () => {
		const first = await read('?events=call');
		const [call, response] = pairOf({ callId: 'missed' });
		await serving.record(call);
		const seen = await first.next();
		await first.close();
		await serving.record(response);
		const second = await read('?events=call', { 'last-event-id': seen?.id ?? '' });
		assert.equal((await second.next())?.data.phase, 'ended');
	});

	it('tells a reader that it does not know to ask anew', async () => {
		for (const id of ['another-instance-7', 'instance-of-the-test-99', 'nonsense']) {
			const reading = await read('', { 'last-event-id': id });
			assert.equal((await reading.next())?.event, 'reset');
		}
	});

	it('says that something else has changed', async () => {
		const reading = await read('?events=changed');
		await serving.record({ sessionId: 's', eventType: 'cost_tracked', payload: { costUsd: 1 } });
		assert.equal(typeof (await reading.next())?.data.revision, 'number');
	});

	it('goes on with the ledger that comes after one that was lost', async function () {
		this.timeout(10_000);
		const reading = await read('?events=call');
		await serving.ledger.close();
		assert.equal((await serving.ask('/calls')).status, 503);
		serving.ledger = serving.open();
		assert.equal((await serving.postUntilTaken({ events: pairOf({ callId: 'later' }) })).status, 200);
		assert.equal((await reading.next())?.data.call?.callId, 'later');
	});

	it('cuts off a reader that does not read, and keeps nothing for it', async function () {
		this.timeout(30_000);
		const socket = connect(serving.port, '127.0.0.1');
		socket.pause();
		socket.on('error', () => undefined);
		await once(socket, 'connect');
		const closed = once(socket, 'close');
		socket.write(
			`GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:${serving.port}\r\nAuthorization: Bearer ${serving.token}\r\n\r\n`,
		);
		let cut = false;
		const other = await read('?events=call');
		// Each call makes three events of half a KB; the sockets between take some MB.
		for (let batch = 0; batch < 60 && !cut; batch++) {
			const events = Array.from({ length: 500 }, (_, n) => pairOf({ callId: `${batch}-${n}` })).flat();
			await serving.record(...events);
			for (let n = 0; n < 500; n++) await other.next();
			cut = serving.service.underWay === 1;
		}
		assert.ok(cut, 'the reader that does not read is still served');
		socket.resume();
		await closed;
		await serving.record(...pairOf({ callId: 'after' }));
	});

	it('ends when the server stops, which waits for nobody', async () => {
		await serving.stop();
		await begin();
		const reading = await read();
		const startedMs = performance.now();
		const stopped = serving.server.stop(10_000);
		assert.equal(await reading.next(), null);
		await stopped;
		assert.ok(performance.now() - startedMs < 5_000);
	});
});
