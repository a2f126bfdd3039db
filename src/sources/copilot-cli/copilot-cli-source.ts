import { HeldFolds } from '../folded/held-folds.ts';
import { readFolded } from '../folded/read-folded.ts';
import { foundIn } from '../found-in.ts';
import { fileAt, walkFiles } from '../jsonl/walk-files.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { eventFiles, sessionFolders } from './places.ts';
import { Session } from './session.ts';

/**
 * GitHub Copilot CLI: `~/.copilot/session-state/<session>/events.jsonl`, which is one unit. Input includes cache reads
 * and writes.
 *
 * Not in these records, and so never shown: the tools that were offered, and how long a cache write lives.
 */
export class CopilotCliSource implements Source {
	readonly id = 'copilot-cli';
	readonly title = 'Copilot CLI';
	readonly pollMs = 10_000;
	readonly busyPollMs = 1_000;
	readonly #now: () => number;
	readonly #held = new HeldFolds();

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(this.units(places), this.folders(places));
	}

	folders(places: Places): string[] {
		return sessionFolders(places);
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const folder of sessionFolders(places)) yield* walkFiles(folder, eventFiles);
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		for (const folder of sessionFolders(places)) {
			const unit = fileAt(folder, path, eventFiles);
			if (unit !== null) return unit;
		}
		return null;
	}

	read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const { metadataSinceMs, contentSinceMs } = options;
		const start = (): Session => new Session({ path: unit.key, metadataSinceMs, contentSinceMs });
		return readFolded({ now: this.#now, held: this.#held, start }, unit, options);
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return sessionFolders(places).map((path) => ({ path, recursive: true }));
	}
}

export const copilotCli = new CopilotCliSource();
