/** Runs work at once when asked, and at most every `everyMs` when asked often; the last request is never lost. */
export class Throttle {
	readonly #work: () => Promise<void>;
	readonly #everyMs: number;
	#running = false;
	#again = false;
	#lastMs = Number.NEGATIVE_INFINITY;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(work: () => Promise<void>, everyMs: number) {
		this.#work = work;
		this.#everyMs = everyMs;
	}

	/** Runs as soon as the last run is `everyMs` ago and has ended. */
	soon(): void {
		if (this.#running) {
			this.#again = true;
			return;
		}
		if (this.#timer !== undefined) return;
		const wait = Math.max(0, this.#lastMs + this.#everyMs - performance.now());
		this.#timer = setTimeout(() => this.now(), wait);
	}

	/** Runs at once, or again right after a run that is under way. */
	now(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#running) {
			this.#again = true;
			return;
		}
		this.#running = true;
		this.#lastMs = performance.now();
		void this.#work().finally(() => {
			this.#running = false;
			if (!this.#again) return;
			this.#again = false;
			this.soon();
		});
	}
}
