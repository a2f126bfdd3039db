import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from './support.ts';

/** 100 input and 20 output tokens of Claude Sonnet 4.5 at $3 and $15 a million. */
const PAIR_NANO = 100 * 3_000 + 20 * 15_000;

describe('Recorder', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const outcomes = (...drafts: unknown[]) => store.record(drafts).receipts.map(({ outcome }) => outcome);
	const row = (callId: string) => store.call(callId)?.row;

	describe('LLM call tracking, story 2.1', () => {
		it('Session query results include token counts', () => {
			const counts = usage({ inputTotal: 160, uncachedInput: 100, cacheRead: 40, cacheWrite5m: 20 });
			store.record([callDraft('a'), responseDraft('a', { usage: counts })]);
			store.record([callDraft('b', { sessionId: 'other' })]);
			const { rows } = store.sessions({ filter: {}, offset: 0, limit: 10 });
			const tokens = Object.fromEntries(
				rows.map(({ sessionId, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }) => [
					sessionId,
					[inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens],
				]),
			);
			assert.deepEqual(tokens, { 'session-1': [160, 20, 40, 20], other: [0, 0, 0, 0] });
		});

		it('llm_response events update session cost and token counts', () => {
			store.record([
				callDraft('a'),
				responseDraft('a'),
				callDraft('b'),
				responseDraft('b', { usage: usage({ output: 30 }) }),
			]);
			const [session] = store.sessions({ filter: {}, offset: 0, limit: 10 }).rows;
			assert.equal(session?.calls, 2);
			assert.equal(session?.inputTokens, 200);
			assert.equal(session?.outputTokens, 50);
			assert.equal(session?.costNanoUsd, 2 * PAIR_NANO + 10 * 15_000);
		});
	});

	it('pairs a call with its response and prices it', () => {
		assert.deepEqual(outcomes(callDraft('a')), ['appended']);
		assert.equal(row('a')?.state, 'pending');
		assert.equal(row('a')?.cost, null);
		assert.deepEqual(outcomes(responseDraft('a')), ['appended']);
		assert.equal(row('a')?.state, 'ok');
		assert.deepEqual(row('a')?.cost, {
			nanoUsd: PAIR_NANO,
			basis: 'computed',
			bound: 'exact',
			diverges: false,
			billing: 'api',
		});
		assert.equal(store.calls(everything).total, 1);
	});

	it('does nothing when the same drafts come again, in any order', () => {
		const [call, response] = [
			callDraft('a', { messages: [{ role: 'user', content: 'hello' }] }),
			responseDraft('a', { completion: 'hi' }),
		];
		outcomes(call, response);
		assert.deepEqual(outcomes(response, call, call), ['unchanged', 'unchanged', 'unchanged']);
		assert.equal(store.call('a')?.eventIds.length, 2);
		assert.equal(store.totals({}).calls, 1);
	});

	it('does nothing when only the file it was read from differs', () => {
		outcomes(callDraft('a', { origin: { source: 'source-1', record: '/one.jsonl' } }));
		assert.deepEqual(outcomes(callDraft('a', { origin: { source: 'source-1', record: '/two.jsonl' } })), ['unchanged']);
	});

	it('lets a response that grew replace the one before, in call and sums', () => {
		outcomes(callDraft('a'), responseDraft('a', { usage: usage({ output: 1 }) }));
		assert.deepEqual(outcomes(responseDraft('a', { usage: usage({ output: 20 }) })), ['superseded']);
		assert.equal(row('a')?.outputTokens, 20);
		assert.equal(store.totals({}).outputTokens, 20);
		assert.equal(store.totals({}).costNanoUsd, PAIR_NANO);
		assert.equal(store.call('a')?.eventIds.length, 3);
	});

	it('does not go back when the older of two readings is read again', () => {
		const older = responseDraft('a', { usage: usage({ output: 1 }) });
		outcomes(callDraft('a'), older, responseDraft('a'));
		assert.deepEqual(outcomes(older), ['unchanged']);
		assert.equal(row('a')?.outputTokens, 20);
	});

	it('keeps content when a later reading has none, and takes it when a later reading has it', () => {
		const bare = callDraft('a', { contentState: 'none' });
		outcomes(bare);
		assert.deepEqual(outcomes(callDraft('a', { messages: [{ role: 'user', content: 'words' }] })), ['superseded']);
		outcomes({ ...bare, mode: 'architect' });
		const detail = store.call('a');
		assert.equal(detail?.mode, 'architect');
		assert.deepEqual(detail?.messages, [{ role: 'user', content: 'words' }]);
		assert.equal(detail?.row.contentState, 'full');
	});

	it('keeps known usage when a later reading has none', () => {
		outcomes(callDraft('a'), responseDraft('a'));
		outcomes(responseDraft('a', { usage: null, finishReason: 'stop' }));
		assert.equal(row('a')?.inputTokens, 100);
		assert.equal(row('a')?.finishReason, 'stop');
	});

	it('shows a response without its call as an orphan, until the call comes', () => {
		outcomes(responseDraft('a', { model: 'claude-sonnet-4-5' }));
		assert.equal(row('a')?.orphan, true);
		assert.equal(row('a')?.startedAtMs, T0);
		assert.equal(store.totals({}).calls, 1);
		outcomes(callDraft('a', { startedAtMs: T0 - 5, kind: 'subagent', model: 'auto' }));
		assert.equal(row('a')?.orphan, false);
		assert.equal(row('a')?.kind, 'subagent');
		assert.equal(row('a')?.model, 'auto');
		assert.equal(row('a')?.actualModel, 'claude-sonnet-4-5');
		assert.equal(store.totals({}).calls, 1);
		assert.equal(store.totals({ kind: 'subagent' }).costNanoUsd, PAIR_NANO);
	});

	it('knows a call by another name of it', () => {
		outcomes(callDraft('a'), responseDraft('a', { aliases: ['msg_1'] }));
		const again = responseDraft('other:1', { aliases: ['msg_1'], origin: { source: 'source-2' } });
		const [receipt] = store.record([again]).receipts;
		assert.equal(receipt?.callId, 'a');
		assert.equal(receipt?.outcome, 'unchanged');
		assert.equal(store.call('msg_1')?.row.callId, 'a');
		assert.equal(store.call('other:1')?.row.callId, 'a');
		assert.equal(store.totals({}).calls, 1);
	});

	it('makes one call of two when a name shows that they are the same', () => {
		outcomes(callDraft('live', { origin: { source: 'task-loop', live: true }, sessionId: 's1' }));
		outcomes(
			callDraft('file', {
				origin: { source: 'file' },
				sessionId: 's2',
				messages: [{ role: 'user', content: 'only here' }],
			}),
			responseDraft('file', { origin: { source: 'file' }, sessionId: 's2', aliases: ['msg_1'], completion: 'answer' }),
		);
		assert.equal(store.totals({}).calls, 2);
		outcomes(
			responseDraft('live', { origin: { source: 'task-loop', live: true }, sessionId: 's1', aliases: ['msg_1'] }),
		);
		assert.equal(store.totals({}).calls, 1);
		const detail = store.call('file');
		assert.equal(detail?.row.callId, 'live');
		assert.deepEqual(detail?.messages, [{ role: 'user', content: 'only here' }]);
		assert.equal(detail?.completion, 'answer');
		assert.deepEqual(
			store
				.sessions({ filter: {}, offset: 0, limit: 9 })
				.rows.map(({ sessionId, calls }) => [sessionId, calls])
				.sort(),
			[
				['s1', 1],
				['s2', 0],
			],
		);
		assert.equal(store.verify().ok, true);
	});

	it('merges a record without a shared id when exactly one call is like it', () => {
		outcomes(callDraft('a'), responseDraft('a'));
		const other = { origin: { source: 'source-2' } };
		outcomes(callDraft('b', { ...other, startedAtMs: T0 + 500 }), responseDraft('b', { ...other, completion: 'text' }));
		assert.equal(store.totals({}).calls, 1);
		assert.equal(store.call('b')?.row.callId, 'a');
		assert.equal(store.call('a')?.completion, 'text');
	});

	it('marks possible duplicates when several calls are alike', () => {
		outcomes(callDraft('a1'), responseDraft('a1'), callDraft('a2'), responseDraft('a2'));
		const other = { origin: { source: 'source-2' } };
		outcomes(callDraft('b', other), responseDraft('b', other));
		assert.equal(store.totals({}).calls, 3);
		assert.equal(row('b')?.possibleDuplicateOf, 'a1');
	});

	it('leaves two calls of one source apart however alike they are', () => {
		outcomes(callDraft('a1'), responseDraft('a1'), callDraft('a2'), responseDraft('a2'));
		assert.equal(store.totals({}).calls, 2);
	});

	it('rejects a draft that is wrong with the path of what is wrong, and takes the others', () => {
		const { receipts } = store.record([
			callDraft('a'),
			{ ...callDraft('b'), startedAtMs: 'now' },
			17,
			responseDraft('a'),
		]);
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['appended', 'rejected', 'rejected', 'appended'],
		);
		assert.match(receipts[1]?.reason ?? '', /startedAtMs/);
		assert.equal(receipts[1]?.callId, 'b');
	});

	describe('leaves out a figure that no call can have, says so, and keeps the response', () => {
		for (const [path, more] of [
			['usage.output', { usage: usage({ output: Number.MAX_SAFE_INTEGER }) }],
			['reportedCostUsd', { reportedCostUsd: 20_000, reportedBy: 'provider' }],
			['latencyMs', { latencyMs: -5 }],
			['timeToFirstTokenMs', { timeToFirstTokenMs: 1e12 }],
			['completionTimeMs', { completionTimeMs: Number.POSITIVE_INFINITY }],
		] as const) {
			it(path, () => {
				assert.deepEqual(outcomes(callDraft('a'), responseDraft('a', more)), ['appended', 'appended']);
				const detail = store.call('a');
				assert.equal(detail?.row.state, 'ok');
				assert.equal(detail?.usageNotes.length, 1);
				assert.ok(detail?.usageNotes[0]?.startsWith(path));
				assert.equal(detail?.row.inputTokens, 100);
				assert.deepEqual(outcomes(responseDraft('a', more)), ['unchanged']);
			});
		}

		it('and takes nothing of it into a cost', () => {
			outcomes(callDraft('a'), responseDraft('a', { reportedCostUsd: 20_000, reportedBy: 'provider' }));
			assert.deepEqual([row('a')?.cost?.nanoUsd, row('a')?.cost?.basis], [PAIR_NANO, 'computed']);
			outcomes(callDraft('b'), responseDraft('b', { usage: usage({ output: 1e12 }) }));
			assert.notEqual(row('b')?.cost?.bound, 'exact');
		});
	});

	it('rejects a cost without tokens that no call can have', () => {
		const { receipts } = store.record([
			{
				eventType: 'cost_tracked',
				sessionId: 's',
				agentId: 'a',
				origin: { source: 'source-1' },
				atMs: T0,
				costUsd: 1e5,
			},
		]);
		assert.match(receipts[0]?.reason ?? '', /^costUsd/);
	});

	it('does not count a call that the provider refused as unpriced, in any sum', () => {
		const refused = { state: 'error' as const, usage: null, error: { message: 'Too many requests', status: 429 } };
		outcomes(callDraft('a'), responseDraft('a', refused));
		assert.deepEqual([row('a')?.cost?.basis, row('a')?.cost?.nanoUsd], ['refused', null]);
		assert.deepEqual([store.totals({}).unpriced, store.totals({}).bound], [0, 'exact']);
		assert.equal(store.totals({ sessionId: 'session-1' }).unpriced, 0);
		const [session] = store.sessions({ filter: {}, offset: 0, limit: 1 }).rows;
		assert.deepEqual([session?.unpriced, session?.bound], [0, 'exact']);
		const range = { fromMs: T0, toMs: T0 + 1 };
		const [bucket] = store.series({ range, granularity: 'day', timeZone: 'UTC', filter: {} });
		assert.deepEqual([bucket?.groups[0]?.calls, bucket?.groups[0]?.unpriced], [1, 0]);
	});

	it('prices a call that is read again when its price was not known before, and only then', () => {
		const drafts = [callDraft('a', { model: 'house-model' }), responseDraft('a', { model: 'house-model' })];
		const openWith = (input: number) => {
			store.close();
			store = openStore(folder.file, { prices: { 'house-model': { input, output: 2 } } });
		};
		outcomes(...drafts);
		assert.equal(row('a')?.cost?.basis, 'unpriced');
		assert.equal(store.totals({}).unpriced, 1);
		openWith(1);
		assert.deepEqual(outcomes(...drafts), ['unchanged', 'superseded']);
		assert.equal(row('a')?.cost?.nanoUsd, 100 * 1_000 + 20 * 2_000);
		openWith(5);
		assert.deepEqual(outcomes(...drafts), ['unchanged', 'unchanged']);
		assert.equal(store.totals({}).unpriced, 0);
	});

	it('refuses wrong price overrides with the path', () => {
		assert.throws(() => store.setPriceOverrides({ 'gpt-x': { input: -1, output: 2 } }), {
			name: 'LedgerError',
			reason: 'badInput',
			message: /gpt-x\.input/,
		});
	});

	describe('cost_tracked', () => {
		const cost = (callId: string | null, costUsd = 0.5) => ({
			eventType: 'cost_tracked',
			sessionId: 'session-1',
			agentId: 'agent-1',
			origin: { source: 'source-1' },
			atMs: T0 + 1_000,
			callId,
			costUsd,
		});
		const sessionNano = () => store.sessions({ filter: {}, offset: 0, limit: 1 }).rows[0]?.costNanoUsd;

		it('counts in the cost of its session and of its time', () => {
			assert.deepEqual(outcomes(cost(null)), ['appended']);
			assert.equal(sessionNano(), 5e8);
			assert.equal(store.totals({ range: { fromMs: T0, toMs: T0 + 60_000 } }).costNanoUsd, 5e8);
			assert.equal(store.totals({}).calls, 0);
		});

		it('does not count beside a response that turns out later to be of its call', () => {
			outcomes(cost('a'), callDraft('a'), cost('resp-2'));
			outcomes(callDraft('b', { aliases: ['resp-1'] }), responseDraft('b', { aliases: ['resp-1'] }));
			assert.equal(store.totals({}).costNanoUsd, PAIR_NANO + 1e9);
			outcomes(callDraft('a', { aliases: ['resp-1'], contentState: 'none' }));
			assert.deepEqual([store.totals({}).calls, store.totals({}).costNanoUsd], [1, PAIR_NANO + 5e8]);
			outcomes(callDraft('a', { aliases: ['resp-2'], contentState: 'none' }));
			assert.equal(store.totals({}).costNanoUsd, PAIR_NANO);
			assert.equal(store.verify().ok, true);
		});

		it('is taken once', () => {
			outcomes(cost(null));
			assert.deepEqual(outcomes(cost(null)), ['unchanged']);
			assert.equal(sessionNano(), 5e8);
		});

		it('never adds to a response of its call, whichever comes first', () => {
			outcomes(callDraft('a'), cost('a'));
			assert.equal(sessionNano(), 5e8);
			outcomes(responseDraft('a'));
			assert.equal(sessionNano(), PAIR_NANO);
			assert.equal(store.totals({}).costNanoUsd, PAIR_NANO);
			outcomes(callDraft('b'), responseDraft('b'), cost('b'));
			assert.equal(sessionNano(), 2 * PAIR_NANO);
		});
	});

	describe('keeps subscription costs apart', () => {
		const origin = { source: 'source-1', billing: 'subscription' as const };
		const tracked = { eventType: 'cost_tracked', sessionId: 'session-1', agentId: 'agent-1', atMs: T0, costUsd: 1e-9 };
		const range = { fromMs: T0, toMs: T0 + 1 };
		const parts: Record<string, () => { costNanoUsd: number; subscriptionNanoUsd: number; bound: string } | undefined> =
			{
				totals: () => store.totals({}),
				'a session': () => store.sessions({ filter: {}, offset: 0, limit: 1 }).rows[0],
				'a bucket of a chart': () =>
					store
						.series({ range, granularity: 'day', timeZone: 'UTC', filter: { provider: 'anthropic' } })[0]
						?.groups.find(({ model }) => model.startsWith('claude')),
			};
		for (const [name, of] of Object.entries(parts)) {
			it(`in ${name}, with the bound of the sum`, () => {
				outcomes(callDraft('a', { origin }), responseDraft('a', { origin }));
				outcomes(callDraft('b'), responseDraft('b', { usage: usage({ output: 30 }), usageBound: 'atMost' }));
				assert.deepEqual(
					[of()?.costNanoUsd, of()?.subscriptionNanoUsd, of()?.bound],
					[PAIR_NANO + 10 * 15_000, PAIR_NANO, 'atMost'],
				);
			});
		}

		it('also where a cost came without tokens', () => {
			outcomes({ ...tracked, origin }, { ...tracked, origin: { source: 'source-1' }, atMs: T0 + 1 });
			const session = parts['a session']?.();
			assert.deepEqual([session?.costNanoUsd, session?.subscriptionNanoUsd], [1, 1]);
		});
	});

	it('keeps neither text nor titles when content is off, and masks secrets when it is full', () => {
		const secret = `sk-ant-api03-${'a1B2'.repeat(20)}`;
		outcomes(callDraft('a', { title: 'Use the key', messages: [{ role: 'user', content: `key ${secret}` }] }));
		assert.doesNotMatch(JSON.stringify(store.call('a')), new RegExp(secret));
		assert.equal(store.call('a')?.maskedSecrets, 1);
		store.setContent('off');
		outcomes(callDraft('b', { sessionId: 's2', title: 'Title', messages: [{ role: 'user', content: 'words' }] }));
		const detail = store.call('b');
		assert.deepEqual([detail?.messages, detail?.row.sessionTitle, detail?.row.messageCount], [[], null, 1]);
		assert.equal(detail?.row.contentState, 'off');
	});
});
