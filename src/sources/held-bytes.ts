/** The beginning of a JSON value whose end is in a later piece of its file, up to a bound. */
export class HeldBytes {
	readonly #maxBytes: number;
	#parts: Buffer[] = [];
	#bytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** Takes a piece that does not end the value; a copy, since what is read into is used again. */
	hold(part: Buffer): void {
		this.#bytes += part.length;
		if (this.#bytes > this.#maxBytes) this.#parts = [];
		else this.#parts.push(Buffer.from(part));
	}

	/** The whole value, with the piece that ends it; `null`: it is longer than the bound. Begins anew. */
	finish(part: Buffer): Buffer | null {
		const parts = this.#parts;
		const tooLong = this.#bytes + part.length > this.#maxBytes;
		this.#parts = [];
		this.#bytes = 0;
		if (tooLong) return null;
		return parts.length === 0 ? part : Buffer.concat([...parts, part]);
	}
}
