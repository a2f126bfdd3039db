import type { SourceRun, TrackedUnit } from './source-run.ts';

export interface QueuedUnit {
	run: SourceRun;
	tracked: TrackedUnit;
}

/** Units to read, newest first over all sources: today's calls come before last month's. */
export class UnitQueue {
	/** Oldest first, so that taking is cheap; sorted when something was added. */
	#items: QueuedUnit[] = [];
	#sorted = true;

	get size(): number {
		return this.#items.length;
	}

	/** Does nothing for a unit that is in the queue. */
	add(item: QueuedUnit): void {
		if (item.tracked.queued) return;
		item.tracked.queued = true;
		this.#items.push(item);
		this.#sorted = false;
	}

	take(): QueuedUnit | undefined {
		if (!this.#sorted) {
			this.#items.sort((one, other) => changedAt(one) - changedAt(other));
			this.#sorted = true;
		}
		const item = this.#items.pop();
		if (item !== undefined) item.tracked.queued = false;
		return item;
	}

	/** Takes out those that do not pass. */
	keep(passes: (item: QueuedUnit) => boolean): void {
		this.#items = this.#items.filter((item) => {
			const kept = passes(item);
			if (!kept) item.tracked.queued = false;
			return kept;
		});
	}
}

function changedAt({ tracked }: QueuedUnit): number {
	return tracked.unit?.changedAtMs ?? 0;
}
