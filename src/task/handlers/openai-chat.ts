import OpenAI from 'openai';
import { finishReasonOf } from '../../core/finish-reason.ts';
import { firstText, peek } from '../../core/foreign.ts';
import type { Message } from '../../core/message.ts';
import { costUsdFromOpenRouter } from '../../core/reported-cost.ts';
import { usageFromOpenAi } from '../../core/usage-protocols.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo, RequestMetadata, UsageChunk } from '../api-handler.ts';
import { HandlerError } from './handler-error.ts';
import { type OpenAiOptions, openAiClient } from './openai-client.ts';
import { chatMessages, chatTools } from './openai-request.ts';
import { handlerError } from './sdk-error.ts';
import { named, usageChunkOf } from './usage-chunk.ts';

/**
 * The chat completions API, of OpenAI or of any service that speaks it. The usage is asked for
 * (`stream_options.include_usage`) and comes in a last chunk, after the one with the finish reason.
 */
export class OpenAiChatHandler implements ApiHandler {
	readonly #client: OpenAI;
	readonly #options: OpenAiOptions;

	constructor(options: OpenAiOptions) {
		this.#options = options;
		this.#client = openAiClient(options);
	}

	getModel(): ModelInfo {
		return { id: this.#options.model, provider: this.#options.provider ?? 'openai', protocol: 'openai' };
	}

	getParameters(): Record<string, unknown> {
		const { maxTokens, temperature } = this.#options;
		return { ...named('maxTokens', maxTokens), ...named('temperature', temperature) };
	}

	async *createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		const { apiKey, model, maxTokens, temperature } = this.#options;
		const signal = metadata?.signal;
		const tools = chatTools(metadata?.tools ?? []);
		let streaming = false;
		try {
			const { data: chunks, request_id: requestId } = await this.#client.chat.completions
				.create(
					{
						model,
						messages: chatMessages(systemPrompt, messages),
						...(tools.length > 0 ? { tools } : {}),
						...named('max_completion_tokens', maxTokens),
						...named('temperature', temperature),
						stream: true,
						stream_options: { include_usage: true },
					},
					{ ...named('signal', signal) },
				)
				.withResponse();
			streaming = true;
			yield* chunksOf(chunks, requestId);
		} catch (error) {
			throw handlerError(error, OpenAI, { secret: apiKey, streaming, aborted: signal?.aborted === true });
		}
	}
}

async function* chunksOf(
	chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
	requestId: string | null,
): AsyncGenerator<ApiStreamChunk> {
	const tools = new Map<number, { id: string; name: string; text: string }>();
	let identified = false;
	let finished = false;
	for await (const chunk of chunks) {
		// The ids at once: a stream that breaks off, or has no usage, is then known by them all the same.
		if (!identified) yield { type: 'usage', ...namesOf(chunk, requestId) };
		identified = true;
		const choice = chunk.choices?.[0];
		const delta = choice?.delta;
		// Not part of OpenAI's own API: DeepSeek's and OpenRouter's words for what a model thinks.
		const reasoning = firstText(peek(delta, 'reasoning_content'), peek(delta, 'reasoning'));
		if (reasoning !== null) yield { type: 'reasoning', text: reasoning };
		if (delta?.content) yield { type: 'text', text: delta.content };
		for (const piece of delta?.tool_calls ?? []) {
			const tool = tools.get(piece.index) ?? { id: '', name: '', text: '' };
			tool.id ||= piece.id ?? '';
			tool.name ||= piece.function?.name ?? '';
			tool.text += piece.function?.arguments ?? '';
			tools.set(piece.index, tool);
		}
		if (choice?.finish_reason) {
			finished = true;
			for (const { id, name, text } of tools.values()) yield { type: 'tool_call', id, name, arguments: text };
			tools.clear();
			yield { type: 'finish', reason: finishReasonOf(choice.finish_reason) };
		}
		if (chunk.usage) yield usageChunk(chunk, requestId);
	}
	if (!finished) throw new HandlerError('cut', 'The stream ended before the answer was finished.');
}

function usageChunk(chunk: OpenAI.ChatCompletionChunk, requestId: string | null): UsageChunk {
	const usage = usageFromOpenAi(chunk.usage);
	return {
		...(usage === null ? { type: 'usage' as const } : usageChunkOf(usage, 'openai')),
		...namesOf(chunk, requestId),
		...named('totalCost', costUsdFromOpenRouter(chunk.usage)),
	};
}

function namesOf(chunk: OpenAI.ChatCompletionChunk, requestId: string | null): Omit<UsageChunk, 'type'> {
	const tier = chunk.service_tier;
	return {
		...named('responseId', chunk.id),
		...named('requestId', requestId),
		...named('model', chunk.model),
		...named('serviceTier', tier === 'default' || tier === 'auto' ? null : tier),
		// OpenRouter's: who served it.
		...named('inferenceProvider', firstText(peek(chunk, 'provider'))),
	};
}
