import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallDetail } from '../../../../src/core/views.ts';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { LocalServer } from '../../../../src/server/local-server.ts';
import { ProxyRecorder } from '../../../../src/server/proxy/proxy-recorder.ts';
import { proxyRoute } from '../../../../src/server/proxy/proxy-route.ts';
import { readTargets } from '../../../../src/server/proxy/targets.ts';

const src = join(import.meta.dirname, '../../../../src');

/** The proxy with its recorder and a ledger of its own. */
export class Proxied {
	readonly folder = mkdtempSync(join(tmpdir(), 'callmeter-proxy-'));
	readonly ledger: LedgerClient;
	readonly log: string[] = [];
	readonly #recorder: ProxyRecorder;
	readonly #server: LocalServer;
	#targets = readTargets({}).targets;
	#stopped = false;

	constructor() {
		this.ledger = openLedger({ directory: this.folder, workerPath: join(src, 'ledger/worker.ts') });
		this.#recorder = new ProxyRecorder({
			workerFile: join(src, 'server/proxy/proxy-worker.ts'),
			connectLedger: () => this.ledger.importPort(),
			log: (message) => this.log.push(message),
		});
		this.#server = new LocalServer({
			port: 0,
			routes: [
				proxyRoute({ target: (name) => this.#targets.get(name), sink: this.#recorder, folder: '/home/dev/project' }),
			],
			log: { info: () => undefined, warn: (message) => this.log.push(message) },
		});
	}

	/** Forwards `name` to `baseUrl`; gives the base URL that an agent uses instead. */
	async to(name: string, baseUrl: string): Promise<string> {
		this.#targets = readTargets({ [name]: baseUrl }).targets;
		const { endpoint } = await this.#server.start();
		return `${endpoint}/proxy/${name}`;
	}

	/** Every call so far, oldest first, once it has come to its end. */
	async calls(count: number): Promise<CallDetail[]> {
		for (let tries = 0; ; tries++) {
			const { rows } = await this.ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 100 });
			const ended = rows.filter(({ state }) => state !== 'pending');
			if (ended.length >= count || tries > 200) {
				const details = await Promise.all(ended.map(({ callId }) => this.ledger.call(callId)));
				return details.flatMap((detail) => detail ?? []);
			}
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
	}

	/** Leaves the ledger's files, for tests that look into them. */
	async stop(): Promise<void> {
		if (this.#stopped) return;
		this.#stopped = true;
		await this.#server.stop(0);
		await this.#recorder.stop();
		await this.ledger.close();
	}

	async remove(): Promise<void> {
		await this.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
