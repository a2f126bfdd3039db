import { Argument, type Command } from 'commander';
import { installLines, type Shell, scripts, shells } from './completion/scripts.ts';
import type { Environment } from './environment.ts';

/** `callmeter completion`. */
export function addCompletionCommand(program: Command, { out }: Environment): void {
	program
		.command('completion')
		.description('print what teaches a shell to complete commands, options, agents, models and tasks')
		.addArgument(new Argument('<shell>', 'whose').choices(shells))
		.addHelpText('after', `\nExamples:\n${shells.map((shell) => `  ${installLines[shell]}`).join('\n')}`)
		.action((shell: Shell) => out.write(scripts[shell]));
}
