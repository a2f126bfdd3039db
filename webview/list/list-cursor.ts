import type { CallRow, SessionRow } from '../../src/core/views.ts';
import { isChevron } from './chevron.ts';
import { callOf, keyOf, type Line, taskKey } from './line.ts';
import type { LinePages } from './line-pages.ts';
import { keyAction } from './list-keys.ts';
import { clamp } from './scroll-map.ts';
import { isOnlyButton, isReportButton } from './task-row-view.ts';

/** What keys and pointer ask for. */
export interface CursorEvents {
	/** A call was opened: by Enter, or by pointer. */
	open(row: CallRow, by: 'keyboard' | 'pointer'): void;
	/** The active line moved by keyboard to a call. */
	move(row: CallRow): void;
	escape(): void;
	/** The calls of a task are to be shown or left out. */
	setTask(sessionId: string, open: boolean): void;
	/** Only the calls of one task are wanted. */
	onlyTask(session: SessionRow): void;
	/** A task is to be exported. */
	exportTask(session: SessionRow): void;
}

/** The list that the cursor is in. */
export interface CursorPlace {
	readonly pages: LinePages;
	/** Lines that a page key moves by. */
	readonly linesInView: number;
	isUnfolded(callId: string): boolean;
	setUnfolded(callId: string, unfolded: boolean, index: number): void;
	/** Brings a line into view, and draws. */
	show(index: number): void;
	render(): void;
}

/** The active line. `key` is `null` until its page is here. */
interface Active {
	key: string | null;
	index: number;
}

/** The line that keys act on, and what they and the pointer do. */
export class ListCursor {
	readonly #place: CursorPlace;
	readonly #events: CursorEvents;
	#active: Active | null = null;

	constructor(place: CursorPlace, events: CursorEvents) {
		this.#place = place;
		this.#events = events;
	}

	/** `null`: no line is active yet. */
	get index(): number | null {
		return this.#active?.index ?? null;
	}

	/** Makes a line active that is here. */
	put(key: string, index: number): void {
		this.#active = { key, index };
	}

	/** Goes to a line, be it here or not. */
	goTo(index: number): void {
		this.#active = { key: null, index };
		this.#place.show(index);
	}

	/** Gives the active line its key as soon as it is here, and tells of the move. */
	settle(): void {
		const active = this.#active;
		if (active === null || active.key !== null) return;
		const line = this.#place.pages.line(active.index);
		if (line === undefined) return;
		active.key = keyOf(line);
		const row = callOf(line);
		if (row !== null) this.#events.move(row);
	}

	/** The lines were fetched anew, and stand `shift` lines further down unless they say otherwise themselves. */
	renewed(shift: number): void {
		const active = this.#active;
		if (active === null) return;
		const { pages } = this.#place;
		const known = active.key === null ? null : pages.indexOf(active.key);
		active.index = known ?? clamp(active.index + shift, 0, pages.total - 1);
	}

	/** Another list is shown: what is not in it is no longer active. */
	reloaded(): void {
		const index = this.#place.pages.indexOf(this.#active?.key ?? '');
		if (index === null) this.#active = null;
		else if (this.#active !== null) this.#active.index = index;
	}

	/** @returns whether the key did something */
	press(key: string): boolean {
		const { pages, linesInView } = this.#place;
		const action = keyAction(key, { active: this.index, total: pages.total, page: linesInView });
		if (action === null || (pages.total === 0 && action.kind !== 'leave')) return false;
		const index = this.index ?? 0;
		const line = pages.line(index);
		if (action.kind === 'move') this.goTo(action.index);
		else if (action.kind === 'leave') this.#events.escape();
		else if (line === undefined) return true;
		else if (action.kind === 'fold') void this.#fold(line, index);
		else if (action.kind === 'unfold') this.#unfold(line, index);
		else if (line.type !== 'session' && action.kind === 'open') this.#open(line.row, index, 'keyboard');
		else this.#toggle(line, index);
		return true;
	}

	/** A line was pressed by pointer. */
	click(line: Line, index: number, target: EventTarget | null): void {
		if (line.type === 'session' && isReportButton(target)) this.#events.exportTask(line.session);
		else if (line.type === 'session' && isOnlyButton(target)) this.#events.onlyTask(line.session);
		else if (line.type === 'session' || isChevron(target)) this.#toggle(line, index);
		else this.#open(line.row, index, 'pointer');
	}

	#open(row: CallRow, index: number, by: 'keyboard' | 'pointer'): void {
		this.put(row.callId, index);
		this.#events.open(row, by);
		this.#place.render();
	}

	#toggle(line: Line, index: number): void {
		this.put(keyOf(line), index);
		if (line.type === 'session') this.#events.setTask(line.session.sessionId, !line.open);
		else this.#place.setUnfolded(line.row.callId, !this.#place.isUnfolded(line.row.callId), index);
	}

	/** Right: shows what is below a line; of a task whose calls are shown, goes to the first of them. */
	#unfold(line: Line, index: number): void {
		if (line.type === 'session' ? !line.open : !this.#place.isUnfolded(line.row.callId)) this.#toggle(line, index);
		else if (line.type === 'session') this.goTo(Math.min(index + 1, this.#place.pages.total - 1));
	}

	/** Left: folds what is below a line; where there is nothing, goes to the task that the line is in. */
	async #fold(line: Line, index: number): Promise<void> {
		if (line.type === 'session' ? line.open : this.#place.isUnfolded(line.row.callId)) {
			this.#toggle(line, index);
			return;
		}
		const { pages } = this.#place;
		const parent = line.type === 'session' ? line.session.parentSessionId : line.row.sessionId;
		if (parent === null || pages.source.layout !== 'tasks') return;
		for (let above = index - 1; above >= 0; above--) {
			const task = await pages.get(above);
			if (task === null || pages !== this.#place.pages) return;
			if (keyOf(task) !== taskKey(parent)) continue;
			this.goTo(above);
			return;
		}
	}
}
