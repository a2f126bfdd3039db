import { type Command, Option } from 'commander';
import type { EraseJson } from '../core/outside/erase-json.ts';
import type { Erasable, Erased, EraseRequest } from '../ledger/ledger.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { amountIn } from './amount.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { type LedgerFile, ledgerToRead, mustHaveSession, withLedger } from './find-ledger.ts';
import { momentBefore, momentForms } from './moments.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable } from './printable.ts';

interface EraseOptions {
	content?: true;
	all?: true;
	before?: string;
	session?: string;
	yes?: true;
	dryRun?: true;
	ledger?: string;
	json?: true;
}

/** `callmeter erase`. */
export function addEraseCommand(program: Command, environment: Environment): void {
	program
		.command('erase')
		.description('erase prompts and completions, or calls with all that is counted of them; says first what goes')
		.addOption(new Option('--content', 'what was said goes; counts, costs and hash chains stay').conflicts('all'))
		.addOption(new Option('--all', 'whole tasks go, with their calls, counts and costs'))
		.option('--before <when>', `only what is older: ${momentForms}`)
		.option('--session <id>', 'only this task')
		.option('-y, --yes', 'do not ask; needed where nobody can be asked')
		.option('--dry-run', 'only say what would go')
		.option('--ledger <file>', 'the ledger to erase from (default: the one of the current folder)')
		.option('--json', 'print JSON instead of text')
		.addHelpText(
			'after',
			`
The words are gone from the files then, not only from view. It cannot be undone, and what was erased is not imported
again. VS Code may have the ledger open meanwhile.

Examples:
  callmeter erase --content --before 30d
  callmeter erase --all --session 0199-7c1e --dry-run
  callmeter erase --all --yes`,
		)
		.action((options: EraseOptions) => erase(options, environment));
}

async function erase(options: EraseOptions, environment: Environment): Promise<void> {
	const what = options.all ? 'all' : options.content ? 'content' : null;
	if (what === null) throw new CliProblem('Say what goes: --content or --all.', exitCodes.usage);
	const request: EraseRequest = {
		what,
		...(options.before !== undefined && { beforeMs: momentBefore(options.before, environment.nowMs) }),
		...(options.session !== undefined && { sessionId: options.session }),
	};
	const place = ledgerToRead(environment, options.ledger);
	await withLedger(environment, place, { readOnly: false }, async (ledger) => {
		await mustBeWhole(ledger, place);
		if (options.session !== undefined) await mustHaveSession(ledger, place, options.session);
		const goes = await ledger.erasable(request);
		const { out } = environment;
		if (!options.json) out.write(`${goesText(goes, request, place, environment)}\n`);
		const isNothing = Object.values(goes).every((amount) => amount === 0);
		const erased = options.dryRun || isNothing ? null : await eraseWhenSure(ledger, request, options, environment);
		if (options.json) printJson(environment, asJson(place, request, goes, erased));
		else if (erased !== null) out.write(`${erasedText(erased, environment)}\n`);
	});
}

/** A damaged ledger was put aside when it was opened, and keeps all it held: that is not what was asked for. */
async function mustBeWhole(ledger: LedgerClient, { file }: LedgerFile): Promise<void> {
	await ledger.totals({});
	const { error, setAside } = await ledger.health();
	if (error !== null) throw new CliProblem(error.message);
	if (setAside === null) return;
	throw new CliProblem(
		`${file} is damaged: nothing could be erased. It was put aside as ${setAside}, which keeps all it held until you delete it.`,
	);
}

async function eraseWhenSure(
	ledger: LedgerClient,
	request: EraseRequest,
	{ yes }: EraseOptions,
	{ ask, err, signal }: Environment,
): Promise<Erased> {
	if (!yes) {
		if (!ask)
			throw new CliProblem('Nothing was erased: without a terminal to ask at, it needs --yes.', exitCodes.usage);
		const answer = await ask(paint(err, 'warning', 'This cannot be undone. Type yes to erase: '));
		if (!/^(y|yes)$/i.test(answer.trim())) throw new CliProblem('Nothing was erased.');
	}
	if (signal.aborted) throw new CliProblem('Interrupted. Nothing was erased.', exitCodes.interrupted);
	return ledger.erase(request);
}

function goesText(goes: Erasable, { what }: EraseRequest, { file }: LedgerFile, { out, locale }: Environment): string {
	const amount = amountIn(locale);
	const from = `From ${printable(file)}`;
	const emptied = `the content of ${amount(goes.emptiedCalls, 'call')} in ${amount(goes.emptiedSessions, 'task')}`;
	const parts: string[] = [];
	if (goes.sessions > 0) {
		const counted = 'with all that is counted of them';
		parts.push(`${amount(goes.sessions, 'task')} with ${amount(goes.calls, 'call')}, ${counted}`);
	}
	if (goes.emptiedSessions > 0) {
		parts.push(what === 'all' ? `${emptied} that are older and went on: their counts and costs stay` : emptied);
	}
	if (parts.length === 0 && goes.messages === 0) return `${from}: nothing is there to erase.`;
	const lines = [...parts, amount(goes.messages, 'distinct text')].map((part) => `  ${part}`);
	return [paint(out, 'heading', `${from} goes:`), ...lines].join('\n');
}

function erasedText({ messages, sessions, scrubbed, setAside }: Erased, { out, locale }: Environment): string {
	const amount = amountIn(locale);
	const lines = [paint(out, 'good', `Erased ${amount(messages, 'text')} in ${amount(sessions, 'task')}.`)];
	if (!scrubbed) {
		lines.push(
			paint(out, 'warning', 'Another program was reading the ledger, so its files may hold remains of them.'),
			'Close it and erase again.',
		);
	}
	if (setAside.length > 0) {
		lines.push(
			paint(out, 'warning', 'Files that were set aside earlier keep all they held. Only you can delete them:'),
			...setAside.map((path) => `  ${printable(path)}`),
		);
	}
	return lines.join('\n');
}

function asJson({ file }: LedgerFile, request: EraseRequest, goes: Erasable, erased: Erased | null): EraseJson {
	const { what, beforeMs, sessionId } = request;
	return {
		ledger: file,
		what,
		before: beforeMs === undefined ? null : new Date(beforeMs).toISOString(),
		session: sessionId ?? null,
		goes,
		erased,
	};
}
