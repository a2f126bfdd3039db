import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARS = 16;
/** Drawn at once: asking the system costs more than all the rest. */
const RANDOM_BYTES = 4096;

/**
 * Makes ULIDs (github.com/ulid/spec): 48 bits of epoch milliseconds and 80 random bits in Crockford base 32. Ids of one
 * generator rise strictly, also within a millisecond and when the clock steps back.
 */
export class UlidGenerator {
	#lastMs = -1;
	#time = '';
	readonly #random = new Uint8Array(RANDOM_CHARS);
	#drawn = Buffer.alloc(0);

	next(nowMs: number = Date.now()): string {
		if (nowMs > this.#lastMs) {
			this.#lastMs = nowMs;
			this.#time = encodeTime(nowMs);
			this.#reseed();
		} else {
			this.#increment();
		}
		let id = this.#time;
		for (const digit of this.#random) id += ALPHABET[digit];
		return id;
	}

	#reseed(): void {
		if (this.#drawn.length < RANDOM_CHARS) this.#drawn = randomBytes(RANDOM_BYTES);
		for (let i = 0; i < RANDOM_CHARS; i++) this.#random[i] = (this.#drawn[i] ?? 0) & 31;
		this.#drawn = this.#drawn.subarray(RANDOM_CHARS);
		// The highest bit stays clear, so that 2^79 ids fit into one millisecond before the count runs over.
		this.#random[0] = (this.#random[0] ?? 0) & 15;
	}

	#increment(): void {
		for (let i = RANDOM_CHARS - 1; i >= 0; i--) {
			const digit = (this.#random[i] ?? 0) + 1;
			if (digit < 32) {
				this.#random[i] = digit;
				return;
			}
			this.#random[i] = 0;
		}
	}
}

function encodeTime(ms: number): string {
	let text = '';
	let rest = ms;
	for (let i = 0; i < 10; i++) {
		text = ALPHABET[rest % 32] + text;
		rest = Math.floor(rest / 32);
	}
	return text;
}
