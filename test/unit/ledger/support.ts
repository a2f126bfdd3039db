import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallDraftInput, Draft, DraftInput, ResponseDraftInput } from '../../../src/core/draft.ts';
import { draftSchema } from '../../../src/core/draft.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { LedgerStore } from '../../../src/ledger/store.ts';
import type { WorkerOptions } from '../../../src/ledger/worker-protocol.ts';

/** A moment in the past on which nothing special happens: 2026-03-04T10:00:00Z. */
export const T0 = Date.UTC(2026, 2, 4, 10);
export const workerPath = new URL('../../../src/ledger/worker.ts', import.meta.url).pathname;

/** A folder of its own; `make` makes it anew when it was removed, `clean` removes it. */
export function temporaryFolder(): { path: string; file: string; make: () => void; clean: () => void } {
	const path = mkdtempSync(join(tmpdir(), 'callmeter-ledger-'));
	return {
		path,
		file: join(path, 'ledger.db'),
		make: () => mkdirSync(path, { recursive: true }),
		clean: () => rmSync(path, { recursive: true, force: true }),
	};
}

export function workerOptions(file: string, options: Partial<WorkerOptions> = {}): WorkerOptions {
	return {
		file,
		readOnly: false,
		content: 'full',
		prices: undefined,
		fullText: 'auto',
		codec: 'auto',
		maxPages: null,
		...options,
	};
}

export function openStore(file: string, options: Partial<WorkerOptions> = {}): LedgerStore {
	return new LedgerStore(workerOptions(file, options));
}

export function usage(counts: Partial<Usage> = {}): Usage {
	return {
		inputTotal: 100,
		uncachedInput: 100,
		cacheRead: 0,
		cacheWrite5m: 0,
		cacheWrite1h: 0,
		cacheWriteUnknownTtl: 0,
		output: 20,
		reasoning: null,
		...counts,
	};
}

export function callDraft(callId: string, more: Partial<CallDraftInput> = {}): CallDraftInput {
	return {
		eventType: 'llm_call',
		callId,
		sessionId: 'session-1',
		agentId: 'agent-1',
		origin: { source: 'source-1' },
		startedAtMs: T0,
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		...more,
	};
}

export function responseDraft(callId: string, more: Partial<ResponseDraftInput> = {}): ResponseDraftInput {
	return {
		eventType: 'llm_response',
		callId,
		sessionId: 'session-1',
		agentId: 'agent-1',
		origin: { source: 'source-1' },
		endedAtMs: T0 + 2_000,
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		state: 'ok',
		usage: usage(),
		latencyMs: 2_000,
		...more,
	};
}

export function parsed(drafts: readonly DraftInput[]): Draft[] {
	return drafts.map((draft) => draftSchema.parse(draft));
}

export const everything = { filter: {}, sort: 'newest', offset: 0, limit: 500 } as const;
