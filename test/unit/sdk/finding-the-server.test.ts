import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { asksWho, RecordingServer, taking } from './recording-server.ts';
import { aCall, Reporting } from './reporting.ts';

describe('a client finds its server', () => {
	let user: Reporting;
	const servers: RecordingServer[] = [];
	beforeEach(() => {
		user = new Reporting();
		user.list.tokenOrNew();
	});
	afterEach(async () => {
		await user.remove();
		for (const server of servers.splice(0)) await server.stop();
	});

	async function listen(instance: string, port?: number, token?: () => string): Promise<RecordingServer> {
		const server = await new RecordingServer(taking(instance, token)).start(port);
		servers.push(server);
		return server;
	}

	async function announced(instance: string, folders: string[], startedAtMs: number): Promise<RecordingServer> {
		const server = await listen(instance);
		user.announce({ instance, port: server.port, folders, startedAtMs });
		return server;
	}

	it('by the folder closest around its own, then one of no folder, then the one started last', async () => {
		const inner = join(user.project, 'packages/agent');
		mkdirSync(inner, { recursive: true });
		const around = await announced('around', [user.project], 1);
		const closest = await announced('closest', [join(user.project, 'packages')], 2);
		const nowhere = await announced('nowhere', [], 3);
		const elsewhere = await announced('elsewhere', [join(user.home, 'project-2')], 4);
		const log = (folder: string) => user.client({ folder }).logLlmCall('task', aCall());
		const posts = () => [around, closest, nowhere, elsewhere].map((server) => server.posts.length);
		await log(inner);
		assert.deepEqual(posts(), [0, 1, 0, 0]);
		await log(user.project);
		assert.deepEqual(posts(), [1, 1, 0, 0]);
		await log(user.home);
		assert.deepEqual(posts(), [1, 1, 1, 0]);
	});

	it('the one started last, where no folder fits', async () => {
		await announced('first', [join(user.home, 'a')], 1);
		const last = await announced('last', [join(user.home, 'b')], 2);
		await user.client().logLlmCall('task', aCall());
		assert.equal(last.posts.length, 1);
	});

	it('passes over one that is on the list and does not run, and another program at its port gets no token', async () => {
		const stranger = await announced('another program', [user.project], 3);
		user.announce({ instance: 'gone', port: stranger.port, folders: [user.project], startedAtMs: 4 });
		const free = await listen('free');
		await free.stop();
		user.announce({ instance: 'closed', port: free.port, folders: [user.project], startedAtMs: 5 });
		const right = await announced('right', [], 1);
		await user.client().logLlmCall('task', aCall());
		assert.equal(right.posts.length, 1);
		assert.ok(stranger.asked.every(({ url, authorization }) => asksWho({ url }) && authorization === undefined));
	});

	it('asks who is there before each new connection: a port that was taken over gets no token', async () => {
		const first = await announced('right', [user.project], 1);
		const client = user.client();
		await client.logLlmCall('task', aCall());
		const { port } = first;
		await first.stop();
		const thief = await listen('thief', port);
		await client.logLlmCall('task', aCall());
		assert.ok(thief.asked.length > 0);
		assert.ok(thief.asked.every(({ url, authorization }) => asksWho({ url }) && authorization === undefined));
		assert.equal(client.status().waiting.events, 2);
	});

	it('and sends no token to a program that has learnt its name and taken its port', async () => {
		const first = await announced('right', [user.project], 1);
		const client = user.client();
		await client.logLlmCall('task', aCall());
		const { port } = first;
		await first.stop();
		const thief = await listen('right', port, () => 'a guess');
		await client.logLlmCall('task', aCall());
		await user.client().logLlmCall('task', aCall());
		assert.ok(thief.asked.length >= 2);
		assert.ok(thief.asked.every(({ url, authorization }) => asksWho({ url }) && authorization === undefined));
	});

	it('again, when it goes away and comes back on another port', async () => {
		const first = await announced('one', [user.project], 1);
		const client = user.client();
		await client.logLlmCall('task', aCall());
		await first.stop();
		const second = await announced('two', [user.project], 2);
		await client.logLlmCall('task', aCall());
		assert.equal(second.posts.length, 1);
		assert.equal(client.status().server, `http://127.0.0.1:${second.port}`);
	});

	it('by CALLMETER_URL and CALLMETER_TOKEN, and options before these', async () => {
		const named = await listen('whatever');
		process.env.CALLMETER_URL = `http://127.0.0.1:${named.port}/`;
		process.env.CALLMETER_TOKEN = 'token-of-the-environment';
		await user.client().logLlmCall('task', aCall());
		assert.equal(named.posts[0]?.authorization, 'Bearer token-of-the-environment');
		const other = await listen('whatever');
		await user.client({ url: `http://127.0.0.1:${other.port}`, token: 'own' }).logLlmCall('task', aCall());
		assert.equal(other.posts[0]?.authorization, 'Bearer own');
		assert.throws(() => user.client({ url: 'ftp://127.0.0.1' }), { reason: 'invalid' });
	});

	it("gives this user's token to this user's servers only", async () => {
		const stranger = await listen('stranger');
		const client = user.client({ url: `http://127.0.0.1:${stranger.port}` });
		await client.logLlmCall('task', aCall());
		assert.deepEqual(stranger.asked, []);
		assert.equal(client.status().lastProblem?.reason, 'unauthorized');
		const known = await announced('known', [], 1);
		await user.client({ url: `http://127.0.0.1:${known.port}` }).logLlmCall('task', aCall());
		assert.equal(known.posts[0]?.authorization, `Bearer ${user.list.token()}`);
	});
});
