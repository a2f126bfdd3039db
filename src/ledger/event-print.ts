import { hash, randomBytes } from 'node:crypto';
import type { StoredCallPayload, StoredPayload, StoredResponsePayload } from '../core/stored-events.ts';

const PRINT_BYTES = 16;
const SALT_BYTES = 16;
const SALTS_AT_ONCE = 256;

/**
 * What an event says, in 16 bytes: equal for two readings of the same record. Left out is what may differ between them:
 * the file it was read from, whether it was seen live, the call's own names, and what the price table made of it.
 */
export function printOf(payload: StoredPayload): Uint8Array {
	const { source, billing } = payload.origin;
	const told = { ...payload, callId: null, aliases: null, origin: [source, billing] };
	const said = 'cost' in payload ? { ...told, cost: [payload.cost.reportedNanoUsd, payload.cost.reportedBy] } : told;
	return hash('sha256', JSON.stringify(said), 'buffer').subarray(0, PRINT_BYTES);
}

export function samePrint(a: Uint8Array | null, b: Uint8Array): boolean {
	return a !== null && Buffer.compare(a, b) === 0;
}

export type PairPayload = StoredCallPayload | StoredResponsePayload;

let salts = Buffer.alloc(0);

/** A secret random salt for the digests of one call, as hex. Drawn many at once: asking the system costs more than hashing. */
export function newSalt(): string {
	if (salts.length < SALT_BYTES) salts = randomBytes(SALT_BYTES * SALTS_AT_ONCE);
	const salt = salts.toString('hex', 0, SALT_BYTES);
	salts = salts.subarray(SALT_BYTES);
	return salt;
}
