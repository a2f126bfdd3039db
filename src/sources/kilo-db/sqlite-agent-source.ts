import { dirname } from 'node:path';
import { databaseFile, databaseFiles, dataFolders, envDatabase, type Flavour } from '../opencode-session/places.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { readAgentDatabase } from './read-database.ts';

/**
 * Kilo Code 7, the `kilo` CLI and opencode: SQLite databases of one shape, read in place with their log. A unit is a
 * database. Token counts are disjoint: input excludes cache.
 *
 * Not in these records, and so never shown: the agent's system prompt and tool definitions, and the calls that make a
 * session's title.
 */
export class SqliteAgentSource implements Source {
	readonly id: string;
	readonly title: string;
	/** Where writing to a log gives no notice (macOS, Windows, network drives), only looking tells. */
	readonly pollMs = 2_000;
	readonly busyPollMs = 150;
	readonly #flavour: Flavour;
	readonly #now: () => number;

	constructor(flavour: Flavour, now: () => number = Date.now) {
		this.id = flavour.id;
		this.title = flavour.title;
		this.#flavour = flavour;
		this.#now = now;
	}

	async detect(places: Places): Promise<Found | null> {
		const files = await databaseFiles(this.#flavour, places);
		if (files.length === 0) return null;
		const times = files.map((file) => file.changedAtMs);
		return {
			places: files.map((file) => file.path),
			units: files.length,
			sinceMs: Math.min(...times),
			lastSeenMs: Math.max(...times),
		};
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const file of await databaseFiles(this.#flavour, places)) yield unitOf(file);
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		const database = path.replace(/-(wal|shm)$/, '');
		const known = await databaseFiles(this.#flavour, places);
		const file = known.find((each) => each.path === database) ?? null;
		return file === null ? null : unitOf((await databaseFile(file.path)) ?? file);
	}

	read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		return readAgentDatabase({ flavour: this.#flavour, now: this.#now }, unit.key, options);
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		const paths = dataFolders(this.#flavour, places);
		const named = envDatabase(this.#flavour, places);
		if (named !== null) paths.push(dirname(named));
		return [...new Set(paths)].map((path) => ({ path, recursive: false }));
	}
}

function unitOf(file: { path: string; changedAtMs: number; stamp: string }): RecordUnit {
	return { key: file.path, changedAtMs: file.changedAtMs, stamp: file.stamp };
}
