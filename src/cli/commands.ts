import type { Command } from 'commander';
import type { Environment } from './environment.ts';

/** A command as the program's help lists it. What it does is loaded when it is asked for. */
export interface CommandEntry {
	name: string;
	/** What `load` gives the command as its description: a test holds the two equal. */
	about: string;
	load(): Promise<(program: Command, environment: Environment) => void>;
}

/** Every command, in the order of the program's help. */
export const commandEntries: readonly CommandEntry[] = [
	{
		name: 'import',
		about: 'read the records of the agents on this machine into the ledger; reading again changes nothing',
		load: async () => (await import('./import-command.ts')).addImportCommand,
	},
	{
		name: 'llm',
		about: 'what the recorded calls cost',
		load: async () => (await import('./llm-commands.ts')).addLlmCommands,
	},
	{
		name: 'search',
		about: 'find calls by what was said in them: prompts, completions, reasoning, tools',
		load: async () => (await import('./search-command.ts')).addSearchCommand,
	},
	{
		name: 'verify',
		about: 'check that the ledger still holds what was recorded: hash chains, content, sums',
		load: async () => (await import('./verify-command.ts')).addVerifyCommand,
	},
	{
		name: 'export',
		about: 'write calls to a file, or send them to a collector: JSONL, CSV, OTLP, a report of a task',
		load: async () => (await import('./export-command.ts')).addExportCommand,
	},
	{
		name: 'diagnostics',
		about: 'every call of a run: latency, tokens, what came from the cache and what it cost; and the sums',
		load: async () => (await import('./diagnostics-command.ts')).addDiagnosticsCommand,
	},
	{
		name: 'erase',
		about: 'erase prompts and completions, or calls with all that is counted of them; says first what goes',
		load: async () => (await import('./erase-command.ts')).addEraseCommand,
	},
	{
		name: 'doctor',
		about: 'what was found where: versions, ledgers, records of agents, local servers; problems first',
		load: async () => (await import('./doctor-command.ts')).addDoctorCommand,
	},
	{
		name: 'completion',
		about: 'print what teaches a shell to complete commands, options, agents, models and tasks',
		load: async () => (await import('./completion-command.ts')).addCompletionCommand,
	},
	{
		name: 'serve',
		about: 'take calls over HTTP without VS Code: the API, OTLP and the recording proxy, on 127.0.0.1',
		load: async () => (await import('./serve-command.ts')).addServeCommand,
	},
	{
		name: 'mcp',
		about: 'answer agents over the Model Context Protocol, on standard input and output',
		load: async () => (await import('./mcp-command.ts')).addMcpCommand,
	},
];

/** Gives the program its commands: the one that is named whole, the others as help lists them. */
export async function addCommands(program: Command, environment: Environment, named: string | null): Promise<void> {
	for (const { name, about, load } of commandEntries) {
		if (name === named) (await load())(program, environment);
		else program.command(name).description(about);
	}
}

/** The command that a command line is about; `null`: none is named. */
export function commandNamed(args: readonly string[]): string | null {
	const [first, second] = args.filter((word) => !word.startsWith('-'));
	return (first === 'help' ? second : first) ?? null;
}
