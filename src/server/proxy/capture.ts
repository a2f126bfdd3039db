import type { KeptBytes } from './exchange.ts';

/** Keeps a copy of what passes, up to a bound: beyond it an exchange is recorded without its content. */
export class Capture {
	readonly #maxBytes: number;
	readonly #chunks: KeptBytes['chunks'] = [];
	#bytes = 0;
	#cut = false;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** Takes a chunk that came `atMs` after the request's start. */
	see(chunk: Uint8Array, atMs: number): void {
		if (this.#bytes + chunk.length > this.#maxBytes) {
			this.#cut = true;
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
