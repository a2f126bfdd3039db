import assert from 'node:assert/strict';
import fc from 'fast-check';
import { draftFromIngress } from '../../../src/core/ingress-drafts.ts';
import { loggedCallSchema, loggedRequestSchema } from '../../../src/core/outside/logged-call.ts';
import { usageInputOf } from '../../../src/core/outside/usage-input.ts';
import { protocolOfApi } from '../../../src/core/provider-api.ts';
import { usageFromAnthropic, usageFromGemini, usageFromOpenAi } from '../../../src/core/usage-protocols.ts';
import { fromAnthropic, fromGemini, fromOpenAiChat, fromOpenAiResponse } from '../../../src/sdk/provider-calls.ts';
import type { LlmResponse } from '../../../src/sdk/types.ts';
import { anthropicProtocol } from '../../fixtures/providers/anthropic-protocol.ts';
import { geminiProtocol } from '../../fixtures/providers/gemini-protocol.ts';
import { openAiChatProtocol } from '../../fixtures/providers/openai-chat-protocol.ts';
import { openAiResponsesProtocol } from '../../fixtures/providers/openai-responses-protocol.ts';
import type { Turn } from '../../fixtures/providers/script.ts';

const ids = { responseId: 'answer-1', model: 'model-that-answered' };
const turn: Turn = {
	reasoning: 'Hm.',
	text: 'Yes.',
	tools: [{ id: 't', name: 'read', arguments: { path: 'a' } }],
	usage: { uncachedInput: 100, cacheRead: 50, cacheWrite5m: 30, cacheWrite1h: 20, output: 40, reasoning: 10 },
};
const openAiUsage = { inputTokens: 150, outputTokens: 40, totalTokens: 190, cacheReadTokens: 50, thinkingTokens: 10 };
const anthropicUsage = {
	inputTokens: 200,
	outputTokens: 40,
	totalTokens: 240,
	cacheReadTokens: 50,
	cacheWriteTokens: 50,
	cacheWrite5mTokens: 30,
	cacheWrite1hTokens: 20,
	thinkingTokens: 10,
};
const dataOf = (events: { data: unknown }[]) => events.map(({ data }) => data);
const messages = [{ role: 'user', content: 'Is it?' }];

describe('what the official SDKs give, as calls', () => {
	const streams: [what: string, call: object, usage: object][] = [
		[
			'Anthropic',
			fromAnthropic({ model: 'm', messages }, dataOf(anthropicProtocol.events(turn, ids)) as { type: string }[]),
			anthropicUsage,
		],
		[
			'OpenAI Chat Completions',
			fromOpenAiChat(
				{ model: 'm', messages },
				dataOf(openAiChatProtocol.events(turn, ids)) as { choices: unknown[] }[],
			),
			openAiUsage,
		],
		[
			'OpenAI Responses',
			fromOpenAiResponse(
				{ model: 'm', input: 'Is it?' },
				dataOf(openAiResponsesProtocol.events(turn, ids)) as { type: string }[],
			),
			openAiUsage,
		],
		[
			'Gemini',
			fromGemini({ model: 'models/m', contents: 'Is it?' }, dataOf(geminiProtocol.events(turn, ids)) as object[]),
			openAiUsage,
		],
	];
	for (const [what, call, usage] of streams) {
		it(`the events of a stream of ${what} give all of the call`, () => {
			const { provider: _provider, protocol: _protocol, api: _api, messages: asked, toolCalls, ...rest } = Object(call);
			assert.deepEqual(rest, {
				model: 'm',
				completion: 'Yes.',
				reasoning: 'Hm.',
				finishReason: 'tool_use',
				usage,
				usageBound: 'exact',
				responseModel: ids.model,
				responseId: ids.responseId,
			});
			assert.deepEqual([asked[0].role, toolCalls[0].name, toolCalls[0].arguments], ['user', 'read', { path: 'a' }]);
			assert.ok(loggedCallSchema.safeParse({ ...call, latencyMs: 1 }).success);
		});
	}

	const ends: [string, string, unknown][] = [
		['stop', 'end_turn', fromAnthropic({ model: 'm', messages }, anthropicMessage('end_turn')).finishReason],
		['length', 'max_tokens', fromAnthropic({ model: 'm', messages }, anthropicMessage('max_tokens')).finishReason],
		['content_filter', 'refusal', fromAnthropic({ model: 'm', messages }, anthropicMessage('refusal')).finishReason],
		['pause_turn', 'pause_turn', fromAnthropic({ model: 'm', messages }, anthropicMessage('pause_turn')).finishReason],
		['length', 'MAX_TOKENS', fromGemini({ model: 'm', contents: '' }, geminiResponse('MAX_TOKENS')).finishReason],
		['content_filter', 'SAFETY', fromGemini({ model: 'm', contents: '' }, geminiResponse('SAFETY')).finishReason],
		[
			'length',
			'max_output_tokens',
			fromOpenAiResponse(
				{ model: 'm', input: 'a' },
				{
					...{ object: 'response', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
					output: [],
				},
			).finishReason,
		],
	];
	ends.push([
		'content_filter',
		'a prompt that Gemini blocks',
		fromGemini({ model: 'm', contents: '' }, { promptFeedback: { blockReason: 'SAFETY' } }).finishReason,
	]);
	for (const [word, theirs, finishReason] of ends) {
		it(`say ${word} for ${theirs}`, () => assert.equal(finishReason, word));
	}

	const streamed = (...events: { type: string; [more: string]: unknown }[]): readonly { type: string }[] => events;
	const chat = (message: object, finish_reason = 'stop') =>
		fromOpenAiChat({ model: 'm', messages }, { choices: [{ index: 0, message, finish_reason }] });
	const response = (...output: object[]) =>
		fromOpenAiResponse({ model: 'm', input: 'a' }, { ...{ status: 'completed' }, output });
	const said: [what: string, call: Partial<LlmResponse>, expected: Partial<LlmResponse>][] = [
		['a refusal in Chat Completions', chat({ content: null, refusal: 'No.' }), { completion: 'No.' }],
		['what was said aloud', chat({ content: null, audio: { transcript: 'Yes.' } }), { completion: 'Yes.' }],
		[
			'content in parts, as Mistral thinks',
			chat({
				content: [
					{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
					{ type: 'text', text: 'Yes.' },
				],
			}),
			{ completion: 'Yes.', reasoning: 'Hm.' },
		],
		[
			'a custom tool in Chat Completions',
			chat({ tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'patch', input: '*** Begin' } }] }, 'tool_calls'),
			{ finishReason: 'tool_use', toolCalls: [{ id: 'a', name: 'patch', arguments: { unparsed: '*** Begin' } }] },
		],
		[
			'the function call of old',
			chat({ function_call: { name: 'read', arguments: '{"path":"a"}' } }, 'function_call'),
			{ finishReason: 'tool_use', toolCalls: [{ id: '', name: 'read', arguments: { path: 'a' } }] },
		],
		[
			'the first of several answers, whose chunks come in turns',
			fromOpenAiChat({ model: 'm', messages }, [
				{ choices: [{ index: 0, delta: { content: 'Ye' } }] },
				{ choices: [{ index: 1, delta: { content: 'No.' } }] },
				{ choices: [{ index: 0, delta: { content: 's.' }, finish_reason: 'stop' }] },
				{ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
			]),
			{ completion: 'Yes.', finishReason: 'stop' },
		],
		[
			'a refusal in Responses',
			response({ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }),
			{ completion: 'No.' },
		],
		[
			'a refusal in a stream of Responses',
			fromOpenAiResponse(
				{ model: 'm', input: 'a' },
				streamed(
					{ type: 'response.refusal.delta', delta: 'No.' },
					{ type: 'response.completed', response: { status: 'completed' } },
				),
			),
			{ completion: 'No.', finishReason: 'stop' },
		],
		[
			'open thoughts in Responses, which are none of what was said',
			response(
				{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
				{ type: 'message', content: [{ type: 'output_text', text: 'Yes.' }] },
			),
			{ completion: 'Yes.', reasoning: 'Hm.' },
		],
		[
			'a custom tool in Responses',
			response({ type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '*** Begin' }),
			{ finishReason: 'tool_use', toolCalls: [{ id: 'a', name: 'patch', arguments: { unparsed: '*** Begin' } }] },
		],
		[
			'a message that does not say what it is',
			fromAnthropic(
				{ model: 'm', messages },
				{ content: [{ type: 'text', text: 'Yes.' }], usage: {}, ...{ stop_reason: 'end_turn' } },
			),
			{ completion: 'Yes.', finishReason: 'stop' },
		],
	];
	for (const [what, call, expected] of said) {
		it(`tell ${what}`, () => {
			const { completion, reasoning, toolCalls, finishReason, error } = call;
			const all = {
				completion: null,
				reasoning: undefined,
				toolCalls: undefined,
				finishReason: 'stop',
				error: undefined,
			};
			assert.deepEqual({ completion, reasoning, toolCalls, finishReason, error }, { ...all, ...expected });
		});
	}

	it('a count of a stream is not lost to a zero that only fills its field', () => {
		const { usage } = fromAnthropic(
			{ model: 'm', messages },
			streamed(
				{
					type: 'message_start',
					message: { usage: { input_tokens: 100, cache_read_input_tokens: 50, output_tokens: 1 } },
				},
				{ type: 'message_delta', usage: { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 20 } },
				{ type: 'message_stop' },
			),
		);
		assert.deepEqual([usage?.cacheReadTokens, usage?.outputTokens], [50, 20]);
	});

	it('a stream without an end is an error, with what had come, and its usage a lower bound', () => {
		const events = dataOf(anthropicProtocol.events(turn, ids).slice(0, 5)) as { type: string }[];
		const { finishReason, usageBound, usage, error } = fromAnthropic({ model: 'm', messages }, events);
		assert.deepEqual([finishReason, usageBound, usage?.inputTokens], ['error', 'atLeast', 200]);
		assert.match(error?.message ?? '', /ended before/);
	});

	it('what OpenRouter says a call cost is believed as the provider’s own word', () => {
		const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.0123 };
		const choices = [{ message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }];
		const { costUsd, costReportedBy } = fromOpenAiChat({ model: 'm', messages }, { choices, ...{ usage } });
		assert.deepEqual([costUsd, costReportedBy], [0.0123, 'provider']);
	});

	it('a tier that is priced apart is told', () => {
		const message = {
			...anthropicMessage('end_turn'),
			usage: { input_tokens: 1, output_tokens: 1, service_tier: 'batch' },
		};
		assert.equal(fromAnthropic({ model: 'm', messages }, message).serviceTier, 'batch');
	});

	it('requests are read as each SDK takes them: texts, parts, system prompts, tools, parameters; no keys', () => {
		const config = {
			systemInstruction: ['Be', 'brief'],
			temperature: 0.5,
			tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] }],
			abortSignal: new AbortController().signal,
			httpOptions: { headers: { authorization: 'Bearer secret-key' } },
		};
		const gemini = fromGemini({ model: 'models/gemini-2.5-pro', contents: ['One', { text: 'Two' }], config });
		assert.deepEqual([gemini.model, gemini.provider, gemini.systemPrompt], ['gemini-2.5-pro', 'google', 'Be\n\nbrief']);
		assert.deepEqual(gemini.messages[0]?.content, [
			{ type: 'text', text: 'One' },
			{ type: 'text', text: 'Two' },
		]);
		assert.deepEqual(
			[gemini.tools, gemini.parameters],
			[[{ name: 'f', parameters: { type: 'object' } }], { temperature: 0.5 }],
		);
		assert.ok(!JSON.stringify(gemini).includes('secret-key'));
		const turns = fromGemini({
			model: 'm',
			contents: [{ role: 'model', parts: [{ functionCall: { name: 'f', args: { a: 1 } } }] }, 'And?'],
		});
		assert.deepEqual(
			turns.messages.map(({ role, toolCalls }) => [role, toolCalls?.[0]?.arguments]),
			[
				['assistant', { a: 1 }],
				['user', undefined],
			],
		);
		const anthropic = fromAnthropic({
			model: 'm',
			messages: [
				{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }] },
				{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'b' }] },
			],
			system: [{ type: 'text', text: 'Be brief.' }],
			...{ max_tokens: 9 },
		});
		assert.deepEqual([anthropic.systemPrompt, anthropic.parameters], ['Be brief.', { max_tokens: 9 }]);
		assert.deepEqual(
			anthropic.messages.map(({ role, toolCallId }) => [role, toolCallId]),
			[
				['assistant', undefined],
				['tool', 't'],
			],
		);
	});

	it('whatever they are given, they neither throw nor make a call that is refused', () => {
		const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
		const makers: ((request: never, answer?: never) => object)[] = [
			fromAnthropic,
			fromOpenAiChat,
			fromOpenAiResponse,
			fromGemini,
		];
		fc.assert(
			fc.property(anything, anything, fc.constantFrom(...makers), fc.boolean(), (content, answer, from, list) => {
				const config = { systemInstruction: content, tools: answer };
				const given = { model: 'm', messages: [{ role: 'user', content }], input: content, contents: content, config };
				const request = list ? given : content;
				const call = from(request as never, (list ? [answer, content] : (answer ?? {})) as never);
				const checked = loggedCallSchema.safeParse({ ...Object(call), latencyMs: 1 });
				assert.ok(checked.success, checked.error?.message);
				assert.ok(loggedRequestSchema.safeParse(from(request as never)).success);
				JSON.stringify(call);
			}),
			{ numRuns: 500 },
		);
	});

	it('no count is lost or made up on the way to the ledger, whatever a provider says', () => {
		const count = fc.nat(1_000_000);
		const maybe = (name: string) => fc.option(count, { nil: undefined }).map((value) => [name, value]);
		const raw = (names: string[]) =>
			fc
				.tuple(...names.map(maybe))
				.map((pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== undefined)));
		const told: [
			keyof typeof protocolOfApi,
			fc.Arbitrary<object>,
			(raw: unknown) => ReturnType<typeof usageFromOpenAi>,
		][] = [
			[
				'anthropic',
				fc
					.tuple(
						raw(['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']),
						fc.option(raw(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']), { nil: undefined }),
					)
					.map(([usage, cache_creation]) => ({ ...usage, ...(cache_creation && { cache_creation }) })),
				usageFromAnthropic,
			],
			[
				'chat',
				fc
					.tuple(raw(['prompt_tokens', 'completion_tokens']), raw(['cached_tokens']), raw(['reasoning_tokens']))
					.map(([usage, prompt_tokens_details, completion_tokens_details]) => ({
						...usage,
						prompt_tokens_details,
						completion_tokens_details,
					})),
				usageFromOpenAi,
			],
			[
				'gemini',
				raw(['promptTokenCount', 'candidatesTokenCount', 'cachedContentTokenCount', 'thoughtsTokenCount']),
				usageFromGemini,
			],
		];
		for (const [api, usages, read] of told) {
			fc.assert(
				fc.property(usages, (provided) => {
					const usage = read(provided);
					// Half a usage has no shape outside; the whole is then not known.
					if (usage === null || usage.output === null || usage.inputTotal === null) return;
					const draft = draftFromIngress({
						sessionId: 's',
						agentId: 'a',
						atMs: 1,
						origin: { source: 'http' },
						eventType: 'llm_response',
						payload: {
							callId: 'c',
							provider: 'p',
							model: 'm',
							completion: null,
							finishReason: 'stop',
							usage: usageInputOf(usage),
							protocol: protocolOfApi[api],
							costUsd: null,
							latencyMs: 1,
						},
					});
					assert.deepEqual(draft.eventType === 'llm_response' && draft.usage, usage);
				}),
			);
		}
	});
});

function anthropicMessage(stop_reason: string) {
	return { type: 'message', content: [], stop_reason, usage: { input_tokens: 1, output_tokens: 1 } };
}

function geminiResponse(finishReason: string) {
	return { candidates: [{ content: { parts: [] }, finishReason }], usageMetadata: { promptTokenCount: 1 } };
}
