import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerRegistry } from '../../../src/ledger/registry.ts';
import { registryDirectory } from '../../../src/ledger/registry-place.ts';
import { ServerList } from '../../../src/server/discovery/server-list.ts';
import { serversDirectory } from '../../../src/server/discovery/server-place.ts';
import { pairOf } from '../server/api/serving.ts';
import { chat, traces } from '../server/otlp/payloads.ts';
import { CommandLine, type Ran } from './command-line.ts';
import { ended, program, start } from './program.ts';

interface Told {
	endpoint: string;
	port: number;
	instance: string;
	ledger: string;
	tokenFile: string;
	token?: string;
}

describe('callmeter serve', () => {
	let line: CommandLine;
	let interrupt: AbortController;
	let ran: Promise<Ran> | null;

	beforeEach(() => {
		line = new CommandLine();
		interrupt = new AbortController();
		ran = null;
	});

	afterEach(async () => {
		await stop();
		line.remove();
	});

	function stop(): Promise<Ran> | null {
		interrupt.abort();
		return ran;
	}

	/** Starts it on any port, and waits for its word that it listens. */
	async function serve(...args: string[]): Promise<Told> {
		const { promise, resolve, reject } = Promise.withResolvers<Told>();
		const out = { write: (text: string) => resolve(JSON.parse(text)), columns: null };
		ran = line.run(['serve', '--port', '0', '--json', ...args], { signal: interrupt.signal, out });
		void ran.then(({ code, err }) => reject(new Error(`ended with ${code}: ${err}`)));
		return promise;
	}

	function list(): ServerList {
		return new ServerList(serversDirectory({ platform: 'linux', home: line.folder, env: {} }));
	}

	async function postPair({ endpoint }: Told, callId: string): Promise<Response> {
		const headers = { authorization: `Bearer ${list().token()}`, 'content-type': 'application/json' };
		const body = JSON.stringify({ events: pairOf({ callId, at: new Date().toISOString() }) });
		return fetch(`${endpoint}/api/events`, { method: 'POST', headers, body });
	}

	it('takes events over HTTP into the ledger of the current folder, where the other commands find them', async function () {
		this.timeout(10_000);
		const told = await serve();
		assert.equal((await postPair(told, 'a')).status, 200);
		const stats = await line.json<{ calls: number; costUsd: number }>(['llm', 'stats']);
		assert.deepEqual([stats.calls, stats.costUsd], [1, 0.25]);
	});

	it('tells where its token is kept, and the token only when it is asked to', async function () {
		this.timeout(10_000);
		const told = await serve();
		const token = readFileSync(told.tokenFile, 'utf8').trim();
		assert.equal(told.token, undefined);
		assert.equal(statSync(told.tokenFile).mode & 0o777, 0o600);
		await stop();
		for (const shown of [false, true]) {
			interrupt = new AbortController();
			let out = '';
			const { signal } = interrupt;
			const write = (text: string) => {
				out += text;
				interrupt.abort();
			};
			ran = line.run(['serve', '--port', '0', ...(shown ? ['--show-token'] : [])], {
				signal,
				out: { write, columns: null },
			});
			const { err } = await ran;
			assert.equal((out + err).includes(token), shown);
			assert.match(out, /Listens on +http:\/\/127\.0\.0\.1:\d+\n/);
		}
	});

	it('is on the list of running servers from its start to its end, by the instance that it tells of itself', async function () {
		this.timeout(10_000);
		const told = await serve();
		const [entry] = list().running();
		assert.equal(entry?.port, told.port);
		assert.deepEqual(entry?.folders, [line.folder]);
		const answer = await fetch(`${told.endpoint}/api/server`);
		assert.deepEqual(await answer.json(), { product: 'callmeter', version: '0.0.0', instance: entry?.instance });
		assert.equal((await stop())?.code, 0);
		assert.deepEqual(list().running(), []);
		assert.deepEqual(readdirSync(serversDirectory({ platform: 'linux', home: line.folder, env: {} })), ['token']);
	});

	it('stops when it is told to, with all that it had taken in the ledger', async function () {
		this.timeout(10_000);
		const told = await serve();
		const answers = Promise.allSettled(Array.from({ length: 20 }, (_, n) => postPair(told, `call-${n}`)));
		assert.equal((await postPair(told, 'first')).status, 200);
		assert.equal((await stop())?.code, 0);
		const taken = (await answers).filter((each) => each.status === 'fulfilled' && each.value.status === 200).length;
		const { calls } = await line.json<{ calls: number }>(['llm', 'stats']);
		assert.ok(calls >= taken + 1, `${calls} calls of ${taken + 1}`);
		await assert.rejects(fetch(told.endpoint));
	});

	it('takes OTLP and forwards to providers, and neither when it is told not to', async function () {
		this.timeout(20_000);
		const post = ({ endpoint }: Told) => {
			const span = chat({ spanId: 'EEE19B7EC3C1B101', values: { 'gen_ai.response.id': 'r1' } });
			const headers = { 'content-type': 'application/json' };
			return fetch(`${endpoint}/v1/traces`, { method: 'POST', headers, body: JSON.stringify(traces(span)) });
		};
		const both = await serve();
		assert.equal((await post(both)).status, 200);
		assert.match(await (await fetch(`${both.endpoint}/proxy/nobody/x`)).text(), /Nothing is forwarded to/);
		await stop();
		interrupt = new AbortController();
		const none = await serve('--no-otlp', '--no-proxy');
		assert.equal((await post(none)).status, 404);
		assert.match(await (await fetch(`${none.endpoint}/proxy/nobody/x`)).text(), /nothing at this path/);
	});

	it('keeps a named ledger, and no prompts when it is told so', async function () {
		this.timeout(10_000);
		const file = join(line.folder, 'named.db');
		const told = await serve('--ledger', file, '--content', 'off');
		assert.equal(told.ledger, file);
		await postPair(told, 'a');
		const answer = await fetch(`${told.endpoint}/api/calls/a`, {
			headers: { authorization: `Bearer ${list().token()}` },
		});
		const call = (await answer.json()) as { contentState: string; request: { messages: unknown[] } };
		assert.deepEqual([call.contentState, call.request.messages], ['off', []]);
	});

	it('keeps no more of prompts than the window of its ledger, at the user’s prices, also when both change', async function () {
		this.timeout(20_000);
		const file = join(line.folder, 'window.db');
		const registry = new LedgerRegistry(registryDirectory({ platform: 'linux', home: line.folder, env: {} }));
		registry.register({ ledger: file, folders: [line.folder], name: 'here', registeredAtMs: 1 });
		registry.keepSettings(file, { content: 'redacted', prices: { 'house-1': { input: 1000, output: 1000 } } });
		const told = await serve('--ledger', file, '--content', 'full');
		assert.equal(told.ledger, file);
		const kept = async (callId: string) => {
			await postPair(told, callId);
			const answer = await fetch(`${told.endpoint}/api/calls/${callId}`, {
				headers: { authorization: `Bearer ${list().token()}` },
			});
			const { contentState, cost } = (await answer.json()) as { contentState: string; cost: { usd: number } };
			return { contentState, costUsd: cost.usd };
		};
		assert.deepEqual(await kept('before'), { contentState: 'redacted', costUsd: 0.12 });
		registry.keepSettings(file, { content: 'off', prices: { 'house-1': { input: 2000, output: 2000 } } });
		for (let n = 0; ; n++) {
			const { contentState, costUsd } = await kept(`after-${n}`);
			if (contentState === 'off' && costUsd === 0.24) break;
			assert.ok(contentState !== 'full');
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	});

	it('says what is wrong with a port and with a file that is no ledger', async () => {
		const wrong = await line.run(['serve', '--port', 'many']);
		assert.equal(wrong.code, 2);
		assert.match(wrong.err, /whole number from 0 to 65535/);
		const file = join(import.meta.dirname, 'serve.test.ts');
		const foreign = await line.run(['serve', '--port', '0', '--ledger', file]);
		assert.equal(foreign.code, 1);
		assert.match(foreign.err, /is no ledger of Callmeter/);
	});

	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		it(`as a program is told to stop by ${signal}: it ends with 0, and has what it said it had`, async function () {
			this.timeout(30_000);
			const child = start(process.execPath, [program, 'serve', '--port', '0', '--json'], { folder: line.folder });
			const written = ended(child);
			const [text] = (await once(child.stdout ?? child, 'data')) as [string];
			const told = JSON.parse(text) as Told;
			const posts = Promise.allSettled(Array.from({ length: 50 }, (_, n) => postPair(told, `call-${n}`)));
			assert.equal((await postPair(told, 'first')).status, 200);
			child.kill(signal);
			const { code, out, err } = await written;
			assert.equal(code, 0, err);
			assert.equal((out + err).includes(list().token() ?? ''), false);
			assert.deepEqual(list().running(), []);
			const taken = (await posts).filter((each) => each.status === 'fulfilled' && each.value.status === 200).length;
			const { calls } = await line.json<{ calls: number }>(['llm', 'stats']);
			assert.ok(calls >= taken + 1, `${calls} calls of ${taken + 1}`);
		});
	}
});
