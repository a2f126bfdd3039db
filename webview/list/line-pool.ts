import { el } from '../dom.ts';
import type { Ui } from '../ui.ts';
import { CallRowView } from './call-row-view.ts';
import { keyOf, type Layout, type Line } from './line.ts';
import type { LineView } from './line-view.ts';
import { TaskRowView } from './task-row-view.ts';

/** A line that is to be in the page. */
export interface NeededLine {
	index: number;
	/** `null`: not here yet. */
	line: Line | null;
	/** Px from the top of the body. */
	y: number;
	active: boolean;
	selected: boolean;
	/** What stands below a call that is unfolded. */
	below: HTMLElement | null;
}

type Kind = 'call' | 'task';

/** The lines that are in the page. An element stays with its line as long as that is needed, wherever it moves to. */
export class LinePool {
	readonly element = el('div', { class: 'rows', role: 'rowgroup' });
	readonly #ui: Ui;
	readonly #onFocusLost: () => void;
	#views = new Map<string, { view: LineView; kind: Kind; index: number }>();
	#resting: Record<Kind, LineView[]> = { call: [], task: [] };

	/** @param onFocusLost told when a line with the focus in it is no longer in the list */
	constructor(ui: Ui, onFocusLost: () => void) {
		this.#ui = ui;
		this.#onFocusLost = onFocusLost;
	}

	/** Shows these lines and no others. */
	show(lines: NeededLine[], layout: Layout): void {
		const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
		const keys = new Set(lines.map(keyFor));
		let lostFocus = false;
		for (const [key, shown] of this.#views) {
			if (keys.has(key)) continue;
			this.#views.delete(key);
			if (shown.view.element.contains(focused)) lostFocus = true;
			this.#resting[shown.kind].push(shown.view);
			shown.view.rest();
		}
		const nowMs = this.#ui.now();
		for (const needed of lines) {
			const key = keyFor(needed);
			const { index, line, y, active, selected, below } = needed;
			let shown = this.#views.get(key);
			if (shown === undefined) {
				const kind: Kind = line?.type === 'session' ? 'task' : 'call';
				shown = { view: this.#resting[kind].pop() ?? this.#newView(kind), kind, index };
				this.#views.set(key, shown);
			}
			shown.index = index;
			shown.view.show(line, { index, layout, nowMs, below });
			shown.view.mark(active, selected);
			shown.view.element.style.transform = `translateY(${y}px)`;
		}
		this.#putInOrder();
		if (lostFocus) this.#onFocusLost();
		// To move an element takes the focus from what is in it.
		else if (focused !== null && focused !== document.activeElement && focused instanceof HTMLElement)
			focused.focus({ preventScroll: true });
	}

	/** The element id of the line at an index. */
	idAt(index: number): string | undefined {
		for (const shown of this.#views.values()) if (shown.index === index) return shown.view.element.id;
		return undefined;
	}

	/** The line that an element is in, and its index. */
	lineAround(target: EventTarget | null): { line: Line; index: number } | null {
		const element = target instanceof Element ? target.closest('[role="row"]') : null;
		for (const { view, index } of this.#views.values()) {
			if (view.element === element && view.line !== null) return { line: view.line, index };
		}
		return null;
	}

	tick(nowMs: number): void {
		for (const { view } of this.#views.values()) view.tick(nowMs);
	}

	get showsRunning(): boolean {
		for (const { view } of this.#views.values()) {
			if (view.line !== null && view.line.type !== 'session' && view.line.row.state === 'pending') return true;
		}
		return false;
	}

	#newView(kind: Kind): LineView {
		return kind === 'task' ? new TaskRowView(this.#ui) : new CallRowView(this.#ui);
	}

	/** Who reads the page without its layout meets the lines from top to bottom too. Moves only those out of order. */
	#putInOrder(): void {
		let next = this.element.firstElementChild;
		for (const { view } of [...this.#views.values()].sort((a, b) => a.index - b.index)) {
			if (view.element === next) next = next.nextElementSibling;
			else this.element.insertBefore(view.element, next);
		}
	}
}

/** Lines that are not here have no key yet: their index stands for one, which no key of a line looks like. */
function keyFor({ line, index }: NeededLine): string {
	return line === null ? `\0\0${index}` : keyOf(line);
}
