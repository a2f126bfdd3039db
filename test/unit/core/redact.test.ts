import assert from 'node:assert/strict';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import type { Draft } from '../../../src/core/draft.ts';
import { applyContentSetting } from '../../../src/core/redact.ts';
import { callDraft, responseDraft } from './drafts.ts';

const secret = ['ghp_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('');
const words = `plum ${secret} quince`;
const kept = 'plum [masked github] quince';

const fullCall = callDraft({
	title: words,
	systemPrompt: words,
	messages: [
		{ role: 'user', content: words },
		{
			role: 'user',
			content: [
				{ type: 'text', text: words },
				{ type: 'blob', source: { nested: [words] } },
			],
		},
		{
			role: 'assistant',
			content: words,
			toolCalls: [{ id: 't1', name: 'plum', arguments: { path: words, deep: [[words]] } }],
		},
		{ role: 'tool', content: words, toolCallId: 't1' },
	],
	tools: [{ name: 'plum', description: words, parameters: { properties: { a: { description: words } } } }],
	parameters: { temperature: 0.5, stream: true, stop: [words], user: words },
});
const fullResponse = responseDraft({
	completion: words,
	reasoning: words,
	toolCalls: [{ id: 't2', name: 'plum', arguments: { command: words } }],
	state: 'error',
	error: { message: words, status: 500, code: 'server_error' },
});

const holds = (draft: Draft, word: string) => canonicalJson(draft).includes(word);

describe('applyContentSetting: full', () => {
	it('masks secrets in every text of a request, and counts them', () => {
		const { draft, masked } = applyContentSetting(fullCall, 'full');
		assert.equal(holds(draft, secret), false);
		assert.equal(masked, 13);
		assert.equal(draft.contentState, 'full');
		assert.equal(draft.messages[0]?.content, kept);
		assert.deepEqual(draft.messages[2]?.toolCalls?.[0]?.arguments, { path: kept, deep: [[kept]] });
	});

	it('masks secrets in every text of a response, and counts them', () => {
		const { draft, masked } = applyContentSetting(fullResponse, 'full');
		assert.equal(holds(draft, secret), false);
		assert.equal(masked, 4);
		assert.deepEqual(draft.error, { message: kept, status: 500, code: 'server_error' });
	});

	it('masks a random value that only its name gives away', () => {
		const { draft } = applyContentSetting(
			callDraft({ parameters: { headers: { 'X-Api-Key': 'a1B2c3D4e5F6g7H8i9J0', key: 'short1' } } }),
			'full',
		);
		assert.deepEqual(draft.parameters, { headers: { 'X-Api-Key': '[masked assignment]', key: 'short1' } });
	});

	it('does not copy what holds no secret', () => {
		const plain = callDraft();
		const { draft, masked } = applyContentSetting(plain, 'full');
		assert.equal(draft.messages, plain.messages);
		assert.equal(masked, 0);
	});

	it('leaves the draft that it was given as it was', () => {
		const before = canonicalJson(fullCall);
		applyContentSetting(fullCall, 'full');
		applyContentSetting(fullCall, 'off');
		assert.equal(canonicalJson(fullCall), before);
	});

	it('masks a secret in the address that a record was read from', () => {
		const draft = callDraft({ origin: { source: 'otlp', record: `https://x/?t=${secret}` } });
		assert.equal(applyContentSetting(draft, 'off').draft.origin.record, 'https://x/?t=[masked github]');
	});
});

describe('applyContentSetting: redacted', () => {
	const call = applyContentSetting(fullCall, 'redacted').draft;
	const response = applyContentSetting(fullResponse, 'redacted').draft;

	it('keeps no text, argument, result, definition or title', () => {
		for (const word of ['plum', 'quince', secret]) {
			assert.equal(holds(call, word), false, word);
			assert.equal(holds(response, word), false, word);
		}
	});

	it('keeps roles and counts', () => {
		assert.deepEqual(
			call.messages.map(({ role }) => role),
			['user', 'user', 'assistant', 'tool'],
		);
		assert.equal(call.messageCount, 4);
		assert.equal(call.messages[2]?.toolCalls?.length, 1);
		assert.equal(response.toolCalls.length, 1);
		assert.deepEqual(response.usage, fullResponse.usage);
		assert.deepEqual(call.parameters, { temperature: 0.5, stream: true });
	});

	it('says so', () => assert.deepEqual([call.contentState, response.contentState], ['redacted', 'redacted']));
});

describe('applyContentSetting: off', () => {
	const call = applyContentSetting(fullCall, 'off').draft;
	const response = applyContentSetting(fullResponse, 'off').draft;

	it('keeps nothing of the content, the task title included', () => {
		assert.deepEqual([call.title, call.systemPrompt, call.messages, call.tools], [null, null, [], []]);
		assert.deepEqual([response.completion, response.reasoning, response.toolCalls], [null, null, []]);
		assert.equal(response.error?.message, '');
		for (const word of ['plum', 'quince']) assert.equal(holds(call, word) || holds(response, word), false);
	});

	it('keeps ids, counts and usage', () => {
		assert.deepEqual([call.callId, call.messageCount, call.model], ['call-1', 4, 'claude-sonnet-4-5']);
		assert.deepEqual(response.usage, fullResponse.usage);
		assert.deepEqual([response.error?.status, response.error?.code], [500, 'server_error']);
	});
});

describe('applyContentSetting: what the origin did already', () => {
	it('holds a draft to what its sender redacted, whatever it brings', () => {
		const { draft } = applyContentSetting(callDraft({ contentState: 'redacted' }), 'full');
		assert.equal(draft.contentState, 'redacted');
		assert.equal(draft.messages[0]?.content, '');
	});

	it('never turns a stricter state into a laxer one', () => {
		const states = (['full', 'redacted', 'off', 'none'] as const).map((contentState) =>
			(['full', 'redacted', 'off'] as const).map(
				(setting) => applyContentSetting(callDraft({ contentState }), setting).draft.contentState,
			),
		);
		assert.deepEqual(states, [
			['full', 'redacted', 'off'],
			['redacted', 'redacted', 'off'],
			['off', 'off', 'off'],
			['none', 'none', 'none'],
		]);
	});

	it('drops the free text of a cost event unless content is kept', () => {
		const cost = {
			eventType: 'cost_tracked' as const,
			sessionId: 's',
			agentId: 'a',
			origin: { source: 'http', billing: 'api' as const, live: false },
			atMs: 0,
			callId: null,
			provider: null,
			model: null,
			costUsd: 1,
			description: words,
		};
		const kept3 = (['full', 'redacted', 'off'] as const).map(
			(setting) => applyContentSetting(cost, setting).draft.description,
		);
		assert.deepEqual(kept3, [kept, null, null]);
	});
});
