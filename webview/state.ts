import { type PanelPage, panelPages } from '../src/protocol/pages.ts';
import { type ListFilter, restoreFilter } from './list-filter.ts';
import { type RangeChoice, readChoice } from './time-range.ts';

export type { ListFilter } from './list-filter.ts';

/** Where the reader was in the list: at the top of the page, or at a call, `y` px below the top of the view. */
export interface ScrollPlace {
	top: number;
	anchor: { callId: string; startedAtMs: number; index: number; y: number } | null;
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
	selected: string | null;
	tab: DetailTab;
	/** Of the calls on the Prompts page. */
	scroll: ScrollPlace;
	/** How far down the other pages are, in px. */
	tops: Partial<Record<PanelPage, number>>;
	/** Charts shown as tables. */
	tables: string[];
	/** The set-aside ledger whose notice was closed. */
	closedNotice: string | null;
}

export const initialState: PanelState = {
	page: 'overview',
	sidebar: null,
	range: '7d',
	filter: {},
	selected: null,
	tab: 'prompt',
	scroll: { top: 0, anchor: null },
	tops: {},
	tables: [],
	closedNotice: null,
};

export type Change =
	| { kind: 'page'; page: PanelPage }
	| { kind: 'sidebar'; sidebar: PanelState['sidebar'] }
	| { kind: 'range'; range: RangeChoice }
	| { kind: 'filter'; filter: ListFilter }
	| { kind: 'select'; callId: string | null }
	| { kind: 'tab'; tab: DetailTab }
	| { kind: 'scroll'; scroll: ScrollPlace }
	| { kind: 'top'; page: PanelPage; top: number }
	| { kind: 'table'; chart: string; shown: boolean }
	| { kind: 'closeNotice'; notice: string };

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
		case 'tab':
			return { ...state, tab: change.tab };
		case 'scroll':
			return { ...state, scroll: change.scroll };
		case 'top':
			return { ...state, tops: { ...state.tops, [change.page]: change.top } };
		case 'table': {
			const others = state.tables.filter((chart) => chart !== change.chart);
			return { ...state, tables: change.shown ? [...others, change.chart] : others };
		}
		case 'closeNotice':
			return { ...state, closedNotice: change.notice };
	}
}

/** Reads what VS Code kept. It may come from another version: whatever does not fit falls back, field by field. */
export function restoreState(kept: unknown): PanelState {
	if (!isRecord(kept)) return initialState;
	return {
		page: restorePage(kept.page),
		sidebar: kept.sidebar === 'open' || kept.sidebar === 'collapsed' ? kept.sidebar : initialState.sidebar,
		range: readChoice(kept.range) ?? initialState.range,
		filter: restoreFilter(kept.filter),
		selected: textOrNull(kept.selected),
		tab: detailTabs.find((tab) => tab === kept.tab) ?? initialState.tab,
		scroll: restoreScroll(kept.scroll),
		tops: restoreTops(kept.tops),
		tables: Array.isArray(kept.tables) ? kept.tables.filter((chart) => typeof chart === 'string') : [],
		closedNotice: textOrNull(kept.closedNotice),
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
			isRecord(anchor) && typeof anchor.callId === 'string'
				? {
						callId: anchor.callId,
						startedAtMs: numberOr(anchor.startedAtMs, 0),
						index: numberOr(anchor.index, 0),
						y: numberOr(anchor.y, 0),
					}
				: null,
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

function textOrNull(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}

function numberOr(value: unknown, otherwise: number): number {
	return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
