import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallDetail } from '../../../src/core/views.ts';
import { CallmeterClient } from '../../../src/sdk/client.ts';
import type { CallmeterOptions, LlmCallParams } from '../../../src/sdk/types.ts';
import { ServerList } from '../../../src/server/discovery/server-list.ts';
import { serversDirectory } from '../../../src/server/discovery/server-place.ts';
import { Serving } from '../server/api/serving.ts';

const kept = ['HOME', 'USERPROFILE', 'XDG_DATA_HOME', 'LOCALAPPDATA', 'CALLMETER_URL', 'CALLMETER_TOKEN'];

/**
 * A user of this machine with an empty home folder, clients that run for them, and real servers with ledgers of their
 * own on their list.
 */
export class Reporting {
	readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'callmeter-sdk-')));
	readonly project = join(this.home, 'project');
	readonly env: Record<string, string>;
	readonly list: ServerList;
	/** Where the list lies, and the queue beside it. */
	readonly queue: string;
	readonly #before = kept.map((name) => [name, process.env[name]] as const);
	readonly #clients: CallmeterClient[] = [];
	readonly #servers: { serving: Serving; leave: () => void }[] = [];

	constructor() {
		mkdirSync(this.project);
		this.env = { HOME: this.home, USERPROFILE: this.home, XDG_DATA_HOME: this.home, LOCALAPPDATA: this.home };
		for (const name of kept) delete process.env[name];
		Object.assign(process.env, this.env);
		const servers = serversDirectory({ platform: process.platform, home: this.home, env: process.env });
		this.list = new ServerList(servers);
		this.queue = join(servers, '../queue');
	}

	client(options: CallmeterOptions = {}): CallmeterClient {
		const client = new CallmeterClient({ folder: this.project, ...options });
		this.#clients.push(client);
		return client;
	}

	/** Starts a server and puts it on the list. */
	async serve({ folders = [this.project], startedAtMs = Date.now() } = {}): Promise<Serving> {
		const serving = new Serving({ token: this.list.tokenOrNew(), instance: randomUUID() });
		await serving.start();
		const { instance } = serving.about;
		const leave = this.announce({ instance, port: serving.port, folders, startedAtMs });
		this.#servers.push({ serving, leave });
		return serving;
	}

	/** Puts something on the list of servers. */
	announce(entry: { instance: string; port: number; folders?: string[]; startedAtMs?: number }): () => void {
		return this.list.announce({
			pid: process.pid,
			folders: [this.project],
			product: '0.0.0',
			startedAtMs: Date.now(),
			...entry,
		});
	}

	/** As if its process had ended. */
	async stop(serving: Serving): Promise<void> {
		const at = this.#servers.findIndex((each) => each.serving === serving);
		const [server] = this.#servers.splice(at, 1);
		server?.leave();
		await serving.stop();
	}

	async remove(): Promise<void> {
		for (const client of this.#clients) await client.close();
		for (const { serving } of [...this.#servers]) await this.stop(serving);
		for (const [name, value] of this.#before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
		rmSync(this.home, { recursive: true, force: true });
	}
}

/** The calls of a ledger, or of one of its sessions, oldest first. */
export async function callsOf({ ledger }: Serving, session?: string): Promise<CallDetail[]> {
	const { rows } = await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 1_000 });
	const ofSession = rows.filter(({ sessionId }) => session === undefined || sessionId === session);
	const details = await Promise.all(ofSession.map(({ callId }) => ledger.call(callId)));
	return details.flatMap((detail) => detail ?? []);
}

/** A call of the specification. */
export function aCall(changes: Partial<LlmCallParams> = {}): LlmCallParams {
	return {
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		messages: [{ role: 'user', content: 'What is a ledger?' }],
		systemPrompt: 'Answer briefly.',
		completion: 'A book of accounts.',
		finishReason: 'stop',
		usage: { inputTokens: 1_200, outputTokens: 30, totalTokens: 1_230 },
		costUsd: 0.25,
		latencyMs: 800,
		...changes,
	};
}
