import assert from 'node:assert/strict';
import { responseDraftSchema } from '../../../src/core/draft.ts';
import {
	type CallTrace,
	callState,
	findDuplicate,
	INTERRUPTED,
	interruptedResponse,
} from '../../../src/core/pairing.ts';
import { callDraft, responseDraft, startedAtMs } from './drafts.ts';

describe('callState', () => {
	const call = callDraft();

	it('is pending until there is a response', () => {
		assert.deepEqual(callState(call, null), { state: 'pending', usageMissing: false, orphan: false });
	});

	it('is what the response says', () => {
		const states = (['ok', 'error', 'cancelled'] as const).map(
			(state) => callState(call, responseDraft({ state })).state,
		);
		assert.deepEqual(states, ['ok', 'error', 'cancelled']);
	});

	it('calls a response without its call an orphan', () => {
		assert.equal(callState(null, responseDraft()).orphan, true);
		assert.equal(callState(call, responseDraft()).orphan, false);
	});

	it('misses usage where it should be, not after an error', () => {
		assert.equal(callState(call, responseDraft({ usage: null })).usageMissing, true);
		assert.equal(callState(call, responseDraft({ usage: null, state: 'error' })).usageMissing, false);
		assert.equal(
			callState(call, responseDraft({ usage: null, state: 'error', usageMissing: true })).usageMissing,
			true,
		);
		assert.equal(callState(call, responseDraft()).usageMissing, false);
	});
});

describe('interrupted calls', () => {
	it('get a response that is an error without usage, and no live one', () => {
		const response = responseDraftSchema.parse(interruptedResponse(callDraft(), startedAtMs + 5000));
		assert.deepEqual(
			[
				response.callId,
				response.state,
				response.error?.code,
				response.usage,
				response.usageMissing,
				response.origin.live,
			],
			['call-1', 'error', INTERRUPTED, null, true, false],
		);
		assert.equal(response.endedAtMs, startedAtMs + 5000);
	});

	it('do not end before they began, when the clock was set back', () => {
		assert.equal(interruptedResponse(callDraft(), 5).endedAtMs, startedAtMs);
	});
});

describe('findDuplicate', () => {
	const trace: CallTrace = {
		callId: 'a',
		source: 'otlp',
		model: 'gpt-5',
		startedAtMs: 10_000,
		endedAtMs: 12_000,
		inputTokens: 500,
		outputTokens: 20,
	};
	const other = (over: Partial<CallTrace>): CallTrace => ({ ...trace, callId: 'b', source: 'codex', ...over });

	it('is the one call of another source with the same model, tokens and time', () => {
		assert.deepEqual(findDuplicate(trace, [other({})]), { verdict: 'same', callId: 'b' });
	});

	it('is not decided between several', () => {
		const verdict = findDuplicate(trace, [other({}), other({ callId: 'c' })]);
		assert.deepEqual(verdict, { verdict: 'possible', callIds: ['b', 'c'] });
	});

	it('allows clocks to differ by 2 s and no more', () => {
		const from = (startedAtMs: number) =>
			findDuplicate(trace, [other({ startedAtMs, endedAtMs: startedAtMs + 1000 })]) !== null;
		assert.deepEqual([from(7_000), from(6_999), from(14_000), from(14_001)], [true, false, true, false]);
	});

	for (const [what, over] of [
		['of the same source', { source: 'otlp' }],
		['of another model', { model: 'gpt-5-mini' }],
		['with other input', { inputTokens: 501 }],
		['with other output', { outputTokens: 21 }],
		['with unknown tokens', { inputTokens: null }],
		['that is itself', { callId: 'a' }],
	] as const) {
		it(`is not a call ${what}`, () => assert.equal(findDuplicate(trace, [other(over)]), null));
	}

	it('is never decided on calls without tokens', () => {
		const empty = { inputTokens: 0, outputTokens: 0 };
		assert.equal(findDuplicate({ ...trace, ...empty }, [other(empty)]), null);
	});
});
