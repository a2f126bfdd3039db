import { dirname, join } from 'node:path';
import { registryDirectory, type Surroundings } from '../../ledger/registry-place.ts';

/** Folder of the list of local servers (`ServerList`): the same for every editor of this user, beside the list of ledgers. */
export function serversDirectory(surroundings: Surroundings): string {
	return join(dirname(registryDirectory(surroundings)), 'servers');
}
