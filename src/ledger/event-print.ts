import { hash } from 'node:crypto';
import { canonicalJson } from '../core/canonical-json.ts';
import type { StoredPayload } from '../core/stored-events.ts';

const PRINT_BYTES = 16;

/**
 * What an event says: equal for two readings of the same record. Left out is what may differ between them: the file it
 * was read from, whether it was seen live, the call's names, and what the price table made of it.
 */
export function saidBy(payload: StoredPayload): string {
	const { source, billing } = payload.origin;
	const told = { ...payload, callId: null, aliases: null, origin: [source, billing] };
	return canonicalJson(
		'cost' in payload ? { ...told, cost: [payload.cost.reportedNanoUsd, payload.cost.reportedBy] } : told,
	);
}

/** The same in 16 bytes. */
export function printOf(said: string): Uint8Array {
	return hash('sha256', said, 'buffer').subarray(0, PRINT_BYTES);
}
