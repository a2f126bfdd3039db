/** Room that is kept from one value to the next. */
const keptBytes = 1 << 20;

/**
 * The beginning of a JSON value whose end is in a later piece of its file, up to a bound. Uses one buffer for all values:
 * a copy for each would be freed only when the collector comes by, which may be long after hundreds of megabytes.
 */
export class HeldBytes {
	readonly #maxBytes: number;
	#buffer = Buffer.from(new ArrayBuffer(0));
	#bytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** Takes a piece that does not end the value; a copy, since what is read into is used again. */
	hold(part: Buffer): void {
		const bytes = this.#bytes + part.length;
		if (this.#bytes === 0 && this.#buffer.length > keptBytes) this.#resize(0);
		if (bytes <= this.#maxBytes) this.#append(part, bytes);
		else this.#resize(0);
		this.#bytes = bytes;
	}

	/**
	 * The whole value, with the piece that ends it; `null`: it is longer than the bound. Begins anew. The bytes are valid
	 * until the next piece is taken.
	 */
	finish(part: Buffer): Buffer | null {
		const held = this.#bytes;
		const bytes = held + part.length;
		if (held === 0 || bytes > this.#maxBytes) {
			this.#bytes = 0;
			return bytes > this.#maxBytes ? null : part;
		}
		this.#append(part, bytes);
		this.#bytes = 0;
		return this.#buffer.subarray(0, bytes);
	}

	#append(part: Buffer, bytes: number): void {
		if (bytes > this.#buffer.length) this.#resize(Math.max(bytes, Math.min(this.#maxBytes, this.#buffer.length * 2)));
		part.copy(this.#buffer, this.#bytes);
	}

	/** Keeps what is held, and frees the room that it had at once. */
	#resize(bytes: number): void {
		this.#buffer = Buffer.from(this.#buffer.buffer.transfer(bytes));
	}
}
