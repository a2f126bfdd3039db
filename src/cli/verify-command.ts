import type { Command } from 'commander';
import { verifyJson } from '../core/outside/verify-json.ts';
import type { VerifyReport } from '../ledger/ledger.ts';
import { amountIn } from './amount.ts';
import { EndsWith, type Environment, exitCodes } from './environment.ts';
import { ledgerToRead, mustHaveSession, withLedger } from './find-ledger.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable } from './printable.ts';
import { wrap } from './wrap.ts';

/** `callmeter verify`. */
export function addVerifyCommand(program: Command, environment: Environment): void {
	program
		.command('verify')
		.description('check that the ledger still holds what was recorded: hash chains, content, sums')
		.argument('[session]', 'only this task, by its id (default: all)')
		.option('--ledger <file>', 'the ledger to check (default: the one of the current folder)')
		.option('--json', 'print JSON instead of text; unknown is null')
		.addHelpText(
			'after',
			`
Ends with 0 when all is well, and with 3 when something was changed from outside.

Examples:
  callmeter verify
  callmeter verify --json | jq .firstBroken
  callmeter verify && echo intact`,
		)
		.action((session: string | undefined, options: { ledger?: string; json?: true }) =>
			verify(session, options, environment),
		);
}

async function verify(
	session: string | undefined,
	options: { ledger?: string; json?: true },
	environment: Environment,
): Promise<void> {
	const place = ledgerToRead(environment, options.ledger);
	const report = await withLedger(environment, place, { readOnly: true }, async (ledger) => {
		if (session !== undefined) await mustHaveSession(ledger, place, session);
		return ledger.verify(session);
	});
	if (options.json) printJson(environment, verifyJson(report));
	else environment.out.write(reportText(report, environment));
	if (!report.ok) throw new EndsWith(exitCodes.broken);
}

const problems: Readonly<Record<NonNullable<VerifyReport['firstBroken']>['problem'], string>> = {
	hash: 'is not what was recorded: it does not match its own hash.',
	prevHash: 'does not follow the one before it: something between them was changed, added or taken out.',
	missing: 'should be there and is not.',
	content: 'has other content than what was recorded.',
	row: 'is shown in lists with other figures than those that were recorded.',
	sums: 'is the last one that adds up: the sums of its task are not those of its calls.',
};

function reportText({ ok, sessions, events, firstBroken, note }: VerifyReport, { out, locale }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const amount = amountIn(locale);
	const seen = `${amount(events, 'event')} in ${amount(sessions, 'task')}`;
	const lines = ok
		? [paint(out, 'good', `The ledger is intact: ${seen}.`)]
		: [
				paint(out, 'bad', 'The ledger was changed from outside.'),
				...brokenLines(firstBroken, number),
				`Looked at: ${seen}.`,
			];
	return `${[...lines, '', ...wrap([{ text: note }], out.columns)].join('\n')}\n`;
}

function brokenLines(broken: VerifyReport['firstBroken'], number: Intl.NumberFormat): string[] {
	if (broken === null) return [];
	if (broken.sessionId === '')
		return ['Sums over time are not those of the calls, which are all as they were recorded.'];
	return [
		`Task   ${printable(broken.sessionId)}`,
		`Event  ${number.format(broken.seq)}${broken.eventId === '' ? '' : ` (${printable(broken.eventId)})`} ${problems[broken.problem]}`,
		'Figures of that task cannot be trusted from there on.',
	];
}
