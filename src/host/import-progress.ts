import * as vscode from 'vscode';
import type { Importing } from './importing.ts';

const firstKey = 'callmeter.import.firstShown';

/** Shows how far an import is: in the status bar, and, for the first one and those that were asked for, in a notice. */
export class ImportProgress implements vscode.Disposable {
	readonly #importing: Importing;
	readonly #memory: vscode.Memento;
	readonly #stop: () => Promise<void>;
	readonly #item: vscode.StatusBarItem;
	readonly #subscription: vscode.Disposable;
	#update: (() => void) | null = null;

	/** `stop`: what the notice's Cancel does. */
	constructor(importing: Importing, memory: vscode.Memento, stop: () => Promise<void>) {
		this.#importing = importing;
		this.#memory = memory;
		this.#stop = stop;
		this.#item = vscode.window.createStatusBarItem('import', vscode.StatusBarAlignment.Right, 89);
		this.#item.name = vscode.l10n.t('LLM Usage Import');
		this.#item.command = 'callmeter.showSources';
		this.#item.tooltip = vscode.l10n.t('Callmeter reads what agents have recorded. Click to see each of them.');
		this.#subscription = importing.onDidChange(() => this.#show());
	}

	/** Shows a notice until the import is through, with a button that stops it. */
	showNotice(): void {
		if (this.#update !== null) return;
		const title = vscode.l10n.t("Reading agents' records");
		void vscode.window.withProgress(
			{ location: vscode.ProgressLocation.Notification, title, cancellable: true },
			(progress, cancellation) =>
				new Promise<void>((resolve) => {
					let percent = 0;
					const over = () => {
						this.#update = null;
						resolve();
					};
					this.#update = () => {
						const now = this.#importing.progress;
						if (now === null) {
							over();
							return;
						}
						const next = now.total === 0 ? 0 : (100 * now.done) / now.total;
						progress.report({ message: words(now), increment: Math.max(0, next - percent) });
						percent = Math.max(percent, next);
					};
					this.#update();
					cancellation.onCancellationRequested(() => {
						over();
						void this.#stop();
					});
				}),
		);
	}

	dispose(): void {
		this.#subscription.dispose();
		this.#item.dispose();
		this.#update = null;
	}

	#show(): void {
		const { progress } = this.#importing;
		this.#update?.();
		if (progress === null) {
			this.#item.hide();
			return;
		}
		this.#item.text = `$(sync~spin) ${progress.done}/${progress.total}`;
		this.#item.accessibilityInformation = { label: vscode.l10n.t('LLM usage import: {0}', words(progress)) };
		this.#item.show();
		if (this.#memory.get(firstKey) === true) return;
		void this.#memory.update(firstKey, true);
		this.showNotice();
	}
}

function words({ done, total }: { done: number; total: number }): string {
	return vscode.l10n.t('{0} of {1}', done, total);
}
