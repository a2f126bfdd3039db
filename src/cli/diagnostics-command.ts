import type { Command } from 'commander';
import { runSummary } from '../core/diagnostics.ts';
import { type RunJson, runJson } from '../core/outside/diagnostics-json.ts';
import type { SessionRow } from '../core/views.ts';
import { diagnosableCalls, diagnosticsOf } from '../ledger/answers/run-diagnostics.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { count } from './call-options.ts';
import { type DiagnosedCall, diagnosedCallsText, runSummaryText, runsText } from './diagnostics-text.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { ledgerToRead, withLedger } from './find-ledger.ts';
import { printJson } from './print.ts';

/** Calls that are asked of the ledger at a time. */
const pageSize = 500;

interface DiagnosticsOptions {
	last?: true;
	limit: number;
	ledger?: string;
	json?: true;
}

/** `callmeter diagnostics`. */
export function addDiagnosticsCommand(program: Command, environment: Environment): void {
	program
		.command('diagnostics')
		.description('every call of a run: latency, tokens, what came from the cache and what it cost; and the sums')
		.argument('[run]', 'a task, by its id (default: lists the latest, to choose from)')
		.option('--last', 'the latest run')
		.option('-n, --limit <count>', 'how many runs are listed', count, 10)
		.option('--ledger <file>', 'the ledger to read (default: the one of the current folder)')
		.option('--json', 'print JSON instead of a table; unknown is null')
		.addHelpText(
			'after',
			`
Cache: hit (tokens were read from it), miss (the provider said that none were), unknown (it said nothing).

Examples:
  callmeter diagnostics
  callmeter diagnostics --last
  callmeter diagnostics --last --json | jq '.calls[] | select(.cache.hit_state == "miss") | .seq'`,
		)
		.action((run: string | undefined, options: DiagnosticsOptions) => diagnostics(run, options, environment));
}

async function diagnostics(
	run: string | undefined,
	options: DiagnosticsOptions,
	environment: Environment,
): Promise<void> {
	if (run !== undefined && options.last) {
		throw new CliProblem('Either a run or --last: not both.', exitCodes.usage);
	}
	const place = ledgerToRead(environment, options.ledger);
	await withLedger(environment, place, { readOnly: true }, async (ledger) => {
		if (run === undefined && !options.last) return listRuns(ledger, options, environment);
		const filter = run === undefined ? {} : { sessionId: run };
		const { rows } = await ledger.sessions({ filter, sort: 'newest', offset: 0, limit: 1 });
		const [session] = rows;
		if (session === undefined) {
			throw new CliProblem(
				run === undefined ? `There is no run in ${place.file} yet.` : `There is no run "${run}" in ${place.file}.`,
			);
		}
		return showRun(ledger, session, options, environment);
	});
}

async function listRuns(ledger: LedgerClient, options: DiagnosticsOptions, environment: Environment): Promise<void> {
	const { out } = environment;
	const { rows } = await ledger.sessions({ filter: {}, sort: 'newest', offset: 0, limit: options.limit });
	const runs: { session: SessionRow; run: RunJson }[] = [];
	for (const session of rows) runs.push({ session, run: await runOf(ledger, session) });
	if (options.json)
		return printJson(
			environment,
			runs.map(({ run }) => run),
		);
	if (runs.length === 0) return out.write('No runs.\n');
	out.write(`${runsText(runs, environment)}\n\n`);
	out.write('callmeter diagnostics RUN shows the calls of one, callmeter diagnostics --last those of the newest.\n');
}

async function showRun(
	ledger: LedgerClient,
	session: SessionRow,
	options: DiagnosticsOptions,
	environment: Environment,
): Promise<void> {
	const calls: DiagnosedCall[] = [];
	for (let offset = 0, total = 1; offset < total; offset += pageSize) {
		const filter = { sessionId: session.sessionId };
		const page = await ledger.calls({ filter, sort: 'oldest', offset, limit: pageSize });
		total = page.total;
		const bounds = new Map(page.rows.map(({ callId, cost }) => [callId, cost?.bound]));
		for (const { callId, call } of await diagnosticsOf(ledger, page.rows)) {
			calls.push({ call, bound: bounds.get(callId) ?? 'exact' });
		}
	}
	const run = await runOf(ledger, session);
	if (options.json) return printJson(environment, { ...run, calls: calls.map(({ call }) => call) });
	const { out } = environment;
	if (calls.length > 0) out.write(`${diagnosedCallsText(calls, environment)}\n\n`);
	out.write(`${runSummaryText(session, run, environment)}\n`);
}

async function runOf(ledger: LedgerClient, session: SessionRow): Promise<RunJson> {
	return runJson(session, runSummary(await diagnosableCalls(ledger, session.sessionId)));
}
