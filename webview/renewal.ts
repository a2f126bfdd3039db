import { Throttle } from './throttle.ts';

/**
 * Keeps the figures of a page up to date: loads them at once when the page comes into sight, and again while the ledger
 * changes, which waits until the first are there. Where two are under way, the one that began last counts.
 */
export class Renewal {
	readonly #load: (isCurrent: () => boolean) => Promise<void>;
	readonly #throttle: Throttle;
	#first: Promise<void> = Promise.resolve();
	#turn = 0;
	#stopped = true;

	/**
	 * @param load asks for figures and shows them, as long as `isCurrent` says so; shows its own failures
	 * @param everyMs how often, at most
	 */
	constructor(load: (isCurrent: () => boolean) => Promise<void>, everyMs: number) {
		this.#load = load;
		this.#throttle = new Throttle(() => this.#first.then(() => this.#run()), everyMs);
	}

	/** The page is in sight, or shows something else. Resolves when that is there. */
	start(): Promise<void> {
		this.#stopped = false;
		this.#first = this.#run();
		return this.#first;
	}

	/** The ledger has changed. */
	soon(): void {
		this.#throttle.soon();
	}

	/** The page is out of sight: what is under way is not shown any more. */
	stop(): void {
		this.#stopped = true;
		this.#turn++;
	}

	async #run(): Promise<void> {
		if (this.#stopped) return;
		const turn = ++this.#turn;
		await this.#load(() => turn === this.#turn);
	}
}
