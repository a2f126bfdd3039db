import { join } from 'node:path';
import * as vscode from 'vscode';
import { type CompletionEvent, LLM_COMPLETION } from '../core/completion-event.ts';
import { sendableProperties } from '../telemetry/completion-record.ts';
import { CompletionReporter } from '../telemetry/completion-reporter.ts';
import { isTrustedName } from '../telemetry/trusted-name.ts';
import { messageOf } from './message-of.ts';
import type { Settings } from './settings.ts';
import { TelemetryDelivery } from './telemetry-delivery.ts';
import { TelemetryHeaders } from './telemetry-headers.ts';
import { telemetryProblem } from './telemetry-problem.ts';

/** Properties that hold names, which VS Code would take for a path and blank out when they have a slash. */
const names = new Set(['modelId', 'apiProvider', 'inferenceProvider', 'agentId', 'mode']);
/** An address that is being written is none for a while. */
const problemAfterMs = 3_000;

/**
 * Makes `LLM Completion` events through VS Code's own telemetry logger, while both the user's setting and VS Code's
 * telemetry level allow it. Each goes to the log as it would be sent; it leaves the machine only if the user has set a
 * receiver.
 */
export class Telemetry implements vscode.Disposable {
	readonly reporter: CompletionReporter;
	readonly #logger: vscode.TelemetryLogger;
	readonly #settings: Settings;
	readonly #log: vscode.LogOutputChannel;
	readonly #headers: TelemetryHeaders;
	readonly #delivery: TelemetryDelivery;
	readonly #subscriptions: vscode.Disposable[];
	#problemTimer: NodeJS.Timeout | undefined;

	constructor(context: vscode.ExtensionContext, settings: Settings, log: vscode.LogOutputChannel) {
		this.#settings = settings;
		this.#log = log;
		const extension = context.extension;
		const packageVersion: unknown = extension.packageJSON?.version;
		const version = typeof packageVersion === 'string' ? packageVersion : '0.0.0';
		const prefix = `${extension.id}/`;
		this.#logger = vscode.env.createTelemetryLogger(
			{
				sendEventData: (name, data) => this.#send(name.startsWith(prefix) ? name.slice(prefix.length) : name, data),
				// Our own errors are logged where they happen and make no events.
				sendErrorData: () => undefined,
			},
			// The common properties of VS Code name the machine and its user's session.
			{ ignoreBuiltInCommonProperties: true, ignoreUnhandledErrors: true },
		);
		this.#headers = new TelemetryHeaders(context.secrets);
		this.#delivery = new TelemetryDelivery({
			directory: join(context.globalStorageUri.fsPath, 'telemetry'),
			version,
			isOn: () => this.#isOn,
			endpoint: () => settings.telemetryEndpoint,
			headers: (origin) => this.#headers.get(origin),
			log,
		});
		this.reporter = new CompletionReporter(
			{
				appName: extension.id,
				appVersion: version,
				vscodeVersion: vscode.version,
				platform: process.platform,
				editorName: vscode.env.appName,
				language: vscode.env.language,
			},
			(event) => this.#emit(event),
		);
		const renew = () => {
			if (!this.#isOn) this.reporter.forget();
			void this.#delivery.renew();
			this.#tellProblem();
		};
		this.#subscriptions = [
			this.#logger,
			this.#logger.onDidChangeEnableStates(renew),
			settings.onDidChange(['telemetry.enabled', 'telemetry.endpoint'], renew),
			this.#headers.onDidChange(renew),
		];
	}

	/** Sends what an earlier window left, or deletes it. Returns at once. */
	start(): void {
		void this.#delivery.renew();
		this.#tellProblem();
	}

	/** Asks for the headers of the receiver. Throws with a sentence for a person when there is none. */
	async setHeaders(): Promise<void> {
		const { origin, problem } = this.#delivery;
		if (problem !== null) throw new Error(telemetryProblem(problem));
		if (origin === null) {
			throw new Error(vscode.l10n.t('Set the receiver first, in the setting {0}.', 'callmeter.telemetry.endpoint'));
		}
		await this.#headers.ask(origin);
	}

	/** What has not been delivered is on disk when this resolves. */
	close(): Promise<void> {
		return this.#delivery.close();
	}

	dispose(): void {
		clearTimeout(this.#problemTimer);
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

	/** What VS Code's logger hands on, after it has blanked out what it takes for private. */
	#send(event: string, data: unknown): void {
		const properties = event === LLM_COMPLETION ? sendableProperties(data) : null;
		if (properties === null) {
			this.#log.warn('A telemetry event did not have the properties of its specification and was dropped');
			return;
		}
		this.#log.info(`Telemetry event: ${event} ${JSON.stringify(properties)}`);
		this.#delivery.add(properties);
	}

	/** Says what is wrong with the receiver's address once it has been left so for a while. */
	#tellProblem(): void {
		clearTimeout(this.#problemTimer);
		if (!this.#isOn || this.#delivery.problem === null) return;
		this.#problemTimer = setTimeout(() => {
			const { problem } = this.#delivery;
			if (problem === null) return;
			const text = telemetryProblem(problem);
			this.#log.warn(text);
			const openSettings = vscode.l10n.t('Open Settings');
			void vscode.window.showWarningMessage(text, openSettings).then((answer) => {
				if (answer !== openSettings) return;
				void vscode.commands.executeCommand('workbench.action.openSettings', 'callmeter.telemetry.endpoint');
			});
		}, problemAfterMs);
	}
}
