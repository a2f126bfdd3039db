import { createHash } from 'node:crypto';

/** The hash that the ledger hands to core. */
export function sha256(text: string): string {
	return createHash('sha256').update(text, 'utf8').digest('hex');
}
