import { firstText, peek } from '../../core/foreign.ts';
import type { ToolCall } from '../../core/message.ts';
import { parseArguments } from '../../core/normalise-messages.ts';

interface Started {
	id: string;
	name: string;
	text: string;
}

/**
 * Puts together the tool calls of one response. Our own stream has them whole (`tool_call`); Kilo-style agents also
 * stream them in pieces: `tool_call_partial` (by index), `tool_call_start` / `tool_call_delta` (by id), and
 * `native_tool_calls` (OpenAI's deltas, by index).
 */
export class ToolCallCollector {
	readonly #calls = new Map<string, Started>();

	/** Takes a chunk; `false` if it is no piece of a tool call. */
	add(type: unknown, chunk: unknown): boolean {
		switch (type) {
			case 'tool_call':
				this.#put(peek(chunk, 'id'), peek(chunk, 'name'), peek(chunk, 'arguments'), `id:${this.#calls.size}`);
				return true;
			case 'tool_call_start':
			case 'tool_call_delta':
				this.#put(peek(chunk, 'id'), peek(chunk, 'name'), peek(chunk, 'delta'), `id:${String(peek(chunk, 'id'))}`);
				return true;
			case 'tool_call_partial':
				this.#putIndexed(chunk, chunk);
				return true;
			case 'native_tool_calls': {
				const deltas = peek(chunk, 'toolCalls');
				if (Array.isArray(deltas)) for (const delta of deltas) this.#putIndexed(delta, peek(delta, 'function'));
				return true;
			}
			default:
				return false;
		}
	}

	/** What was collected, in the order in which the calls began. */
	toolCalls(): ToolCall[] {
		return [...this.#calls.values()].map(({ id, name, text }) => ({ id, name, arguments: parseArguments(text) }));
	}

	#putIndexed(delta: unknown, named: unknown): void {
		const id = peek(delta, 'id');
		const index = peek(delta, 'index');
		const key = typeof index === 'number' ? `index:${index}` : `id:${String(id)}`;
		this.#put(id, peek(named, 'name'), peek(named, 'arguments'), key);
	}

	#put(id: unknown, name: unknown, text: unknown, key: string): void {
		const call = this.#calls.get(key) ?? { id: '', name: '', text: '' };
		call.id ||= firstText(id) ?? '';
		call.name ||= firstText(name) ?? '';
		call.text += typeof text === 'string' ? text : text === undefined ? '' : (JSON.stringify(text) ?? '');
		this.#calls.set(key, call);
	}
}
