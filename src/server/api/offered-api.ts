import { randomUUID } from 'node:crypto';
import type { ServerList } from '../discovery/server-list.ts';
import type { Route } from '../local-server.ts';
import type { ServedWorkerOptions } from '../served-worker.ts';
import { apiRoute } from './api-route.ts';
import { ApiService } from './api-service.ts';
import { BearerToken } from './bearer-token.ts';

export interface OfferedApiOptions extends Omit<ServedWorkerOptions, 'name'> {
	list: ServerList;
	/** Of Callmeter. */
	version: string;
	/** Absolute paths of the folders whose ledger it writes, symlinks resolved; asked when the server listens. */
	folders(): readonly string[];
}

/** The API as a local server offers it, with its place on the list of running servers. For one run of the server. */
export class OfferedApi {
	readonly instance = randomUUID();
	readonly routes: readonly Route[];
	readonly #options: OfferedApiOptions;
	readonly #service: ApiService;
	#withdraw: (() => void) | null = null;

	/** Makes the token if there is none. Throws what the file system throws. */
	constructor(options: OfferedApiOptions) {
		this.#options = options;
		const about = { version: options.version, instance: this.instance };
		const token = new BearerToken(options.list.tokenOrNew());
		this.#service = new ApiService({ ...options, name: 'API' }, about);
		const route = apiRoute({ service: this.#service, token, about });
		this.routes = [
			{
				...route,
				stopping: () => {
					this.#leave();
					route.stopping?.();
				},
			},
		];
	}

	/** Puts the server on the list. Throws what the file system throws: the server runs nevertheless. */
	listening(port: number): void {
		const { list, version, folders } = this.#options;
		this.#withdraw = list.announce({
			instance: this.instance,
			pid: process.pid,
			port,
			folders: [...folders()],
			product: version,
			startedAtMs: Date.now(),
		});
	}

	/** Finishes what has begun, and ends. */
	async close(): Promise<void> {
		this.#leave();
		await this.#service.stop();
	}

	/** Off the list first: nobody is to come any more. */
	#leave(): void {
		const withdraw = this.#withdraw;
		this.#withdraw = null;
		try {
			withdraw?.();
		} catch {
			// Whoever reads the list asks the server who it is.
		}
	}
}
