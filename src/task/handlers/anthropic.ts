import type Anthropic from '@anthropic-ai/sdk';
import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import * as errors from '@anthropic-ai/sdk/error';
import { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import { finishReasonOf } from '../../core/finish-reason.ts';
import type { Message } from '../../core/message.ts';
import { usageFromAnthropic } from '../../core/usage-protocols.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo, RequestMetadata, UsageChunk } from '../api-handler.ts';
import { anthropicMessages, anthropicTools, type CacheTtl } from './anthropic-request.ts';
import { HandlerError } from './handler-error.ts';
import type { HostedModelOptions } from './handler-options.ts';
import { handlerError } from './sdk-error.ts';
import { named, usageChunkOf } from './usage-chunk.ts';

export interface AnthropicOptions extends HostedModelOptions {
	/** How long the provider keeps the prompt for the next request. Default `5m`. */
	cacheTtl?: CacheTtl | undefined;
}

const defaultMaxTokens = 8192;

/**
 * Claude through Anthropic's own client. Usage comes twice: input and cache with `message_start`, the cumulative
 * output (and sometimes a corrected input) with `message_delta`; both are passed on as cumulative chunks.
 */
export class AnthropicHandler implements ApiHandler {
	readonly #messages: Messages;
	readonly #options: AnthropicOptions;

	constructor(options: AnthropicOptions) {
		this.#options = options;
		// The client without its other resources, which would more than double the bundle.
		const client = new BaseAnthropic({
			apiKey: options.apiKey,
			// Explicit, so that no variable of the environment sends the key elsewhere or adds another.
			authToken: null,
			baseURL: options.baseUrl ?? 'https://api.anthropic.com',
			maxRetries: options.maxRetries ?? 2,
			...named('timeout', options.timeoutMs),
			// The client logs what it cannot parse, which is content.
			logLevel: 'off',
		});
		this.#messages = new Messages(client as Anthropic);
	}

	getModel(): ModelInfo {
		return { id: this.#options.model, provider: this.#options.provider ?? 'anthropic', protocol: 'anthropic' };
	}

	getParameters(): Record<string, unknown> {
		const { maxTokens = defaultMaxTokens, temperature, cacheTtl = '5m' } = this.#options;
		return { maxTokens, ...named('temperature', temperature), cacheTtl };
	}

	async *createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		const { apiKey, model, maxTokens = defaultMaxTokens, temperature, cacheTtl = '5m' } = this.#options;
		const signal = metadata?.signal;
		let streaming = false;
		try {
			const { data: events, request_id: requestId } = await this.#messages
				.create(
					{
						model,
						max_tokens: maxTokens,
						...named('temperature', temperature),
						system: [{ type: 'text', text: systemPrompt, cache_control: { type: 'ephemeral', ttl: cacheTtl } }],
						messages: anthropicMessages(messages, cacheTtl),
						tools: anthropicTools(metadata?.tools ?? []),
						stream: true,
					},
					{ ...named('signal', signal) },
				)
				.withResponse();
			streaming = true;
			yield* chunksOf(events, requestId);
		} catch (error) {
			throw handlerError(error, errors, { secret: apiKey, streaming, aborted: signal?.aborted === true });
		}
	}
}

async function* chunksOf(
	events: AsyncIterable<Anthropic.RawMessageStreamEvent>,
	requestId: string | null | undefined,
): AsyncGenerator<ApiStreamChunk> {
	const tools = new Map<number, { id: string; name: string; text: string }>();
	let finished = false;
	for await (const event of events) {
		if (event.type === 'message_start') {
			const { id, model, usage } = event.message;
			yield* usageChunks(usage, {
				responseId: id,
				model,
				...named('requestId', requestId),
				...named('serviceTier', tierOf(usage)),
			});
		} else if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
			tools.set(event.index, { id: event.content_block.id, name: event.content_block.name, text: '' });
		} else if (event.type === 'content_block_delta') {
			if (event.delta.type === 'text_delta') yield { type: 'text', text: event.delta.text };
			else if (event.delta.type === 'thinking_delta') yield { type: 'reasoning', text: event.delta.thinking };
			else if (event.delta.type === 'input_json_delta') {
				const tool = tools.get(event.index);
				if (tool !== undefined) tool.text += event.delta.partial_json;
			}
		} else if (event.type === 'content_block_stop') {
			const tool = tools.get(event.index);
			if (tool !== undefined) yield { type: 'tool_call', id: tool.id, name: tool.name, arguments: tool.text };
			tools.delete(event.index);
		} else if (event.type === 'message_delta') {
			if (event.delta.stop_reason) yield { type: 'finish', reason: finishReasonOf(event.delta.stop_reason) };
			yield* usageChunks(event.usage, {});
		} else if (event.type === 'message_stop') finished = true;
	}
	if (!finished) throw new HandlerError('cut', 'The stream ended before the message was finished.');
}

function* usageChunks(raw: unknown, names: Partial<UsageChunk>): Generator<UsageChunk> {
	const usage = usageFromAnthropic(raw);
	if (usage !== null) yield { ...usageChunkOf(usage, 'anthropic'), ...names };
	else if (Object.keys(names).length > 0) yield { type: 'usage', ...names };
}

/** `null` for the standard tier. */
function tierOf(usage: Anthropic.Usage | undefined): string | null {
	if (usage?.speed === 'fast') return 'fast';
	return usage?.service_tier === 'standard' ? null : (usage?.service_tier ?? null);
}
