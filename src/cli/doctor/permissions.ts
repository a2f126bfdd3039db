import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from '../../core/outside/doctor-json.ts';
import { registryDirectory } from '../../ledger/registry-place.ts';
import { serversDirectory } from '../../server/discovery/server-place.ts';
import type { Environment } from '../environment.ts';
import { isInside } from '../find-ledger.ts';
import { shellPath } from './home-path.ts';

type Surroundings = Pick<Environment, 'home' | 'env' | 'platform'>;

/** Permission bits as in `0600`; `null`: there is no such file, or the system has none. */
export function modeOf(path: string, { platform }: Pick<Environment, 'platform'>): string | null {
	const mode = platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode;
	return mode === undefined ? null : (mode & 0o777).toString(8).padStart(4, '0');
}

/** Files and folders of Callmeter's that others than their owner can open, with the command that mends it. */
export function permissionProblems(ledgers: readonly string[], surroundings: Surroundings): Finding[] {
	const { home } = surroundings;
	const data = dirname(registryDirectory(surroundings));
	const lists = [registryDirectory(surroundings), serversDirectory(surroundings)];
	const files = [
		...ledgers.flatMap((file) => [file, `${file}-wal`, `${file}-shm`]),
		...lists.flatMap((folder) => namesIn(folder).map((name) => join(folder, name))),
	];
	const ownFolders = ledgers.map(dirname).filter((folder) => isInside(folder, data));
	const isOpen = (path: string, bits: number) => (Number.parseInt(modeOf(path, surroundings) ?? '0', 8) & bits) !== 0;
	const problem = (paths: readonly string[], mode: string, what: string): Finding[] => {
		const open = [...new Set(paths)];
		if (open.length === 0) return [];
		const named = open.map((path) => `${path} (${modeOf(path, surroundings)})`).join(', ');
		return [
			{
				what: `Other users of this machine can ${what}: ${named}.`,
				advice: 'Leave it to its owner.',
				command: `chmod ${mode} ${open.map((path) => shellPath(path, home)).join(' ')}`,
			},
		];
	};
	return [
		...problem(
			files.filter((path) => isOpen(path, 0o077)),
			'600',
			'open what Callmeter keeps',
		),
		...problem(
			[data, ...lists, ...ownFolders].filter((path) => isOpen(path, 0o077)),
			'700',
			'look into folders of Callmeter',
		),
		// A folder of someone else keeps its mode, but whoever writes there could put another ledger in place of this one.
		...problem(
			ledgers.map(dirname).filter((folder) => !isInside(folder, data) && isWritable(folder, surroundings)),
			'go-w',
			'replace a ledger in',
		),
	];
}

/** By others. A sticky folder, such as /tmp, lets only owners replace their files. */
function isWritable(folder: string, { platform }: Surroundings): boolean {
	const mode = platform === 'win32' ? undefined : statSync(folder, { throwIfNoEntry: false })?.mode;
	return mode !== undefined && (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
