import OpenAI from 'openai';
import { finishReasonOf } from '../../core/finish-reason.ts';
import type { Message } from '../../core/message.ts';
import { usageFromOpenAi } from '../../core/usage-protocols.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo, RequestMetadata, UsageChunk } from '../api-handler.ts';
import { HandlerError } from './handler-error.ts';
import { type OpenAiOptions, openAiClient } from './openai-client.ts';
import { responseItems, responseTools } from './openai-request.ts';
import { handlerError } from './sdk-error.ts';
import { named, usageChunkOf } from './usage-chunk.ts';

/** OpenAI's responses API. Nothing is stored at the provider; the usage comes with the event that ends the stream. */
export class OpenAiResponsesHandler implements ApiHandler {
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
		let streaming = false;
		try {
			const { data: events, request_id: requestId } = await this.#client.responses
				.create(
					{
						model,
						instructions: systemPrompt,
						input: responseItems(messages),
						tools: responseTools(metadata?.tools ?? []),
						...named('max_output_tokens', maxTokens),
						...named('temperature', temperature),
						store: false,
						stream: true,
					},
					{ ...named('signal', signal) },
				)
				.withResponse();
			streaming = true;
			yield* chunksOf(events, requestId);
		} catch (error) {
			throw handlerError(error, OpenAI, { secret: apiKey, streaming, aborted: signal?.aborted === true });
		}
	}
}

async function* chunksOf(
	events: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>,
	requestId: string | null,
): AsyncGenerator<ApiStreamChunk> {
	let called = false;
	let finished = false;
	for await (const event of events) {
		switch (event.type) {
			case 'response.created':
				// The ids at once: a stream that breaks off is then known by them all the same.
				yield { type: 'usage', ...namesOf(event.response, requestId) };
				break;
			case 'response.output_text.delta':
				yield { type: 'text', text: event.delta };
				break;
			case 'response.reasoning_text.delta':
			case 'response.reasoning_summary_text.delta':
				yield { type: 'reasoning', text: event.delta };
				break;
			case 'response.output_item.done':
				if (event.item.type !== 'function_call') break;
				called = true;
				yield { type: 'tool_call', id: event.item.call_id, name: event.item.name, arguments: event.item.arguments };
				break;
			case 'response.completed':
			case 'response.incomplete': {
				finished = true;
				const why = event.response.incomplete_details?.reason ?? (called ? 'tool_use' : 'completed');
				yield { type: 'finish', reason: finishReasonOf(why) };
				yield usageChunk(event.response, requestId);
				break;
			}
			case 'response.failed': {
				yield usageChunk(event.response, requestId);
				const { code, message } = event.response.error ?? { code: 'server_error', message: 'The response failed.' };
				throw new HandlerError(code === 'rate_limit_exceeded' ? 'rateLimited' : 'server', message);
			}
			case 'error':
				throw new HandlerError(event.code === 'rate_limit_exceeded' ? 'rateLimited' : 'server', event.message);
		}
	}
	if (!finished) throw new HandlerError('cut', 'The stream ended before the response was finished.');
}

function usageChunk(response: OpenAI.Responses.Response, requestId: string | null): UsageChunk {
	const usage = usageFromOpenAi(response.usage);
	return {
		...(usage === null ? { type: 'usage' as const } : usageChunkOf(usage, 'openai')),
		...namesOf(response, requestId),
	};
}

function namesOf(response: OpenAI.Responses.Response, requestId: string | null): Omit<UsageChunk, 'type'> {
	const tier = response.service_tier;
	return {
		...named('responseId', response.id),
		...named('requestId', requestId),
		...named('model', response.model),
		...named('serviceTier', tier === 'default' || tier === 'auto' ? null : tier),
	};
}
