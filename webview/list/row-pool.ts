import type { CallRow } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import type { Ui } from '../ui.ts';
import { RowView } from './row-view.ts';

/** A row that is to be in the page. */
export interface NeededRow {
	index: number;
	/** `null`: not here yet. */
	row: CallRow | null;
	/** Px from the top of the body. */
	y: number;
	active: boolean;
	selected: boolean;
}

/** The rows that are in the page. An element stays with its call as long as that is in view, wherever it moves to. */
export class RowPool {
	readonly element = el('div', { class: 'rows', role: 'rowgroup' });
	readonly #ui: Ui;
	#views = new Map<string, { view: RowView; index: number }>();
	#resting: RowView[] = [];

	constructor(ui: Ui) {
		this.#ui = ui;
	}

	/** Shows these rows and no others. */
	show(rows: NeededRow[]): void {
		const keys = new Set(rows.map(keyOf));
		for (const [key, { view }] of this.#views) {
			if (keys.has(key)) continue;
			this.#views.delete(key);
			this.#resting.push(view);
			view.rest();
		}
		const nowMs = this.#ui.now();
		for (const needed of rows) {
			const key = keyOf(needed);
			const { index, row, y, active, selected } = needed;
			let shown = this.#views.get(key);
			if (shown === undefined) {
				shown = { view: this.#resting.pop() ?? new RowView(this.#ui), index };
				this.#views.set(key, shown);
			}
			shown.index = index;
			shown.view.show(row, index, nowMs);
			shown.view.mark(active, selected);
			shown.view.element.style.transform = `translateY(${y}px)`;
		}
		this.#putInOrder();
	}

	/** The element id of the row at an index. */
	idAt(index: number): string | undefined {
		for (const shown of this.#views.values()) if (shown.index === index) return shown.view.element.id;
		return undefined;
	}

	/** The call and index of the row that an element is in. */
	rowAround(target: EventTarget | null): { row: CallRow; index: number } | null {
		const element = target instanceof Element ? target.closest('[role="row"]') : null;
		for (const { view, index } of this.#views.values()) {
			if (view.element === element && view.row !== null) return { row: view.row, index };
		}
		return null;
	}

	tick(nowMs: number): void {
		for (const { view } of this.#views.values()) view.tick(nowMs);
	}

	get showsRunning(): boolean {
		for (const { view } of this.#views.values()) if (view.row?.state === 'pending') return true;
		return false;
	}

	/** Who reads the page without its layout meets the rows from top to bottom too. Moves only those out of order. */
	#putInOrder(): void {
		let next = this.element.firstElementChild;
		for (const { view } of [...this.#views.values()].sort((a, b) => a.index - b.index)) {
			if (view.element === next) next = next.nextElementSibling;
			else this.element.insertBefore(view.element, next);
		}
	}
}

/** No id of a call begins with NUL. */
function keyOf({ row, index }: NeededRow): string {
	return row?.callId ?? `\0${index}`;
}
