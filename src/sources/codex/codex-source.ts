import { HeldFolds } from '../folded/held-folds.ts';
import { readFolded } from '../folded/read-folded.ts';
import { foundIn } from '../found-in.ts';
import { readJsonLines } from '../jsonl/read-json-lines.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { isCompressed, rolloutAt, rolloutFolders, rolloutUnits, threadOfPath } from './places.ts';
import { Rollout } from './rollout.ts';
import { rolloutLine } from './rollout-line.ts';
import { countsKey, eventCounts } from './token-counts.ts';

/**
 * Codex, in a terminal, in VS Code and as an app: one rollout file for each thread, which is one unit. Input includes
 * what was read from and written to the cache; output includes reasoning.
 *
 * Not in these records, and so never shown: the tools that were offered, encrypted reasoning, and retries that leave no
 * trace.
 */
export class CodexSource implements Source {
	readonly id = 'codex';
	readonly title = 'Codex';
	readonly pollMs = 10_000;
	readonly busyPollMs = 1_000;
	readonly #now: () => number;
	readonly #held = new HeldFolds();
	/** Where each thread's rollout is, as last listed. */
	readonly #rollouts = new Map<string, string>();

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(rolloutUnits(places), this.folders(places));
	}

	folders(places: Places): string[] {
		return rolloutFolders(places);
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for await (const unit of rolloutUnits(places)) {
			const thread = threadOfPath(unit.key);
			if (thread !== null) this.#rollouts.set(thread, unit.key);
			yield unit;
		}
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		return rolloutAt(path, places);
	}

	read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const start = (): Rollout =>
			new Rollout({
				path: unit.key,
				metadataSinceMs: options.metadataSinceMs,
				contentSinceMs: options.contentSinceMs,
				fallbackId: threadOfPath(unit.key),
				countsOf: (threadId) => this.#countsOf(threadId, options.signal),
			});
		return readFolded({ now: this.#now, held: this.#held, start }, unit, options);
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return rolloutFolders(places).map((path) => ({ path, recursive: true }));
	}

	/** Running totals in another thread's rollout: a copy of it is known by them. */
	#countsOf(threadId: string, signal: AbortSignal): ReadonlySet<string> | null {
		const path = this.#rollouts.get(threadId);
		if (path === undefined || isCompressed(path)) return null;
		const keys = new Set<string>();
		const onValue = (value: unknown): void => {
			const line = rolloutLine(value);
			const total = line?.type === 'event_msg' ? (eventCounts(line.payload)?.total ?? null) : null;
			if (total !== null) keys.add(countsKey(total));
		};
		try {
			const wanted = (line: Buffer): boolean => line.includes('"token_count"');
			const reading = readJsonLines(path, onValue, { cursor: null, maxBytes: Number.MAX_SAFE_INTEGER, wanted, signal });
			return reading === null ? null : keys;
		} catch (error) {
			if (signal.aborted) throw error;
			return null;
		}
	}
}

export const codex = new CodexSource();
