import { join } from 'node:path';
import * as vscode from 'vscode';
import type { SourceScope, SourcesView } from '../protocol/sources.ts';
import { dialects } from '../sources/kilo-task/dialects.ts';
import { ImportProgress } from './import-progress.ts';
import { Importing } from './importing.ts';
import type { LedgerService } from './ledger-service.ts';
import { LiveAgents } from './live-agents.ts';
import { offerReload } from './offer-reload.ts';
import type { Recording } from './recording.ts';
import { SourceSettings } from './source-settings.ts';

export interface SourcesOptions {
	context: vscode.ExtensionContext;
	ledger: LedgerService;
	recording: Recording;
	log: vscode.LogOutputChannel;
	/** An agent that is listened to said that a task is over. */
	onTaskEnd: (taskId: string) => void;
}

/** The agents whose calls are recorded: listened to while they run, and read from their records. */
export class Sources implements vscode.Disposable {
	readonly settings: SourceSettings;
	readonly #log: vscode.LogOutputChannel;
	readonly #importing: Importing;
	readonly #live: LiveAgents;
	readonly #progress: ImportProgress;
	readonly #emitter = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable[];

	/** `view` may give something else now. */
	readonly onDidChange = this.#emitter.event;

	constructor({ context, ledger, recording, log, onTaskEnd }: SourcesOptions) {
		this.#log = log;
		this.settings = new SourceSettings(context.globalStorageUri);
		const { settings } = this;
		// What was chosen for a ledger of all projects holds in every window.
		const memory = settings.scope === 'allProjects' ? context.globalState : context.workspaceState;
		this.#live = new LiveAgents(
			{
				extensions: vscode.extensions,
				dialects: dialects.filter((dialect) => dialect.live),
				isOn: (source) => settings.isOn(source),
				folder: () => settings.folders[0] ?? null,
				rates: async () => (await import('../sources/kilo-task/list-rates.ts')).listRates,
				record: (drafts) => recording.record(drafts),
				log,
			},
			{
				onSeen: (source, facts, calls) => this.#importing.seenLive(source, facts, calls),
				onDidChange: () => this.#emitter.fire(),
				onTaskEnd,
			},
		);
		this.#importing = new Importing({
			ledger,
			settings,
			memory,
			workerPath: join(context.extensionPath, 'dist', 'import-worker.cjs'),
			log,
			live: () => this.#live.facts(),
			onRecorded: (source, callIds) => this.#live.readFromDisk(source, callIds),
		});
		this.#progress = new ImportProgress(this.#importing, memory, () => this.stopImport());
		this.#subscriptions = [
			this.#importing.onDidChange(() => this.#emitter.fire()),
			settings.onDidChange(() => this.#settingsChanged()),
		];
	}

	/** Begins to listen, and to import once the ledger is open. Returns at once. */
	start(): void {
		this.#live.start();
		this.#importing.start();
	}

	view(): SourcesView {
		const { status, scope, limits, progress, isHeld, failed } = this.#importing;
		return {
			sources: status.map((each) => ({ ...each, live: this.#live.condition(each.id) })),
			scope,
			hasFolder: this.settings.folders.length > 0,
			...limits,
			progress,
			held: isHeld,
			failed,
		};
	}

	async importNow(): Promise<void> {
		await this.#importing.importNow();
		this.#noticeSoon();
	}

	async importEverything(): Promise<void> {
		await this.#importing.importEverything();
		this.#noticeSoon();
	}

	async stopImport(): Promise<void> {
		await this.#importing.stop();
		const resume = vscode.l10n.t('Go On');
		const text = vscode.l10n.t('The import was stopped. What agents do from now on is still recorded.');
		// Whether to go on is asked without keeping anyone waiting.
		void vscode.window.showInformationMessage(text, resume).then((answer) => {
			if (answer === resume) void this.importNow();
		});
	}

	async setSource(id: string, on: boolean): Promise<void> {
		await this.settings.setOn(id, on);
	}

	async setScope(scope: SourceScope): Promise<void> {
		await this.settings.setScope(scope);
	}

	/** Stops importing; what was read is in the ledger when this resolves. */
	async close(): Promise<void> {
		this.#live.dispose();
		await this.#importing.close();
	}

	dispose(): void {
		for (const subscription of this.#subscriptions) subscription.dispose();
		this.#live.dispose();
		this.#progress.dispose();
		this.#importing.dispose();
		this.#emitter.dispose();
	}

	/** An import that is through at once needs no notice. */
	#noticeSoon(): void {
		const waiting = this.#importing.onDidChange(() => {
			if (this.#importing.progress === null) return;
			waiting.dispose();
			this.#progress.showNotice();
		});
		setTimeout(() => waiting.dispose(), 10_000).unref();
	}

	#settingsChanged(): void {
		this.#live.look();
		this.#emitter.fire();
		if (this.settings.scope !== this.#importing.scope) this.#offerReload();
	}

	/** Calls of all projects are in a ledger of their own, which is opened when the window is. */
	#offerReload(): void {
		const why =
			this.settings.scope === 'allProjects'
				? vscode.l10n.t('Reload the window to record and show the calls of all projects.')
				: vscode.l10n.t('Reload the window to record and show the calls of this workspace only.');
		this.#log.info(why);
		void offerReload(why);
	}
}
