import { firstText, peek } from '../core/foreign.ts';
import { protocolOfApi } from '../core/provider-api.ts';
import { type Asked, askedBy } from '../core/provider-asked.ts';
import { AnswerReader } from './answer-reader.ts';
import { messageInputs } from './draft-events.ts';
import { geminiBody } from './gemini-body.ts';
import type { LlmApi, LlmRequest, LlmResponse } from './types.ts';

/** A request as the Anthropic SDK's `messages.create` and `messages.stream` take it. */
export interface AnthropicRequest {
	model: string;
	messages: readonly unknown[];
	system?: unknown;
	tools?: unknown;
}

/** Its `Message`. */
export interface AnthropicMessage {
	content: readonly unknown[];
	usage: object;
}

/** A request as the OpenAI SDK's `chat.completions.create` takes it, also for other providers that speak the same. */
export interface OpenAiChatRequest {
	model: string;
	messages: readonly unknown[];
	tools?: unknown;
}

/** Its `ChatCompletion`. */
export interface OpenAiChatCompletion {
	choices: readonly unknown[];
}

/** A request as the OpenAI SDK's `responses.create` takes it. */
export interface OpenAiResponseRequest {
	model?: string | undefined;
	input?: unknown;
	instructions?: string | null | undefined;
	tools?: unknown;
}

/** Its `Response`. */
export interface OpenAiResponse {
	output: readonly unknown[];
	usage?: object | null | undefined;
}

/** A request as `models.generateContent` and `generateContentStream` of `@google/genai` take it. */
export interface GeminiRequest {
	model: string;
	contents: unknown;
	config?: object | undefined;
}

/** Its `GenerateContentResponse`, and each part of its stream. */
export interface GeminiResponse {
	candidates?: readonly unknown[] | undefined;
	usageMetadata?: object | undefined;
	promptFeedback?: object | undefined;
}

/**
 * A request of the Anthropic SDK, and its answer: a `Message`, or the list of a stream's events. With both, what
 * `logLlmCall` needs but for `latencyMs`; with the request alone, what `startLlmCall` takes.
 */
export function fromAnthropic(request: AnthropicRequest): LlmRequest;
export function fromAnthropic(
	request: AnthropicRequest,
	message: AnthropicMessage | readonly { type: string }[],
): LlmRequest & LlmResponse;
export function fromAnthropic(request: AnthropicRequest, message?: unknown): LlmRequest {
	return callOf('anthropic', 'anthropic', askedBy('anthropic', '', request), message);
}

/**
 * A request of the OpenAI SDK's Chat Completions, and its answer: a `ChatCompletion`, or the list of a stream's chunks.
 * Streams tell their usage only when asked: `stream_options: { include_usage: true }`. For another provider that speaks
 * the same, put its name over it: `{ ...fromOpenAiChat(request, completion), provider: 'openrouter' }`.
 */
export function fromOpenAiChat(request: OpenAiChatRequest): LlmRequest;
export function fromOpenAiChat(
	request: OpenAiChatRequest,
	completion: OpenAiChatCompletion | readonly OpenAiChatCompletion[],
): LlmRequest & LlmResponse;
export function fromOpenAiChat(request: OpenAiChatRequest, completion?: unknown): LlmRequest {
	return callOf('chat', 'openai', askedBy('chat', '', request), completion);
}

/** A request of the OpenAI SDK's Responses, and its answer: a `Response`, or the list of a stream's events. */
export function fromOpenAiResponse(request: OpenAiResponseRequest): LlmRequest;
export function fromOpenAiResponse(
	request: OpenAiResponseRequest,
	response: OpenAiResponse | readonly { type: string }[],
): LlmRequest & LlmResponse;
export function fromOpenAiResponse(request: OpenAiResponseRequest, response?: unknown): LlmRequest {
	return callOf('responses', 'openai', askedBy('responses', '', request), response);
}

/** A request of `@google/genai`, and its answer: a `GenerateContentResponse`, or the list of a stream's parts. */
export function fromGemini(request: GeminiRequest): LlmRequest;
export function fromGemini(
	request: GeminiRequest,
	response: GeminiResponse | readonly GeminiResponse[],
): LlmRequest & LlmResponse;
export function fromGemini(request: GeminiRequest, response?: unknown): LlmRequest {
	const model = firstText(peek(request, 'model'))?.replace(/^models\//, '') || 'unknown';
	return callOf('gemini', 'google', { ...askedBy('gemini', '', geminiBody(request)), model }, response);
}

function callOf(
	api: LlmApi,
	provider: string,
	{ model, systemPrompt, messages, tools, parameters }: Asked,
	answer: unknown,
): LlmRequest {
	const request: LlmRequest = {
		provider,
		model,
		messages: messageInputs(messages),
		...(systemPrompt !== null && { systemPrompt }),
		...(tools.length > 0 && { tools }),
		...(Object.keys(parameters).length > 0 && { parameters }),
		protocol: protocolOfApi[api],
		api,
	};
	if (answer === undefined) return request;
	const reader = new AnswerReader(api);
	for (const event of Array.isArray(answer) ? answer : [answer]) reader.see(event, 0);
	const { timeToFirstTokenMs: _, ...response } = reader.response();
	return { ...request, ...response };
}
