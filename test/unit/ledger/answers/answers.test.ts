import assert from 'node:assert/strict';
import type { DraftInput } from '../../../../src/core/draft.ts';
import type { Asker } from '../../../../src/ledger/answers/answer.ts';
import { callDocument } from '../../../../src/ledger/answers/call-document.ts';
import { questions } from '../../../../src/ledger/answers/questions.ts';
import { sessionDocument } from '../../../../src/ledger/answers/session-document.ts';
import { percentText } from '../../../../src/ledger/answers/wording.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { callDraft, parsed, responseDraft, T0, temporaryFolder, usage, workerPath } from '../support.ts';

const hourMs = 3_600_000;

function call(n: number, more: Partial<Parameters<typeof responseDraft>[1]> = {}, asked: object = {}): DraftInput[] {
	const startedAtMs = T0 + n * 1_000;
	const session = { sessionId: `s${n % 3}` };
	return [
		callDraft(`c${n}`, { ...session, startedAtMs, ...asked }),
		responseDraft(`c${n}`, { ...session, endedAtMs: startedAtMs + 500, ...more }),
	];
}

describe('answers', () => {
	const folder = temporaryFolder();
	const ledger = openLedger({ file: folder.file, workerPath });
	const asker: Asker = { ledger, nowMs: T0 + hourMs, timeZone: 'UTC', showsContent: true };

	before(async () => {
		await ledger.record(
			parsed([
				...call(1, { usage: usage({ inputTotal: 1_000_000, uncachedInput: 1_000_000, output: 0 }) }),
				...call(
					2,
					{ origin: { source: 'source-1', billing: 'subscription' } },
					{ origin: { source: 'source-1', billing: 'subscription' } },
				),
				...call(3, { usage: usage({ cacheRead: null, uncachedInput: null }) }),
				...call(4, { state: 'error', usage: null, error: { message: 'no', status: 401, code: null } }),
				...call(5, { state: 'error', usage: null, usageMissing: true }),
				callDraft('running', { startedAtMs: T0 + 9_000 }),
			]),
		);
	});
	after(async () => {
		await ledger.close();
		folder.clean();
	});

	it('keep what is billed, what a subscription covers, bounds and what has no price apart', async () => {
		const { data, text } = await questions.usageSummary.answer({ range: 'today' }, asker);
		const { calls, pending, errors, unpriced, usageMissing, costBound, subscriptionCostUsd, apiCostUsd } = data.totals;
		assert.deepEqual(
			{ calls, pending, errors, unpriced, usageMissing, costBound },
			{ calls: 6, pending: 1, errors: 2, unpriced: 1, usageMissing: 1, costBound: 'about' },
		);
		assert.ok(apiCostUsd > 6 && subscriptionCostUsd > 0);
		assert.match(text, /Cost: ≈ \$6\.00 \(1 unpriced\)/);
		assert.match(text, /is API-equivalent: covered by a subscription/);
		assert.match(text, /1 running, 2 failed, 1 without usage/);
		assert.match(text, /≈ about/);
	});

	it('say of each call what is known of its cost', async () => {
		const { text } = await questions.recentCalls.answer({ range: 'today' }, asker);
		for (const line of [
			/claude-sonnet-4-5: cost not known yet, unknown in, unknown out, unknown, pending, callId running/,
			/: unpriced, unknown in, unknown out, .*error, no usage, callId c5/,
			/: not billed, .*error, callId c4/,
			/: ≤ \$0\.0\d+, .*callId c3/,
			/API-equivalent, .*callId c2/,
			/: \$6\.00, 1M in \(0% from cache\), 0 out, 2s, callId c1/,
		]) {
			assert.match(text, line);
		}
	});

	it('give no cost of a call that runs, and why another has none', async () => {
		const explain = async (callId: string) => (await questions.explainCost.answer({ callId }, asker)).text;
		assert.match(await explain('running'), /still running: its cost is not known yet/);
		assert.match(await explain('c5'), /Unpriced, which is not free: the call has no token counts/);
		assert.match(await explain('c4'), /Not billed: the provider refused/);
		assert.match(await explain('c3'), /≤ .*computed from the price table/);
		assert.match(await explain('c2'), /A subscription covers it/);
		assert.match(
			await explain('c1'),
			/1,000,000 tokens × \$6\.00 a million \(rate of requests above 200,000 input tokens\) = \$6\.00/,
		);
		for (const callId of ['running', 'c5', 'c4']) assert.ok(!(await explain(callId)).includes('$0.00'), callId);
	});

	it('add up by the hour, empty hours too', async () => {
		const { data } = await questions.usageSummary.answer(
			{ from: '2026-03-04T08:00Z', to: '2026-03-04T12:00Z', granularity: 'hour' },
			asker,
		);
		assert.deepEqual(
			data.byTime.map(({ from, calls }) => [from.slice(11, 16), calls]),
			[
				['08:00', 0],
				['09:00', 0],
				['10:00', 6],
				['11:00', 0],
			],
		);
	});

	it('never tell $0 of what is not known: of calls that run, have no price, or said nothing of their cache', async () => {
		await ledger.record(
			parsed([
				callDraft('r1', { sessionId: 'running' }),
				callDraft('u1', { sessionId: 'unpriced', model: 'nobody-prices-this', provider: 'somewhere' }),
				responseDraft('u1', {
					sessionId: 'unpriced',
					model: 'nobody-prices-this',
					provider: 'somewhere',
					usage: usage({ cacheRead: null }),
				}),
				callDraft('u2', { sessionId: 'unpriced' }),
			]),
		);
		for (const [sessionId, cost] of [
			['running', 'cost not known yet'],
			['unpriced', 'unpriced (no known price for 1 call)'],
		] as const) {
			const { data, text } = await questions.explainCost.answer({ sessionId }, asker);
			assert.equal(data.costText, cost);
			assert.ok(!text.includes('$0'), text);
			assert.match(text, /Whether caches were missed is not known/);
		}
		const { data } = await questions.explainCost.answer({ range: 'today', top: 20 }, asker);
		const sessions = data.calls?.costliestSessions ?? [];
		assert.deepEqual(
			['running', 'unpriced'].map((id) => sessions.find(({ sessionId }) => sessionId === id)?.costUsd),
			[null, null],
		);
	});

	it('tell no cost of a time whose calls still run', async () => {
		const startedAtMs = T0 + 48 * hourMs;
		await ledger.record(parsed([callDraft('later', { sessionId: 'later', startedAtMs })]));
		const day = { from: '2026-03-06', to: '2026-03-06', granularity: 'day' } as const;
		const { data, text } = await questions.usageSummary.answer(day, { ...asker, nowMs: startedAtMs + hourMs });
		assert.deepEqual(
			[data.totals.costUsd, data.byModel[0]?.costUsd, data.byAgent[0]?.costUsd, data.byTime[0]?.costUsd],
			[null, null, null, null],
		);
		assert.match(text, /- 2026-03-06 00:00: cost not known yet; 1 call$/m);
		assert.ok(!text.includes('$') && !text.includes('unpriced'), text);
	});

	it('say of how much input it is told what came from a cache', async () => {
		const cached = (told: boolean, n: number) => [
			callDraft(`cache-${n}`, { sessionId: 'cache' }),
			responseDraft(`cache-${n}`, {
				sessionId: 'cache',
				usage: usage({
					inputTotal: 1_000,
					uncachedInput: told ? 250 : null,
					cacheRead: told ? 750 : null,
				}),
			}),
		];
		await ledger.record(parsed([...cached(true, 1), ...cached(false, 2)]));
		const { text } = await questions.explainCost.answer({ sessionId: 'cache' }, asker);
		assert.match(text, /^Tokens: 2,000 in \(75% from cache, of 1K that tell it\);/m);
		assert.match(text, /No cache misses were seen.* 1 call told nothing of a cache\.$/m);
	});

	it('name no share that is none: never 0% of something, nor 100% of a part', () => {
		assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percentText), ['0%', '<1%', '50%', '>99%', '100%']);
	});

	it('are given also of calls that are dated thousands of years off', async () => {
		await ledger.record(
			parsed([
				callDraft('future', { sessionId: 'odd', startedAtMs: Date.UTC(9999, 11, 31) }),
				callDraft('past', { sessionId: 'odd', startedAtMs: 0 }),
			]),
		);
		for (const question of [questions.usageSummary, questions.explainCost, questions.recentCalls]) {
			const { text } = await question.answer({ range: 'all' }, asker);
			assert.match(text, /calls/);
		}
		assert.match(await sessionDocument('odd', asker), /^2 calls of agent-1/m);
		await assert.rejects(questions.usageSummary.answer({ range: 'all', granularity: 'week' }, asker), /shorter time/);
	});

	it('end early when nobody waits any more', async () => {
		const signal = AbortSignal.abort();
		await assert.rejects(questions.explainCost.answer({ range: 'all' }, { ...asker, signal }), { name: 'AbortError' });
	});

	it('hold what their schemas say', async () => {
		for (const question of Object.values(questions)) {
			const asked = question.name === 'search_prompts' ? { text: 'x' } : {};
			const { data } = await question.answer(asked as never, asker);
			assert.deepEqual(question.output.parse(data), data, question.name);
		}
	});

	it('cut a long conversation at its beginning, and keep what came back', async () => {
		const messages = Array.from({ length: 200 }, (_, n) => ({
			role: 'user' as const,
			content: `message ${n} ${'x'.repeat(1_000)}`,
		}));
		await ledger.record(
			parsed([
				callDraft('long', { sessionId: 'long', messages, systemPrompt: 'Be brief.' }),
				responseDraft('long', { sessionId: 'long', completion: 'The answer.' }),
			]),
		);
		const text = await callDocument('long', asker);
		assert.ok(text.length < 70_000, `${text.length} characters`);
		assert.match(text, /\(\d+ earlier messages are left out\.\)/);
		assert.match(text, /│ message 199 x/);
		assert.match(text, /│ The answer\./);
		assert.match(text, /│ Be brief\./);
		assert.ok(!text.includes('message 0 x'));
	});
});

describe('answers about more calls than are looked at one by one', () => {
	const folder = temporaryFolder();
	const ledger = openLedger({ file: folder.file, workerPath });
	after(async () => {
		await ledger.close();
		folder.clean();
	});

	it('say that they looked at the newest alone, and count all', async () => {
		for (let at = 0; at < 5_200; at += 400) {
			const some = Array.from({ length: 400 }, (_, n) =>
				call(at + n, { contentState: 'none' }, { contentState: 'none' }),
			);
			await ledger.record(parsed(some.flat()));
		}
		const asker: Asker = { ledger, nowMs: T0 + 2 * hourMs, timeZone: 'UTC', showsContent: true };
		const { data, text } = await questions.explainCost.answer({ range: 'all', top: 3 }, asker);
		assert.equal(data.calls?.totals.calls, 5_200);
		assert.equal(data.calls?.lookedAt, 5_000);
		assert.match(text, /looks at the newest 5,000 calls only/);
		assert.equal(data.calls?.costliestCalls.length, 3);
		assert.equal(data.calls?.costliestSessions.length, 3);
	}).timeout(30_000);
});
