import type { MessageRow } from './rows.ts';
import type { AssistantRow } from './steps.ts';

/** An id's own clock and the message's may differ by what lies between making the one and the other. */
export const sameTimeMs = 5_000;

/**
 * Whether a message may be a copy: a fork writes the messages of its parent again under new ids, with their own times
 * and counts in them, and an id carries the time at which it was made.
 */
export function mayBeCopy(message: AssistantRow): boolean {
	const madeAtMs = idTimeMs(message.id, message.data.time.created);
	return madeAtMs === null || Math.abs(madeAtMs - message.data.time.created) > sameTimeMs;
}

/** Whether `other` is what `message` was copied from, or copied like it. */
export function isSameAnswer({ data }: AssistantRow, other: MessageRow): boolean {
	return (
		other.data.role === 'assistant' &&
		other.data.time.created === data.time.created &&
		other.data.modelID === data.modelID &&
		other.data.providerID === data.providerID &&
		other.data.finish === data.finish &&
		other.data.tokens?.input === data.tokens?.input &&
		other.data.tokens?.output === data.tokens?.output
	);
}

/**
 * When an ascending id was made, epoch milliseconds; `null` for an id of another form.
 * `msg_` + 12 hex digits: 48 bits of (milliseconds × 4096 + counter), so the time wraps every 2^36 ms (2.2 years); the
 * turn nearest to `nearMs` is taken.
 */
export function idTimeMs(id: string, nearMs: number): number | null {
	const hex = /^[a-z]+_([0-9a-f]{12})/.exec(id)?.[1];
	if (hex === undefined) return null;
	const turn = 2 ** 36;
	const low = Math.floor(Number.parseInt(hex, 16) / 4096);
	return low + turn * Math.round((nearMs - low) / turn);
}
