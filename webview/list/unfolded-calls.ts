import type { CallRow } from '../../src/core/views.ts';
import type { Ui } from '../ui.ts';
import { UnfoldedCall } from './unfolded-call.ts';

/** What a call takes below its line until it was seen, px. */
const guessPx = 180;
/** Kept over a reload: those unfolded last. */
const maxUnfolded = 200;

/** The part below a line has become taller or less tall. */
export interface Resized {
	callId: string;
	fromPx: number;
	toPx: number;
}

export interface UnfoldedCallsEvents {
	/** Other calls are unfolded than before. */
	changed(callIds: string[]): void;
	resized(changes: Resized[]): void;
	open(row: CallRow): void;
}

/** The calls of a list that are unfolded, what stands below each, and how tall that is. */
export class UnfoldedCalls {
	readonly #ui: Ui;
	readonly #on: UnfoldedCallsEvents;
	readonly #observer = new ResizeObserver((entries) => this.#onResize(entries));
	/** In the order in which they were unfolded. */
	readonly #heights = new Map<string, number>();
	readonly #parts = new Map<string, UnfoldedCall>();
	readonly #callIds = new WeakMap<Element, string>();

	constructor(ui: Ui, callIds: readonly string[], on: UnfoldedCallsEvents) {
		this.#ui = ui;
		this.#on = on;
		for (const callId of callIds) this.#heights.set(callId, guessPx);
	}

	has(callId: string): boolean {
		return this.#heights.has(callId);
	}

	/** Px below the line of each. */
	get heights(): ReadonlyMap<string, number> {
		return this.#heights;
	}

	unfold(callId: string): void {
		if (this.has(callId)) return;
		this.#heights.set(callId, guessPx);
		const oldest = this.#heights.keys().next().value;
		if (this.#heights.size > maxUnfolded && oldest !== undefined) this.fold(oldest);
		else this.#on.changed([...this.#heights.keys()]);
	}

	fold(callId: string): void {
		const part = this.#parts.get(callId);
		if (part !== undefined) this.#observer.unobserve(part.element);
		this.#parts.delete(callId);
		if (this.#heights.delete(callId)) this.#on.changed([...this.#heights.keys()]);
	}

	/** What stands below a call; `null`: it is not unfolded. */
	partOf(row: CallRow): HTMLElement | null {
		const { callId } = row;
		if (!this.has(callId)) return null;
		let part = this.#parts.get(callId);
		if (part === undefined) {
			part = new UnfoldedCall(this.#ui, row, (row) => this.#on.open(row));
			this.#parts.set(callId, part);
			this.#callIds.set(part.element, callId);
			this.#observer.observe(part.element);
		}
		part.show(row);
		return part.element;
	}

	/** The call below whose line an element stands. */
	around(target: EventTarget | null): string | null {
		const element = target instanceof Element ? target.closest('.unfolded') : null;
		return element === null ? null : (this.#callIds.get(element) ?? null);
	}

	#onResize(entries: ResizeObserverEntry[]): void {
		const changes: Resized[] = [];
		for (const { target, borderBoxSize } of entries) {
			const callId = this.#callIds.get(target);
			const toPx = borderBoxSize[0]?.blockSize ?? 0;
			const fromPx = callId === undefined ? undefined : this.#heights.get(callId);
			// Out of the page it has no height, but comes back as it was.
			if (callId === undefined || fromPx === undefined || toPx === 0 || toPx === fromPx) continue;
			this.#heights.set(callId, toPx);
			changes.push({ callId, fromPx, toPx });
		}
		if (changes.length > 0) this.#on.resized(changes);
	}
}
