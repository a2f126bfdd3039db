import type { KeptBytes } from './exchange.ts';

/** Of what is too large to be read, this much of its beginning is kept: it may name the model. Bytes. */
const startBytes = 64 * 1024;

/** Keeps a copy of what passes, up to a bound: beyond it, only the beginning, and no content is recorded. */
export class Capture {
	readonly #maxBytes: number;
	#chunks: KeptBytes['chunks'] = [];
	#bytes = 0;
	#cut = false;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** Takes a chunk that came `atMs` after the request's start. */
	see(chunk: Uint8Array, atMs: number): void {
		if (this.#cut) return;
		if (this.#bytes + chunk.length > this.#maxBytes) {
			this.#cut = true;
			const start = Buffer.concat([...this.#chunks.map(({ bytes }) => bytes), chunk]).subarray(0, startBytes);
			this.#chunks = [{ atMs: this.#chunks[0]?.atMs ?? atMs, bytes: new Uint8Array(start) }];
			return;
		}
		this.#bytes += chunk.length;
		// A copy: Node reuses the memory of what it reads, and the copy is handed to another thread.
		this.#chunks.push({ atMs, bytes: new Uint8Array(chunk) });
	}

	/** What was kept, and the memory to hand over with it. */
	take(encoding: string | undefined): { body: KeptBytes; memory: ArrayBuffer[] } {
		const named = encoding?.trim().toLowerCase() ?? '';
		return {
			body: { chunks: this.#chunks, cut: this.#cut, encoding: named === '' || named === 'identity' ? null : named },
			memory: this.#chunks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
		};
	}
}
