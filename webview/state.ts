import { type RangeChoice, rangeChoices } from './time-range.ts';

/** Where the reader was in the list: at the top of the page, or at a call, `y` px below the top of the view. */
export interface ScrollPlace {
	top: number;
	anchor: { callId: string; startedAtMs: number; index: number; y: number } | null;
}

export const detailTabs = ['prompt', 'completion', 'metadata', 'tools'] as const;
export type DetailTab = (typeof detailTabs)[number];

export const pages = ['usage', 'sources'] as const;
/** What the panel shows. */
export type Page = (typeof pages)[number];

/** What a person chose, kept over a reload. Everything else is asked of the host again. */
export interface PanelState {
	page: Page;
	range: RangeChoice;
	selected: string | null;
	tab: DetailTab;
	scroll: ScrollPlace;
	/** Charts shown as tables. */
	tables: string[];
	/** The set-aside ledger whose notice was closed. */
	closedNotice: string | null;
}

export const initialState: PanelState = {
	page: 'usage',
	range: '7d',
	selected: null,
	tab: 'prompt',
	scroll: { top: 0, anchor: null },
	tables: [],
	closedNotice: null,
};

export type Change =
	| { kind: 'page'; page: Page }
	| { kind: 'range'; range: RangeChoice }
	| { kind: 'select'; callId: string | null }
	| { kind: 'tab'; tab: DetailTab }
	| { kind: 'scroll'; scroll: ScrollPlace }
	| { kind: 'table'; chart: string; shown: boolean }
	| { kind: 'closeNotice'; notice: string };

export function reduce(state: PanelState, change: Change): PanelState {
	switch (change.kind) {
		case 'page':
			return { ...state, page: change.page };
		case 'range':
			// Another range is another list: a place in the old one means nothing there.
			return { ...state, range: change.range, scroll: initialState.scroll };
		case 'select':
			return { ...state, selected: change.callId };
		case 'tab':
			return { ...state, tab: change.tab };
		case 'scroll':
			return { ...state, scroll: change.scroll };
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
		page: pages.find((page) => page === kept.page) ?? initialState.page,
		range: rangeChoices.find((choice) => choice === kept.range) ?? initialState.range,
		selected: textOrNull(kept.selected),
		tab: detailTabs.find((tab) => tab === kept.tab) ?? initialState.tab,
		scroll: restoreScroll(kept.scroll),
		tables: Array.isArray(kept.tables) ? kept.tables.filter((chart) => typeof chart === 'string') : [],
		closedNotice: textOrNull(kept.closedNotice),
	};
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
