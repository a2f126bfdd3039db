import type { Found, RecordUnit } from '../source.ts';

/** What a listing of units says of an agent, and which of `folders` they lie in; `null` when there are none. */
export async function foundIn(units: AsyncIterable<RecordUnit>, folders: readonly string[]): Promise<Found | null> {
	const found: Found = { places: [], units: 0, sinceMs: null, lastSeenMs: null };
	const places = new Set<string>();
	for await (const { key, changedAtMs } of units) {
		const folder = folders.find((each) => key.startsWith(each));
		if (folder !== undefined) places.add(folder);
		found.units++;
		found.sinceMs = Math.min(found.sinceMs ?? changedAtMs, changedAtMs);
		found.lastSeenMs = Math.max(found.lastSeenMs ?? changedAtMs, changedAtMs);
	}
	return found.units === 0 ? null : { ...found, places: [...places] };
}
