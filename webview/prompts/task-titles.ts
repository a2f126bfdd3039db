import type { Ui } from '../ui.ts';

/** Titles of tasks that are named where their line may not be in sight. */
export class TaskTitles {
	readonly #ui: Ui;
	readonly #found: () => void;
	readonly #titles = new Map<string, string | null>();

	/** @param found told when a title came that was asked for */
	constructor(ui: Ui, found: () => void) {
		this.#ui = ui;
		this.#found = found;
	}

	set(sessionId: string, title: string | null): void {
		this.#titles.set(sessionId, title);
	}

	/** `null`: it has none, or it is not known yet and is asked for. */
	of(sessionId: string): string | null {
		const known = this.#titles.get(sessionId);
		if (known !== undefined) return known;
		this.#titles.set(sessionId, null);
		void this.#ask(sessionId);
		return null;
	}

	async #ask(sessionId: string): Promise<void> {
		try {
			const { rows } = await this.#ui.link.request({
				kind: 'sessions',
				filter: { sessionId },
				sort: 'newest',
				offset: 0,
				limit: 1,
			});
			const title = rows[0]?.title ?? null;
			if (title === null) return;
			this.#titles.set(sessionId, title);
			this.#found();
		} catch (error) {
			this.#ui.report(error);
			this.#titles.delete(sessionId);
		}
	}
}
