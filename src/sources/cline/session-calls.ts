import { hash } from 'node:crypto';
import type { SkipReason } from '../source.ts';
import type { SessionMessage } from './records.ts';
import type { SessionFile } from './session-file.ts';

/** One answer of the model. */
export interface SessionCall {
	message: SessionMessage;
	/** Its place among the messages: its prompt is what stands before it. */
	index: number;
	/** Epoch milliseconds. */
	startedAtMs: number;
	endedAtMs: number;
}

export interface FoundCalls {
	calls: SessionCall[];
	skipped: Partial<Record<SkipReason, number>>;
}

/**
 * The calls of one file, oldest first. One message id counts once. A session that was forked begins with the messages
 * of the one it was forked from: `inherited` has their ids, where that one is still there to be counted itself.
 */
export function callsOf(file: SessionFile, inherited: ReadonlySet<string>, isOpen: boolean): FoundCalls {
	const found: FoundCalls = { calls: [], skipped: {} };
	const skip = (reason: SkipReason): void => {
		found.skipped[reason] = (found.skipped[reason] ?? 0) + 1;
	};
	const seen = new Set<string>();
	let latestMs: number | null = null;
	for (const [index, message] of file.messages.entries()) {
		const before = latestMs;
		if (message.ts !== undefined) latestMs = Math.max(latestMs ?? 0, message.ts);
		if (message.role !== 'assistant' || seen.has(message.id)) continue;
		seen.add(message.id);
		// What is still being written gets its counts when it is complete.
		if (isOpen && message.metrics === undefined && index === file.messages.length - 1) continue;
		if (inherited.has(message.id)) skip('inherited');
		else if (message.metrics === undefined && message.modelInfo === undefined) skip('noUsage');
		else if (message.ts === undefined) skip('malformed');
		else {
			// The request goes out when what it answers is there: the user's words, or the results of tools.
			const startedAtMs = Math.min(message.ts, before ?? message.ts);
			found.calls.push({ message, index, startedAtMs, endedAtMs: message.ts });
		}
	}
	return found;
}

/** Names what the first `count` calls say, in a few characters: equal as long as none of them changed. */
export function printOf(calls: readonly SessionCall[], count: number): string {
	const said = calls.slice(0, count).map(({ message, index }) => [message.id, index, message.ts, message.metrics]);
	return hash('sha1', JSON.stringify(said), 'base64').slice(0, 16);
}
