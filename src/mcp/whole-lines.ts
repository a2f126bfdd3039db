import { Transform, type TransformCallback } from 'node:stream';

const newline = 0x0a;

/**
 * Passes bytes on by whole lines. The SDK puts what it has got so far together anew with each piece of a message: a
 * prompt of megabytes, which comes in pieces of 64 KB, would be copied hundreds of times.
 */
export class WholeLines extends Transform {
	readonly #maxLength: number;
	#held: Buffer[] = [];
	#length = 0;

	/** A line above `maxLength` bytes is passed on unfinished, to be refused. */
	constructor(maxLength: number) {
		super();
		this.#maxLength = maxLength;
	}

	override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
		const end = chunk.lastIndexOf(newline) + 1;
		if (end > 0) {
			this.#hold(chunk.subarray(0, end));
			this.#pass();
		}
		this.#hold(chunk.subarray(end));
		if (this.#length > this.#maxLength) this.#pass();
		done();
	}

	override _flush(done: TransformCallback): void {
		this.#pass();
		done();
	}

	#hold(part: Buffer): void {
		if (part.length === 0) return;
		this.#held.push(part);
		this.#length += part.length;
	}

	#pass(): void {
		if (this.#length === 0) return;
		this.push(Buffer.concat(this.#held, this.#length));
		this.#held = [];
		this.#length = 0;
	}
}
