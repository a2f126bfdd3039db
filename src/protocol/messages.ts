import * as z from 'zod';
import type { ContentSetting } from '../core/redact.ts';
import {
	type CallDetail,
	type CallRow,
	callFilterSchema,
	type GroupTotals,
	granularitySchema,
	type SeriesBucket,
	type SessionRow,
	type Totals,
	timeRangeSchema,
} from '../core/views.ts';
import type { SourcesView } from './sources.ts';

/** What the panel asks of the host. Parsed by the host: a webview is not trusted. */
export const requestSchema = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('calls'),
		filter: callFilterSchema,
		sort: z.enum(['newest', 'oldest']),
		offset: z.int().min(0),
		limit: z.int().min(1).max(500),
	}),
	z.object({ kind: z.literal('callDetail'), callId: z.string().min(1).max(4096) }),
	z.object({ kind: z.literal('overview'), range: timeRangeSchema.optional() }),
	z.object({
		kind: z.literal('series'),
		range: timeRangeSchema,
		granularity: granularitySchema,
		timeZone: z.string().min(1).max(64),
	}),
	z.object({ kind: z.literal('sessions'), offset: z.int().min(0), limit: z.int().min(1).max(500) }),
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
}

/** The reply to each request, by its kind: a new kind does not compile until it has one. */
export interface Replies extends Record<Request['kind'], unknown> {
	calls: { rows: CallRow[]; total: number; revision: number };
	callDetail: CallDetail | null;
	overview: Overview;
	series: SeriesBucket[];
	sessions: { rows: SessionRow[]; total: number };
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
	/** Someone asked for this part of the panel. */
	| { kind: 'page'; page: 'usage' | 'sources' };

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
