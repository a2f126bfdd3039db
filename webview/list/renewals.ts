/** Runs the work of a list one at a time. What is asked for meanwhile is gathered into one more run. */
export class Renewals {
	readonly #renew: () => Promise<void>;
	#running: Promise<void> | null = null;
	#again = false;

	constructor(renew: () => Promise<void>) {
		this.#renew = renew;
	}

	/** Renews, now or once after what is under way. */
	ask(): Promise<void> {
		if (this.#running === null) return this.instead(this.#renew());
		this.#again = true;
		return this.#running;
	}

	/** Holds back renewals until this work is done; work on a list that was replaced holds back nothing. */
	instead(work: Promise<void>): Promise<void> {
		const running = work.finally(() => {
			if (this.#running !== running) return;
			this.#running = null;
			if (!this.#again) return;
			this.#again = false;
			void this.ask();
		});
		this.#running = running;
		return running;
	}
}
