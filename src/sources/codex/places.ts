import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { distinctFolders, fileAt, type WalkOptions, walkFiles } from '../jsonl/walk-files.ts';
import type { Places, RecordUnit } from '../source.ts';

/** A rollout, plain or compressed: `rollout-<time>-<thread>[_<segment>].jsonl[.zst]`. */
const rolloutName = /^rollout-.+?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(_[^/]*)?\.jsonl(\.zst)?$/i;
const anyRollout = /^rollout-[^/]*\.jsonl(\.zst)?$/;

const walk: WalkOptions = {
	wanted: (path) => anyRollout.test(path.slice(path.lastIndexOf('/') + 1)),
	// A folder that the user names may have anything else in it.
	enter: (path) => path.split('/').every((part) => /^(?:\.codex|(?:archived_)?sessions|\d{2,4})$/.test(part)),
	maxDepth: 6,
};

/**
 * Folders that hold rollouts: `sessions` and `archived_sessions` in Codex's home, the live ones first. `CODEX_HOME`
 * takes the place of `~/.codex`.
 */
export function rolloutFolders(places: Places): string[] {
	const named = places.env.CODEX_HOME?.trim();
	const home = named ? resolve(places.home, named) : join(places.home, '.codex');
	return [...foldersIn(home), ...(places.customPlaces.codex ?? []).flatMap(foldersNamed)];
}

function foldersIn(home: string): string[] {
	return [join(home, 'sessions'), join(home, 'archived_sessions')];
}

/** What the user named: a home of Codex, or a folder with rollouts in it. */
function foldersNamed(folder: string): string[] {
	const folders = foldersIn(folder);
	return folders.some((each) => existsSync(each)) ? folders : [folder];
}

/**
 * Every rollout there is, each once: the one below `sessions` before an archived one of the same name, and the plain
 * file before its compressed copy, which Codex writes beside it and then removes.
 */
export async function* rolloutUnits(places: Places): AsyncGenerator<RecordUnit> {
	const seen = new Set<string>();
	for (const folder of distinctFolders(rolloutFolders(places))) {
		const compressed: RecordUnit[] = [];
		for await (const unit of walkFiles(folder, walk)) {
			if (isCompressed(unit.key)) compressed.push(unit);
			else if (isFirst(unit, seen)) yield unit;
		}
		for (const unit of compressed) if (isFirst(unit, seen)) yield unit;
	}
}

/** The rollout at a path that was reported as changed. */
export function rolloutAt(path: string, places: Places): RecordUnit | null {
	for (const folder of rolloutFolders(places)) {
		const unit = fileAt(folder, path, walk);
		if (unit !== null) return unit;
	}
	return null;
}

export function isCompressed(path: string): boolean {
	return path.endsWith('.zst');
}

/** The thread that a rollout is named for. */
export function threadOfPath(path: string): string | null {
	return rolloutName.exec(fileName(path))?.[1] ?? null;
}

function isFirst(unit: RecordUnit, seen: Set<string>): boolean {
	const name = fileName(unit.key).replace(/\.zst$/, '');
	if (seen.has(name)) return false;
	seen.add(name);
	return true;
}

function fileName(path: string): string {
	return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
