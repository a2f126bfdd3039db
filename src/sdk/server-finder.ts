import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { ServerEntry, ServerList } from '../server/discovery/server-list.ts';
import { ConnectionError, ServerConnection } from './server-connection.ts';

/** What the user named, by options or environment. */
export interface NamedServer {
	url?: string | undefined;
	token?: string | undefined;
}

export type ServerSearch =
	| { connection: ServerConnection }
	/** `none`: there is no server. `noToken`: there may be one, but nothing tells its token. */
	| { missing: 'none' | 'noToken' };

/**
 * Finds the server that events of a folder belong to: the one that was named; else of those that run the one whose
 * folders lie closest around it, one of no folder, or the one started last. One that does not answer, or is another
 * than the list says, is passed over; one that is only slow is not: its events wait for it.
 */
export class ServerFinder {
	readonly #list: ServerList;
	readonly #named: NamedServer;
	readonly #timeoutMs: number;

	constructor(list: ServerList, named: NamedServer, timeoutMs: number) {
		this.#list = list;
		this.#named = named;
		this.#timeoutMs = timeoutMs;
	}

	/** Rejects with `ConnectionError` (`late`) when the right server is there and does not answer in time. */
	async find(folder: string): Promise<ServerSearch> {
		if (this.#named.url !== undefined) return this.#findNamed(this.#named.url);
		const token = this.#named.token ?? this.#list.token();
		if (token === null) return { missing: 'none' };
		for (const { port, instance } of inOrder(this.#list.running(), realOf(folder))) {
			const address = { url: `http://127.0.0.1:${port}`, token, instance };
			const connection = new ServerConnection(address, this.#timeoutMs);
			try {
				await connection.introduce();
				return { connection };
			} catch (error) {
				connection.close();
				if (error instanceof ConnectionError && error.reason === 'late') throw error;
			}
		}
		return { missing: 'none' };
	}

	#findNamed(named: string): ServerSearch {
		const url = named.replace(/\/+$/, '');
		const { token } = this.#named;
		if (token !== undefined) return this.#connected(url, token, null);
		// This user's token goes to this user's servers only.
		const { hostname, port, protocol } = new URL(url);
		const isLocal = protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname);
		const entry = isLocal ? this.#list.running().find((each) => String(each.port) === port) : undefined;
		const known = this.#list.token();
		if (entry === undefined || known === null) return { missing: 'noToken' };
		return this.#connected(url, known, entry.instance);
	}

	#connected(url: string, token: string, instance: string | null): ServerSearch {
		return { connection: new ServerConnection({ url, token, instance }, this.#timeoutMs) };
	}
}

/** The best first. `servers` are in the order of their start, the last first. */
function inOrder(servers: readonly ServerEntry[], folder: string): ServerEntry[] {
	const depth = (entry: ServerEntry): number => {
		const around = entry.folders.filter((each) => isInside(folder, each)).map((each) => each.length);
		if (around.length > 0) return Math.max(...around);
		return entry.folders.length === 0 ? 0 : -1;
	};
	// Those of no folder go before those of other folders; equals keep their order.
	return [...servers].sort((a, b) => depth(b) - depth(a));
}

function isInside(path: string, folder: string): boolean {
	const way = relative(folder, path);
	return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Without symlinks; as it is where there is no such folder. */
function realOf(path: string): string {
	try {
		return realpathSync.native(path);
	} catch {
		return path;
	}
}
