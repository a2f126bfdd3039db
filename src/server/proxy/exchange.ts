import type { MessagePort } from 'node:worker_threads';
import type { ProviderApi } from '../../core/provider-api.ts';

/** Bytes that were kept while they passed, in the order in which they came. */
export interface KeptBytes {
	/** Each with the moment it came, milliseconds after the request's start. */
	chunks: { atMs: number; bytes: Uint8Array }[];
	/** There were more than are kept. */
	cut: boolean;
	/** `content-encoding`, lower case; `null`: as it is. */
	encoding: string | null;
}

/** A request that has left. Never a header that could hold a key, never a query. */
export interface ProxiedRequest {
	callId: string;
	provider: string;
	api: ProviderApi;
	/** Behind the target's name. */
	path: string;
	startedAtMs: number;
	agent: string | null;
	/** The agent's own name of the conversation, where a header tells it. */
	session: string | null;
	folder: string | null;
	body: KeptBytes;
}

/** How an exchange ended. `complete`: the provider's answer was passed on whole. */
export type ProxiedEnd =
	| { how: 'complete' }
	/** The client went away: its request was given up at once. */
	| { how: 'clientGone' }
	/** The provider could not be reached, or broke off. */
	| { how: 'providerGone'; code: string | null };

export interface ProxiedAnswer {
	callId: string;
	/** `null`: there was none. */
	status: number | null;
	requestId: string | null;
	eventStream: boolean;
	body: KeptBytes;
	end: ProxiedEnd;
	/** Request start to the end, milliseconds. */
	latencyMs: number;
}

/** Host → proxy worker. */
export type ToProxyWorker =
	| { type: 'start'; ledger: MessagePort }
	| { type: 'request'; request: ProxiedRequest }
	| { type: 'answer'; answer: ProxiedAnswer }
	/** Records what it has, then ends. */
	| { type: 'stop' };

/** Proxy worker → host. */
export type FromProxyWorker = { type: 'log'; message: string } | { type: 'ledgerClosed' } | { type: 'stopped' };
