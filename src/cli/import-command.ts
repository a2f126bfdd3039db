import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { sources } from '../sources/catalog.ts';
import { ImportClient } from '../sources/import-client.ts';
import type { ImportSettings, SourceStatus } from '../sources/import-protocol.ts';
import type { Source } from '../sources/source.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { type LedgerFile, ledgerToWrite, realOf, withLedger } from './find-ledger.ts';
import { importEvents, mustBeFile } from './import-events.ts';
import { recordsAt, usualPlaces } from './import-places.ts';
import { KeptSettings } from './kept-settings.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable, printableLines } from './printable.ts';
import { ProgressLine } from './progress-line.ts';
import { table } from './table.ts';

interface ImportOptions {
	source?: string;
	path?: string;
	home?: string;
	usageOnly?: true;
	allProjects?: true;
	ledger?: string;
	json?: true;
}

/** What `callmeter import --json` prints. */
interface ImportJson {
	/** Absolute. */
	ledger: string;
	/** Calls that are in the ledger since. */
	added: number;
	sources: {
		source: string;
		title: string;
		found: boolean;
		/** Folders or files of its records. */
		places: string[];
		/** Task folders, databases, transcripts. */
		units: number;
		/** Calls in the ledger that came from there. */
		calls: number;
		/** What was left out, by reason. */
		skipped: Record<string, number>;
		problem: string | null;
	}[];
}

/** `callmeter import`. */
export function addImportCommand(program: Command, environment: Environment): void {
	program
		.command('import')
		.description('read the records of the agents on this machine into the ledger; reading again changes nothing')
		.argument('[file]', 'instead of records: events that callmeter export wrote (JSONL)')
		.option('--source <name>', `only one agent: ${sources.map(({ id }) => id).join(', ')}`)
		.option('--path <dir>', 'with --source: its records lie here')
		.option('--home <dir>', 'take this folder for the home of the user, for every agent')
		.option('--usage-only', 'leave prompts and completions out')
		.option('--all-projects', 'take the calls of every folder (default: those of the current one)')
		.option('--ledger <file>', 'the ledger to write (default: the one of the current folder)')
		.option('--json', 'print JSON instead of a table')
		.addHelpText(
			'after',
			`
Examples:
  callmeter import
  callmeter import --all-projects --ledger ~/llm.db
  callmeter import --source claude-code --path /backup/.claude --all-projects --ledger backup.db
  callmeter import calls.jsonl --ledger copy.db`,
		)
		.action((file: string | undefined, options: ImportOptions) =>
			file === undefined ? importRecords(options, environment) : importFile(file, options, environment),
		);
}

async function importFile(file: string, options: ImportOptions, environment: Environment): Promise<void> {
	const { source, path, home, allProjects } = options;
	if ([source, path, home, allProjects].some((option) => option !== undefined)) {
		const what = '--source, --path, --home and --all-projects are for records of agents';
		throw new CliProblem(`${what}: a file of events is taken whole.`, exitCodes.usage);
	}
	mustBeFile(file, environment);
	await withLedgerToFill(options, environment, async (ledger, place) => {
		await importEvents(file, ledger, place.file, environment, options.json ?? false);
	});
}

/** Opens the ledger to import into, as its own settings have it, and says what is wrong with it before anything is read. */
async function withLedgerToFill(
	options: ImportOptions,
	environment: Environment,
	work: (ledger: LedgerClient, place: LedgerFile) => Promise<void>,
): Promise<void> {
	const place = ledgerToWrite(environment, options.ledger);
	const settings = new KeptSettings(environment, place.file, options.usageOnly ? 'off' : 'full');
	await withLedger(environment, place, { readOnly: false, ...settings.toOpen() }, async (ledger) => {
		await ledger.totals({});
		const { error, setAside } = await ledger.health();
		// What can only be read takes no calls: better told once than by every source.
		if (error !== null) throw new CliProblem(error.message);
		if (setAside !== null) {
			environment.err.write(printableLines(`${place.file} could not be used. It was put aside as ${setAside}.\n`));
		}
		const stopFollowing = settings.follow(ledger);
		try {
			await work(ledger, place);
		} finally {
			stopFollowing();
		}
	});
}

async function importRecords(options: ImportOptions, environment: Environment): Promise<void> {
	const settings = await settingsOf(options, environment);
	await withLedgerToFill(options, environment, async (ledger, place) => {
		const before = await ledger.totals({});
		const scope = { projects: options.allProjects ? 'all' : 'workspace', folders: place.folders } as const;
		const status = await run(ledger, { ...settings, scope }, environment);
		const after = await ledger.totals({});
		const added = after.calls - before.calls;
		if (options.json) {
			printJson(environment, asJson(place.file, added, status, settings.off));
		} else {
			environment.out.write(asText(place.file, added, status, environment));
		}
		const failed = status.filter(({ state }) => state === 'failed' || state === 'waiting');
		if (failed.length > 0) {
			const what = failed.map(({ title, problem }) => `${title}: ${problem ?? 'the ledger does not take its calls'}`);
			throw new CliProblem(`Not everything was read. ${what.join('; ')}. Run the import again; it goes on from there.`);
		}
	});
}

async function settingsOf(options: ImportOptions, environment: Environment): Promise<Omit<ImportSettings, 'scope'>> {
	const { cwd, platform } = environment;
	const chosen = options.source === undefined ? null : sourcesNamed(options.source);
	if (options.path !== undefined && chosen === null) {
		throw new CliProblem('--path needs --source NAME: whose records are they?', exitCodes.usage);
	}
	const path = options.path === undefined ? null : folder(cwd, options.path, '--path');
	const home = options.home === undefined ? null : folder(cwd, options.home, '--home');
	const found = chosen !== null && path !== null ? await recordsAt(chosen, path, platform) : null;
	const on = found === null ? (chosen ?? sources) : [found.source];
	return {
		places: found?.places ?? usualPlaces(environment, home),
		off: sources.filter((source) => !on.includes(source)).map(({ id }) => id),
		metadataDays: null,
		contentDays: options.usageOnly ? 0 : null,
		heldSinceMs: null,
		once: { within: path },
	};
}

/** Sources that people take for one: Kilo Code keeps its records in folders, and since 7.0 in a database. */
const families: Readonly<Record<string, readonly string[]>> = { 'kilo-code': ['kilo-code', 'kilo-db'] };

function sourcesNamed(name: string): readonly Source[] {
	const ids = families[name] ?? [name];
	const named = sources.filter(({ id }) => ids.includes(id));
	if (named.length > 0) return named;
	const known = sources.map(({ id }) => id).join(', ');
	throw new CliProblem(`There is no source "${name}". There are: ${known}.`, exitCodes.usage);
}

function folder(cwd: string, named: string, option: string): string {
	const path = resolve(cwd, named);
	if (!existsSync(path)) throw new CliProblem(`${option} ${named}: there is nothing at ${path}.`, exitCodes.usage);
	if (option === '--home' && !statSync(path).isDirectory()) {
		throw new CliProblem(`${option} ${named}: ${path} is no folder.`, exitCodes.usage);
	}
	return realOf(path);
}

/** Reads all there is, once, in the import worker. Rejects when it is interrupted, or when the worker fails. */
async function run(
	ledger: LedgerClient,
	settings: ImportSettings,
	environment: Environment,
): Promise<readonly SourceStatus[]> {
	const { workers, signal, err } = environment;
	const progress = new ProgressLine(environment);
	const client = new ImportClient({
		workerFile: workers.import,
		settings,
		connectLedger: () => ledger.importPort(),
		live: () => ({}),
		log: (level, message) => {
			if (level === 'warn') {
				progress.clear();
				err.write(`${printable(message)}\n`);
			}
		},
	});
	client.onStatus((status) => progress.show(progressText(status, environment)));
	try {
		await new Promise<void>((done, fail) => {
			const interrupted = () =>
				fail(
					new CliProblem(
						'Interrupted. What was read is kept; the next import goes on from there.',
						exitCodes.interrupted,
					),
				);
			if (signal.aborted) return interrupted();
			signal.addEventListener('abort', interrupted, { once: true });
			client.onFailed(() =>
				fail(new CliProblem('The import failed twice. Run it again; it goes on from where it was.')),
			);
			client.onIdle(done);
			client.start();
		});
		return client.status;
	} finally {
		progress.clear();
		await client.dispose();
	}
}

function progressText(status: readonly SourceStatus[], { locale }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const sum = (of: (each: SourceStatus) => number) =>
		number.format(status.reduce((total, each) => total + of(each), 0));
	const [done, all, calls] = [sum((each) => each.unitsDone), sum((each) => each.unitsTotal), sum((each) => each.calls)];
	return `Reading records: ${done} of ${all}, ${calls} calls`;
}

function asJson(ledger: string, added: number, status: readonly SourceStatus[], off: readonly string[]): ImportJson {
	return {
		ledger,
		added,
		sources: status
			.filter(({ id }) => !off.includes(id))
			.map((each) => ({
				source: each.id,
				title: each.title,
				found: each.state !== 'notFound',
				places: each.places,
				units: each.unitsTotal,
				calls: each.calls,
				skipped: Object.fromEntries(Object.entries(each.skipped).filter(([, amount]) => amount > 0)),
				problem: each.problem,
			})),
	};
}

function asText(ledger: string, added: number, status: readonly SourceStatus[], { locale, out }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const found = status.filter(({ state }) => state !== 'notFound' && state !== 'off');
	const ends = `${number.format(added)} ${added === 1 ? 'call' : 'calls'} added to ${printable(ledger)}\n`;
	if (found.length === 0) return `No agent keeps records there.\n${ends}`;
	const rows = found.map((each) => [
		each.title,
		number.format(each.unitsTotal),
		number.format(each.calls),
		skippedText(each.skipped, number),
	]);
	const columns = [
		{ title: 'Agent', shrink: true },
		{ title: 'Records', align: 'right' },
		{ title: 'Calls', align: 'right' },
		{ title: 'Left out', shrink: true },
	] as const;
	return `${table(columns, rows, out.columns, (line) => paint(out, 'heading', line))}\n\n${ends}`;
}

const reasons: Record<string, string> = {
	otherWorkspace: 'of other folders',
	noFolder: 'of no known folder',
	unknownVersion: 'of an unknown version',
	unreadable: 'unreadable',
	malformed: 'malformed',
	tooOld: 'too old',
	noUsage: 'without usage',
	inherited: 'copies of a parent',
	outsideAgentFolder: 'links that lead outside',
};

function skippedText(skipped: SourceStatus['skipped'], number: Intl.NumberFormat): string {
	return Object.entries(skipped)
		.filter(([, amount]) => amount > 0)
		.map(([reason, amount]) => `${number.format(amount)} ${reasons[reason] ?? reason}`)
		.join(', ');
}
