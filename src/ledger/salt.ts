import { randomBytes } from 'node:crypto';

const SALT_BYTES = 16;
const SALTS_AT_ONCE = 256;

let salts = Buffer.alloc(0);

/** A secret random salt for the digests of one call, as hex. Drawn many at once: asking the system costs more than hashing. */
export function newSalt(): string {
	if (salts.length < SALT_BYTES) salts = randomBytes(SALT_BYTES * SALTS_AT_ONCE);
	const salt = salts.toString('hex', 0, SALT_BYTES);
	salts = salts.subarray(SALT_BYTES);
	return salt;
}
