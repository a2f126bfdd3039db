import { firstText, peek } from '../../core/foreign.ts';

/** One line of a rollout: `{timestamp, ordinal?, type, payload}`. */
export interface RolloutLine {
	/** Epoch milliseconds; `null` where the line has no time that can be read. */
	atMs: number | null;
	/** Position in the thread's history, in newer releases. */
	ordinal: number | null;
	type: string;
	payload: unknown;
	/** For an item of the model: how much of the history its request had seen. Another figure is another request. */
	sampledThrough: number | null;
}

/** `null` for what is no line of a rollout. */
export function rolloutLine(value: unknown): RolloutLine | null {
	const type = firstText(peek(value, 'type'));
	const payload = peek(value, 'payload');
	if (type === null || typeof payload !== 'object' || payload === null) return null;
	return {
		atMs: timeOf(peek(value, 'timestamp')),
		ordinal: countOf(peek(value, 'ordinal')),
		type,
		payload,
		sampledThrough: countOf(peek(peek(value, 'metadata'), 'sampled_through_sequence')),
	};
}

/** Epoch milliseconds of an ISO 8601 time. */
export function timeOf(value: unknown): number | null {
	const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return Number.isFinite(at) && at >= 0 ? at : null;
}

/** A whole number from 0. */
export function countOf(value: unknown): number | null {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

const uuidV7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/i;

/** When a UUID of version 7 was made (RFC 9562 §5.7: 48 bits of epoch milliseconds); `null` for any other id. */
export function uuidTimeMs(id: string | null): number | null {
	const found = id === null ? null : uuidV7.exec(id);
	return found === null ? null : Number.parseInt(`${found[1]}${found[2]}`, 16);
}
