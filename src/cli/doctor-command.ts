import type { Command } from 'commander';
import { doctorText } from './doctor/doctor-text.ts';
import { examine } from './doctor/examine.ts';
import { EndsWith, type Environment, exitCodes } from './environment.ts';
import { printJson } from './print.ts';

/** `callmeter doctor`. */
export function addDoctorCommand(program: Command, environment: Environment): void {
	program
		.command('doctor')
		.description('what was found where: versions, ledgers, records of agents, local servers; problems first')
		.option('--ledger <file>', 'look at this ledger too')
		.option('--json', 'print JSON instead of text; unknown is null')
		.addHelpText(
			'after',
			`
Nothing is changed, and nothing is told of what was said or of tokens: it can go into a bug report.
Ends with 1 when something is wrong.

Examples:
  callmeter doctor
  callmeter doctor --json | jq -r ".problems[].command | values"`,
		)
		.action(async (options: { ledger?: string; json?: true }) => {
			const found = await examine(environment, options.ledger);
			if (options.json) printJson(environment, found);
			else environment.out.write(`${doctorText(found, environment)}\n`);
			if (!found.ok) throw new EndsWith(exitCodes.failed);
		});
}
