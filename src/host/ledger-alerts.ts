import * as vscode from 'vscode';
import type { LedgerService } from './ledger-service.ts';

/**
 * Tells a person, once each time it happens, that calls are not being stored, or that a ledger was set aside. Status bar
 * and panel show the same for as long as it lasts.
 */
export class LedgerAlerts implements vscode.Disposable {
	readonly #ledger: LedgerService;
	readonly #showLog: () => void;
	readonly #subscription: vscode.Disposable;
	#failing = false;
	#setAside: string | null = null;

	constructor(ledger: LedgerService, showLog: () => void) {
		this.#ledger = ledger;
		this.#showLog = showLog;
		this.#subscription = ledger.onDidChangeState(() => this.#look());
	}

	dispose(): void {
		this.#subscription.dispose();
	}

	#look(): void {
		const { phase, problem, health } = this.#ledger;
		const failing = phase === 'failed';
		if (failing && !this.#failing) this.#warn(problem ?? vscode.l10n.t('Calls are not being stored.'));
		this.#failing = failing;
		const setAside = health?.setAside ?? null;
		if (setAside !== null && setAside !== this.#setAside) {
			this.#warn(
				vscode.l10n.t('The ledger could not be read. It was kept as {0}, and a new one has been started.', setAside),
			);
		}
		this.#setAside = setAside;
	}

	#warn(text: string): void {
		const showLog = vscode.l10n.t('Show Log');
		void vscode.window.showWarningMessage(text, showLog).then((answer) => {
			if (answer === showLog) this.#showLog();
		});
	}
}
