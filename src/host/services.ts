import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CallmeterApi } from '../api.ts';
import { localTimeZone } from '../core/local-time-zone.ts';
import { pricesAsOf } from '../core/pricing/prices-as-of.ts';
import type { CallFilter } from '../core/views.ts';
import type { HostState } from '../protocol/messages.ts';
import type { SourcesView } from '../protocol/sources.ts';
import { ServerList } from '../server/discovery/server-list.ts';
import { serversDirectory } from '../server/discovery/server-place.ts';
import { ApiKeys } from './api-keys.ts';
import { registerCommands } from './commands.ts';
import { DiagnosedRuns } from './diagnosed-runs.ts';
import { Diagnostics } from './diagnostics.ts';
import { Exporter } from './export-calls.ts';
import { ExtensionApi } from './extension-api.ts';
import { type FirstNotice, showFirstNotice } from './first-run.ts';
import { registerLanguageModelTools } from './language-model-tools.ts';
import { LedgerAlerts } from './ledger-alerts.ts';
import { findLedgerPlace } from './ledger-place.ts';
import { LedgerService } from './ledger-service.ts';
import { ApiOffer } from './local-server-api.ts';
import { OtlpOffer, otlpSourceId } from './local-server-otlp.ts';
import { ProxyOffer } from './local-server-proxy.ts';
import { LocalServerService } from './local-server-service.ts';
import { McpProvider } from './mcp-provider.ts';
import { messageOf } from './message-of.ts';
import { offerReload } from './offer-reload.ts';
import { OutsideSettings } from './outside-settings.ts';
import { UsagePanel } from './panel.ts';
import { PanelRequests } from './panel-requests.ts';
import { Recording } from './recording.ts';
import { runEndedText } from './run-ended-text.ts';
import { runInTurn } from './run-in-turn.ts';
import { ServerSettings } from './server-settings.ts';
import { Settings } from './settings.ts';
import { showProblem } from './show-problem.ts';
import { Sources } from './sources.ts';
import { TaskRunner } from './task-runner.ts';
import { Telemetry } from './telemetry.ts';
import { Ticker } from './ticker.ts';

/** Set by `npm start`: open the panel and run the sample task at once. */
const startVariable = 'CALLMETER_START';
/** How long the status bar tells of a run that ended while nobody looked at the panel, in milliseconds. */
const runEndedForMs = 8000;

/** The parts of a running extension and how they hang together. Nothing here does I/O before `start`. */
export class Services {
	readonly extensionId: string;
	readonly log: vscode.LogOutputChannel;
	readonly settings = new Settings();
	readonly ledger: LedgerService;
	readonly keys: ApiKeys;
	readonly panel: UsagePanel;
	readonly tasks: TaskRunner;
	readonly sources: Sources;
	readonly diagnostics: Diagnostics;
	readonly server: LocalServerService;
	readonly exporter: Exporter;
	readonly serverApi: ApiOffer;
	readonly telemetry: Telemetry;
	readonly mcp: McpProvider;
	readonly #api: ExtensionApi;
	readonly #context: vscode.ExtensionContext;
	readonly #recording: Recording;
	readonly #ticker: Ticker;
	/** Disposed of from the last to the first. */
	readonly #parts: vscode.Disposable[] = [];
	#closing: Promise<void> | undefined;

	constructor(context: vscode.ExtensionContext) {
		const { settings } = this;
		this.#context = context;
		this.extensionId = context.extension.id;
		const log = this.#own(vscode.window.createOutputChannel('Callmeter', { log: true }));
		this.log = log;
		this.ledger = this.#own(
			new LedgerService({
				settings,
				log,
				workerPath: join(context.extensionPath, 'dist', 'ledger-worker.cjs'),
				findPlace: () => findLedgerPlace(context, settings, this.sources.settings.scope, log),
			}),
		);
		this.#own(new LedgerAlerts(this.ledger, () => log.show()));
		this.#own(new OutsideSettings(this.ledger, settings, log));
		this.mcp = this.#own(
			new McpProvider({
				settings,
				place: () =>
					this.ledger.ledger.then(
						() => this.ledger.place,
						() => undefined,
					),
				programPath: join(context.extensionPath, 'dist', 'callmeter.cjs'),
				version: this.#version,
			}),
		);
		this.keys = new ApiKeys(context.secrets);
		const telemetry = this.#own(new Telemetry(context, settings, log));
		this.telemetry = telemetry;
		const recording = new Recording(this.ledger, telemetry.reporter, log);
		this.#recording = recording;
		this.sources = this.#own(
			new Sources({
				context,
				ledger: this.ledger,
				recording,
				log,
				onTaskEnd: (taskId) => this.diagnostics.runEnded(taskId),
			}),
		);
		const diagnosed = new DiagnosedRuns(context.workspaceState);
		const diagnostics = this.#own(new Diagnostics({ ledger: this.ledger, recording, settings, diagnosed, log }));
		this.diagnostics = diagnostics;
		const serverSettings = new ServerSettings();
		const otlp = this.#own(
			new OtlpOffer({
				isOn: () => serverSettings.otlp,
				workerPath: join(context.extensionPath, 'dist', 'otlp-worker.cjs'),
				connectLedger: () => this.ledger.importPort(),
				log,
			}),
		);
		this.exporter = new Exporter({
			service: this.ledger,
			secrets: context.secrets,
			version: this.#version,
			workerPath: join(context.extensionPath, 'dist', 'export-worker.cjs'),
		});
		this.panel = this.#own(
			new UsagePanel({
				extensionUri: context.extensionUri,
				requests: new PanelRequests({
					ledger: () => this.ledger.ledger,
					exportCalls: (filter, isTask) => this.#exportFromPanel(filter, isTask),
					run: (command) => void vscode.commands.executeCommand(`callmeter.${command}`),
					sources: {
						setSource: async (id, on) => {
							if (id === otlpSourceId) await serverSettings.setOtlp(on);
							else await this.sources.setSource(id, on);
						},
						setScope: (scope) => this.sources.setScope(scope),
					},
					diagnostics,
					settings,
				}),
				state: () => this.#state(),
				sources: () => this.#sourcesView(otlp),
				run: (runId) => diagnostics.run(runId),
				log,
			}),
		);
		const proxy = new ProxyOffer({
			settings: serverSettings,
			workerPath: join(context.extensionPath, 'dist', 'proxy-worker.cjs'),
			connectLedger: () => this.ledger.importPort(),
			log,
		});
		this.serverApi = new ApiOffer({
			isOn: () => serverSettings.api,
			workerPath: join(context.extensionPath, 'dist', 'api-worker.cjs'),
			connectLedger: () => this.ledger.clientPort(),
			list: new ServerList(serversDirectory({ platform: process.platform, home: homedir(), env: process.env })),
			version: this.#version,
			holdsAllProjects: () => this.ledger.place?.holds === 'allProjects',
			log,
		});
		const offers = [this.serverApi, otlp, proxy];
		this.server = this.#own(new LocalServerService({ settings: serverSettings, offers, log }));
		this.tasks = this.#own(
			new TaskRunner({
				context,
				settings,
				recording,
				diagnostics,
				keys: this.keys,
				log,
				showPanel: () => this.panel.show('prompts'),
			}),
		);
		this.#ticker = this.#own(new Ticker(this.ledger, log));
		this.#api = this.#own(new ExtensionApi({ recording, ledger: this.ledger, diagnostics, log }));
		this.#own(
			this.ledger.onNews(({ completed, revision }) => {
				for (const row of completed) telemetry.reporter.stored(row);
				this.panel.changed(revision);
			}),
		);
		this.#own(
			this.ledger.onDidChangeState(() => {
				if (this.ledger.phase === 'failed') telemetry.reporter.noneStored();
			}),
		);
		for (const event of [
			this.ledger.onDidChangeState,
			this.tasks.onDidChangeSample,
			vscode.workspace.onDidGrantWorkspaceTrust,
		]) {
			this.#own(event(() => this.panel.stateChanged()));
		}
		this.#own(settings.onDidChange(['content', 'diagnostics.enabled'], () => this.panel.stateChanged()));
		this.#own(diagnostics.onDidRun((params) => this.panel.diagnosed(params)));
		this.#own(diagnostics.onDidSwitch(() => this.panel.stateChanged()));
		this.#own(
			diagnostics.onDidEndRun((run) => {
				if (this.panel.runEnded(run)) return;
				const text = `$(pulse) ${runEndedText(run, vscode.env.language)}`;
				this.#own(vscode.window.setStatusBarMessage(text, runEndedForMs));
			}),
		);
		this.#own(
			settings.onDidChange(['ledger.directory'], () => {
				void offerReload(vscode.l10n.t('Reload the window to use the other folder for the ledger.'));
			}),
		);
		for (const event of [this.sources.onDidChange, this.server.onDidChange, otlp.onDidChange]) {
			this.#own(event(() => this.panel.sourcesChanged()));
		}
	}

	get api(): CallmeterApi {
		return this.#api;
	}

	/** Registers what VS Code calls, and lets the rest begin once activation is over. */
	start(): void {
		for (const command of registerCommands(this)) this.#own(command);
		for (const offer of [...this.mcp.register(), ...this.#languageModelTools()]) this.#own(offer);
		this.#ticker.start();
		setImmediate(() => {
			this.ledger.start();
			this.sources.start();
			this.server.start();
			this.telemetry.start();
			if (process.env[startVariable] === 'sample') void vscode.commands.executeCommand('callmeter.runSampleTask');
			else this.#showFirstNotice();
		});
	}

	/** Ends what runs and waits until what was recorded is on disk. VS Code gives it a few seconds. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		try {
			await runInTurn(
				[
					[() => this.tasks.stop(), () => this.sources.close(), () => this.server.close()],
					[() => this.ledger.close()],
					[() => this.#recording.settled()],
					[() => this.telemetry.close()],
				],
				(error) => this.log.error(`Closing failed: ${messageOf(error)}`),
			);
		} finally {
			for (const part of this.#parts.splice(0).reverse()) part.dispose();
		}
	}

	#languageModelTools(): vscode.Disposable[] {
		const { ledger, settings, log } = this;
		return registerLanguageModelTools({
			ledger: () => ledger.ledger,
			showsContent: () => settings.content === 'full' && vscode.workspace.isTrusted,
			log,
		});
	}

	#own<T extends vscode.Disposable>(part: T): T {
		this.#parts.push(part);
		return part;
	}

	#showFirstNotice(): void {
		const find = async (): Promise<FirstNotice> => {
			// Another window of these folders may keep the ledger elsewhere: its place is known once it is open.
			await this.ledger.ledger.catch(() => undefined);
			const { scope, folders } = this.sources.settings;
			const directory = this.ledger.place?.directory ?? null;
			return { content: this.settings.content, scope, hasFolder: folders.length > 0, directory };
		};
		showFirstNotice(this.#context.globalState, find).catch((error: unknown) => {
			this.log.warn(`The first notice could not be shown: ${messageOf(error)}`);
		});
	}

	#exportFromPanel(filter: CallFilter, isTask: boolean): void {
		const { sessionId } = filter;
		const exported =
			isTask && sessionId !== undefined ? this.exporter.exportTask(sessionId) : this.exporter.exportListed(filter);
		exported.catch((error: unknown) => showProblem(this.log, error, vscode.l10n.t('The export failed')));
	}

	/** The receiver has a line of its own while the server runs. */
	#sourcesView(otlp: OtlpOffer): SourcesView {
		const view = this.sources.view();
		const { listening } = this.server;
		return listening === null ? view : { ...view, sources: [...view.sources, otlp.line(listening.endpoint)] };
	}

	get #version(): string {
		const version: unknown = this.#context.extension.packageJSON?.version;
		return typeof version === 'string' ? version : '0.0.0';
	}

	#state(): HostState {
		return {
			...this.ledger.condition,
			setAside: this.ledger.health?.setAside ?? null,
			contentSetting: this.settings.content,
			diagnostics: this.settings.diagnosticsEnabled,
			pricesAsOf: pricesAsOf.date,
			trusted: vscode.workspace.isTrusted,
			locale: vscode.env.language,
			timeZone: localTimeZone(),
			sampleRunning: this.tasks.sampleRunning,
			version: this.#version,
		};
	}
}
