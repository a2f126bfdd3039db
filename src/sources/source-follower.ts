import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Places, RecordUnit, Source } from './source.ts';

/** Notices that come together are one. Short, for a person is waiting to see the call. */
const debounceMs = 15;
/** How long a source is looked at more often after something changed. */
const busyMs = 30_000;
/** Units changed last, whose own folders are watched from the start where the system has no recursive watching. */
const watchedUnits = 64;
/** Folders watched at once; the one that was added first makes room. */
const maxWatchers = 256;
/** Listing all units may take at most one part in so many of the time. */
const listingShare = 10;

interface FollowerEvents {
	/** Lists all units again. Tells whether any has to be read. */
	listAgain(): Promise<boolean>;
	/** Tells whether the unit has to be read. */
	changed(unit: RecordUnit): boolean;
}

/**
 * Watches where one source keeps its records, and looks from time to time where no notice comes: on network drives, in
 * folders made later, and for writes that a system does not report.
 */
export class SourceFollower {
	readonly #source: Source;
	readonly #places: Places;
	readonly #events: FollowerEvents;
	readonly #watchers = new Map<string, FSWatcher>();
	readonly #paths = new Set<string>();
	#notice: NodeJS.Timeout | null = null;
	#poll: NodeJS.Timeout | null = null;
	#busyUntilMs = 0;
	#restUntilMs = 0;
	#stopped = false;

	constructor(source: Source, places: Places, events: FollowerEvents) {
		this.#source = source;
		this.#places = places;
		this.#events = events;
	}

	/** `units`: those there are; the ones changed last are watched more closely. */
	start(units: readonly RecordUnit[]): void {
		this.#watchPlaces();
		if (!hasRecursiveWatch) void this.#watchUnits(units);
		const latest = Math.max(0, ...units.map((unit) => unit.changedAtMs));
		this.#busyUntilMs = latest + busyMs;
		this.#planPoll();
	}

	/** Something is known to be written soon: looks more often for a while. */
	expectChanges(): void {
		if (!this.#stopped) this.#stayBusy();
	}

	stop(): void {
		this.#stopped = true;
		for (const timer of [this.#notice, this.#poll]) if (timer !== null) clearTimeout(timer);
		for (const watcher of this.#watchers.values()) watcher.close();
		this.#watchers.clear();
	}

	#watchPlaces(): void {
		for (const { path, recursive } of this.#source.watch(this.#places)) this.#watch(path, recursive);
	}

	async #watchUnits(units: readonly RecordUnit[]): Promise<void> {
		const newest = [...units].sort((one, other) => other.changedAtMs - one.changedAtMs).slice(0, watchedUnits);
		for (const { key } of newest.reverse()) await this.#watchAround(key);
	}

	/** Watches the folder at `path`, or the one around it, when it is in a place that is watched with all below. */
	async #watchAround(path: string): Promise<void> {
		const isInside = this.#source.watch(this.#places).some((place) => place.recursive && path.startsWith(place.path));
		if (!isInside) return;
		const isFolder = await stat(path).then(
			(found) => found.isDirectory(),
			() => false,
		);
		this.#watch(isFolder ? path : dirname(path), false);
	}

	#watch(path: string, recursive: boolean): void {
		if (this.#stopped || this.#watchers.has(path)) return;
		try {
			const watcher = watch(path, { recursive: recursive && hasRecursiveWatch, persistent: false }, (_event, name) =>
				this.#noticed(name === null ? path : join(path, name)),
			);
			watcher.on('error', () => this.#unwatch(path));
			this.#watchers.set(path, watcher);
			if (this.#watchers.size > maxWatchers) this.#unwatchOldest();
		} catch {
			// Not there yet, or no watching here: looking from time to time finds it.
		}
	}

	#unwatch(path: string): void {
		this.#watchers.get(path)?.close();
		this.#watchers.delete(path);
	}

	#unwatchOldest(): void {
		const places = new Set(this.#source.watch(this.#places).map((place) => place.path));
		for (const path of this.#watchers.keys()) {
			if (places.has(path)) continue;
			this.#unwatch(path);
			return;
		}
	}

	#noticed(path: string): void {
		this.#paths.add(path);
		if (this.#notice !== null || this.#stopped) return;
		const wait = Math.max(debounceMs, this.#source.unitAt === undefined ? this.#restUntilMs - Date.now() : 0);
		this.#notice = setTimeout(() => {
			this.#notice = null;
			void this.#handleNotices();
		}, wait);
	}

	async #handleNotices(): Promise<void> {
		const paths = [...this.#paths];
		this.#paths.clear();
		let changed = false;
		if (this.#source.unitAt === undefined) {
			changed = await this.#list();
		} else {
			const seen = new Set<string>();
			for (const path of paths) {
				// A folder made just now: watched first, so that nothing is written to it unseen after the look.
				if (!hasRecursiveWatch) await this.#watchAround(path);
				const unit = await this.#source.unitAt(path, this.#places).catch(() => null);
				if (unit === null || seen.has(unit.key) || this.#stopped) continue;
				seen.add(unit.key);
				if (this.#events.changed(unit)) changed = true;
			}
		}
		if (changed) this.#stayBusy();
	}

	async #list(): Promise<boolean> {
		const began = performance.now();
		const changed = await this.#events.listAgain();
		this.#restUntilMs = Date.now() + (performance.now() - began) * listingShare;
		return changed;
	}

	#stayBusy(): void {
		const wasBusy = Date.now() < this.#busyUntilMs;
		this.#busyUntilMs = Date.now() + busyMs;
		if (!wasBusy) this.#planPoll();
	}

	#planPoll(): void {
		if (this.#poll !== null) clearTimeout(this.#poll);
		if (this.#stopped) return;
		const { pollMs, busyPollMs } = this.#source;
		const now = Date.now();
		const every = busyPollMs !== undefined && now < this.#busyUntilMs ? busyPollMs : pollMs;
		this.#poll = setTimeout(() => void this.#look(), Math.max(every, this.#restUntilMs - now));
		this.#poll.unref();
	}

	async #look(): Promise<void> {
		this.#watchPlaces();
		if (await this.#list()) this.#stayBusy();
		this.#planPoll();
	}
}

/** On Linux Node builds recursive watching out of one watch for each folder, which thousands of tasks would exhaust. */
const hasRecursiveWatch = process.platform === 'darwin' || process.platform === 'win32';
