import { firstText, peek } from './foreign.ts';
import type { ToolCall } from './message.ts';
import { parseArguments } from './normalise-messages.ts';
import type { ProviderApi } from './provider-api.ts';
import { feesIn } from './provider-fees.ts';
import { snapshotValue } from './snapshot-value.ts';
import type { Usage } from './usage.ts';
import { usageFromAnthropic, usageFromGemini, usageFromOpenAi } from './usage-protocols.ts';

interface StartedCall {
	id: string;
	name: string;
	text: string;
	whole: unknown;
}

/**
 * What a provider has said so far: events of a stream, or one whole answer, are given to `take` as they come. Each
 * protocol's counts are taken as it means them: Anthropic's and Gemini's later figures replace the earlier ones.
 */
export class Answer {
	completion = '';
	reasoning = '';
	finishReason: string | null = null;
	responseId: string | null = null;
	model: string | null = null;
	serviceTier: string | null = null;
	error: { message: string; code: string | null } | null = null;
	/** When the first word, thought or tool call came, milliseconds after the request's start. */
	firstTokenAtMs: number | null = null;
	usageAtMs: number | null = null;
	/** The provider has said that this is all. */
	finished = false;
	readonly #api: ProviderApi;
	#usage: Record<string, unknown> | null = null;
	readonly #calls = new Map<string, StartedCall>();
	readonly #fees = new Set<string>();

	constructor(api: ProviderApi) {
		this.#api = api;
	}

	/** Takes an event, or a whole answer; both parsed from JSON. */
	take(event: unknown, atMs: number): void {
		const error = peek(event, 'error');
		if (error !== undefined && error !== null) this.#fail(error);
		for (const fee of feesIn(this.#api, event)) this.#fees.add(fee);
		switch (this.#api) {
			case 'anthropic':
				this.#anthropic(event, atMs);
				break;
			case 'chat':
				this.#chat(event, atMs);
				break;
			case 'responses':
				this.#responses(event, atMs);
				break;
			case 'gemini':
				this.#gemini(event, atMs);
		}
	}

	/** `null`: none was told. */
	usage(notes: string[]): Usage | null {
		if (this.#usage === null) return null;
		if (this.#api === 'anthropic') return usageFromAnthropic(this.#usage, notes);
		return this.#api === 'gemini' ? usageFromGemini(this.#usage, notes) : usageFromOpenAi(this.#usage, notes);
	}

	/** USD, where the provider tells it with the usage: OpenRouter's `cost`. */
	reportedCostUsd(): number | null {
		const cost = peek(this.#usage, 'cost');
		if (typeof cost !== 'number' || !(cost >= 0) || cost === Number.POSITIVE_INFINITY) return null;
		// With the user's own key upstream, `cost` is only the gateway's fee.
		const upstream = peek(peek(this.#usage, 'cost_details'), 'upstream_inference_cost');
		return peek(this.#usage, 'is_byok') === true && typeof upstream === 'number' ? cost + upstream : cost;
	}

	/** What was billed beside the tokens and has no price in the table, in words that complete "the fees for". */
	fees(): string[] {
		return [...this.#fees];
	}

	toolCalls(): ToolCall[] {
		return [...this.#calls.values()].map(({ id, name, text, whole }) => ({
			id,
			name,
			arguments: whole === undefined ? parseArguments(text) : snapshotValue(whole),
		}));
	}

	#anthropic(event: unknown, atMs: number): void {
		const type = peek(event, 'type');
		if (type === 'message_start') this.#names(peek(event, 'message'), atMs);
		else if (type === 'message' || (type === undefined && Array.isArray(peek(event, 'content')))) {
			this.#names(event, atMs);
			for (const block of listOf(peek(event, 'content'))) this.#block(block, String(this.#calls.size), atMs);
			this.finishReason = firstText(peek(event, 'stop_reason'));
			this.finished = true;
		} else if (type === 'content_block_start') {
			this.#block(peek(event, 'content_block'), String(peek(event, 'index')), atMs);
		} else if (type === 'content_block_delta') {
			const delta = peek(event, 'delta');
			const kind = peek(delta, 'type');
			if (kind === 'text_delta') this.#say(peek(delta, 'text'), atMs);
			else if (kind === 'thinking_delta') this.#think(peek(delta, 'thinking'), atMs);
			else if (kind === 'input_json_delta')
				this.#call(String(peek(event, 'index')), { text: peek(delta, 'partial_json') }, atMs);
		} else if (type === 'message_delta') {
			this.finishReason = firstText(peek(peek(event, 'delta'), 'stop_reason')) ?? this.finishReason;
			this.#count(peek(event, 'usage'), atMs);
		} else if (type === 'message_stop') this.finished = true;
	}

	#block(block: unknown, index: string, atMs: number): void {
		const type = peek(block, 'type');
		if (type === 'text') this.#say(peek(block, 'text'), atMs);
		else if (type === 'thinking') this.#think(peek(block, 'thinking'), atMs);
		else if (type === 'tool_use') {
			const input = peek(block, 'input');
			const empty = typeof input === 'object' && input !== null && Object.keys(input).length === 0;
			this.#call(index, { id: peek(block, 'id'), name: peek(block, 'name'), whole: empty ? undefined : input }, atMs);
		}
	}

	#chat(event: unknown, atMs: number): void {
		this.#names(event, atMs);
		// Of several answers to one question, whose chunks come in turns, the first is kept.
		const choice = listOf(peek(event, 'choices')).find((each) => (peek(each, 'index') ?? 0) === 0);
		const delta = peek(choice, 'delta') ?? peek(choice, 'message');
		this.#sayParts(peek(delta, 'content'), atMs);
		this.#say(peek(delta, 'refusal'), atMs);
		this.#say(peek(peek(delta, 'audio'), 'transcript'), atMs);
		this.#think(firstText(peek(delta, 'reasoning_content'), peek(delta, 'reasoning')), atMs);
		for (const [at, call] of listOf(peek(delta, 'tool_calls')).entries()) {
			const index = String(peek(call, 'index') ?? at);
			this.#call(index, { id: peek(call, 'id'), ...functionOf(peek(call, 'function') ?? peek(call, 'custom')) }, atMs);
		}
		// What tool calls were called before there could be several.
		const single = peek(delta, 'function_call');
		if (typeof single === 'object' && single !== null) this.#call('function_call', functionOf(single), atMs);
		const reason = firstText(peek(choice, 'finish_reason'));
		if (reason === null) return;
		this.finishReason = reason;
		this.finished = true;
	}

	#responses(event: unknown, atMs: number): void {
		const type = firstText(peek(event, 'type')) ?? '';
		if (type === '' && (peek(event, 'object') === 'response' || Array.isArray(peek(event, 'output')))) {
			this.#response(event, atMs);
		} else if (type === 'response.output_text.delta' || type === 'response.refusal.delta') {
			this.#say(peek(event, 'delta'), atMs);
		} else if (/^response\.reasoning(_summary)?_text\.delta$/.test(type)) this.#think(peek(event, 'delta'), atMs);
		else if (type === 'response.output_item.added' && isAskedTool(peek(event, 'item'))) {
			this.firstTokenAtMs ??= atMs;
		} else if (type === 'response.output_item.done') this.#item(peek(event, 'item'), atMs);
		else if (type === 'error') this.#fail(event);
		const response = peek(event, 'response');
		if (response === undefined) return;
		this.#names(response, atMs);
		const status = firstText(peek(response, 'status'));
		if (/^response\.(completed|incomplete|failed)$/.test(type)) this.#ended(response, status);
	}

	#response(response: unknown, atMs: number): void {
		this.#names(response, atMs);
		for (const item of listOf(peek(response, 'output'))) {
			this.#item(item, atMs);
			// A model whose thoughts are open tells them where others have what they said.
			const isThought = peek(item, 'type') === 'reasoning';
			for (const part of listOf(peek(item, 'content'))) {
				if (isThought) this.#think(peek(part, 'text'), atMs);
				else this.#say(firstText(peek(part, 'text'), peek(part, 'refusal')), atMs);
			}
			for (const part of listOf(peek(item, 'summary'))) this.#think(peek(part, 'text'), atMs);
		}
		this.#ended(response, firstText(peek(response, 'status')));
	}

	#item(item: unknown, atMs: number): void {
		if (!isAskedTool(item)) return;
		const id = peek(item, 'call_id');
		this.#call(String(id), { id, ...functionOf(item) }, atMs);
	}

	#ended(response: unknown, status: string | null): void {
		this.finishReason = firstText(peek(peek(response, 'incomplete_details'), 'reason')) ?? status;
		if (status === 'failed') this.#fail(peek(response, 'error'));
		this.finished = true;
	}

	#gemini(event: unknown, atMs: number): void {
		// Without `alt=sse` a stream is one array of answers.
		if (Array.isArray(event)) {
			for (const each of event) this.take(each, atMs);
			return;
		}
		this.responseId = firstText(peek(event, 'responseId')) ?? this.responseId;
		this.model = firstText(peek(event, 'modelVersion')) ?? this.model;
		this.#count(peek(event, 'usageMetadata'), atMs);
		const [candidate] = listOf(peek(event, 'candidates'));
		for (const part of listOf(peek(peek(candidate, 'content'), 'parts'))) {
			const call = peek(part, 'functionCall');
			const name = peek(call, 'name');
			if (call !== undefined)
				this.#call(
					`${this.#calls.size}`,
					{ id: peek(call, 'id') ?? name, name, whole: peek(call, 'args') ?? {} },
					atMs,
				);
			else if (peek(part, 'thought') === true) this.#think(peek(part, 'text'), atMs);
			else this.#say(peek(part, 'text'), atMs);
		}
		// A prompt that is blocked has no candidates, and a reason of its own.
		const reason = firstText(peek(candidate, 'finishReason'), peek(peek(event, 'promptFeedback'), 'blockReason'));
		if (reason === null) return;
		this.finishReason = reason;
		this.finished = true;
	}

	#names(from: unknown, atMs: number): void {
		this.responseId = firstText(peek(from, 'id')) ?? this.responseId;
		this.model = firstText(peek(from, 'model')) ?? this.model;
		this.#count(peek(from, 'usage'), atMs);
		const tier = firstText(peek(from, 'service_tier'));
		if (tier !== null) this.serviceTier = /^(default|standard|auto)$/.test(tier) ? null : tier;
	}

	#count(usage: unknown, atMs: number): void {
		if (typeof usage !== 'object' || usage === null) return;
		// A count does not fall to zero: that one only fills a field that had to be named.
		const told = Object.entries(usage).filter(
			([name, value]) => value !== null && value !== undefined && !(value === 0 && peek(this.#usage, name)),
		);
		if (told.length === 0) return;
		this.#usage = { ...this.#usage, ...Object.fromEntries(told) };
		this.usageAtMs = atMs;
		if (peek(usage, 'speed') === 'fast') this.serviceTier = 'fast';
		const tier = firstText(peek(usage, 'service_tier'));
		if (tier !== null && tier !== 'standard') this.serviceTier = tier;
	}

	#say(text: unknown, atMs: number): void {
		if (typeof text !== 'string' || text === '') return;
		this.completion += text;
		this.firstTokenAtMs ??= atMs;
	}

	/** What is said in parts (Mistral) instead of one text. */
	#sayParts(content: unknown, atMs: number): void {
		this.#say(content, atMs);
		for (const part of listOf(content)) {
			this.#say(peek(part, 'text'), atMs);
			for (const thought of listOf(peek(part, 'thinking'))) this.#think(peek(thought, 'text'), atMs);
		}
	}

	#think(text: unknown, atMs: number): void {
		if (typeof text !== 'string' || text === '') return;
		this.reasoning += text;
		this.firstTokenAtMs ??= atMs;
	}

	#call(key: string, piece: { id?: unknown; name?: unknown; text?: unknown; whole?: unknown }, atMs: number): void {
		const call = this.#calls.get(key) ?? { id: '', name: '', text: '', whole: undefined };
		call.id ||= firstText(piece.id) ?? '';
		call.name ||= firstText(piece.name) ?? '';
		call.text += typeof piece.text === 'string' ? piece.text : '';
		call.whole ??= piece.whole;
		this.#calls.set(key, call);
		this.firstTokenAtMs ??= atMs;
	}

	#fail(error: unknown): void {
		const message = typeof error === 'string' ? error : firstText(peek(error, 'message'));
		const code = firstText(peek(error, 'code'), peek(error, 'type'), peek(error, 'status'));
		this.error = { message: message ?? 'The provider reported an error.', code };
	}
}

/** Name and arguments of a tool call; a custom tool of OpenAI takes any text for `input`. */
function functionOf(call: unknown): { name: unknown; text: unknown } {
	return { name: peek(call, 'name'), text: peek(call, 'arguments') ?? peek(call, 'input') };
}

/** An item of a response that asks for a tool of the agent's. Those that the provider runs itself are none. */
function isAskedTool(item: unknown): boolean {
	return /^(function|custom_tool)_call$/.test(String(peek(item, 'type')));
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}
