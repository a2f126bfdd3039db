import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { DraftInput } from '../../../../src/core/draft.ts';
import type { CallRow } from '../../../../src/core/views.ts';
import type { LedgerStore } from '../../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from '../support.ts';
import { exported, takeIn } from './support.ts';

const step = fc.record({
	call: fc.integer({ min: 0, max: 14 }),
	type: fc.constantFrom('call' as const, 'call' as const, 'response' as const, 'response' as const, 'cost' as const),
	at: fc.integer({ min: 0, max: 40_000 }),
	source: fc.integer({ min: 0, max: 2 }),
	state: fc.constantFrom('ok' as const, 'ok' as const, 'error' as const, 'cancelled' as const),
	words: fc.integer({ min: 0, max: 6 }),
	hasUsage: fc.boolean(),
	hasContent: fc.boolean(),
	input: fc.constantFrom(100, 200, 3_000),
	output: fc.option(fc.constantFrom(20, 40)),
	cost: fc.option(fc.integer({ min: 0, max: 9_999 })),
	latencyMs: fc.option(fc.integer({ min: 0, max: 5_000 }).map((ms) => ms * 1.013)),
	alias: fc.option(fc.integer({ min: 0, max: 6 })),
	live: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const action = fc.oneof(
	{
		weight: 12,
		arbitrary: fc.array(step, { minLength: 1, maxLength: 12 }).map((steps) => ({ record: steps.map(draft) })),
	},
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }).map((session) => ({ erase: `s${session}` })) },
	{
		weight: 1,
		arbitrary: fc.constantFrom('full' as const, 'redacted' as const, 'off' as const).map((content) => ({ content })),
	},
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Words that a ledger must carry through: other scripts, half characters, what JSON escapes. */
const words = ['hi', 'Grüße 🌍', 'a "quoted" \\ line\nbreak', '\u2028\u0007', '\ud83d', '', '日本語'];

function draft(of: Step): DraftInput {
	const { call, at, source, hasContent } = of;
	const text = words[of.words] ?? '';
	const identity = {
		// What sources tell differs: the same call in two sessions, by a name that both know.
		sessionId: `s${(call + (source === 2 ? 1 : 0)) % 4}`,
		agentId: `agent-${call % 2}`,
		origin: { source: `source-${source}`, live: of.live, ...(call % 3 === 0 && { billing: 'subscription' as const }) },
		aliases: of.alias === null ? [] : [of.alias % 2 ? `native:${of.alias}` : `resp-${of.alias}`],
	};
	const callId = `${source === 2 ? 'other:' : 'c'}${call}`;
	const model = ['claude-sonnet-4-5', 'gpt-4o', 'model-without-price'][call % 3] ?? '';
	if (of.type === 'cost') {
		const { sessionId, agentId, origin } = identity;
		const costUsd = (of.cost ?? 0) / 1e4;
		return { eventType: 'cost_tracked', sessionId, agentId, origin, atMs: T0 + at, callId, costUsd, description: text };
	}
	if (of.type === 'call') {
		const history = Array.from({ length: call % 5 }, (_, i) => ({
			role: i % 2 ? ('assistant' as const) : ('user' as const),
			content: `${words[i]} ${i}`,
		}));
		return callDraft(callId, {
			...identity,
			model,
			startedAtMs: T0 + at,
			kind: call % 4 === 0 ? 'subagent' : 'chat',
			parentSessionId: [null, 's0', 's3', 's2'][call % 4] ?? null,
			folder: call % 2 ? '/work/a' : null,
			...(hasContent
				? {
						title: text === '' ? null : text,
						systemPrompt: call % 2 ? `system ${text}` : null,
						messages: [
							...history,
							{
								role: 'user',
								content: [
									{ type: 'text', text },
									{ type: 'image', odd: [1, null] },
								],
							},
						],
						tools: call % 3 ? [{ name: 'read', parameters: { type: 'object', b: 1, a: -0 } }] : [],
						parameters: call % 2 ? { temperature: 0.1, stop: [text] } : { temperature: 1e-7 },
					}
				: { contentState: 'none', messageCount: 3 }),
		});
	}
	return responseDraft(callId, {
		...identity,
		model: call % 5 === 0 ? `${model}-actual` : model,
		endedAtMs: T0 + at + 1_000,
		state: of.state,
		error: of.state === 'error' ? { message: text, status: 529, code: 'overloaded' } : null,
		latencyMs: of.latencyMs,
		reportedCostUsd: of.cost === null ? null : of.cost / 1e4,
		reportedBy: of.cost === null ? null : call % 2 ? 'provider' : 'agent',
		usage: of.hasUsage ? usage({ inputTotal: of.input, uncachedInput: of.input, output: of.output }) : null,
		usageNotes: of.words === 3 ? ['One count was left out.'] : [],
		...(hasContent
			? {
					completion: text,
					reasoning: text,
					toolCalls: call % 2 ? [{ id: 't', name: 'read', arguments: { p: text } }] : [],
				}
			: { contentState: 'none' }),
	});
}

function play(store: LedgerStore, actions: readonly Action[]): void {
	for (const each of actions) {
		if ('record' in each) store.record(each.record);
		else if ('erase' in each) store.erase({ sessionId: each.erase, what: 'content' });
		else store.setContent(each.content);
	}
}

/** What lists show of a call. Its number within the task counts names that turned out to be another's. */
function rowsOf(store: LedgerStore): Omit<CallRow, 'seq'>[] {
	return store
		.calls(everything)
		.rows.map(({ seq: _, ...row }) => row)
		.sort((a, b) => (a.callId < b.callId ? -1 : 1));
}

const origin = { source: 'source-0', billing: 'subscription' as const };

/** A call that a cost came for turns out to be one that has a response. */
const mergedAfterCost: [Action[], number] = [
	[
		{
			record: [
				{ eventType: 'cost_tracked', sessionId: 's0', agentId: 'a', origin, atMs: T0, callId: 'c0', costUsd: 1e-4 },
				callDraft('c0', { sessionId: 's0', origin }),
			],
		},
		{
			record: [
				responseDraft('c1', { sessionId: 's1', usage: null, latencyMs: null, aliases: ['resp-0'] }),
				callDraft('c0', { sessionId: 's0', origin, aliases: ['resp-0'] }),
			],
		},
	],
	1,
];

/** Two calls with content, made one by a draft that has none. */
const mergedContent: [Action[], number] = [
	[
		{
			record: [
				callDraft('c0', { sessionId: 's0', title: 'hi', messages: [{ role: 'user', content: 'hi' }] }),
				callDraft('other:3', {
					sessionId: 's0',
					origin: { source: 'source-2' },
					aliases: ['native:1'],
					parentSessionId: 's2',
					title: 'Grüße',
					systemPrompt: 'system',
					messages: [{ role: 'user', content: 'hi 0' }],
				}),
				callDraft('c0', { sessionId: 's0', aliases: ['native:1'], contentState: 'none', messageCount: 3 }),
			],
		},
	],
	1,
];

/** A response whose content is not kept, and a request that never had any. */
const contentWithoutRequest: [Action[], number] = [
	[
		{ content: 'redacted' },
		{
			record: [
				responseDraft('c0', { sessionId: 's0', usage: null, latencyMs: null, completion: 'hi', reasoning: 'hi' }),
				callDraft('c0', { sessionId: 's0', contentState: 'none', messageCount: 3 }),
			],
		},
		{ record: [callDraft('c0', { sessionId: 's0', contentState: 'none', messageCount: 3 })] },
	],
	1,
];

describe('Export and import of events', () => {
	it('issue 6, export: JSONL is re-importable, and the round trip is exact', () => {
		fc.assert(
			fc.property(fc.array(action, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (actions, size) => {
				const [here, there] = [temporaryFolder(), temporaryFolder()];
				const [store, other] = [openStore(here.file), openStore(there.file)];
				try {
					play(store, actions);
					assert.equal(store.verify().firstBroken, null);
					const file = exported(store, { content: true });
					const report = takeIn(other, file, { size });

					assert.equal(report.events, file.split('\n').length - 1);
					assert.equal(report.diverged, 0);
					assert.equal(exported(other, { content: true }), file);
					assert.equal(exported(other), exported(store));
					const verified = other.verify();
					assert.deepEqual(verified.firstBroken, null);
					assert.equal(verified.events, report.events);
					assert.deepEqual(rowsOf(other), rowsOf(store));
					assert.deepEqual(other.totals({}), store.totals({}));
					const sessions = { filter: {}, offset: 0, limit: 50 } as const;
					assert.deepEqual(other.sessions(sessions), store.sessions(sessions));

					const again = takeIn(other, file, { size });
					assert.deepEqual([again.known, again.taken, again.calls, again.diverged], [report.events, 0, 0, 0]);
					assert.equal(exported(other, { content: true }), file);
					assert.deepEqual(other.totals({}), store.totals({}));
				} finally {
					for (const each of [store, other]) each.close();
					for (const each of [here, there]) each.clean();
				}
			}),
			{ numRuns: 40, examples: [mergedAfterCost, mergedContent, contentWithoutRequest] },
		);
	}).timeout(120_000);
});
