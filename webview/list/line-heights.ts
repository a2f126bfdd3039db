/** Lines of one height, and the few that were unfolded and are taller. */
export class LineHeights {
	/** Px of a line that is not unfolded. */
	base = 52;
	/** By index. `before`: what those above it add up to. */
	#extras: { index: number; px: number; before: number }[] = [];

	/** @param extras px that a line is taller than the others, by index */
	setExtras(extras: ReadonlyMap<number, number>): void {
		let before = 0;
		this.#extras = [...extras]
			.sort(([a], [b]) => a - b)
			.map(([index, px]) => {
				const extra = { index, px, before };
				before += px;
				return extra;
			});
	}

	/** Px of so many lines. */
	total(lines: number): number {
		return this.top(lines);
	}

	/** Px above a line. */
	top(index: number): number {
		return index * this.base + this.#before(index);
	}

	height(index: number): number {
		const extra = this.#extras[this.#firstFrom(index)];
		return this.base + (extra?.index === index ? extra.px : 0);
	}

	/** The line at `y` px from the top of the first; below the last it goes on as if there were more. */
	at(y: number): number {
		let low = 0;
		let high = this.#extras.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const extra = this.#extras[middle];
			if (extra !== undefined && extra.index * this.base + extra.before <= y) low = middle + 1;
			else high = middle;
		}
		const extra = this.#extras[low - 1];
		if (extra === undefined) return Math.floor(y / this.base);
		const below = y - (extra.index * this.base + extra.before) - (this.base + extra.px);
		return below < 0 ? extra.index : extra.index + 1 + Math.floor(below / this.base);
	}

	#before(index: number): number {
		const last = this.#extras[this.#firstFrom(index) - 1];
		return last === undefined ? 0 : last.before + last.px;
	}

	/** The place of the first taller line at an index or after it. */
	#firstFrom(index: number): number {
		let low = 0;
		let high = this.#extras.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#extras[middle]?.index ?? index) < index) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
