import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventInput, EventReceipts } from '../../../../src/core/outside/event-input.ts';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { apiRoute } from '../../../../src/server/api/api-route.ts';
import { ApiService } from '../../../../src/server/api/api-service.ts';
import { BearerToken } from '../../../../src/server/api/bearer-token.ts';
import { LocalServer, type LocalServerOptions } from '../../../../src/server/local-server.ts';

const ledgerWorker = new URL('../../../../src/ledger/worker.ts', import.meta.url).pathname;
const apiWorker = new URL('../../../../src/server/api/api-worker.ts', import.meta.url);
const quiet = { info: () => undefined, warn: () => undefined };

export interface ServingOptions {
	timeouts?: LocalServerOptions['timeouts'];
	idleMs?: number;
	token?: string;
	instance?: string;
	/** As if the disk had room for no more pages of 4 KB. */
	maxPages?: number;
	/** Makes the ledger's file beforehand. */
	prepare?: (file: string) => void;
}

/** A real ledger, the API in its worker, and the real server before it. */
export class Serving {
	readonly directory = mkdtempSync(join(tmpdir(), 'callmeter-api-'));
	readonly token: string;
	readonly about: { version: string; instance: string };
	ledger: LedgerClient;
	readonly service: ApiService;
	readonly server: LocalServer;
	readonly #maxPages: number | undefined;
	endpoint = '';
	port = 0;

	constructor({
		timeouts,
		idleMs,
		token = 'token-of-the-test',
		instance = 'instance-of-the-test',
		prepare,
		maxPages,
	}: ServingOptions = {}) {
		prepare?.(join(this.directory, 'ledger.db'));
		this.#maxPages = maxPages;
		this.ledger = this.open();
		this.token = token;
		this.about = { version: '1.2.3', instance };
		const connectLedger = () => this.ledger.clientPort();
		this.service = new ApiService({ name: 'API', workerFile: apiWorker, connectLedger, log: quiet }, this.about);
		const route = apiRoute({
			service: this.service,
			token: new BearerToken(this.token),
			about: this.about,
			...(idleMs !== undefined && { idleMs }),
		});
		this.server = new LocalServer({ routes: [route], port: 0, log: quiet, ...(timeouts && { timeouts }) });
	}

	async start(): Promise<void> {
		const { endpoint, port } = await this.server.start();
		this.endpoint = endpoint;
		this.port = port;
	}

	async stop(): Promise<void> {
		await this.server.stop(100);
		await this.service.stop();
		await this.ledger.close();
		rmSync(this.directory, { recursive: true, force: true });
	}

	open(): LedgerClient {
		return openLedger({
			directory: this.directory,
			workerPath: ledgerWorker,
			...(this.#maxPages !== undefined && { maxPages: this.#maxPages }),
		});
	}

	/** With the token, unless headers say otherwise. */
	ask(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
		const all = { authorization: `Bearer ${this.token}`, ...Object.fromEntries(new Headers(headers)) };
		return fetch(`${this.endpoint}/api${path}`, { ...init, headers: all });
	}

	/** The answer to a request that is answered with 200. */
	async get<T>(path: string): Promise<T> {
		const response = await this.ask(path);
		if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return (await response.json()) as T;
	}

	post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
		return this.ask('/events', {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
		});
	}

	/** Sends it again, as a client does, while the answer is to come again: for a few seconds at most. */
	async postUntilTaken(body: unknown): Promise<Response> {
		const endMs = performance.now() + 5_000;
		for (;;) {
			const response = await this.post(body);
			if (response.status !== 503 || performance.now() > endMs) return response;
			await response.body?.cancel();
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}

	/** Records events, all of which must be taken. */
	async record(...events: readonly EventInput[]): Promise<EventReceipts> {
		const response = await this.post({ events });
		const receipts = (await response.json()) as EventReceipts;
		if (response.status !== 200 || receipts.rejected > 0) throw new Error(JSON.stringify(receipts));
		return receipts;
	}
}

export interface PairOptions {
	callId: string;
	sessionId?: string;
	agentId?: string;
	provider?: string;
	model?: string;
	/** When the request began. */
	at?: string;
	latencyMs?: number;
	prompt?: string;
	completion?: string;
	inputTokens?: number;
	outputTokens?: number;
	costUsd?: number | null;
}

/** The two events of a call. Its model has no listed price, so that its cost is what its sender says. */
export function pairOf({
	callId,
	sessionId = 'session',
	agentId = 'agent',
	provider = 'house',
	model = 'house-1',
	at = '2026-02-08T10:15:00Z',
	latencyMs = 1_000,
	prompt = 'What is a ledger?',
	completion = 'A book of accounts.',
	inputTokens = 100,
	outputTokens = 20,
	costUsd = 0.25,
}: PairOptions): [EventInput, EventInput] {
	const sender = { sessionId, agentId };
	return [
		{
			...sender,
			id: `${callId}:llm_call`,
			timestamp: at,
			eventType: 'llm_call',
			payload: { callId, provider, model, messages: [{ role: 'user', content: prompt }] },
		},
		{
			...sender,
			id: `${callId}:llm_response`,
			timestamp: new Date(Date.parse(at) + latencyMs).toISOString(),
			eventType: 'llm_response',
			payload: {
				callId,
				provider,
				model,
				completion,
				finishReason: 'stop',
				usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
				costUsd,
				latencyMs,
			},
		},
	];
}
