import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from './source.ts';

interface Part {
	source: Source;
	/** As last listed and seen since, in which places and when (milliseconds of this process). */
	listed: { units: Map<string, RecordUnit>; places: Places; atMs: number } | null;
}

/**
 * One agent that keeps, or kept, its records in several ways: one line in the panel and one switch. Units belong to the
 * part that lists them; each part is listed as often as it asks to be, so that a slow one does not hold up a quick one.
 */
export class JoinedSource implements Source {
	readonly id: string;
	readonly title: string;
	readonly pollMs: number;
	readonly busyPollMs: number;
	readonly #parts: readonly Part[];
	/** By key, for the units that were listed or noticed. */
	readonly #owners = new Map<string, Part>();
	readonly #now: () => number;

	/** `main` gives the name. The parts have its id, under which their state is kept. */
	constructor(main: Source, others: readonly Source[], now: () => number = () => performance.now()) {
		this.id = main.id;
		this.title = main.title;
		this.#parts = [main, ...others].map((source) => ({ source, listed: null }));
		this.pollMs = Math.min(...this.#parts.map(({ source }) => source.pollMs));
		this.busyPollMs = Math.min(...this.#parts.map(({ source }) => source.busyPollMs ?? source.pollMs));
		this.#now = now;
	}

	/** Looks everywhere: what was listed before no longer counts. */
	async detect(places: Places): Promise<Found | null> {
		const found: Found[] = [];
		for (const part of this.#parts) {
			part.listed = null;
			const some = await part.source.detect(places);
			if (some !== null) found.push(some);
		}
		if (found.length === 0) return null;
		const times = (which: 'sinceMs' | 'lastSeenMs'): number[] => found.flatMap((each) => each[which] ?? []);
		const [since, lastSeen] = [times('sinceMs'), times('lastSeenMs')];
		return {
			places: [...new Set(found.flatMap((each) => each.places))],
			units: found.reduce((sum, each) => sum + each.units, 0),
			sinceMs: since.length === 0 ? null : Math.min(...since),
			lastSeenMs: lastSeen.length === 0 ? null : Math.max(...lastSeen),
		};
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const part of this.#parts) {
			const { source, listed } = part;
			const everyMs = source.busyPollMs ?? source.pollMs;
			// The quickest part sets the pace, and is always listed.
			const isDue = everyMs <= this.busyPollMs || listed?.places !== places || this.#now() - listed.atMs >= everyMs;
			if (!isDue) {
				yield* listed.units.values();
				continue;
			}
			const units = new Map<string, RecordUnit>();
			for await (const unit of source.units(places)) {
				units.set(unit.key, unit);
				this.#owners.set(unit.key, part);
				yield unit;
			}
			part.listed = { units, places, atMs: this.#now() };
		}
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		for (const part of this.#parts) {
			const unit = (await part.source.unitAt?.(path, places)) ?? null;
			if (unit === null) continue;
			this.#owners.set(unit.key, part);
			part.listed?.units.set(unit.key, unit);
			return unit;
		}
		return null;
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const part = this.#owners.get(unit.key) ?? this.#parts[0];
		if (part === undefined) throw new Error(`${this.id} has no parts`);
		const reading = await part.source.read(unit, options);
		// What was listed before it was read is not to be taken for news the next time.
		if (reading.stamp === '') part.listed?.units.delete(unit.key);
		else part.listed?.units.set(unit.key, { ...unit, stamp: reading.stamp });
		return reading;
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		const watched = new Map<string, boolean>();
		for (const { source } of this.#parts) {
			for (const { path, recursive } of source.watch(places)) {
				watched.set(path, recursive || watched.get(path) === true);
			}
		}
		return [...watched].map(([path, recursive]) => ({ path, recursive }));
	}
}
