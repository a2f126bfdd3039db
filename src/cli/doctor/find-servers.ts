import type { ServerFound } from '../../core/outside/doctor-json.ts';
import { type ServerEntry, ServerList } from '../../server/discovery/server-list.ts';
import { serversDirectory } from '../../server/discovery/server-place.ts';
import type { Environment } from '../environment.ts';

/** How long a server may take to say who it is, in milliseconds. */
const answerMs = 2_000;

/** The local servers of this user that run, and whether each answers. No token is sent. */
export async function findServers(
	surroundings: Pick<Environment, 'home' | 'env' | 'platform'>,
): Promise<ServerFound[]> {
	const entries = new ServerList(serversDirectory(surroundings)).running();
	return Promise.all(
		entries.map(async (entry) => ({
			port: entry.port,
			pid: entry.pid,
			version: entry.product,
			startedAt: new Date(entry.startedAtMs).toISOString(),
			folders: entry.folders,
			answers: await answers(entry),
		})),
	);
}

async function answers({ port, instance }: ServerEntry): Promise<boolean> {
	try {
		const answer = await fetch(`http://127.0.0.1:${port}/api/server`, {
			signal: AbortSignal.timeout(answerMs),
			redirect: 'error',
		});
		const said: unknown = await answer.json();
		return typeof said === 'object' && said !== null && 'instance' in said && said.instance === instance;
	} catch {
		return false;
	}
}
