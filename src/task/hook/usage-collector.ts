import type { Protocol } from '../../core/draft.ts';
import { firstText, peek } from '../../core/foreign.ts';
import type { Usage } from '../../core/usage.ts';
import { mergeUsageChunks, USAGE_COUNTS, USAGE_NAMES, type UsageChunkLike } from '../../core/usage-merge.ts';
import { usageFromChunk } from '../../core/usage-protocols.ts';

/** The usage of one stream, however many chunks it comes in. */
export class UsageCollector {
	readonly #protocol: Protocol;
	#merged: UsageChunkLike | null = null;

	constructor(protocol: Protocol) {
		this.#protocol = protocol;
	}

	/** Takes a `usage` chunk, ours or a foreign one. Tells whether it has a count: some only carry ids. */
	add(chunk: unknown): boolean {
		const read = readChunk(chunk);
		this.#merged = mergeUsageChunks(this.#merged === null ? [read] : [this.#merged, read]);
		return USAGE_COUNTS.some((key) => read[key] !== undefined);
	}

	/** `usage` is `null` if no chunk had a count. `meta` is what else the chunks said. `notes` are for a person. */
	result(): { usage: Usage | null; meta: UsageChunkLike; notes: string[] } {
		const notes: string[] = [];
		const meta = this.#merged ?? {};
		return { usage: this.#merged === null ? null : usageFromChunk(this.#merged, this.#protocol, notes), meta, notes };
	}
}

function readChunk(chunk: unknown): UsageChunkLike {
	const read: UsageChunkLike = {};
	for (const key of USAGE_COUNTS) {
		const value = peek(chunk, key);
		if (typeof value === 'number') read[key] = value;
	}
	for (const key of USAGE_NAMES) {
		const value = firstText(peek(chunk, key));
		if (value !== null) read[key] = value;
	}
	const cost = peek(chunk, 'totalCost');
	if (typeof cost === 'number' && Number.isFinite(cost) && cost >= 0) read.totalCost = cost;
	if (peek(chunk, 'counting') === 'partial') read.counting = 'partial';
	return read;
}
