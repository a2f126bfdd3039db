import type { Argument, Command, Option } from 'commander';

/** What may stand at a place: values, with what each means, or names of files. */
export interface Candidates {
	values: { value: string; about: string }[];
	/** Paths are completed by the shell, which knows how. */
	paths: 'files' | 'folders' | null;
}

/** Values that stand in a ledger or a list, by the name that options and arguments have for them. */
export const valueNames = ['agent', 'model', 'provider', 'session', 'run', 'source', 'when'] as const;
export type ValueName = (typeof valueNames)[number];

/**
 * What may follow on a command line: commands, options, and values. All that it knows of them is the tree of commands.
 *
 * @param words the words after the program's name up to the cursor, the last one as far as it is typed.
 */
export async function complete(
	program: Command,
	words: readonly string[],
	valuesOf: (name: ValueName) => Promise<readonly string[]>,
): Promise<Candidates> {
	const typed = words.at(-1) ?? '';
	const before = words.slice(0, -1);
	const { command, given, pending, isPlain } = walk(program, before);
	const found = async (what: Option | Argument): Promise<Candidates> =>
		startingWith(typed, await candidatesFor(what, valuesOf));
	if (pending !== null) return found(pending);
	const assigned = /^(--[^=]+)=(.*)$/s.exec(typed);
	if (!isPlain && assigned !== null) {
		const option = optionsOf(command).find(({ long }) => long === assigned[1]);
		if (option === undefined) return none;
		const { values, paths } = startingWith(assigned[2] ?? '', await candidatesFor(option, valuesOf));
		return { values: values.map(({ value, about }) => ({ value: `${assigned[1]}=${value}`, about })), paths };
	}
	if (!isPlain && typed.startsWith('-'))
		return startingWith(typed, { values: optionNames(command, before), paths: null });
	const commands = command
		.createHelp()
		.visibleCommands(command)
		.map((each) => ({ value: each.name(), about: each.description() }));
	if (commands.length > 0) {
		const mayFollow = given === 0 || (given === 1 && before.at(-1) === 'help');
		return mayFollow ? startingWith(typed, { values: commands, paths: null }) : none;
	}
	const argument =
		command.registeredArguments[given] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
	return argument === undefined ? none : found(argument);
}

const none: Candidates = { values: [], paths: null };

/** Where the words before the cursor lead: to which command, and what of it comes next. */
function walk(
	program: Command,
	words: readonly string[],
): { command: Command; given: number; pending: Option | null; isPlain: boolean } {
	let command = program;
	let given = 0;
	let pending: Option | null = null;
	let isPlain = false;
	for (const word of words) {
		if (pending !== null) pending = null;
		else if (!isPlain && word === '--') isPlain = true;
		else if (!isPlain && word.startsWith('-') && word !== '-') {
			const option = optionsOf(command).find(({ short, long }) => word === short || word === long);
			if (option !== undefined && (option.required || option.optional)) pending = option;
		} else {
			const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
			if (next === undefined) given++;
			else command = next;
		}
	}
	return { command, given, pending, isPlain };
}

function optionsOf(command: Command): Option[] {
	const help = command.createHelp();
	help.showGlobalOptions = true;
	return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

/** Those that were not given yet: none is meant twice. */
function optionNames(command: Command, words: readonly string[]): Candidates['values'] {
	return optionsOf(command)
		.filter(({ short, long }) => words.every((word) => word !== short && word !== long))
		.map(({ short, long, description }) => ({ value: long ?? short ?? '', about: description }));
}

async function candidatesFor(
	what: Option | Argument,
	valuesOf: (name: ValueName) => Promise<readonly string[]>,
): Promise<Candidates> {
	if (what.argChoices !== undefined)
		return { values: what.argChoices.map((value) => ({ value, about: '' })), paths: null };
	const placeholder = /[<[]([^>\].]+)/.exec('flags' in what ? what.flags : `<${what.name()}>`)?.[1] ?? '';
	if (placeholder === 'file' || placeholder === 'path') return { values: [], paths: 'files' };
	if (placeholder === 'dir') return { values: [], paths: 'folders' };
	const name = [what.name(), placeholder].map((each) => valueNames.find((known) => known === each)).find(Boolean);
	if (name === undefined) return none;
	return { values: (await valuesOf(name)).map((value) => ({ value, about: '' })), paths: null };
}

function startingWith(typed: string, { values, paths }: Candidates): Candidates {
	return { values: values.filter(({ value }) => value.startsWith(typed)), paths };
}
