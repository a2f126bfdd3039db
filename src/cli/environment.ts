/** Everything of the surroundings that a command looks at or writes to, so that tests can stand in for it. */
export interface Environment {
	/** The words after the program's name. */
	args: readonly string[];
	/** Absolute. */
	cwd: string;
	/** The user's home, absolute. */
	home: string;
	env: Readonly<Record<string, string | undefined>>;
	platform: NodeJS.Platform;
	/** The bundled workers, absolute. */
	workers: { ledger: string; import: string; export: string; api: string; otlp: string; proxy: string };
	version: string;
	/** BCP 47, for money and counts in tables. */
	locale: string;
	nowMs: number;
	out: Output;
	/** Progress and problems: never part of what a pipe reads. */
	err: Output;
	/** Puts a question to whoever sits at the terminal; `null`: nobody does. Rejects when `signal` is aborted. */
	ask?: ((question: string) => Promise<string>) | null;
	/** Aborted when the user wants to stop. */
	signal: AbortSignal;
}

export interface Output {
	write(text: string): void;
	/** Resolves when what was written is on its way: to wait for it keeps a slow reader from filling the memory. */
	taken?(): Promise<void>;
	/** Characters in a line of the terminal; `null`: no terminal. */
	columns: number | null;
	/** Whether colours are shown. */
	colors?: boolean;
}

/** What the program tells the shell. */
export const exitCodes = {
	ok: 0,
	failed: 1,
	usage: 2,
	/** `verify`: the ledger is not what was recorded. */
	broken: 3,
	interrupted: 130,
} as const;

/** Each code with what it says, for help. */
export const exitCodeTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
	ok: 'done',
	failed: 'failed; what to do is on standard error. doctor: something is wrong',
	usage: 'an option or a command that does not exist, or a value that is none',
	broken: 'verify: the ledger is not what was recorded',
	interrupted: 'interrupted',
};

/** Something went wrong that the person can act on. `message` says what, and what to do; it is shown without a stack. */
export class CliProblem extends Error {
	readonly exitCode: number;
	constructor(message: string, exitCode: number = exitCodes.failed) {
		super(message);
		this.name = 'CliProblem';
		this.exitCode = exitCode;
	}
}

/** Ends a command with another code than 0 whose output has said everything. */
export class EndsWith extends Error {
	readonly exitCode: number;
	constructor(exitCode: number) {
		super(`ends with ${exitCode}`);
		this.name = 'EndsWith';
		this.exitCode = exitCode;
	}
}
