import { sep } from 'node:path';
import type { Found, RecordUnit } from './source.ts';

/** What a listing of units says of an agent, while it goes on. */
export class FoundTally {
	/** `null` until there is a unit. Grows with each. */
	found: Found | null = null;
	readonly #folders: readonly { path: string; prefix: string }[];

	/** Told as the agent's places are those of `folders` that hold any of its units. */
	constructor(folders: readonly string[]) {
		this.#folders = folders.map((path) => ({ path, prefix: path.endsWith(sep) ? path : path + sep }));
	}

	add({ key, changedAtMs }: RecordUnit): void {
		this.found ??= { places: [], units: 0, sinceMs: changedAtMs, lastSeenMs: changedAtMs };
		const { found } = this;
		found.units++;
		found.sinceMs = Math.min(found.sinceMs ?? changedAtMs, changedAtMs);
		found.lastSeenMs = Math.max(found.lastSeenMs ?? changedAtMs, changedAtMs);
		const folder = this.#folders.find(({ path, prefix }) => key.startsWith(prefix) || key === path);
		if (folder === undefined || found.places.includes(folder.path)) return;
		const places = new Set([...found.places, folder.path]);
		found.places = this.#folders.map(({ path }) => path).filter((path) => places.has(path));
	}
}

/** What was found of an agent; `null` when there are no units. */
export async function foundIn(units: AsyncIterable<RecordUnit>, folders: readonly string[]): Promise<Found | null> {
	const tally = new FoundTally(folders);
	for await (const unit of units) tally.add(unit);
	return tally.found;
}
