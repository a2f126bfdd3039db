import * as vscode from 'vscode';
import type { ContentSetting } from '../core/redact.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';

const section = 'callmeter';

/** Providers that the built-in task can be run against with a key, in the order in which they are offered. */
export const taskProviders = ['anthropic', 'openai', 'gemini'] as const;
export type TaskProvider = (typeof taskProviders)[number];

/** The settings `callmeter.*`, typed. Reads VS Code's configuration each time: it is a look-up in memory. */
export class Settings {
	/** How much of each prompt is kept; anything odd counts as the least. */
	get content(): ContentSetting {
		const value = this.#get<string>('content', 'full');
		return value === 'full' || value === 'redacted' ? value : 'off';
	}

	/** Absolute folder of the ledger; empty: the workspace's own storage. */
	get ledgerDirectory(): string {
		return this.#get('ledger.directory', '').trim();
	}

	/** As the user wrote it, unchecked. VS Code hands out a proxy, which no worker thread could be sent. */
	get prices(): unknown {
		return JSON.parse(JSON.stringify(this.#get<unknown>('prices', {})));
	}

	get telemetryEnabled(): boolean {
		return this.#get<unknown>('telemetry.enabled', false) === true;
	}

	/** The telemetry receiver as the user wrote it, unchecked; empty: none. */
	get telemetryEndpoint(): string {
		const value = this.#get<unknown>('telemetry.endpoint', '');
		return typeof value === 'string' ? value : '';
	}

	get diagnosticsEnabled(): boolean {
		return this.#get<unknown>('diagnostics.enabled', false) === true;
	}

	/** Changes it where it is set now, so that the change takes effect; else for all windows of the user. */
	async setDiagnosticsEnabled(on: boolean): Promise<void> {
		const configuration = vscode.workspace.getConfiguration(section);
		const set = configuration.inspect('diagnostics.enabled');
		const here = set?.workspaceValue !== undefined;
		const target = here ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
		await configuration.update('diagnostics.enabled', on, target);
	}

	/** Where the task sends its requests. Throws with a sentence for a person when the setting is no address. */
	taskEndpoint(provider: TaskProvider): Endpoint {
		const endpoint = endpointOf(provider, this.#get(`task.${provider}.baseUrl`, '').trim());
		if (endpoint !== null) return endpoint;
		throw new Error(
			vscode.l10n.t(
				'The setting callmeter.task.{0}.baseUrl must be an address that begins with https:// or http://.',
				provider,
			),
		);
	}

	taskModel(provider: TaskProvider): string {
		return this.#get(`task.${provider}.model`, '').trim();
	}

	/** Keeps a model for the next time, in the user's own settings. */
	setTaskModel(provider: TaskProvider, model: string): Thenable<void> {
		const configuration = vscode.workspace.getConfiguration(section);
		return configuration.update(`task.${provider}.model`, model, vscode.ConfigurationTarget.Global);
	}

	/** Calls the listener when one of these settings has changed. Names go without the `callmeter.` in front. */
	onDidChange(names: readonly string[], listener: () => void): vscode.Disposable {
		return vscode.workspace.onDidChangeConfiguration((event) => {
			if (names.some((name) => event.affectsConfiguration(`${section}.${name}`))) listener();
		});
	}

	#get<T>(name: string, otherwise: T): T {
		return vscode.workspace.getConfiguration(section).get<T>(name) ?? otherwise;
	}
}
