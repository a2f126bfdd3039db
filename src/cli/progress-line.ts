import type { Environment } from './environment.ts';

/** One line that tells how far something is, on a terminal's standard error only. */
export class ProgressLine {
	readonly #err: Environment['err'];
	#shown = false;

	constructor({ err }: Pick<Environment, 'err'>) {
		this.#err = err;
	}

	/** Replaces what was shown. `text` is ours: nothing from elsewhere. */
	show(text: string): void {
		if (this.#err.columns === null) return;
		this.#err.write(`\r\u001b[2K${text}`);
		this.#shown = true;
	}

	/** Takes it away, so that something else can be written. */
	clear(): void {
		if (this.#shown) this.#err.write('\r\u001b[2K');
		this.#shown = false;
	}
}
