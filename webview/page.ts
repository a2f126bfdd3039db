import type { RunDiagnostics } from '../src/core/diagnostics.ts';
import type { HostState } from '../src/protocol/messages.ts';
import type { PanelPage } from '../src/protocol/pages.ts';
import type { SourcesView } from '../src/protocol/sources.ts';
import type { ListFilter } from './state.ts';
import type { RangeChoice } from './time-range.ts';

/**
 * One page of the panel. The frame makes it when it is first asked for, keeps it, and puts its element into the
 * document only while it is in sight. What a person chose is in the `Store`, never in the page alone.
 */
export interface PageView {
	/** A `main` landmark. */
	readonly element: HTMLElement;
	/** The part that scrolls, whose place the frame keeps over a change of page and a reload. Left out by a page that keeps its own. */
	readonly scroller?: HTMLElement;
	/**
	 * Shows what the store says now: called each time the page comes into sight, and when range, filter, selection, locale
	 * or zone were changed from outside it. Resolves when that is on the screen; shows its own failures.
	 */
	start(): Promise<void>;
	/** The ledger has changed. Called only while the page is in sight and the panel visible; what was missed is told then. */
	changed(revision: number): void;
	/** Called before each `start`, and whenever the host's condition changed while the page is in sight. */
	setHostState(state: HostState): void;
	/** Takes the focus to where a person goes on from: the heading, or the list. */
	focus(): void;
	/** Takes the focus to its search. */
	focusSearch?(): void;
	/** News of where calls come from; also while it is out of sight. */
	showSources?(view: SourcesView): void;
	/** A `run.diagnostics` notification came. Called only while the page is in sight. */
	diagnosed?(params: RunDiagnostics): void;
	/** The theme has changed: draws again what is drawn and not styled. */
	redraw(): void;
	/** Goes out of sight: ends timers and asks for nothing until `start`. */
	leave(): void;
}

/** What a page is to show when it is gone to. What is absent stays as it is. */
export interface PageChange {
	range?: RangeChoice;
	/** In place of the filter of the calls. */
	filter?: ListFilter;
	/** The call whose details are shown. */
	callId?: string;
}

/** The way from one page to another, or of a page to change what all of them share. */
export interface Navigate {
	to(page: PanelPage, change?: PageChange): void;
}
