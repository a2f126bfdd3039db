import type { RolloutLine } from './rollout-line.ts';
import { timeOf } from './rollout-line.ts';

/** Shorter lines are parsed sooner than looked at. Bytes. */
const worthwhile = 2_048;
const headBytes = 400;
const tailBytes = 1_500;

/**
 * What is needed of a long line of conversation when its text is not: its kind, whose it is, and which request it
 * belongs to, from its two ends. `null` for a line that has to be parsed. Such lines are nearly all of a rollout.
 */
export function sniffLine(line: Buffer): RolloutLine | null {
	if (line.length < worthwhile || line.at(-1) !== 0x7d) return null;
	const head = line.toString('latin1', 0, headBytes);
	const found = /^\{"timestamp":"([^"]+)"(?:,"ordinal":(\d+))?,"type":"response_item","payload":\{"type":"(\w+)"/.exec(
		head,
	);
	if (found === null) return null;
	const [whole, timestamp, ordinal, type] = found;
	const role =
		type === 'message'
			? /^(?:,"(?:status|id|phase)":"[^"]*")*,"role":"(\w+)"/.exec(head.slice(whole.length))?.[1]
			: undefined;
	if (type === 'message' && role === undefined) return null;
	const sampled = /"sampled_through_sequence":(\d+)[^\n]*$/.exec(line.toString('latin1', line.length - tailBytes))?.[1];
	return {
		atMs: timeOf(timestamp),
		ordinal: ordinal === undefined ? null : Number(ordinal),
		type: 'response_item',
		payload: { type, role },
		sampledThrough: sampled === undefined ? null : Number(sampled),
	};
}
