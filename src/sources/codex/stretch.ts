import type { ToolCall } from '../../core/message.ts';
import type { Item } from './response-items.ts';

/** What the model gave between two words from outside: one answer, as far as it came. */
export class Stretch {
	readonly startedAtMs: number;
	/** Time of its first item, by which it is known again. */
	readonly firstItemAtMs: number;
	readonly firstTokenAtMs: number | null;
	/** Messages of the conversation before it. */
	readonly promptLength: number;
	/** How much of the history the request had seen (newer releases tell): another figure is another request. */
	readonly sampledThrough: number | null;
	endedAtMs: number;
	readonly texts: string[] = [];
	readonly reasoning: string[] = [];
	readonly toolCalls: ToolCall[] = [];

	constructor(
		from: Pick<Stretch, 'startedAtMs' | 'firstItemAtMs' | 'firstTokenAtMs' | 'promptLength' | 'sampledThrough'>,
	) {
		this.startedAtMs = Math.min(from.startedAtMs, from.firstItemAtMs);
		this.firstItemAtMs = from.firstItemAtMs;
		this.firstTokenAtMs = from.firstTokenAtMs;
		this.promptLength = from.promptLength;
		this.sampledThrough = from.sampledThrough;
		this.endedAtMs = from.firstItemAtMs;
	}

	add(item: Extract<Item, { from: 'model' }>, atMs: number): void {
		this.endedAtMs = Math.max(this.endedAtMs, atMs);
		if (item.text !== null) this.texts.push(item.text);
		if (item.reasoning !== null) this.reasoning.push(item.reasoning);
		if (item.toolCall !== null) this.toolCalls.push(item.toolCall);
	}
}
