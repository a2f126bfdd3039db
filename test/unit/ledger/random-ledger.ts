import fc from 'fast-check';
import type { DraftInput } from '../../../src/core/draft.ts';
import type { CallFilter, CallRow } from '../../../src/core/views.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, responseDraft, usage } from './support.ts';

/** Random ledgers and filters, and what a filter means: call by call. */

export const FROM = Date.UTC(2026, 2, 20);
export const TO = Date.UTC(2026, 3, 12);
const DAY = 86_400_000;
const SESSIONS = 6;
const FOLDERS = ['/work/a', '/work/b', null];
const MODELS = ['claude-sonnet-4-5', 'gpt-4o', 'model-without-price'];
const KINDS = ['chat', 'subagent', 'condense'] as const;

const step = fc.record({
	call: fc.integer({ min: 0, max: 30 }),
	type: fc.constantFrom('call' as const, 'response' as const),
	// Agents start several calls, and tasks, in one millisecond.
	at: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: FROM, max: TO - 1 }) }, fc.constantFrom(FROM, FROM + 3 * DAY)),
	state: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const),
	hasUsage: fc.boolean(),
	input: fc.integer({ min: 0, max: 9_000 }),
	cached: fc.integer({ min: 0, max: 3_000 }),
	output: fc.option(fc.integer({ min: 0, max: 400 })),
	reasoning: fc.option(fc.integer({ min: 0, max: 400 })),
	latencyMs: fc.option(fc.integer({ min: 0, max: 5_000 }).map((ms) => ms * 1.013)),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Batches of events: who a call is by follows from its number, what happened to it is random. */
export const batches = fc.array(
	fc.array(step, { minLength: 1, maxLength: 25 }).map((steps) => steps.map(toDraft)),
	{ minLength: 1, maxLength: 4 },
);

function toDraft(of: Step): DraftInput {
	const { call, at } = of;
	const common = {
		sessionId: `s${call % SESSIONS}`,
		agentId: `agent-${call % 2}`,
		model: MODELS[call % 3] ?? '',
		provider: call % 5 === 0 ? 'openai' : 'anthropic',
		origin: {
			source: `source-${call % 3}`,
			billing: call % 4 === 0 ? ('subscription' as const) : ('api' as const),
		},
	};
	if (of.type === 'call') {
		// Sessions 4 and 5 are each other's parent, 1 and 2 are below 0, and the parent of 3 is not here.
		const parentSessionId = [null, 's0', 's1', 'elsewhere', 's5', 's4'][call % SESSIONS] ?? null;
		const kind = KINDS[call % 3] ?? 'chat';
		return callDraft(`c${call}`, { ...common, kind, parentSessionId, folder: folderOf(call), startedAtMs: at });
	}
	const { input, output, reasoning, cached } = of;
	return responseDraft(`c${call}`, {
		...common,
		endedAtMs: at + 1_000,
		state: of.state,
		latencyMs: of.latencyMs,
		usage: of.hasUsage
			? usage({ inputTotal: input + cached, uncachedInput: input, cacheRead: cached, output, reasoning })
			: null,
	});
}

function folderOf(call: number): string | null {
	return FOLDERS[call % 3] ?? null;
}

export const filters = fc.record<CallFilter>(
	{
		range: fc.record({
			fromMs: fc.integer({ min: FROM - DAY, max: FROM + 15 * DAY }),
			toMs: fc.integer({ min: FROM + 2 * DAY, max: TO + DAY }),
		}),
		sessionId: fc.constantFrom('s0', 's1', 's4', 'nowhere'),
		agentId: fc.constantFrom('agent-0', 'agent-1'),
		provider: fc.constantFrom('anthropic', 'openai'),
		model: fc.constantFrom(...MODELS),
		kind: fc.constantFrom(...KINDS),
		state: fc.constantFrom('ok' as const, 'error' as const, 'pending' as const),
		folder: fc.constantFrom('/work/a', '/work/b', ''),
		source: fc.constantFrom('source-0', 'source-1', 'nowhere'),
		event: fc.constantFrom('llm_call' as const, 'llm_response' as const, 'paired' as const),
		usageMissing: fc.constant(true as const),
		orphan: fc.constant(true as const),
		unpriced: fc.constant(true as const),
		minCostNanoUsd: fc.constantFrom(0, 1_000_000, 10_000_000),
		minLatencyMs: fc.constantFrom(0, 1_500.25, 4_000),
	},
	{ requiredKeys: [] },
);
/** One or two parts of a filter: more leave hardly any call. */
export const someFilter = fc
	.tuple(filters, fc.integer({ min: 0, max: 2 }), fc.infiniteStream(fc.nat()))
	.map(([filter, parts, order]) => {
		const entries = Object.entries(filter).map((entry) => [order.next().value ?? 0, entry] as const);
		const chosen = entries.sort(([a], [b]) => a - b).slice(0, parts);
		return Object.fromEntries(chosen.map(([, entry]) => entry)) as CallFilter;
	});

/** Whether a call passes, as the words of the contract have it. */
export function passes(row: CallRow, filter: CallFilter): boolean {
	const isPending = row.state === 'pending';
	const folder = row.orphan ? null : folderOf(Number(row.callId.slice(1)));
	return [
		!filter.range || (row.startedAtMs >= filter.range.fromMs && row.startedAtMs < filter.range.toMs),
		filter.sessionId === undefined || row.sessionId === filter.sessionId,
		filter.agentId === undefined || row.agentId === filter.agentId,
		filter.provider === undefined || row.provider === filter.provider,
		filter.model === undefined || row.model === filter.model,
		filter.kind === undefined || row.kind === filter.kind,
		filter.state === undefined || row.state === filter.state,
		filter.folder === undefined || (folder ?? '') === filter.folder,
		filter.source === undefined || row.source === filter.source,
		filter.event !== 'llm_call' || !row.orphan,
		filter.event !== 'llm_response' || !isPending,
		filter.event !== 'paired' || (!row.orphan && !isPending),
		!filter.usageMissing || row.usageMissing,
		!filter.orphan || row.orphan,
		!filter.unpriced || isUnpriced(row),
		filter.minCostNanoUsd === undefined || (row.cost?.nanoUsd ?? -1) >= filter.minCostNanoUsd,
		filter.minLatencyMs === undefined || (row.latencyMs ?? -1) >= filter.minLatencyMs,
	].every(Boolean);
}

export function isUnpriced({ cost }: CallRow): boolean {
	return cost !== null && cost.nanoUsd === null && cost.basis !== 'refused';
}

/** Every call of a small ledger, oldest first. */
export function everyCall(store: LedgerStore): CallRow[] {
	return store.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 500 }).rows;
}
