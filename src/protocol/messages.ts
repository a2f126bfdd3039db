import * as z from 'zod';
import type { LlmCallDiagnostics, RunDiagnostics, UsageSummary } from '../core/diagnostics.ts';
import type { ContentSetting } from '../core/redact.ts';
import {
	type Analytics,
	type CallDetail,
	type CallPreview,
	type CallRow,
	callFilterSchema,
	callSortSchema,
	type Facets,
	type GroupTotals,
	granularitySchema,
	type SearchResult,
	type SeriesBucket,
	type SessionRow,
	sessionSortSchema,
	type TimelinePage,
	type Totals,
	timeRangeSchema,
} from '../core/views.ts';
import type { PanelPage } from './pages.ts';
import type { SourcesView } from './sources.ts';

const offset = z.int().min(0);
const limit = z.int().min(1).max(500);
const callId = z.string().min(1).max(4096);
/** IANA zone. */
const timeZone = z.string().min(1).max(64);

/** What the panel asks of the host. Parsed by the host: a webview is not trusted. */
export const requestSchema = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('calls'),
		filter: callFilterSchema,
		sort: callSortSchema,
		offset,
		limit,
	}),
	z.object({
		kind: z.literal('timeline'),
		filter: callFilterSchema,
		sort: z.enum(['newest', 'oldest']),
		closed: z.array(z.string().max(4096)).max(100_000),
		limit,
		from: z.union([z.strictObject({ offset }), z.strictObject({ callId })]),
	}),
	z.object({ kind: z.literal('positionOf'), filter: callFilterSchema, sort: callSortSchema, callId }),
	z.object({ kind: z.literal('preview'), callId, length: z.int().min(1).max(100_000) }),
	z.object({
		kind: z.literal('search'),
		text: z.string().min(1).max(1000),
		filter: callFilterSchema,
		offset,
		limit,
	}),
	z.object({ kind: z.literal('facets'), filter: callFilterSchema }),
	z.object({
		kind: z.literal('analytics'),
		filter: callFilterSchema,
		range: timeRangeSchema,
		granularity: granularitySchema,
		timeZone,
	}),
	/** Runs with their summaries, newest first. */
	z.object({ kind: z.literal('runs'), offset, limit: z.int().min(1).max(100) }),
	/** The calls of a run with their diagnostics, in order. Empty for a run that is not diagnosed. */
	z.object({ kind: z.literal('diagnostics'), runId: z.string().min(1).max(4096), offset, limit }),
	/** Changes the setting `callmeter.diagnostics.enabled`. */
	z.object({ kind: z.literal('setDiagnostics'), on: z.boolean() }),
	/** Diagnostics for the calls of one run, whatever the setting says; `on: false` takes that back. */
	z.object({ kind: z.literal('diagnoseRun'), runId: z.string().min(1).max(4096), on: z.boolean() }),
	/** Has the person choose a place and writes a file there. */
	z.object({
		kind: z.literal('save'),
		name: z.string().min(1).max(200),
		type: z.enum(['csv', 'json', 'png', 'markdown']),
		/** Text, or Base64 for a picture. */
		data: z.string().max(64 * 1024 * 1024),
	}),
	/** Asks the person how to export these calls, and does it. `task`: they are of one task, of which there can be a report. */
	z.object({ kind: z.literal('export'), filter: callFilterSchema, task: z.boolean() }),
	/** Asks the person for the prices of a model that has none, and shows the setting that they are kept in. */
	z.object({ kind: z.literal('priceModel'), provider: z.string().max(4096), model: z.string().max(4096) }),
	z.object({ kind: z.literal('callDetail'), callId }),
	/** `before`: the period to compare with. */
	z.object({
		kind: z.literal('overview'),
		range: timeRangeSchema.optional(),
		before: timeRangeSchema.optional(),
	}),
	z.object({
		kind: z.literal('series'),
		range: timeRangeSchema,
		granularity: granularitySchema,
		timeZone,
	}),
	z.object({ kind: z.literal('sessions'), filter: callFilterSchema, sort: sessionSortSchema, offset, limit }),
	z.object({
		kind: z.literal('run'),
		command: z.enum([
			'runSampleTask',
			'openSettings',
			'showLog',
			'openWalkthrough',
			'verifyLedger',
			'importNow',
			'importAllHistory',
			'stopImport',
		]),
	}),
	z.object({ kind: z.literal('setSource'), id: z.string().min(1).max(64), on: z.boolean() }),
	z.object({ kind: z.literal('setScope'), scope: z.enum(['thisWorkspace', 'allProjects']) }),
	z.object({ kind: z.literal('copy'), text: z.string().max(64 * 1024 * 1024) }),
]);
export type Request = z.infer<typeof requestSchema>;

export interface Overview {
	totals: Totals;
	byModel: GroupTotals[];
	/** Of the period to compare with; `null` when none was asked for. */
	before: Totals | null;
	/** The five that cost most, in the period. */
	costliestCalls: CallRow[];
	costliestTasks: SessionRow[];
}

/** One line of the diagnostics table. */
export interface DiagnosticsLine {
	callId: string;
	call: LlmCallDiagnostics;
}

/** A run and the summary of all of it. */
export interface RunLine {
	runId: string;
	title: string | null;
	agentId: string;
	startedAtMs: number;
	/** Calls that have not ended. */
	pending: number;
	/** As in `SessionRow`: what a subscription covers apart from what is billed. */
	cost: Pick<SessionRow, 'costNanoUsd' | 'subscriptionNanoUsd' | 'unpriced' | 'bound'>;
	summary: UsageSummary;
	/** Diagnosed by its own switch. */
	diagnosed: boolean;
}

export interface RunsPage {
	runs: RunLine[];
	total: number;
}

export interface DiagnosticsPage {
	/** Calls that have ended. */
	lines: DiagnosticsLine[];
	/** Calls of the run, those that have not ended included: an offset counts them too. */
	total: number;
	/** `null`: no such run. */
	run: RunLine | null;
}

/** The reply to each request, by its kind: a new kind does not compile until it has one. */
export interface Replies extends Record<Request['kind'], unknown> {
	calls: { rows: CallRow[]; total: number; revision: number };
	callDetail: CallDetail | null;
	overview: Overview;
	series: SeriesBucket[];
	sessions: { rows: SessionRow[]; total: number };
	timeline: TimelinePage;
	positionOf: number | null;
	preview: CallPreview | null;
	search: { hits: SearchResult[]; more: boolean };
	facets: Facets;
	analytics: Analytics;
	runs: RunsPage;
	diagnostics: DiagnosticsPage;
	setDiagnostics: null;
	diagnoseRun: null;
	/** Where it was written; `null`: the person changed their mind. */
	save: string | null;
	/** At once: the person is asked elsewhere. */
	export: null;
	priceModel: null;
	run: null;
	setSource: null;
	setScope: null;
	copy: null;
}

/** The condition of the ledger and of the window, as the panel shows it. Nothing in it is content. */
export interface HostState {
	ledger: 'starting' | 'ready' | 'failed';
	/** What was recorded can be read: always when `ready`, and often when `failed` (a full disk, a read-only folder). */
	readable: boolean;
	/** What happened and what to do, when `failed`. */
	problem: string | null;
	setAside: string | null;
	/** How content is kept: `callmeter.content`. */
	contentSetting: ContentSetting;
	/** `callmeter.diagnostics.enabled`. */
	diagnostics: boolean;
	/** The day of the price table, `YYYY-MM-DD`. */
	pricesAsOf: string;
	trusted: boolean;
	locale: string;
	timeZone: string;
	sampleRunning: boolean;
	version: string;
}

/** News from host to panel: always a full snapshot of what it names. */
export type Notice =
	| { kind: 'changed'; revision: number }
	| { kind: 'state'; state: HostState }
	| { kind: 'sources'; sources: SourcesView }
	/** Someone asked for this part of the panel, and perhaps for its search. */
	| { kind: 'page'; page: PanelPage; focus?: 'search' }
	/**
	 * A run has ended, whether or not it is diagnosed: its compact summary. Sent to a panel that is in sight; and `again` of
	 * the run that ended last, as it now stands, to a page that comes up later.
	 */
	| { kind: 'runEnded'; run: RunLine; again?: true }
	/** `run.diagnostics`, as others get it. Only while diagnostics are on, or for a run that is diagnosed. */
	| { kind: 'diagnostics'; params: RunDiagnostics };

/** Webview → host. */
export const fromPanelSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('ready') }),
	z.object({ type: z.literal('request'), id: z.int().min(0), request: requestSchema }),
	/** Something in the page threw; the host logs it. Never holds content. */
	z.object({ type: z.literal('fault'), message: z.string().max(4000) }),
]);
export type FromPanel = z.infer<typeof fromPanelSchema>;

/** Host → webview. */
export type ToPanel =
	| { type: 'reply'; id: number; ok: true; value: Replies[Request['kind']] }
	| { type: 'reply'; id: number; ok: false; error: { reason: string; message: string } }
	| { type: 'notice'; notice: Notice };
