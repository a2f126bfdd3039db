import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EventImportReport } from '../ledger/event-import/event-import.ts';
import { EventFileProblem, importEventFile } from '../ledger/event-import/import-event-file.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { amountIn } from './amount.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './progress-line.ts';

/** What `callmeter import FILE --json` prints. */
export interface EventImportJson extends Omit<EventImportReport, 'keepsContent'> {
	/** Absolute. */
	ledger: string;
	file: string;
}

/** Takes a file of exported events into an open ledger, and tells what came of it. */
export async function importEvents(
	named: string,
	ledger: LedgerClient,
	ledgerFile: string,
	environment: Environment,
	json: boolean,
): Promise<void> {
	const { cwd, signal } = environment;
	const file = resolve(cwd, named);
	const progress = new ProgressLine(environment);
	try {
		const report = await importEventFile(file, await ledger.openEventImport(), {
			signal,
			onProgress: ({ step, done, total }) => {
				const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
				progress.show(`${step === 'checking' ? 'Checking' : 'Importing'}: ${percent} %`);
			},
		});
		progress.clear();
		if (json) {
			const { keepsContent: _, ...told } = report;
			printJson(environment, { ledger: ledgerFile, file, ...told } satisfies EventImportJson);
		} else environment.out.write(asText(report, ledgerFile, environment));
	} catch (error) {
		progress.clear();
		if (error instanceof EventFileProblem) throw new CliProblem(`${printable(named)}: ${error.message}`);
		if (!signal.aborted) throw error;
		throw new CliProblem(
			'Interrupted. What was imported is kept; the next import of the file goes on from there.',
			exitCodes.interrupted,
		);
	}
}

/** @throws CliProblem where there is no such file. */
export function mustBeFile(named: string, { cwd }: Environment): void {
	const file = resolve(cwd, named);
	if (!existsSync(file)) throw new CliProblem(`There is no file ${file}.`, exitCodes.usage);
	if (!statSync(file).isFile()) {
		const hint = 'To read the records of an agent there, use --source NAME --path DIR.';
		throw new CliProblem(`${file} is no file. ${hint}`, exitCodes.usage);
	}
}

function asText(report: EventImportReport, ledgerFile: string, { locale, out }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const amount = amountIn(locale);
	const { events, sessions, known, taken, calls, diverged, divergedSessions, recorded } = report;
	const lines = [
		`${amount(events, 'event')} of ${amount(sessions, 'task')}: ${number.format(taken)} taken over, ${number.format(known)} known already`,
	];
	if (diverged > 0) {
		lines.push(
			paint(
				out,
				'warning',
				`${amount(diverged, 'task')} went on otherwise in this ledger, which keeps its own record of ${diverged === 1 ? 'it' : 'them'}:`,
			),
			...divergedSessions.map((id) => `  ${printable(id)}`),
			`${amount(recorded, 'call')} of ${diverged === 1 ? 'it' : 'them'} that ${recorded === 1 ? 'was' : 'were'} not here ${recorded === 1 ? 'was' : 'were'} added under new ids.`,
		);
	}
	lines.push(paint(out, 'good', `${amount(calls + recorded, 'call')} added to ${printable(ledgerFile)}`));
	return `${lines.join('\n')}\n`;
}
