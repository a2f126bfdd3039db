import type { MessagePort } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { ServerLog } from '../server/local-server.ts';
import { ProxyRecorder } from '../server/proxy/proxy-recorder.ts';
import { proxyRoute } from '../server/proxy/proxy-route.ts';
import { readTargets } from '../server/proxy/targets.ts';
import type { ServerOffer } from './local-server-service.ts';

export interface ProxyOfferOptions {
	settings: {
		readonly proxy: boolean;
		/** Base URLs by name, as the user wrote them. */
		readonly proxyTargets: Readonly<Record<string, unknown>>;
	};
	/** Absolute path of the worker's bundle. */
	workerPath: string;
	/** Throws while the ledger is not open. */
	connectLedger(): MessagePort;
	log: ServerLog;
}

/** The recording proxy as the local server offers it. It records for the first folder of the window. */
export class ProxyOffer implements ServerOffer {
	readonly #options: ProxyOfferOptions;

	constructor(options: ProxyOfferOptions) {
		this.#options = options;
	}

	isOn(): boolean {
		return this.#options.settings.proxy;
	}

	open(): ReturnType<ServerOffer['open']> {
		const { settings, workerPath, connectLedger, log } = this.#options;
		const recorder = new ProxyRecorder({ workerFile: workerPath, connectLedger, log: (message) => log.warn(message) });
		const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath ?? null;
		let written: unknown;
		let targets = readTargets({}).targets;
		const target = (name: string) => {
			const now = settings.proxyTargets;
			if (JSON.stringify(now) !== written) {
				written = JSON.stringify(now);
				const read = readTargets(now);
				targets = read.targets;
				if (read.refused.length > 0) {
					log.warn(`callmeter.server.proxyTargets: no usable base URL for ${read.refused.join(', ')}`);
				}
			}
			return targets.get(name);
		};
		return { routes: [proxyRoute({ target, sink: recorder, folder })], close: () => recorder.stop() };
	}
}
