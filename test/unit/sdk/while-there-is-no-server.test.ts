import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CallmeterErrorReason } from '../../../src/sdk/types.ts';
import { asksWho, RecordingServer, receipts, taking } from './recording-server.ts';
import { aCall, callsOf, Reporting } from './reporting.ts';

const secret = 'the-secret-word';
const sdk = new URL('../../../src/sdk/sdk.ts', import.meta.url).href;

describe('while there is no server', () => {
	let user: Reporting;
	const servers: RecordingServer[] = [];
	beforeEach(() => {
		user = new Reporting();
	});
	afterEach(async () => {
		await user.remove();
		for (const server of servers.splice(0)) await server.stop();
	});

	async function announced(...[answer]: ConstructorParameters<typeof RecordingServer>): Promise<RecordingServer> {
		const server = await new RecordingServer(answer).start();
		servers.push(server);
		user.list.tokenOrNew();
		user.announce({ instance: 'right', port: server.port });
		return server;
	}

	const files = () => readdirSync(user.queue).filter((name) => name.endsWith('.jsonl'));

	it('story 3.3: calls of logLlmCall wait on disk, for their owner alone, and are delivered once one runs, in order', async () => {
		const client = user.client();
		const ids: string[] = [];
		for (let each = 0; each < 5; each++) ids.push((await client.logLlmCall('task', aCall())).callId);
		assert.equal(client.status().waiting.events, 10);
		if (process.platform !== 'win32') {
			assert.equal(statSync(user.queue).mode & 0o777, 0o700);
			for (const name of files()) assert.equal(statSync(join(user.queue, name)).mode & 0o777, 0o600);
		}
		const serving = await user.serve();
		const { waiting, delivered, dropped } = await client.flush();
		assert.deepEqual([waiting.events, delivered, dropped], [0, 10, 0]);
		const calls = await callsOf(serving, 'task');
		assert.deepEqual(
			calls.map(({ row }) => row.callId),
			ids,
		);
		assert.ok(calls.every(({ row }) => row.state === 'ok'));
	});

	it('a later program delivers what an earlier one has left, and the same twice changes nothing', async () => {
		const left = await inAnotherProgram(`client.logLlmCall('task', call); process.exit();`);
		const [name = ''] = files();
		const copy = readFileSync(join(user.queue, name));
		const serving = await user.serve();
		const client = user.client();
		await client.flush();
		assert.deepEqual(files(), []);
		// As if another program had read it before it was taken away.
		writeFileSync(join(user.queue, name), copy, { mode: 0o600 });
		assert.equal((await client.flush()).delivered, 4);
		const calls = await callsOf(serving);
		assert.deepEqual([calls.length, calls[0]?.row.state, left], [1, 'ok', '']);
		const { events } = await serving.ledger.verify();
		assert.equal(events, 2);
	});

	it('a call whose program ends before its answer came is recorded as interrupted', async () => {
		await inAnotherProgram(`client.startLlmCall('task', call); process.exit();`);
		const serving = await user.serve();
		await user.client().flush();
		const [call] = await callsOf(serving);
		assert.deepEqual([call?.row.state, call?.error?.message], ['error', 'The program ended before the answer came.']);
	});

	it('story 3.3: redaction mode leaves no content in the queue either', async () => {
		const content = { messages: [{ role: 'user' as const, content: secret }], completion: secret, title: secret };
		const client = user.client({ redact: true });
		await client.logLlmCall('task', aCall(content));
		await client.startLlmCall('task', aCall(content)).fail(new Error(secret), { completion: secret });
		const texts = files().map((name) => readFileSync(join(user.queue, name), 'utf8'));
		assert.ok(texts.length > 0 && texts.every((text) => !text.includes(secret)));
	});

	it('the queue keeps to its limits: the oldest goes, and is counted', async () => {
		const client = user.client({ queue: { maxEvents: 6, maxBytes: 1 << 20 } });
		const ids: string[] = [];
		for (let each = 0; each < 5; each++) ids.push((await client.logLlmCall('task', aCall())).callId);
		assert.deepEqual([client.status().waiting.events, client.status().dropped], [6, 4]);
		const texts = files().map((name) => readFileSync(join(user.queue, name), 'utf8'));
		assert.deepEqual(
			ids.map((id) => texts.some((text) => text.includes(id))),
			[false, false, true, true, true],
		);
		const small = user.client({ queue: { maxBytes: 500 } });
		await small.logLlmCall('task', aCall());
		assert.equal(small.status().dropped, 2);
	});

	it('nothing is written where no queue is wanted, or where it cannot be: it is lost, counted and said', async () => {
		const heard: CallmeterErrorReason[] = [];
		const client = user.client({ queue: false, onProblem: ({ reason }) => heard.push(reason) });
		await assert.rejects(client.logLlmCall('task', aCall()), { reason: 'unavailable' });
		assert.throws(files, { code: 'ENOENT' });
		assert.deepEqual([client.status().dropped, heard.at(-1)], [2, 'unavailable']);
		// A file where the folder should be.
		mkdirSync(join(user.queue, '..'), { recursive: true });
		writeFileSync(user.queue, '');
		const other = user.client();
		await assert.rejects(other.logLlmCall('task', aCall()), { reason: 'unavailable' });
		assert.equal(other.status().dropped, 2);
	});

	it('a program that waits for none of its calls is not failed where nothing can be kept', async () => {
		mkdirSync(join(user.queue, '..'), { recursive: true });
		writeFileSync(user.queue, '');
		const stderr = await inAnotherProgram(`
			void client.logLlmCall('task', call);
			for (const how of ['end', 'fail', 'cancel']) {
				void client.startLlmCall('task', call)[how](how === 'end' ? { ...call } : how === 'fail' ? new Error() : {});
			}
			await client.flush();
			if (client.status().dropped !== 8) throw new Error(JSON.stringify(client.status()));`);
		assert.equal(stderr, '');
	});

	it('one that answers slowly keeps nobody waiting longer than it may, and loses nothing', async () => {
		const slow = await announced(({ url, body }, response) => {
			if (asksWho({ url })) taking('right')({ url, body, method: 'GET', authorization: undefined }, response);
		});
		const client = user.client({ timeoutMs: 100 });
		const startedMs = performance.now();
		const { callId } = await client.logLlmCall('task', aCall());
		assert.ok(performance.now() - startedMs < 2_000);
		assert.equal(slow.posts.length, 1);
		assert.ok(readFileSync(join(user.queue, files()[0] ?? ''), 'utf8').includes(callId));
	});

	it('one that asks for time is given it, and then gets everything', async () => {
		let refusals = 1;
		const server = await announced((asked, response) => {
			if (asked.method === 'GET' || refusals-- <= 0) return taking('right')(asked, response);
			response.writeHead(429, { 'retry-after': '1' }).end('{"error":{"message":"Too many requests."}}');
		});
		const client = user.client();
		await client.logLlmCall('task', aCall());
		await client.logLlmCall('task', aCall());
		assert.deepEqual([server.posts.length, client.status().waiting.events], [1, 4]);
		// Without being asked: the client tries again by itself.
		for (let tries = 0; client.status().waiting.events > 0 && tries < 200; tries++) {
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
		assert.deepEqual([client.status().waiting.events, client.status().delivered], [0, 4]);
	});

	it('calls that go on all the while do not keep what waits from being delivered', async () => {
		const client = user.client();
		await client.logLlmCall('first', aCall());
		const server = await announced(taking('right'));
		let delivered = false;
		for (let each = 0; !delivered && each < 2_000; each++) {
			void client.logLlmCall('task', aCall());
			await new Promise((resolve) => setTimeout(resolve, 5));
			delivered = server.posts.length > 0 && files().length === 0;
		}
		assert.ok(delivered);
		assert.match(server.posts[0]?.body ?? '', /"first"/);
	});

	it('a batch that is too large for a server goes in parts', async () => {
		const server = await announced((asked, response) => {
			if (asked.method === 'POST' && JSON.parse(asked.body).events.length > 3) {
				response.writeHead(413).end('{"error":{"message":"Too large."}}');
			} else taking('right')(asked, response);
		});
		const client = user.client();
		await Promise.all([1, 2, 3, 4].map(() => client.logLlmCall('task', aCall())));
		assert.deepEqual([client.status().delivered, client.status().refused], [8, 0]);
		assert.equal(server.posts.length, 7);
	});

	it('a call that a server refuses is told to whoever waits for it, and fails no one else', async () => {
		await announced((asked, response) => {
			if (asked.method === 'GET') return taking('right')(asked, response);
			const answer = receipts(asked.body);
			const events = answer.events.map((each, at) =>
				at > 1 ? each : { ...each, id: null, outcome: 'rejected', error: 'payload.model: unheard of' },
			);
			response.end(JSON.stringify({ events, rejected: 2 }));
		});
		const client = user.client();
		const [first, second] = await Promise.allSettled([
			client.logLlmCall('task', aCall()),
			client.logLlmCall('task', aCall()),
		]);
		assert.equal(first?.status === 'rejected' && first.reason.reason, 'refused');
		assert.match(first?.status === 'rejected' ? first.reason.message : '', /payload\.model: unheard of/);
		assert.equal(second?.status, 'fulfilled');
		assert.deepEqual([client.status().delivered, client.status().refused], [2, 2]);
		// Not awaited: an unhandled rejection would end this process.
		void client.logLlmCall('task', aCall());
		await client.flush();
	});

	it('what cannot be read in the queue stops nothing, and a dead lock is taken over', async () => {
		const client = user.client();
		await client.logLlmCall('task', aCall());
		writeFileSync(join(user.queue, `${'0'.repeat(14)}-000001-deadbeef-${'0'.repeat(16)}.2.9.jsonl`), 'not json\n');
		const lock = join(user.queue, 'delivery.lock');
		writeFileSync(lock, String(process.pid));
		const server = await announced(taking('right'));
		await client.flush();
		assert.equal(server.posts.length, 0, 'another program is at it');
		const long = new Date(Date.now() - 120_000);
		utimesSync(lock, long, long);
		await client.flush();
		assert.deepEqual([files(), server.posts.length], [[], 1]);
	});

	it('events for a server that another program has named wait for it, and are no problem of this one', async () => {
		await user.client({ url: 'http://127.0.0.1:1', token: 'its own' }).logLlmCall('other', aCall());
		const server = await announced(taking('right'));
		const client = user.client();
		await client.flush();
		await client.logLlmCall('task', aCall());
		assert.deepEqual([server.posts.length, client.status().lastProblem, files().length], [1, null, 1]);
		assert.ok(!readFileSync(join(user.queue, files()[0] ?? ''), 'utf8').includes('its own'));
	});

	it('events of another folder go to the server of that folder', async () => {
		const other = join(user.home, 'other');
		await user.client({ folder: other }).logLlmCall('of-other', aCall());
		await user.client().logLlmCall('of-project', aCall());
		const [own, others] = [new RecordingServer(taking('own')), new RecordingServer(taking('others'))];
		servers.push(own, others);
		user.list.tokenOrNew();
		user.announce({ instance: 'own', port: (await own.start()).port });
		user.announce({ instance: 'others', port: (await others.start()).port, folders: [other] });
		await user.client().flush();
		assert.ok(own.posts.length === 1 && own.posts[0]?.body.includes('of-project'));
		assert.ok(others.posts.length === 1 && others.posts[0]?.body.includes('of-other'));
	});

	it('many programs at once leave and deliver every call once', async function () {
		this.timeout(60_000);
		const leave = `await Promise.all(Array.from({ length: 20 }, () => client.logLlmCall('task', call)));`;
		await Promise.all([1, 2, 3].map((name) => inAnotherProgram(leave, `leaves-${name}`)));
		assert.equal(user.client().status().waiting.events, 120);
		const serving = await user.serve();
		await Promise.all([1, 2, 3].map((name) => inAnotherProgram(`await client.flush();${leave}`, `delivers-${name}`)));
		await user.client().flush();
		const { events, ok } = await serving.ledger.verify();
		assert.deepEqual([files(), (await callsOf(serving)).length, events, ok], [[], 120, 240, true]);
	});

	it('a server that hangs while calls go on does not keep their program busy for ever', async () => {
		await announced(({ url, body }, response) => {
			if (url === '/api/server') taking('right')({ url, body, method: 'GET', authorization: undefined }, response);
		});
		const client = user.client({ timeoutMs: 100 });
		// More than go in two requests: some are added while what waits is being delivered.
		const calls = Array.from({ length: 1_600 }, () => client.logLlmCall('task', aCall()));
		const { pending } = await client.flush();
		await Promise.all(calls);
		assert.deepEqual([pending, client.status().waiting.events], [0, 3_200]);
	});

	it('a program that closes nothing ends by itself', async () => {
		const server = await announced(taking('right'));
		const startedMs = performance.now();
		const stderr = await inAnotherProgram(`void client.logLlmCall('task', call);`);
		assert.equal(stderr, '');
		assert.ok(performance.now() - startedMs < 5_000);
		assert.equal(server.posts.length, 1);
		assert.throws(files, { code: 'ENOENT' });
	});

	/** Runs code in a process of its own that has a client and a call; gives what it wrote to stderr. */
	async function inAnotherProgram(code: string, name = 'program'): Promise<string> {
		const file = join(user.home, `${name}.mjs`);
		writeFileSync(
			file,
			`import { CallmeterClient } from ${JSON.stringify(sdk)};
			const client = new CallmeterClient();
			const call = ${JSON.stringify(aCall())};
			${code}`,
		);
		chmodSync(file, 0o600);
		const { stderr } = await promisify(execFile)(process.execPath, [file], {
			cwd: user.project,
			env: { ...process.env, ...user.env },
		});
		return stderr;
	}
});
