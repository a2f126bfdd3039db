import { HeldFolds } from '../folded/held-folds.ts';
import { readFolded } from '../folded/read-folded.ts';
import { foundIn } from '../found-in.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { Chat } from './chat.ts';
import { chatAt, chatRoots, chatUnits } from './places.ts';
import { readWholeChat } from './read-whole-chat.ts';

/**
 * Gemini CLI: one file for each chat, which is one unit: lines of JSON that grow, or in older releases one JSON object that is
 * written anew each time. Input includes cached tokens; output leaves out thoughts, which are added to it here.
 *
 * Not in these records, and so never shown: the system prompt, the tools that were offered, and calls of the CLI's own
 * (compression, routing, web search, summaries).
 */
export class GeminiCliSource implements Source {
	readonly id = 'gemini-cli';
	readonly title = 'Gemini CLI';
	readonly pollMs = 10_000;
	readonly busyPollMs = 1_000;
	readonly #now: () => number;
	readonly #held = new HeldFolds();

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(chatUnits(places), this.folders(places));
	}

	folders(places: Places): string[] {
		return chatRoots(places);
	}

	units(places: Places): AsyncIterable<RecordUnit> {
		return chatUnits(places);
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		return chatAt(path, places);
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const start = (): Chat =>
			new Chat({
				path: unit.key,
				metadataSinceMs: options.metadataSinceMs,
				contentSinceMs: options.contentSinceMs,
				workspace: options.folders ?? [],
			});
		if (unit.key.endsWith('.json')) return readWholeChat(start(), unit, options);
		return readFolded({ now: this.#now, held: this.#held, start }, unit, options);
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return chatRoots(places).map((path) => ({ path, recursive: true }));
	}
}

export const geminiCli = new GeminiCliSource();
