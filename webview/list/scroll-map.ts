/** Browsers stop at about 16 million pixels (some at 33); below this height one scrolled pixel is one pixel of the list. */
export const maxBodyHeight = 8_000_000;

/**
 * Maps the scroll position of a body of limited height to a position in a list that may be taller.
 *
 * A short list maps one to one. In a taller one small steps still move one to one, so that wheel and arrow keys feel
 * as they should; a jump (dragging the scrollbar) lands in proportion; both ends are always reached exactly.
 */
export class ScrollMap {
	/** Height that the body element gets, px. */
	bodyHeight = 0;
	#listHeight = 0;
	#viewport = 0;
	#physical = 0;
	#virtual = 0;

	/** Whether positions map one to one. */
	get exact(): boolean {
		return this.bodyHeight === this.#listHeight;
	}

	resize(listHeight: number, viewport: number): void {
		if (listHeight === this.#listHeight && viewport === this.#viewport) return;
		this.#listHeight = listHeight;
		this.#viewport = viewport;
		this.bodyHeight = Math.min(listHeight, maxBodyHeight);
		this.#virtual = Math.min(this.#virtual, this.#virtualMax);
		this.#physical = this.toPhysical(this.#virtual);
	}

	/** The list position at a physical one. Negative while what stands above the list is in view. */
	toVirtual(physical: number): number {
		if (this.exact || physical <= 0) {
			this.#physical = physical;
			this.#virtual = physical;
			return physical;
		}
		const step = physical - this.#physical;
		const small = Math.abs(step) < this.#viewport * 2 && this.#physical > 0;
		const next = small ? this.#virtual + step : (physical / this.#physicalMax) * this.#virtualMax;
		this.#physical = physical;
		this.#virtual = physical >= this.#physicalMax ? this.#virtualMax : clamp(next, 0, this.#virtualMax);
		return this.#virtual;
	}

	/** The physical position that shows a list position in proportion. */
	toPhysical(virtual: number): number {
		if (this.exact || virtual <= 0 || this.#virtualMax === 0) return virtual;
		return Math.round((virtual / this.#virtualMax) * this.#physicalMax);
	}

	/** Moves to a list position exactly, and gives the physical position to scroll to. */
	moveTo(virtual: number): number {
		this.#virtual = Math.min(virtual, this.#virtualMax);
		this.#physical = this.toPhysical(this.#virtual);
		return this.#physical;
	}

	get #virtualMax(): number {
		return Math.max(0, this.#listHeight - this.#viewport);
	}

	get #physicalMax(): number {
		return Math.max(0, this.bodyHeight - this.#viewport);
	}
}

export function clamp(value: number, low: number, high: number): number {
	return Math.min(Math.max(value, low), Math.max(low, high));
}
