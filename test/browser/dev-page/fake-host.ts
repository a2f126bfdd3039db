/**
 * Stands in for VS Code and the extension in the dev page. It runs before the panel's script, answers what the panel
 * asks from generated calls, and is driven by tests as `window.devHost`.
 */
import type { CallDetail, CallPreview, CallRow } from '../../../src/core/views.ts';
import type { FromPanel, HostState, Replies, Request, ToPanel } from '../../../src/protocol/messages.ts';
import type { PanelPage } from '../../../src/protocol/pages.ts';
import type { SourcesView, SourceView } from '../../../src/protocol/sources.ts';
import { granularityFor, rangeSince } from '../../../webview/time-range.ts';
import { FakeLedger } from './fake-ledger.ts';
import { FakeRuns } from './fake-runs.ts';
import { previewOf, searchIn } from './fake-search.ts';
import { sampleDetail } from './generate-detail.ts';
import { sampleSources } from './sample-sources.ts';

/** What a test asks of the page. It is passed in `window.devPage`. */
export interface DevPage {
	calls: number;
	nowMs: number;
	gapMs: number;
	/** Milliseconds that each answer takes. */
	delayMs: number;
	host: Partial<HostState>;
	state: unknown;
	/** Works out the figures of all calls beforehand, as another process would, so that only the panel is measured. */
	warm: boolean;
}

export class DevHost {
	readonly ledger: FakeLedger;
	readonly runs: FakeRuns;
	/** Everything the panel has sent, for tests to look at. */
	readonly sent: FromPanel[] = [];
	/** Answers in place of the generated details, by call id. */
	readonly details = new Map<string, (detail: CallDetail) => CallDetail | null>();
	/** Kinds of request that fail. */
	readonly failing = new Set<Request['kind']>();
	/** The person chooses a place for a file, and not to let it be. */
	saves = true;
	hostState: HostState;
	sources: SourcesView;
	kept: unknown;
	delayMs: number;

	constructor(page: DevPage) {
		this.ledger = new FakeLedger(page.calls, page.nowMs, page.gapMs);
		this.runs = new FakeRuns(this.ledger);
		this.kept = page.state;
		this.delayMs = page.delayMs;
		this.sources = sampleSources(page.nowMs);
		this.hostState = {
			ledger: 'ready',
			readable: true,
			problem: null,
			setAside: null,
			contentSetting: 'full',
			diagnostics: false,
			pricesAsOf: '2026-11-01',
			trusted: true,
			locale: 'en',
			timeZone: 'Europe/Berlin',
			sampleRunning: false,
			version: '0.1.0',
			...page.host,
		};
	}

	/** Answers once what the panel will ask when it shows everything. */
	warm(): void {
		const { timeZone } = this.hostState;
		const first = this.ledger.rows[0]?.startedAtMs ?? 0;
		const range = rangeSince(first, Date.now(), timeZone);
		this.ledger.timeline({ kind: 'timeline', filter: {}, sort: 'newest', closed: [], limit: 1, from: { offset: 0 } });
		this.ledger.overview({ kind: 'overview' });
		this.ledger.series({ kind: 'series', range, granularity: granularityFor(range), timeZone });
	}

	receive(message: FromPanel): void {
		this.sent.push(message);
		if (message.type === 'ready') {
			this.setState({});
			this.setSources({});
			this.#post({ type: 'notice', notice: { kind: 'changed', revision: this.ledger.revision } });
		} else if (message.type === 'request') {
			const { id, request } = message;
			setTimeout(() => {
				if (this.failing.has(request.kind)) {
					this.#post({ type: 'reply', id, ok: false, error: { reason: 'io', message: 'The disk did not answer.' } });
				} else void this.#reply(id, request);
			}, this.delayMs);
		}
	}

	async #reply(id: number, request: Request): Promise<void> {
		this.#post({ type: 'reply', id, ok: true, value: await this.#answer(request) });
	}

	/** A run ends, as the host would tell of it. */
	async endRun(runId: string, again?: true): Promise<void> {
		const run = await this.runs.run(runId);
		if (run === null) return;
		this.#post({ type: 'notice', notice: { kind: 'runEnded', run, ...(again !== undefined && { again }) } });
	}

	/** Another call of a run that is diagnosed has ended. Only this is told, not that the ledger has changed. */
	async endDiagnosed(sessionId: string): Promise<void> {
		const [last] = this.ledger.select({ sessionId }).slice(-1);
		if (last === undefined) return;
		const row = { ...last, callId: `${last.callId}-next`, seq: last.seq + 1, startedAtMs: last.startedAtMs + 1 };
		this.ledger.rows.push(row);
		this.ledger.revision++;
		const { lines } = await this.runs.calls(sessionId, 0, 500);
		const call = lines.find(({ callId }) => callId === row.callId)?.call;
		if (call === undefined) return;
		const params = { run_id: sessionId, kind: 'llm_call', call } as const;
		this.#post({ type: 'notice', notice: { kind: 'diagnostics', params } });
	}

	/** The agents, as the host would tell of them. */
	setSources(change: Partial<SourcesView>): void {
		this.sources = { ...this.sources, ...change };
		this.#post({ type: 'notice', notice: { kind: 'sources', sources: this.sources } });
	}

	showSources(): void {
		this.showPage('sources');
	}

	/** Someone ran a command that shows a part of the panel. */
	showPage(page: PanelPage, focus?: 'search'): void {
		this.#post({ type: 'notice', notice: { kind: 'page', page, ...(focus !== undefined && { focus }) } });
	}

	setState(change: Partial<HostState>): void {
		this.hostState = { ...this.hostState, ...change };
		this.#post({ type: 'notice', notice: { kind: 'state', state: this.hostState } });
	}

	/** Makes the newest calls those of the sample task. */
	makeSamples(count: number): void {
		for (const row of this.ledger.rows.slice(-count)) row.source = 'sample';
		this.ledger.revision++;
		this.#changed();
	}

	/** Makes all calls those of a subscription. */
	makeSubscriptions(): void {
		for (const { cost } of this.ledger.rows) if (cost !== null) cost.billing = 'subscription';
		this.ledger.revision++;
		this.#changed();
	}

	/** Some agent sends a request. */
	begin(): CallRow {
		const row = this.ledger.begin(Date.now());
		this.#changed();
		return row;
	}

	end(): CallRow | null {
		const row = this.ledger.end();
		this.#changed();
		return row;
	}

	#changed(): void {
		this.#post({ type: 'notice', notice: { kind: 'changed', revision: this.ledger.revision } });
	}

	#answer(request: Request): Replies[Request['kind']] | Promise<Replies[Request['kind']]> {
		switch (request.kind) {
			case 'calls':
				return this.ledger.calls(request);
			case 'timeline':
				return this.ledger.timeline(request);
			case 'positionOf':
				return this.ledger.positionOf(request);
			case 'facets':
				return this.ledger.facets(request);
			case 'preview':
				return this.#preview(request);
			case 'search':
				return searchIn(this.ledger.select(request.filter), request, (row) => this.detail(row.callId));
			case 'callDetail':
				return this.detail(request.callId);
			case 'overview':
				return this.ledger.overview(request);
			case 'series':
				return this.ledger.series(request);
			case 'analytics':
				return this.ledger.analytics(request);
			case 'sessions':
				return this.ledger.sessions(request);
			case 'save':
				return this.saves ? `/home/dev/${request.name}` : null;
			case 'runs':
				return this.runs.page(request.offset, request.limit);
			case 'diagnostics':
				return this.runs.calls(request.runId, request.offset, request.limit);
			case 'diagnoseRun':
				if (request.on) this.runs.diagnosed.add(request.runId);
				else this.runs.diagnosed.delete(request.runId);
				this.setState({});
				return null;
			case 'setDiagnostics':
				this.setState({ diagnostics: request.on });
				return null;
			case 'export':
			case 'priceModel':
				return null;
			case 'setSource':
				return this.#switch(request.id, request.on);
			case 'run':
			case 'setScope':
			case 'copy':
				return null;
		}
	}

	#switch(id: string, on: boolean): null {
		const sources = this.sources.sources.map((source): SourceView => {
			if (source.id !== id) return source;
			return { ...source, state: on ? 'following' : 'off', live: on ? 'attached' : 'none' };
		});
		this.setSources({ sources });
		return null;
	}

	#preview({ callId, length }: Extract<Request, { kind: 'preview' }>): CallPreview | null {
		const detail = this.detail(callId);
		return detail === null ? null : previewOf(detail, length);
	}

	detail(callId: string): CallDetail | null {
		const row = this.ledger.find(callId);
		if (row === null) return null;
		const detail = sampleDetail(row);
		const change = this.details.get(callId);
		return change === undefined ? detail : change(detail);
	}

	#post(message: ToPanel): void {
		// As VS Code does: what arrives is a copy, and it arrives later.
		window.postMessage(structuredClone(message), '*');
	}
}

declare global {
	interface Window {
		devPage: DevPage;
		devHost: DevHost;
		acquireVsCodeApi(): unknown;
	}
}

const host = new DevHost(window.devPage);
window.devHost = host;
if (window.devPage.warm) host.warm();
window.acquireVsCodeApi = () => ({
	postMessage: (message: FromPanel) => host.receive(structuredClone(message)),
	getState: () => host.kept,
	setState: (state: unknown) => {
		host.kept = state;
	},
});
performance.mark('dev:host-ready');
