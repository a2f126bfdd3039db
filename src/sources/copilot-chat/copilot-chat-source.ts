import { HeldFolds } from '../folded/held-folds.ts';
import { readFolded } from '../folded/read-folded.ts';
import { foundIn } from '../found-in.ts';
import { fileAt, walkFiles } from '../jsonl/walk-files.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { DebugLog } from './debug-log.ts';
import { logRoots } from './places.ts';

/**
 * GitHub Copilot Chat in VS Code, as far as its debug logs tell, which it writes when its setting
 * `agentDebugLog.fileLogging.enabled` is on. One log is one unit. Input includes cached tokens.
 *
 * Not in these logs, and so never shown: writes to a cache, reasoning tokens, and answers beyond 5,000 characters.
 */
export class CopilotChatSource implements Source {
	readonly id = 'copilot-chat';
	readonly title = 'Copilot Chat';
	/** Listing looks into the storage of every workspace there is. */
	readonly pollMs = 30_000;
	readonly busyPollMs = 4_000;
	readonly #now: () => number;
	readonly #held = new HeldFolds();

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(this.units(places), this.folders(places));
	}

	folders(places: Places): string[] {
		return logRoots(places).map(({ path }) => path);
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const { path, logs } of logRoots(places)) yield* walkFiles(path, logs);
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		for (const { path: root, logs } of logRoots(places)) {
			const unit = fileAt(root, path, logs);
			if (unit !== null) return unit;
		}
		return null;
	}

	read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const { metadataSinceMs, contentSinceMs } = options;
		const start = (): DebugLog => new DebugLog({ path: unit.key, metadataSinceMs, contentSinceMs });
		return readFolded({ now: this.#now, held: this.#held, start }, unit, options);
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return logRoots(places).map(({ path }) => ({ path, recursive: true }));
	}
}

export const copilotChat = new CopilotChatSource();
