import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { CallFilter } from '../core/views.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Environment } from './environment.ts';
import { isInside, realOf } from './find-ledger.ts';
import { momentForms, rangeBetween } from './moments.ts';

/** What every command that reads calls takes. */
export interface CallOptions {
	from?: string;
	to?: string;
	agent?: string;
	model?: string;
	provider?: string;
	workspace?: string;
	ledger?: string;
	json?: true;
}

/** Gives a command the options by which calls are chosen. */
export function withCallOptions(
	command: Command,
	jsonMeans = 'print JSON instead of a table; unknown is null',
): Command {
	return command
		.option('--from <when>', `calls from then on: ${momentForms}`)
		.option('--to <when>', 'calls up to then; a day is meant whole')
		.option('--agent <id>', 'calls of one agent, such as claude-code')
		.option('--model <id>', 'calls of one model')
		.option('--provider <id>', 'calls to one provider')
		.option('--workspace <dir>', 'calls made in this folder, or below it')
		.option('--ledger <file>', 'the ledger to read (default: the one of the current folder)')
		.option('--json', jsonMeans);
}

/** Reads the value of an option that limits how many are told. */
export function count(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
	return value;
}

/** The calls that the options choose; `null`: none can be, since none was made in that folder. */
export async function filterOf(
	options: CallOptions,
	{ nowMs, cwd }: Environment,
	ledger: Pick<Ledger, 'facets'>,
): Promise<CallFilter | null> {
	const range = rangeBetween(options.from, options.to, nowMs);
	const filter: CallFilter = {
		...(range !== undefined && { range }),
		...(options.agent !== undefined && { agentId: options.agent }),
		...(options.model !== undefined && { model: options.model }),
		...(options.provider !== undefined && { provider: options.provider }),
	};
	if (options.workspace === undefined) return filter;
	const workspace = resolve(cwd, options.workspace);
	const real = realOf(workspace);
	const { folders } = await ledger.facets({});
	const within = folders
		.map(({ folder }) => folder)
		.filter((folder) => folder !== '' && [workspace, real].some((outer) => isInside(folder, outer)));
	return within.length === 0 ? null : { ...filter, folders: within };
}
