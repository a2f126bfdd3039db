import { join } from 'node:path';

export interface Surroundings {
	platform: NodeJS.Platform;
	/** The user's home folder, absolute. */
	home: string;
	env: Readonly<Record<string, string | undefined>>;
}

/** Folder of the list of ledgers (`LedgerRegistry`): the same for every editor of this user, and for the command line. */
export function registryDirectory({ platform, home, env }: Surroundings): string {
	if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'callmeter', 'ledgers');
	if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'callmeter', 'ledgers');
	return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'callmeter', 'ledgers');
}
