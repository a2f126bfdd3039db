import { randomUUID } from 'node:crypto';
import { type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai/web';
import { geminiFinishReasonOf } from '../../core/finish-reason.ts';
import { firstText, peek } from '../../core/foreign.ts';
import type { Message } from '../../core/message.ts';
import { usageFromGemini } from '../../core/usage-protocols.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo, RequestMetadata, UsageChunk } from '../api-handler.ts';
import { geminiError } from './gemini-error.ts';
import { geminiContents, geminiThoughts, geminiTools, madeUpId } from './gemini-request.ts';
import { HandlerError } from './handler-error.ts';
import type { HostedModelOptions } from './handler-options.ts';
import { named, usageChunkOf } from './usage-chunk.ts';

export type GeminiOptions = HostedModelOptions;

/** As the other two client libraries wait before a further try, in seconds. */
const firstWaitS = 0.5;
const longestWaitS = 8;
const defaultTimeoutMs = 600_000;
/** Signatures are some kilobytes each; a task of ours makes far fewer calls. */
const keptSignatures = 1000;

/**
 * Gemini through Google's own client, in its build for browsers: the one for Node brings Google Cloud's sign-in and a
 * web socket along, for which there is no use here. Every chunk carries the counts so far, and each replaces the one
 * before.
 */
export class GeminiHandler implements ApiHandler {
	readonly #client: GoogleGenAI;
	readonly #options: GeminiOptions;
	/** Thought signatures by the id of the function call that they came with. */
	readonly #signatures = new Map<string, string>();

	constructor(options: GeminiOptions) {
		this.#options = options;
		this.#client = new GoogleGenAI({
			// Local services want none, but the client warns on the console.
			apiKey: options.apiKey === '' ? 'none' : options.apiKey,
			httpOptions: {
				baseUrl: options.baseUrl ?? 'https://generativelanguage.googleapis.com',
				retryOptions: {
					attempts: (options.maxRetries ?? 2) + 1,
					initialDelay: firstWaitS,
					maxDelay: longestWaitS,
				},
			},
		});
	}

	getModel(): ModelInfo {
		return { id: this.#options.model, provider: this.#options.provider ?? 'google', protocol: 'gemini' };
	}

	getParameters(): Record<string, unknown> {
		const { model, maxTokens, temperature } = this.#options;
		return { ...named('maxTokens', maxTokens), ...named('temperature', temperature), ...geminiThoughts(model) };
	}

	async *createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		const { apiKey, model, maxTokens, temperature, timeoutMs = defaultTimeoutMs } = this.#options;
		const signal = metadata?.signal;
		const request = new AbortController();
		const abort = (): void => request.abort();
		let streaming = false;
		try {
			if (signal?.aborted) abort();
			signal?.addEventListener('abort', abort, { once: true });
			const asked = this.#client.models.generateContentStream({
				model,
				contents: geminiContents(messages, this.#signatures),
				config: {
					...(systemPrompt === '' ? {} : { systemInstruction: systemPrompt }),
					...geminiTools(metadata?.tools ?? []),
					...geminiThoughts(model),
					...named('maxOutputTokens', maxTokens),
					...named('temperature', temperature),
					abortSignal: request.signal,
					httpOptions: { fetch: fetchWithin(timeoutMs) },
				},
			});
			// The client does not look at the signal while it waits before a further try.
			const chunks = await orAborted(asked, request.signal);
			streaming = true;
			yield* this.#chunksOf(chunks);
		} catch (error) {
			throw geminiError(error, { secret: apiKey, streaming, aborted: signal?.aborted === true });
		} finally {
			signal?.removeEventListener('abort', abort);
			// The client leaves the connection of a stream open whose reader has gone.
			abort();
		}
	}

	async *#chunksOf(chunks: AsyncIterable<GenerateContentResponse>): AsyncGenerator<ApiStreamChunk> {
		let called = false;
		let finished = false;
		let identified = false;
		for await (const chunk of chunks) {
			// The ids at once: a stream that breaks off, or has no usage, is then known by them all the same.
			if (!identified) yield { type: 'usage', ...namesOf(chunk) };
			identified = true;
			const candidate = chunk.candidates?.[0];
			for (const part of candidate?.content?.parts ?? []) {
				if (part.functionCall !== undefined) called = true;
				yield* this.#chunksOfPart(part);
			}
			const blocked = chunk.promptFeedback?.blockReason;
			const reason = candidate?.finishReason;
			if (reason !== undefined || blocked !== undefined) {
				finished = true;
				yield {
					type: 'finish',
					reason: reason === undefined ? 'content_filter' : geminiFinishReasonOf(reason, called),
				};
			}
			const usage = usageFromGemini(chunk.usageMetadata);
			if (usage !== null) yield { ...usageChunkOf(usage, 'gemini'), ...namesOf(chunk) };
			if (blocked !== undefined) throw new HandlerError('blocked', `Gemini blocked the prompt (${blocked}).`);
		}
		if (!finished) throw new HandlerError('cut', 'The stream ended before the answer was finished.');
	}

	*#chunksOfPart({ functionCall, thought, text, thoughtSignature }: Part): Generator<ApiStreamChunk> {
		if (functionCall !== undefined) {
			const id = functionCall.id ?? `${madeUpId}${randomUUID()}`;
			if (thoughtSignature !== undefined) this.#keepSignature(id, thoughtSignature);
			yield {
				type: 'tool_call',
				id,
				name: functionCall.name ?? '',
				arguments: JSON.stringify(functionCall.args ?? {}),
			};
		} else if (text !== undefined && text !== '') yield { type: thought === true ? 'reasoning' : 'text', text };
	}

	#keepSignature(id: string, signature: string): void {
		this.#signatures.set(id, signature);
		const [oldest] = this.#signatures.keys();
		if (this.#signatures.size > keptSignatures && oldest !== undefined) this.#signatures.delete(oldest);
	}
}

function namesOf(chunk: GenerateContentResponse): Omit<UsageChunk, 'type'> {
	// Not in the client's types, as the rest of what only some of Google's endpoints tell.
	const tier = firstText(peek(chunk.usageMetadata, 'serviceTier'))?.toLowerCase() ?? null;
	return {
		...named('responseId', chunk.responseId),
		...named('requestId', chunk.sdkHttpResponse?.headers?.['x-request-id']),
		...named('model', chunk.modelVersion),
		...named('serviceTier', tier === 'standard' || tier === 'unspecified' ? null : tier),
	};
}

/**
 * `fetch` that gives up when the answer does not begin in time; the client's own limit would also end a long answer.
 * It is the global one on purpose: VS Code has put the user's proxies and certificates there, which the client
 * would pass by.
 */
function fetchWithin(timeoutMs: number): typeof fetch {
	return async (input, init) => {
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(), timeoutMs);
		try {
			return await fetch(input, { ...init, signal: AbortSignal.any([late.signal, ...signalOf(init)]) });
		} catch (error) {
			if (late.signal.aborted) throw new HandlerError('timeout', 'The provider did not answer in time.');
			throw error;
		} finally {
			clearTimeout(timer);
		}
	};
}

function signalOf(init: RequestInit | undefined): AbortSignal[] {
	return init?.signal == null ? [] : [init.signal];
}

/** What the promise gives, or a rejection as soon as the signal is aborted. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const onAbort = (): void => reject(signal.reason);
	if (signal.aborted) onAbort();
	signal.addEventListener('abort', onAbort, { once: true });
	// Whichever comes second is not waited for.
	promise.catch(() => undefined);
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
