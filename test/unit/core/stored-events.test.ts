import assert from 'node:assert/strict';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { createEvent, type Envelope } from '../../../src/core/events.ts';
import { contentDigest, promptStart, rollPrompt, verifyChain } from '../../../src/core/hash-chain.ts';
import { builtInPrices } from '../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../src/core/pricing/compute-cost.ts';
import { applyContentSetting } from '../../../src/core/redact.ts';
import {
	type CallDigests,
	type StoredPayload,
	storedCallPayload,
	storedCallPayloadSchema,
	storedCostPayload,
	storedCostPayloadSchema,
	storedResponsePayload,
	storedResponsePayloadSchema,
} from '../../../src/core/stored-events.ts';
import { unknownUsage } from '../../../src/core/usage.ts';
import { callDraft, responseDraft, startedAtMs } from './drafts.ts';
import { sha256 } from './sha256.ts';

const noDigests: CallDigests = {
	prompt: null,
	systemPrompt: null,
	tools: null,
	title: null,
	parameters: null,
	masked: 0,
};
const price = (draft: ReturnType<typeof responseDraft>) => priceCall({ ...draft, atMs: startedAtMs }, builtInPrices());

describe('storedCallPayload', () => {
	const draft = callDraft({
		title: 'plum',
		systemPrompt: 'plum',
		messages: [{ role: 'user', content: 'plum' }],
		tools: [{ name: 'plum' }],
		parameters: { temperature: 0.2, maxTokens: 100, stream: true, stop: ['plum'], user: 'plum', broken: Number.NaN },
		mode: 'code',
		folder: '/home/dev/project',
		aliases: ['msg_1'],
	});
	const stored = storedCallPayload(draft, { ...noDigests, prompt: 'p', masked: 2 });

	it('passes its schema', () => assert.deepEqual(storedCallPayloadSchema.parse(stored), stored));

	it('holds no content', () => assert.equal(canonicalJson(stored).includes('plum'), false));

	it('holds what the draft tells of the call', () => {
		assert.deepEqual(
			[
				stored.callId,
				stored.aliases,
				stored.mode,
				stored.folder,
				stored.messageCount,
				stored.masked,
				stored.promptDigest,
			],
			['call-1', ['msg_1'], 'code', '/home/dev/project', 1, 2, 'p'],
		);
		assert.deepEqual(stored.parameters, { temperature: 0.2, maxTokens: 100, stream: true });
	});

	it('keeps the count of messages that are not there', () => {
		const bare = callDraft({ messages: [], contentState: 'none', messageCount: 7 });
		assert.equal(storedCallPayload(bare, noDigests).messageCount, 7);
		assert.equal(storedCallPayload(callDraft({ messages: [] }), noDigests).messageCount, null);
	});
});

describe('storedResponsePayload', () => {
	const digests = { completion: 'c', reasoning: null, toolCalls: null, error: 'e', masked: 0 };

	it('passes its schema, holds the whole cost and no content', () => {
		const draft = responseDraft({
			completion: 'plum',
			reasoning: 'plum',
			toolCalls: [{ id: 't', name: 'plum', arguments: 'plum' }],
			state: 'error',
			error: { message: 'plum', status: 529, code: 'overloaded' },
		});
		const stored = storedResponsePayload(draft, price(draft), digests);
		assert.deepEqual(storedResponsePayloadSchema.parse(stored), stored);
		assert.equal(canonicalJson(stored).includes('plum'), false);
		assert.equal(stored.cost.shownNanoUsd, 4_800_000);
		assert.deepEqual(stored.error, { status: 529, code: 'overloaded', messageDigest: 'e' });
		assert.equal(stored.toolCallCount, 1);
	});

	it('takes usage, each count, cost and latency that are not known', () => {
		for (const usage of [null, unknownUsage]) {
			const draft = responseDraft({ usage, latencyMs: null, completion: null });
			const stored = storedResponsePayload(draft, price(draft), digests);
			assert.deepEqual(storedResponsePayloadSchema.parse(stored), stored);
			assert.equal(stored.cost.shownNanoUsd, null);
		}
	});
});

describe('storedCostPayload', () => {
	it('passes its schema and holds no free text', () => {
		const draft = {
			eventType: 'cost_tracked' as const,
			sessionId: 's',
			agentId: 'a',
			origin: { source: 'http', billing: 'api' as const, live: false },
			atMs: 0,
			callId: null,
			provider: null,
			model: null,
			costUsd: 0.5,
			description: 'plum',
		};
		const stored = storedCostPayload(draft, 'd');
		assert.deepEqual(storedCostPayloadSchema.parse(stored), stored);
		assert.equal(canonicalJson(stored).includes('plum'), false);
	});
});

describe('LLM call tracking, story 1.3: payload truncation for large prompts', () => {
	const prompt = 'Where is the cache cleared? — 日本語 '.repeat(600_000).slice(0, 20_000_000);

	it('story 1.3: truncation: a 20 MB prompt keeps its callId, tokens and cost, and its event stays small', function () {
		this.timeout(30_000);
		const call = applyContentSetting(callDraft({ messages: [{ role: 'user', content: prompt }] }), 'full').draft;
		assert.equal(call.messages[0]?.content, prompt);
		const response = responseDraft({
			usage: {
				...unknownUsage,
				inputTotal: 5_000_003,
				uncachedInput: 5_000_003,
				cacheRead: 0,
				cacheWrite5m: 0,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 17,
			},
		});
		const cost = price(response);

		const salt = '00'.repeat(16);
		const messageHash = sha256(canonicalJson(call.messages[0]));
		const digests = { ...noDigests, prompt: rollPrompt(promptStart(salt, sha256), messageHash, sha256) };
		const event = { sessionId: call.sessionId, agentId: call.agentId, atMs: startedAtMs };
		const first: Envelope<StoredPayload> = createEvent(
			{
				...event,
				id: '01JD0000000000000000000000',
				eventType: 'llm_call',
				payload: storedCallPayload(call, digests),
				prevHash: null,
			},
			sha256,
		);
		const payload = storedResponsePayload(response, cost, {
			completion: contentDigest(salt, 'x', sha256),
			reasoning: null,
			toolCalls: null,
			error: null,
			masked: 0,
		});
		const second: Envelope<StoredPayload> = createEvent(
			{ ...event, id: '01JD0000000000000000000001', eventType: 'llm_response', payload, prevHash: first.hash },
			sha256,
		);

		assert.equal(first.payload.callId, 'call-1');
		assert.equal(payload.callId, 'call-1');
		assert.deepEqual([payload.usage?.inputTotal, payload.usage?.output], [5_000_003, 17]);
		// Above 200,000 tokens the whole request costs $6 in and $22.50 out.
		assert.equal(payload.cost.shownNanoUsd, 5_000_003 * 6_000 + 17 * 22_500);
		assert.ok(canonicalJson(first).length < 3_000);
		assert.equal(verifyChain([first, second], sha256).ok, true);
	});

	it('story 1.3: truncation: two prompts that differ only after 19 MB have different digests', function () {
		this.timeout(30_000);
		const digest = (text: string) => contentDigest('00', text, sha256);
		assert.notEqual(digest(`${prompt}a`), digest(`${prompt}b`));
	});
});
