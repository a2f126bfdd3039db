import { homedir } from 'node:os';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { LEDGER_FILE } from '../ledger/open-ledger.ts';
import { LedgerRegistry } from '../ledger/registry.ts';
import { registryDirectory } from '../ledger/registry-place.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';
import type { Settings } from './settings.ts';

/**
 * Tells programs outside of VS Code how this window's ledger is kept and priced: beside its place on the list of
 * ledgers. So an agent that logs a call itself keeps no more of it than the user wants.
 */
export class OutsideSettings implements vscode.Disposable {
	readonly #ledger: Pick<LedgerService, 'place'>;
	readonly #settings: Settings;
	readonly #log: vscode.LogOutputChannel;
	readonly #registry = new LedgerRegistry(
		registryDirectory({ platform: process.platform, home: homedir(), env: process.env }),
	);
	readonly #subscriptions: vscode.Disposable[];

	constructor(
		ledger: Pick<LedgerService, 'place' | 'onDidChangeState'>,
		settings: Settings,
		log: vscode.LogOutputChannel,
	) {
		this.#ledger = ledger;
		this.#settings = settings;
		this.#log = log;
		this.#subscriptions = [
			ledger.onDidChangeState(() => this.#tell()),
			settings.onDidChange(['content', 'prices'], () => this.#tell()),
		];
	}

	dispose(): void {
		for (const subscription of this.#subscriptions) subscription.dispose();
	}

	#tell(): void {
		const { place } = this.#ledger;
		if (place === undefined) return;
		const { content, prices } = this.#settings;
		try {
			this.#registry.keepSettings(join(place.directory, LEDGER_FILE), { content, prices });
		} catch (error) {
			this.#log.warn(`The list of ledgers could not be written: ${messageOf(error)}`);
		}
	}
}
