import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as zlib from 'node:zlib';
import type { AgentFound, DoctorJson, Finding, LedgerFound } from '../../core/outside/doctor-json.ts';
import { pricesAsOf } from '../../core/pricing/prices-as-of.ts';
import { type Inspection, inspectLedger } from '../../ledger/inspect.ts';
import { LedgerRegistry } from '../../ledger/registry.ts';
import { registryDirectory } from '../../ledger/registry-place.ts';
import { sources } from '../../sources/catalog.ts';
import { CliProblem, type Environment } from '../environment.ts';
import { ledgerToRead, realOf } from '../find-ledger.ts';
import { usualPlaces } from '../import-places.ts';
import { findServers } from './find-servers.ts';
import { withoutHome } from './home-path.ts';
import { modeOf, permissionProblems } from './permissions.ts';

/** With less than this calls may soon not be written any more. */
const fewBytes = 200 * 1024 * 1024;

/** Looks at everything that Callmeter needs, reads and keeps on this machine. Changes nothing; never throws. */
export async function examine(environment: Environment, named: string | undefined): Promise<DoctorJson> {
	const { home, version, platform } = environment;
	const problems: Finding[] = [];
	const notes: Finding[] = [];
	const ledgers = findLedgers(environment, named, problems, notes);
	const files = ledgers.filter(({ condition }) => condition !== 'missing').map(({ file }) => file);
	// After they were looked at: SQLite makes files beside a ledger that it reads, as open as that is.
	problems.push(...permissionProblems(files, environment));
	const disks = findDisks([...files, registryDirectory(environment)], problems);
	const [agents, servers] = await Promise.all([findAgents(environment, problems), findServers(environment)]);
	for (const { port, pid } of servers.filter((server) => !server.answers)) {
		problems.push({
			what: `The local server on port ${port} (process ${pid}) does not answer.`,
			advice: 'Stop it and start it again: in VS Code, or callmeter serve.',
			command: null,
		});
	}
	const abilities = { fullText: hasFullText(), zstd: typeof zlib.zstdCompressSync === 'function' };
	if (!abilities.fullText) notes.push(note('This Node has no full-text index: searching reads every text.', null));
	const examined: DoctorJson = {
		ok: problems.length === 0,
		problems,
		notes,
		versions: {
			callmeter: version,
			node: process.versions.node,
			sqlite: process.versions.sqlite ?? 'unknown',
			system: `${platform} ${process.arch}`,
		},
		abilities,
		ledgers,
		agents,
		servers,
		prices: { source: pricesAsOf.source, asOf: pricesAsOf.date },
		disks,
	};
	return withoutHome(examined, [home, realOf(home)]);
}

function note(what: string, advice: string | null, command: string | null = null): Finding {
	return { what, advice, command };
}

/** Those on the list, and the one that is named. */
function findLedgers(
	environment: Environment,
	named: string | undefined,
	problems: Finding[],
	notes: Finding[],
): LedgerFound[] {
	const registry = new LedgerRegistry(registryDirectory(environment));
	const known = registry.all().map(({ ledger, folders }) => ({ file: ledger, folders }));
	let current: string | null = null;
	try {
		const place = ledgerToRead(environment, named);
		current = place.file;
		if (known.every(({ file }) => file !== current)) known.push({ file: place.file, folders: [...place.folders] });
	} catch (error) {
		if (!(error instanceof CliProblem)) throw error;
		if (named === undefined) notes.push(note(error.message, null));
		else problems.push(note(error.message, null));
	}
	const ofCurrentFirst = known.sort((a, b) => Number(b.file === current) - Number(a.file === current));
	return ofCurrentFirst.map(({ file, folders }) => {
		const found = inspectLedger(file);
		judge(file, found, problems, notes);
		const { lastCallAtMs, setAside: _, ...told } = found;
		return {
			file,
			isCurrent: file === current,
			folders,
			mode: modeOf(file, environment),
			folderMode: modeOf(dirname(file), environment),
			lastCallAt: lastCallAtMs === null ? null : new Date(lastCallAtMs).toISOString(),
			...told,
			content: registry.settingsOf(file)?.content ?? told.content,
		};
	});
}

function judge(file: string, { condition, setAside }: Inspection, problems: Finding[], notes: Finding[]): void {
	switch (condition) {
		case 'ok':
			break;
		case 'missing':
			notes.push(note(`The ledger ${file} is on the list and no longer there.`, 'It is made again when it is needed.'));
			break;
		case 'newerVersion':
			problems.push(note(`A newer version of Callmeter wrote ${file}: this one only reads it.`, 'Update Callmeter.'));
			break;
		case 'damaged':
			problems.push(
				note(
					`The ledger ${file} is damaged.`,
					'The next import, or VS Code, puts it aside and begins a fresh one from the records of the agents.',
					'callmeter import',
				),
			);
			break;
		case 'foreignFile':
			problems.push(
				note(`${file} is on the list of ledgers and is none.`, 'Move it away: VS Code then makes a fresh one.'),
			);
			break;
		default:
			problems.push(note(`The ledger ${file} cannot be read (${condition}).`, 'Check its permissions and its disk.'));
	}
	if (setAside.length > 0) {
		notes.push(
			note(
				`Files that could not be used were set aside: ${setAside.join(', ')}.`,
				'They keep all they held; delete those that you do not need.',
			),
		);
	}
}

async function findAgents(environment: Environment, problems: Finding[]): Promise<AgentFound[]> {
	const places = usualPlaces(environment, null);
	return Promise.all(
		sources.map(async (source) => {
			const found = await source.detect(places).catch((error: unknown) => {
				const why = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
				problems.push(note(`Records of ${source.title} cannot be read${why}.`, 'Check the permissions of its folder.'));
				return null;
			});
			return {
				source: source.id,
				title: source.title,
				found: found !== null,
				places: found?.places ?? [],
				records: found?.units ?? 0,
				newestAt: found === null || found.lastSeenMs === null ? null : new Date(found.lastSeenMs).toISOString(),
			};
		}),
	);
}

/** Free space where these files are, each disk once. */
function findDisks(files: readonly string[], problems: Finding[]): DoctorJson['disks'] {
	const disks = new Map<number, { path: string; freeBytes: number | null }>();
	for (const file of files) {
		let path = dirname(file);
		while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
		const device = statSync(path, { throwIfNoEntry: false })?.dev;
		if (device === undefined || disks.has(device)) continue;
		const freeBytes = freeAt(path);
		disks.set(device, { path, freeBytes });
		if (freeBytes !== null && freeBytes < fewBytes) {
			const left = Math.floor(freeBytes / 1024 / 1024);
			problems.push(
				note(
					`Only ${left} MB are free at ${path}.`,
					'Free some space: calls that cannot be written are lost when their program ends.',
				),
			);
		}
	}
	return [...disks.values()];
}

function freeAt(path: string): number | null {
	try {
		const { bavail, bsize } = statfsSync(path);
		return bavail * bsize;
	} catch {
		return null;
	}
}

function hasFullText(): boolean {
	const database = new DatabaseSync(':memory:');
	try {
		database.exec("CREATE VIRTUAL TABLE t USING fts5(a, content = '', contentless_delete = 1)");
		return true;
	} catch {
		return false;
	} finally {
		database.close();
	}
}
