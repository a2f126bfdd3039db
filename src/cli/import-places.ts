import { dirname, join } from 'node:path';
import { globalStorageFolders } from '../sources/editor-storage.ts';
import { placeEnvironment } from '../sources/place-variables.ts';
import type { Places, Source } from '../sources/source.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { isInside } from './find-ledger.ts';

/** Folders above a named one that may be the home which its records are laid out for. */
const levelsAbove = 8;

/** Where agents keep their records: in the user's home, or in the one given, which no variable points away from. */
export function usualPlaces({ home, env, platform }: Environment, otherHome: string | null): Places {
	const where = { home: otherHome ?? home, env: otherHome === null ? placeEnvironment(env) : {}, platform };
	return { ...where, globalStorage: globalStorageFolders(where), customPlaces: {} };
}

/**
 * The first of these sources that finds records of its own at `path`, and the places by which it does: that may be a copy
 * of the agent's own folder, a home that holds it, or a part of it.
 *
 * @throws CliProblem when none does.
 */
export async function recordsAt(
	sources: readonly Source[],
	path: string,
	platform: NodeJS.Platform,
): Promise<{ source: Source; places: Places }> {
	for (const source of sources) {
		for (const places of candidates(source, path, platform)) {
			const found = await source.detect(places);
			if (found === null) continue;
			const there = found.places.some((place) => isInside(place, path) || isInside(path, place));
			if (there && (await hasUnitIn(source, places, path))) return { source, places };
		}
	}
	const titles = sources.map(({ title }) => title).join(' or ');
	throw new CliProblem(
		`There are no records of ${titles} at ${path}. Name the agent's own folder, or the home that holds it.`,
		exitCodes.failed,
	);
}

function* candidates(source: Source, path: string, platform: NodeJS.Platform): Generator<Places> {
	const nowhere = join(path, '.callmeter-no-home');
	const above = [path];
	for (let level = 0; level < levelsAbove && dirname(above.at(-1) ?? path) !== above.at(-1); level++) {
		above.push(dirname(above.at(-1) ?? path));
	}
	// The agent's own folder, or one in it: the nearest first, so that a copy beside others is read alone.
	for (const folder of above.slice(0, 4)) {
		const none = { home: nowhere, env: {}, platform };
		yield { ...none, globalStorage: [], customPlaces: { [source.id]: [folder] } };
		yield { ...none, globalStorage: [folder], customPlaces: {} };
	}
	for (const home of above) {
		yield {
			home,
			env: {},
			platform,
			globalStorage: globalStorageFolders({ home, env: {}, platform }),
			customPlaces: {},
		};
	}
}

async function hasUnitIn(source: Source, places: Places, path: string): Promise<boolean> {
	for await (const unit of source.units(places)) if (isInside(unit.key, path)) return true;
	return false;
}
