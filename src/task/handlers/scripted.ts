import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, ToolDefinition } from '../../core/message.ts';
import type { ApiHandler, ApiStream, ModelInfo, RequestMetadata, UsageChunk } from '../api-handler.ts';
import { HandlerError } from './handler-error.ts';
import { lookBack, sampleScript, type Turn } from './sample-script.ts';

export interface ScriptedOptions {
	/** 1: the pace of a fast model, about ten seconds in all. 0: no waiting. Default 1. */
	delayScale?: number;
}

/** Claude caches no prompt shorter than this many tokens. */
const smallestCachedPrompt = 1024;
const charactersPerToken = 3.6;
const firstTokenMs = 420;
const pieceMs = 24;

/**
 * Plays a model: needs no key, sends nothing, and says what `sample-script.ts` tells it to, at a model's pace. It goes
 * by the name of a model whose price is known, and its parameters say `scripted: true`. Token counts are estimated
 * from the real prompt and answer, with the prompt cache of Claude's: what the last request held is read, the rest
 * written.
 */
export class ScriptedHandler implements ApiHandler {
	readonly #delayScale: number;
	/** Tokens of the last prompt, by task: they are in the cache now. */
	readonly #cached = new Map<string, number>();
	readonly #turnedAway = new Set<string>();

	constructor({ delayScale = 1 }: ScriptedOptions = {}) {
		this.#delayScale = delayScale;
	}

	getModel(): ModelInfo {
		return { id: 'claude-sonnet-4-6', provider: 'anthropic', protocol: 'anthropic' };
	}

	getParameters(): Record<string, unknown> {
		return { scripted: true, maxTokens: 8192 };
	}

	async *createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		const taskId = metadata?.taskId ?? '';
		const signal = metadata?.signal;
		const step = messages.filter(({ role }) => role === 'assistant').length;
		const turn = turnAt(step, messages);

		await this.#wait(firstTokenMs, signal);
		const attempt = `${taskId} ${step}`;
		if (turn.overloadedAtFirst && !this.#turnedAway.has(attempt)) {
			this.#turnedAway.add(attempt);
			throw new HandlerError('overloaded', 'Overloaded (scripted, to show what a failed call looks like)', {
				status: 529,
			});
		}
		for (const type of ['reasoning', 'text'] as const) {
			for (const piece of pieces(turn[type])) {
				await this.#wait(pieceMs, signal);
				yield { type, text: piece };
			}
		}
		for (const tool of turn.tools) {
			const text = JSON.stringify(tool.arguments);
			await this.#wait(pieceMs * Math.ceil(text.length / 24), signal);
			yield { type: 'tool_call', id: `call_${randomUUID()}`, name: tool.name, arguments: text };
		}
		yield { type: 'finish', reason: 'tool_use' };
		yield this.#usage(taskId, promptTokens(systemPrompt, messages, metadata?.tools ?? []), turn);
	}

	#usage(taskId: string, prompt: number, turn: Turn): UsageChunk {
		const cacheable = prompt >= smallestCachedPrompt ? prompt : 0;
		const read = Math.min(this.#cached.get(taskId) ?? 0, cacheable);
		this.#cached.set(taskId, cacheable);
		const reasoning = tokensOf(turn.reasoning);
		return {
			type: 'usage',
			inputTokens: prompt - cacheable,
			cacheReadTokens: read,
			cacheWriteTokens: cacheable - read,
			cacheWrite5mTokens: cacheable - read,
			cacheWrite1hTokens: 0,
			outputTokens: reasoning + tokensOf(turn.text) + tokensOf(JSON.stringify(turn.tools)),
			reasoningTokens: reasoning,
			responseId: `scripted_${randomUUID()}`,
			model: 'claude-sonnet-4-6',
		};
	}

	async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
		signal?.throwIfAborted();
		if (this.#delayScale > 0) await sleep(ms * this.#delayScale, undefined, signal === undefined ? {} : { signal });
	}
}

function turnAt(step: number, messages: readonly Message[]): Turn {
	const write = sampleScript[Math.min(step, sampleScript.length - 1)];
	if (write === undefined) throw new HandlerError('badRequest', 'The script is empty.');
	return write(lookBack(messages));
}

function promptTokens(systemPrompt: string, messages: readonly Message[], tools: readonly ToolDefinition[]): number {
	return tokensOf(systemPrompt) + tokensOf(JSON.stringify(tools)) + tokensOf(JSON.stringify(messages));
}

function tokensOf(text: string): number {
	return Math.ceil(text.length / charactersPerToken);
}

/** A text in the portions in which a model streams it. */
function pieces(text: string): string[] {
	return text.match(/\S+\s*(?:\S+\s*)?/g) ?? [];
}
