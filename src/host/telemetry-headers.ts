import * as vscode from 'vscode';
import { parseHeaders } from '../telemetry/otlp-target.ts';

const prefix = 'callmeter.telemetryHeaders@';

/**
 * Headers that a telemetry receiver asks for, a key perhaps: in VS Code's secret storage and nowhere else. They are kept
 * for one receiver (scheme, host and port) and never sent to another, whatever the settings say later.
 */
export class TelemetryHeaders {
	readonly #secrets: vscode.SecretStorage;

	constructor(secrets: vscode.SecretStorage) {
		this.#secrets = secrets;
	}

	async get(origin: string): Promise<Record<string, string>> {
		return parseHeaders((await this.#secrets.get(prefix + origin)) ?? '') ?? {};
	}

	/** Asks for them, keeps them, and says so; an empty text removes what is there. */
	async ask(origin: string): Promise<void> {
		const text = await vscode.window.showInputBox({
			title: vscode.l10n.t('Headers for {0}', origin),
			prompt: vscode.l10n.t(
				"Such as api-key=…, several with commas in between. Kept in VS Code's secret storage, and sent to this receiver alone. Leave it empty to remove them.",
			),
			password: true,
			ignoreFocusOut: true,
			validateInput: (value) =>
				parseHeaders(value) === null
					? vscode.l10n.t('Write name=value; a comma in a value as %2C. Content and transport headers are set already.')
					: null,
		});
		if (text === undefined) return;
		if (text.trim() === '') await this.#secrets.delete(prefix + origin);
		else await this.#secrets.store(prefix + origin, text.trim());
		void vscode.window.showInformationMessage(
			text.trim() === ''
				? vscode.l10n.t('The headers for {0} were removed.', origin)
				: vscode.l10n.t("The headers for {0} are in VS Code's secret storage.", origin),
		);
	}

	/** Calls the listener when some have changed, in this window or another. */
	onDidChange(listener: () => void): vscode.Disposable {
		return this.#secrets.onDidChange(({ key }) => {
			if (key.startsWith(prefix)) listener();
		});
	}
}
