import { type PanelPage, panelPages } from '../src/protocol/pages.ts';
import { type AnalyticsState, initialAnalytics, restoreAnalytics } from './analytics/analytics-state.ts';
import { type ListFilter, restoreFilter } from './list-filter.ts';
import { initialPrompts, type PromptsState, restorePrompts } from './prompts/prompts-state.ts';
import { type RangeChoice, readChoice } from './time-range.ts';

export type { ListFilter } from './list-filter.ts';

/** Where the reader was in the list: at the top of the page, or at a line, `y` px below the top of the view. */
export interface ScrollPlace {
	top: number;
	/** `key` names the line, which was at `index`. */
	anchor: { key: string; index: number; y: number } | null;
}

export const detailTabs = ['prompt', 'completion', 'metadata', 'tools'] as const;
export type DetailTab = (typeof detailTabs)[number];

/** What a person chose, kept over a reload. Everything else is asked of the host again. */
export interface PanelState {
	page: PanelPage;
	/** The sidebar shows its words; `null`: as wide as there is room for. */
	sidebar: 'open' | 'collapsed' | null;
	/** Shared by the pages. */
	range: RangeChoice;
	/** Of the calls on the Prompts page. The range stands apart. */
	filter: ListFilter;
	prompts: PromptsState;
	selected: string | null;
	tab: DetailTab;
	/** Of the calls on the Prompts page. */
	scroll: ScrollPlace;
	/** How far down the other pages are, in px. */
	tops: Partial<Record<PanelPage, number>>;
	/** Runs whose calls the Diagnostics page shows; `null`: the newest. */
	openRuns: string[] | null;
	/** Charts shown as tables. */
	tables: string[];
	analytics: AnalyticsState;
	/** The set-aside ledger whose notice was closed. */
	closedNotice: string | null;
	/** The run that ended whose summary was closed, and how many calls it had. */
	closedRun: string | null;
}

export const initialState: PanelState = {
	page: 'overview',
	sidebar: null,
	range: '7d',
	filter: {},
	prompts: initialPrompts,
	selected: null,
	tab: 'prompt',
	scroll: { top: 0, anchor: null },
	tops: {},
	openRuns: null,
	tables: [],
	analytics: initialAnalytics,
	closedNotice: null,
	closedRun: null,
};

export type Change =
	| { kind: 'page'; page: PanelPage }
	| { kind: 'sidebar'; sidebar: PanelState['sidebar'] }
	| { kind: 'range'; range: RangeChoice }
	| { kind: 'filter'; filter: ListFilter }
	| { kind: 'prompts'; prompts: Partial<PromptsState> }
	| { kind: 'select'; callId: string | null }
	/** Selects a call, and takes the reader of the list to it. */
	| { kind: 'reveal'; callId: string }
	| { kind: 'tab'; tab: DetailTab }
	| { kind: 'scroll'; scroll: ScrollPlace }
	| { kind: 'top'; page: PanelPage; top: number }
	| { kind: 'openRuns'; runIds: string[] }
	| { kind: 'table'; chart: string; shown: boolean }
	| { kind: 'analytics'; change: Partial<AnalyticsState> }
	| { kind: 'closeNotice'; notice: string }
	| { kind: 'closeRun'; run: string };

export function reduce(state: PanelState, change: Change): PanelState {
	switch (change.kind) {
		case 'page':
			return { ...state, page: change.page };
		case 'sidebar':
			return { ...state, sidebar: change.sidebar };
		case 'range':
			// Another range is another list: a place in the old one means nothing there.
			return { ...state, range: change.range, scroll: initialState.scroll };
		case 'filter':
			return { ...state, filter: change.filter, scroll: initialState.scroll };
		case 'select':
			return { ...state, selected: change.callId };
		case 'prompts':
			return { ...state, prompts: { ...state.prompts, ...change.prompts } };
		case 'reveal':
			return { ...state, selected: change.callId, scroll: placeOf(change.callId) };
		case 'tab':
			return { ...state, tab: change.tab };
		case 'scroll':
			return { ...state, scroll: change.scroll };
		case 'top':
			return { ...state, tops: { ...state.tops, [change.page]: change.top } };
		case 'openRuns':
			return { ...state, openRuns: change.runIds };
		case 'table': {
			const others = state.tables.filter((chart) => chart !== change.chart);
			return { ...state, tables: change.shown ? [...others, change.chart] : others };
		}
		case 'analytics':
			return { ...state, analytics: { ...state.analytics, ...change.change } };
		case 'closeNotice':
			return { ...state, closedNotice: change.notice };
		case 'closeRun':
			return { ...state, closedRun: change.run };
	}
}

/** A call, a little below the top of the view; the list finds out at which index it is. */
function placeOf(callId: string): ScrollPlace {
	return { top: 0, anchor: { key: callId, index: 0, y: 80 } };
}

/** Reads what VS Code kept. It may come from another version: whatever does not fit falls back, field by field. */
export function restoreState(kept: unknown): PanelState {
	if (!isRecord(kept)) return initialState;
	return {
		page: restorePage(kept.page),
		sidebar: kept.sidebar === 'open' || kept.sidebar === 'collapsed' ? kept.sidebar : initialState.sidebar,
		range: readChoice(kept.range) ?? initialState.range,
		filter: restoreFilter(kept.filter),
		prompts: restorePrompts(kept.prompts),
		selected: textOrNull(kept.selected),
		tab: detailTabs.find((tab) => tab === kept.tab) ?? initialState.tab,
		scroll: restoreScroll(kept.scroll),
		tops: restoreTops(kept.tops),
		openRuns: Array.isArray(kept.openRuns) ? texts(kept.openRuns) : initialState.openRuns,
		tables: texts(kept.tables),
		analytics: restoreAnalytics(kept.analytics),
		closedNotice: textOrNull(kept.closedNotice),
		closedRun: textOrNull(kept.closedRun),
	};
}

/** Version 0.1 had one page for figures and calls; who was reading a call there finds it on the Prompts page. */
function restorePage(kept: unknown): PanelPage {
	if (kept === 'usage') return 'prompts';
	return panelPages.find((page) => page === kept) ?? initialState.page;
}

function restoreTops(kept: unknown): PanelState['tops'] {
	if (!isRecord(kept)) return {};
	return Object.fromEntries(panelPages.flatMap((page) => (page in kept ? [[page, numberOr(kept[page], 0)]] : [])));
}

function restoreScroll(kept: unknown): ScrollPlace {
	if (!isRecord(kept)) return initialState.scroll;
	const anchor = kept.anchor;
	return {
		top: numberOr(kept.top, 0),
		anchor:
			isRecord(anchor) && typeof anchor.key === 'string'
				? { key: anchor.key, index: Math.max(0, Math.floor(numberOr(anchor.index, 0))), y: numberOr(anchor.y, 0) }
				: null,
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

function texts(kept: unknown): string[] {
	return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
}

function textOrNull(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}

function numberOr(value: unknown, otherwise: number): number {
	return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
