import * as vscode from 'vscode';
import { describeIssues } from '../core/describe-issues.ts';
import type { RunDiagnostics } from '../core/diagnostics.ts';
import { LedgerError } from '../ledger/ledger.ts';
import { fromPanelSchema, type HostState, type Notice, type RunLine, type ToPanel } from '../protocol/messages.ts';
import type { PanelPage } from '../protocol/pages.ts';
import type { SourcesView } from '../protocol/sources.ts';
import { messageOf } from './message-of.ts';
import { panelHtml } from './panel-html.ts';
import type { PanelRequests } from './panel-requests.ts';

/** Notices of how things stand: several that come together are one. */
type Snapshot = 'changed' | 'state' | 'sources' | 'page';

export const panelViewType = 'callmeter.usage';
/** News come together in one notice at most this often, in milliseconds. */
const noticeEveryMs = 100;

export interface PanelOptions {
	extensionUri: vscode.Uri;
	requests: PanelRequests;
	/** The present condition, for the panel. */
	state: () => HostState;
	/** The agents whose calls are recorded, as they now stand. */
	sources: () => SourcesView;
	/** A run as it now stands; `null`: there is no such run any more. */
	run: (runId: string) => Promise<RunLine | null>;
	log: vscode.LogOutputChannel;
}

/** The usage panel: at most one a window, an editor tab, restored when the window reloads. */
export class UsagePanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
	readonly #options: PanelOptions;
	readonly #serializer: vscode.Disposable;
	#panel: vscode.WebviewPanel | undefined;
	/** Of the panel that is open. */
	#subscriptions: vscode.Disposable[] = [];
	#revision = 0;
	#unsent = new Set<Snapshot>();
	/** The run that ended last: a page that comes up is told of it too. */
	#ended: string | null = null;
	/** The part that someone asked for, and the page has not been told of yet. */
	#wanted: Extract<Notice, { kind: 'page' }> | null = null;
	#timer: NodeJS.Timeout | undefined;
	/** The page listens; what it missed while hidden it is told when it says so again. */
	#listening = false;

	constructor(options: PanelOptions) {
		this.#options = options;
		this.#serializer = vscode.window.registerWebviewPanelSerializer(panelViewType, this);
	}

	/** Opens the panel, or brings it to the front; with one of its parts, and perhaps its search. */
	show(page?: PanelPage, focus?: 'search'): void {
		if (page !== undefined) this.#wanted = { kind: 'page', page, ...(focus !== undefined && { focus }) };
		this.#bringUp();
		if (page !== undefined) this.#tell('page');
	}

	#bringUp(): void {
		if (this.#panel !== undefined) {
			this.#panel.reveal();
			return;
		}
		const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
		this.#adopt(vscode.window.createWebviewPanel(panelViewType, vscode.l10n.t('LLM Usage'), column));
	}

	async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
		// One is enough: a second one that was kept from before is closed.
		if (this.#panel !== undefined) panel.dispose();
		else this.#adopt(panel);
	}

	/** Something was recorded: the panel asks for what it shows. */
	changed(revision: number): void {
		this.#revision = revision;
		this.#tell('changed');
	}

	/** The host's condition has changed. */
	stateChanged(): void {
		this.#tell('state');
	}

	/** What is known of the agents has changed. */
	sourcesChanged(): void {
		this.#tell('sources');
	}

	/** A run has ended. `false`: nobody looks at the panel, so that it is to be told of elsewhere. */
	runEnded(run: RunLine): boolean {
		this.#ended = run.runId;
		return this.#tellNow({ kind: 'runEnded', run });
	}

	/** A `run.diagnostics` notification. A page that is hidden asks for all of them when it is shown. */
	diagnosed(params: RunDiagnostics): void {
		this.#tellNow({ kind: 'diagnostics', params });
	}

	dispose(): void {
		this.#serializer.dispose();
		this.#panel?.dispose();
		clearTimeout(this.#timer);
	}

	#adopt(panel: vscode.WebviewPanel): void {
		const { extensionUri } = this.#options;
		const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
		this.#panel = panel;
		this.#listening = false;
		panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.png');
		panel.webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [folder] };
		this.#subscriptions = [
			panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(panel, message)),
			panel.onDidChangeViewState(() => {
				// A hidden page is gone; the next one says `ready`, perhaps before VS Code says that it is in sight.
				if (!panel.visible) this.#listening = false;
				else if (this.#listening) this.#tellAll();
			}),
			panel.onDidDispose(() => this.#closed()),
		];
		panel.webview.html = panelHtml(panel.webview, folder);
	}

	#closed(): void {
		for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
		this.#panel = undefined;
		this.#listening = false;
	}

	#receive(panel: vscode.WebviewPanel, raw: unknown): void {
		const parsed = fromPanelSchema.safeParse(raw);
		if (!parsed.success) {
			this.#options.log.warn(`The panel sent something odd: ${describeIssues(parsed.error)}`);
			this.#refuse(panel, raw);
			return;
		}
		const message = parsed.data;
		switch (message.type) {
			case 'ready':
				this.#listening = true;
				this.#tellAll();
				void this.#tellEnded(panel);
				return;
			case 'fault':
				this.#options.log.error(`The panel reported a fault: ${message.message}`);
				return;
			case 'request':
				void this.#options.requests.answer(message.request).then(
					(value) => this.#post(panel, { type: 'reply', id: message.id, ok: true, value }),
					(error: unknown) => {
						const reason = error instanceof LedgerError ? error.reason : 'internal';
						this.#options.log.error(`A request of the panel (${message.request.kind}) failed: ${messageOf(error)}`);
						this.#post(panel, {
							type: 'reply',
							id: message.id,
							ok: false,
							error: { reason, message: messageOf(error) },
						});
					},
				);
		}
	}

	/** A request that cannot be read is still answered, if its id can. */
	#refuse(panel: vscode.WebviewPanel, raw: unknown): void {
		if (typeof raw !== 'object' || raw === null || !('id' in raw) || !Number.isSafeInteger(raw.id)) return;
		const error = {
			reason: 'badInput',
			message: vscode.l10n.t('The panel and the extension do not understand each other. Reload the window.'),
		};
		this.#post(panel, { type: 'reply', id: Number(raw.id), ok: false, error });
	}

	/** Tells what happened, to a page that is in sight. */
	#tellNow(notice: Notice): boolean {
		const panel = this.#panel;
		if (panel === undefined || !this.#listening || !panel.visible) return false;
		this.#post(panel, { type: 'notice', notice });
		return true;
	}

	/** Of what ended while the page was not there, or was on it when it went. What a person closed stays closed. */
	async #tellEnded(panel: vscode.WebviewPanel): Promise<void> {
		const runId = this.#ended;
		if (runId === null) return;
		try {
			const run = await this.#options.run(runId);
			// Another one may have ended meanwhile, and was told of.
			if (run === null || runId !== this.#ended || panel !== this.#panel) return;
			this.#tellNow({ kind: 'runEnded', run, again: true });
		} catch (error) {
			this.#options.log.warn(`The run that ended last could not be read: ${messageOf(error)}`);
		}
	}

	#tell(kind: Snapshot): void {
		if (this.#panel === undefined || !this.#listening) return;
		this.#unsent.add(kind);
		this.#timer ??= setTimeout(() => this.#flush(), noticeEveryMs);
	}

	/** A page that has just come up need not wait. */
	#tellAll(): void {
		this.#unsent.add('state').add('sources').add('changed');
		if (this.#wanted !== null) this.#unsent.add('page');
		this.#flush();
	}

	#flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const panel = this.#panel;
		const kinds = [...this.#unsent];
		this.#unsent.clear();
		if (panel === undefined || !this.#listening || !panel.visible) return;
		for (const kind of kinds) {
			const notice = this.#notice(kind);
			if (notice !== null) this.#post(panel, { type: 'notice', notice });
		}
	}

	#notice(kind: Snapshot): Notice | null {
		switch (kind) {
			case 'changed':
				return { kind, revision: this.#revision };
			case 'state':
				return { kind, state: this.#options.state() };
			case 'sources':
				return { kind, sources: this.#options.sources() };
			case 'page': {
				const wanted = this.#wanted;
				this.#wanted = null;
				return wanted;
			}
		}
	}

	#post(panel: vscode.WebviewPanel, message: ToPanel): void {
		// The panel may have been closed while the answer was on its way.
		if (panel === this.#panel) void panel.webview.postMessage(message);
	}
}
