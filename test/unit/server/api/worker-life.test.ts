import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { apiRoute } from '../../../../src/server/api/api-route.ts';
import { ApiService } from '../../../../src/server/api/api-service.ts';
import { BearerToken } from '../../../../src/server/api/bearer-token.ts';
import { LocalServer } from '../../../../src/server/local-server.ts';
import { pairOf, Serving } from './serving.ts';

describe('the worker of the HTTP API', () => {
	it('that dies leaves clients an answer and the server standing', async () => {
		const warnings: string[] = [];
		const log = { info: () => undefined, warn: (message: string) => warnings.push(message) };
		const about = { version: '1', instance: 'i' };
		const connectLedger = () => new MessageChannel().port2;
		const workerFile = new URL('./dying-worker.mjs', import.meta.url);
		const service = new ApiService({ name: 'API', workerFile, connectLedger, log }, about);
		const token = new BearerToken('token');
		const server = new LocalServer({ routes: [apiRoute({ service, token, about })], port: 0, log });
		const { endpoint } = await server.start();
		try {
			const headers = { authorization: 'Bearer token' };
			for (const _ of ['while it dies', 'after it died']) {
				const answer = await fetch(`${endpoint}/api/calls`, { headers });
				assert.equal(answer.status, 503);
				assert.ok(Number(answer.headers.get('retry-after')) > 0);
			}
			assert.equal((await fetch(`${endpoint}/api/server`)).status, 200);
			assert.equal(service.underWay, 0);
		} finally {
			await server.stop(0);
			await service.stop();
		}
	});

	it('answers 503 and when to come again while the ledger is not open, and takes up its work with the next', async function () {
		this.timeout(10_000);
		const serving = new Serving();
		await serving.start();
		try {
			await serving.record(...pairOf({ callId: 'a' }));
			await serving.ledger.close();
			const answer = await serving.post({ events: pairOf({ callId: 'b' }) });
			assert.equal(answer.status, 503);
			assert.ok(Number(answer.headers.get('retry-after')) > 0);
			serving.ledger = serving.open();
			assert.equal((await serving.postUntilTaken({ events: pairOf({ callId: 'b' }) })).status, 200);
			assert.equal((await serving.ledger.totals({})).calls, 2);
		} finally {
			await serving.stop();
		}
	});

	it('finishes what it has when the server stops', async function () {
		this.timeout(20_000);
		const serving = new Serving();
		await serving.start();
		const bodies = Array.from({ length: 6 }, (_, body) =>
			Array.from({ length: 100 }, (_, n) =>
				pairOf({ callId: `${body}-${n}`, prompt: `${body} ${n} ${'word '.repeat(300)}` }),
			).flat(),
		);
		await serving.get('/calls');
		const answers = bodies.map((events) =>
			serving.post({ events }).then(
				({ status }) => status,
				() => 0,
			),
		);
		await Promise.race(answers);
		await serving.server.stop(10_000);
		await serving.service.stop();
		const taken = (await Promise.all(answers)).filter((status) => status === 200).length;
		const { calls } = await serving.ledger.totals({});
		assert.ok(taken > 0 && calls >= taken * 100, `${calls} calls of ${taken} requests`);
		await serving.stop();
	});

	it('acknowledges nothing that a full disk did not take, and says so', async () => {
		const serving = new Serving({ maxPages: 300 });
		await serving.start();
		try {
			const recorded: string[] = [];
			let refusal: Response | null = null;
			for (let n = 0; refusal === null && n < 100; n++) {
				const prompt = randomBytes(20_000).toString('hex');
				const answer = await serving.post({ events: pairOf({ callId: `call-${n}`, prompt }) });
				if (answer.status === 200) recorded.push(`call-${n}`);
				else refusal = answer;
			}
			assert.equal(refusal?.status, 503);
			assert.ok(Number(refusal.headers.get('retry-after')) > 0);
			assert.match(await refusal.text(), /The disk is full: not all of this could be recorded/);
			assert.ok(recorded.length > 0);
			for (const callId of recorded) assert.equal((await serving.ledger.call(callId))?.row.state, 'ok', callId);
			assert.equal((await serving.ledger.verify()).ok, true);
		} finally {
			await serving.stop();
		}
	});

	it('starts with the first request, and not for a stranger', async () => {
		const serving = new Serving();
		await serving.start();
		let asked = 0;
		const { ledger } = serving;
		const clientPort = ledger.clientPort.bind(ledger);
		ledger.clientPort = () => {
			asked++;
			return clientPort();
		};
		try {
			await fetch(`${serving.endpoint}/api/calls`);
			await fetch(`${serving.endpoint}/api/server`);
			assert.equal(asked, 0);
			await serving.get('/calls');
			assert.equal(asked, 1);
		} finally {
			await serving.stop();
		}
	});
});
