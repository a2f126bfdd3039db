import * as vscode from 'vscode';
import type { CompletionEvent } from '../core/completion-event.ts';
import { CompletionReporter } from '../telemetry/completion-reporter.ts';
import { isTrustedName } from '../telemetry/trusted-name.ts';
import { messageOf } from './message-of.ts';
import type { Settings } from './settings.ts';

/** Properties that hold names, which VS Code would take for a path and blank out when they have a slash. */
const names = new Set(['modelId', 'apiProvider', 'inferenceProvider', 'agentId', 'mode']);

/**
 * Sends `LLM Completion` events through VS Code's own telemetry logger, while both the user's setting and VS Code's
 * telemetry level allow it. Here an event ends in the log: nothing leaves the machine.
 */
export class Telemetry implements vscode.Disposable {
	readonly reporter: CompletionReporter;
	readonly #logger: vscode.TelemetryLogger;
	readonly #settings: Settings;
	readonly #log: vscode.LogOutputChannel;
	readonly #subscriptions: vscode.Disposable[];

	constructor(context: vscode.ExtensionContext, settings: Settings, log: vscode.LogOutputChannel) {
		this.#settings = settings;
		this.#log = log;
		const extension = context.extension;
		const version: unknown = extension.packageJSON?.version;
		const prefix = `${extension.id}/`;
		this.#logger = vscode.env.createTelemetryLogger(
			{
				sendEventData(name, data) {
					const event = name.startsWith(prefix) ? name.slice(prefix.length) : name;
					log.info(`Telemetry event: ${event} ${JSON.stringify(data ?? {})}`);
				},
				// Our own errors are logged where they happen and make no events.
				sendErrorData: () => undefined,
			},
			// The common properties of VS Code name the machine and its user's session.
			{ ignoreBuiltInCommonProperties: true, ignoreUnhandledErrors: true },
		);
		this.reporter = new CompletionReporter(
			{
				appName: extension.id,
				appVersion: typeof version === 'string' ? version : '0.0.0',
				vscodeVersion: vscode.version,
				platform: process.platform,
				editorName: vscode.env.appName,
				language: vscode.env.language,
			},
			(event) => this.#emit(event),
		);
		const forgetWhenOff = () => {
			if (!this.#isOn) this.reporter.forget();
		};
		this.#subscriptions = [
			this.#logger,
			this.#logger.onDidChangeEnableStates(forgetWhenOff),
			settings.onDidChange(['telemetry.enabled'], forgetWhenOff),
		];
	}

	dispose(): void {
		for (const subscription of this.#subscriptions) subscription.dispose();
	}

	/** The user's own switch and VS Code's level, both asked each time: either one stops events at once. */
	get #isOn(): boolean {
		return this.#settings.telemetryEnabled && this.#logger.isUsageEnabled;
	}

	#emit({ name, properties }: CompletionEvent): void {
		if (!this.#isOn) return;
		const data = Object.entries(properties).map(([key, value]) => [
			key,
			names.has(key) && typeof value === 'string' && isTrustedName(value)
				? new vscode.TelemetryTrustedValue(value)
				: value,
		]);
		try {
			this.#logger.logUsage(name, Object.fromEntries(data));
		} catch (error) {
			this.#log.warn(`A telemetry event could not be made: ${messageOf(error)}`);
		}
	}
}
