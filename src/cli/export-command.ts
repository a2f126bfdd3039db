import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { localTimeZone } from '../core/local-time-zone.ts';
import type { CallFilter } from '../core/views.ts';
import { exportLedger } from '../ledger/export/export-ledger.ts';
import {
	type ExportChunk,
	type ExportFormat,
	type ExportRequest,
	exportFormats,
} from '../ledger/export/export-request.ts';
import { peekExport } from '../ledger/export/peek-export.ts';
import { DatabaseInTheWay, type ExportSummary, writeExport } from '../ledger/export/write-export.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { OtlpSender } from '../telemetry/otlp-sender.ts';
import { otlpAddress, parseHeaders } from '../telemetry/otlp-target.ts';
import { sendRequests } from '../telemetry/send-requests.ts';
import { amountIn } from './amount.ts';
import { type CallOptions, filterOf, withCallOptions } from './call-options.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { ledgerToRead, mustHaveSession, withLedger } from './find-ledger.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable, withoutCommands } from './printable.ts';
import { ProgressLine } from './progress-line.ts';

interface ExportOptions extends CallOptions {
	format: ExportFormat;
	session?: string;
	out?: string;
	content?: true;
	title?: true;
	bom?: true;
	endpoint?: { url: string; origin: string };
	headersEnv?: string;
	yes?: true;
}

/** What `callmeter export --json` prints. */
export interface ExportJson {
	format: ExportFormat;
	/** Absolute; `null`: it was sent. */
	file: string | null;
	/** Where it was sent; `null`: into a file. */
	endpoint: string | null;
	/** Events of `jsonl`, else calls. */
	records: number;
	/** Calls that were still running, and so are no spans. */
	running: number;
	/** Records that the receiver did not take. */
	rejected: number;
	content: boolean;
}

const isReport = (format: ExportFormat) => format === 'markdown' || format === 'html';

/** `callmeter export`. */
export function addExportCommand(program: Command, environment: Environment): void {
	const command = program
		.command('export')
		.description('write calls to a file, or send them to a collector: JSONL, CSV, OTLP, a report of a task')
		.addOption(new Option('--format <format>', 'what to write').choices(exportFormats).default('jsonl'))
		.option('-o, --out <file>', 'write to this file (default: standard output)')
		.option('--session <id>', 'one task, with its subagents; a report is always of one')
		.option('--content', 'with prompts, completions and titles, which may be private')
		.option('--title', 'a report, or spans, with the title of the task, and no other content')
		.option('--bom', 'CSV that begins with a byte order mark, for Excel')
		.option('--endpoint <url>', 'send OTLP to this receiver; says first what leaves the machine', endpoint)
		.option('--headers-env <variable>', 'headers for it, from this variable of the environment: name=value,…')
		.option('-y, --yes', 'send without asking; needed where nobody can be asked');
	withCallOptions(command, 'with --out or --endpoint: print JSON about what was written')
		.addHelpText(
			'after',
			`
Without --content no prompt, completion, title or tool argument is in it. Names of folders and branches are.

jsonl     every event with its hash; callmeter import FILE takes it in again. Always whole tasks
csv       one call a line, for spreadsheets
otlp      OpenTelemetry spans by the GenAI conventions, one request a line, or to --endpoint
markdown  a report of one task, for a pull request
html      the same as one file that loads nothing

Examples:
  callmeter export --out calls.jsonl
  callmeter export --format csv --from 2026-11-01 --out november.csv
  callmeter export --format markdown --session 0199-7c1e
  callmeter export --format otlp --from today --endpoint http://localhost:4318`,
		)
		.action((options: ExportOptions) => exportCalls(options, environment));
}

function endpoint(text: string): { url: string; origin: string } {
	const address = otlpAddress(text, 'traces');
	if (!('problem' in address)) return address;
	throw new InvalidArgumentError(
		{
			notAUrl: 'It must be an address, such as https://collector.example.com.',
			notHttps: 'It must be https, unless it is this machine.',
			hasCredentials: 'It must not hold a name and password: give them as a header, with --headers-env.',
			hasQuery: 'It must not have a query: give a key as a header, with --headers-env.',
		}[address.problem],
	);
}

async function exportCalls(options: ExportOptions, environment: Environment): Promise<void> {
	mustFit(options);
	const place = ledgerToRead(environment, options.ledger);
	// It ends itself when it is interrupted, between two pieces: a file that is half written goes first.
	const { signal: never } = new AbortController();
	await withLedger({ ...environment, signal: never }, place, { readOnly: true }, async (ledger) => {
		const request = await requestOf(options, environment, ledger);
		if (options.session !== undefined) await mustHaveSession(ledger, place, options.session);
		const progress = new ProgressLine(environment);
		try {
			const chunks = exportLedger(environment.workers.export, place.file, request);
			const job: Job = { options, request, environment, chunks, progress };
			if (options.endpoint !== undefined) await send(job, options.endpoint);
			else if (options.out !== undefined) await write(job, options.out);
			else await print(job);
		} finally {
			progress.clear();
		}
	});
}

/** Refuses options that would do nothing: whoever gave them expects something else. */
function mustFit(options: ExportOptions): void {
	const { format, session, out, title, bom, endpoint: target, headersEnv, yes, json } = options;
	const { from, to, agent, model, provider, workspace } = options;
	const wrong = (what: string) => new CliProblem(what, exitCodes.usage);
	if (isReport(format) && session === undefined) throw wrong('A report is of one task: name it with --session ID.');
	const chosen = [from, to, agent, model, provider, workspace].some((option) => option !== undefined);
	if (isReport(format) && chosen) throw wrong('A report is of a whole task: it takes no choice of calls.');
	if (target !== undefined && format !== 'otlp') throw wrong('--endpoint takes OTLP: add --format otlp.');
	if (target !== undefined && out !== undefined) throw wrong('Give --out or --endpoint, not both.');
	if (target === undefined && (headersEnv !== undefined || yes))
		throw wrong('--headers-env and --yes go with --endpoint.');
	if (bom && format !== 'csv') throw wrong('--bom goes with --format csv.');
	if (title && !isReport(format) && format !== 'otlp')
		throw wrong('--title goes with a report, or with --format otlp.');
	if (json && out === undefined && target === undefined) throw wrong('--json needs --out FILE or --endpoint URL.');
}

async function requestOf(
	options: ExportOptions,
	environment: Environment,
	ledger: LedgerClient,
): Promise<ExportRequest> {
	// A time before all calls, where none was made in that folder.
	const filter: CallFilter = (await filterOf(options, environment, ledger)) ?? { range: { fromMs: 0, toMs: 0 } };
	const { locale, nowMs, version } = environment;
	return {
		format: options.format,
		filter: options.session === undefined ? filter : { ...filter, sessionId: options.session },
		content: options.content ?? false,
		title: options.title ?? false,
		bom: options.bom ?? false,
		version,
		locale,
		timeZone: localTimeZone(),
		nowMs,
	};
}

interface Job {
	options: ExportOptions;
	request: ExportRequest;
	environment: Environment;
	/** Read once. */
	chunks: AsyncGenerator<ExportChunk, void, undefined>;
	progress: ProgressLine;
}

async function print({ environment: { out, signal }, chunks }: Job): Promise<void> {
	for await (const { parts } of chunks) {
		if (signal.aborted) throw new CliProblem('Interrupted.', exitCodes.interrupted);
		// A file is what was recorded; a terminal must not take it for commands.
		for (const part of parts) out.write(out.columns === null ? part : withoutCommands(part));
		// Else all that a slow reader has not taken yet would be held here.
		await out.taken?.();
	}
}

async function write({ options, environment, chunks, progress }: Job, out: string): Promise<void> {
	const file = resolve(environment.cwd, out);
	const { signal } = environment;
	let summary: ExportSummary;
	try {
		const onProgress = (chunk: { done: number; total: number }) => progress.show(progressText(chunk, environment));
		summary = await writeExport(file, chunks, { signal, onProgress });
	} catch (error) {
		if (signal.aborted) throw new CliProblem('Interrupted. No file was written.', exitCodes.interrupted);
		if (error instanceof DatabaseInTheWay) {
			throw new CliProblem(`${file} is a database, which the export would replace. Name another file with --out.`);
		}
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR_';
		// Node's own codes tell of a fault in this program.
		if (code.startsWith('ERR_')) throw error;
		throw new CliProblem(`${file} cannot be written (${code}). Name another file with --out.`);
	}
	progress.clear();
	const { records, running } = summary;
	tell(options, environment, { file, endpoint: null, records, running, rejected: 0 });
}

async function send(
	{ options, request, environment, chunks, progress }: Job,
	target: { url: string; origin: string },
): Promise<void> {
	const headers = headersOf(options, environment);
	const peeked = await peekExport(chunks);
	try {
		await mustAgree(target.url, peeked.total, options, request, environment);
	} catch (error) {
		await peeked.close();
		throw error;
	}
	const { version, signal, err } = environment;
	const sender = new OtlpSender({ url: target.url, headers, userAgent: `callmeter/${version}` });
	let done = { records: 0, running: 0 };
	async function* bodies() {
		for await (const { parts, done: records, total, running } of peeked.chunks) {
			yield* parts;
			done = { records, running };
			progress.show(progressText({ done: records, total }, environment));
		}
	}
	const sent = await sendRequests(bodies(), sender, {
		signal,
		onRetry: (reason, delayMs) => {
			progress.clear();
			err.write(`${target.origin} did not take it (${reason}); again in ${Math.ceil(delayMs / 1000)} s.\n`);
		},
	});
	progress.clear();
	for (const message of sent.messages) err.write(`${target.origin} says: ${printable(message)}\n`);
	if (sent.problem !== null) {
		const { kind, reason } = sent.problem;
		const sofar = `${sent.taken} ${sent.taken === 1 ? 'request was' : 'requests were'} taken before`;
		const again = 'Sending again makes the same spans, none twice';
		if (kind === 'aborted') throw new CliProblem(`Interrupted. ${sofar}. ${again}.`, exitCodes.interrupted);
		const hint = kind === 'refused' ? 'Look at the address and at the headers. ' : '';
		throw new CliProblem(`${target.origin} did not take it: ${reason}. ${sofar}. ${hint}${again}.`);
	}
	tell(options, environment, { file: null, endpoint: target.url, ...done, rejected: sent.rejected });
	if (sent.rejected > 0)
		throw new CliProblem(`${target.origin} took all requests, but not ${sent.rejected} of the spans in them.`);
}

function headersOf({ headersEnv }: ExportOptions, { env }: Environment): Record<string, string> {
	if (headersEnv === undefined) return {};
	const text = env[headersEnv];
	if (text === undefined) throw new CliProblem(`The environment has no variable ${headersEnv}.`, exitCodes.usage);
	const headers = parseHeaders(text);
	if (headers === null) {
		throw new CliProblem(`${headersEnv} holds no list of headers: name=value, more after a comma.`, exitCodes.usage);
	}
	return headers;
}

/** Nothing leaves the machine before someone who was told what has agreed. */
async function mustAgree(
	url: string,
	calls: number,
	{ yes }: ExportOptions,
	{ content, title }: ExportRequest,
	{ ask, err, locale }: Environment,
): Promise<void> {
	const amount = amountIn(locale)(calls, 'call');
	const what = content
		? `${paint(err, 'warning', 'with their prompts, completions and titles')}, models, tokens, costs, and names of agents`
		: `without prompts and completions: models, tokens, costs, times, ids, and names of agents${title ? ', and titles of tasks' : ''}`;
	err.write(`This sends ${amount} to ${url}, ${what}.\n`);
	if (yes) return;
	if (!ask) throw new CliProblem('Nothing was sent: without a terminal to ask at, it needs --yes.', exitCodes.usage);
	const answer = await ask('Type yes to send: ');
	if (!/^(y|yes)$/i.test(answer.trim())) throw new CliProblem('Nothing was sent.');
}

function tell(
	{ format, content, json }: ExportOptions,
	environment: Environment,
	what: Omit<ExportJson, 'format' | 'content'>,
): void {
	const { err, locale } = environment;
	if (json) {
		printJson(environment, { format, ...what, content: content ?? false } satisfies ExportJson);
		return;
	}
	const number = new Intl.NumberFormat(locale);
	const amount = amountIn(locale)(what.records, format === 'jsonl' ? 'event' : 'call');
	const where = what.file === null ? `sent to ${what.endpoint}` : `written to ${printable(what.file)}`;
	err.write(`${paint(err, 'good', `${amount} ${where}.`)}\n`);
	if (what.running > 0)
		err.write(`${number.format(what.running)} of them still run: their spans come with the next export.\n`);
}

function progressText({ done, total }: { done: number; total: number }, { locale }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	return `Exporting: ${number.format(done)} of ${number.format(total)}`;
}
