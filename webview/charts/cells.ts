import type { Bound, Format } from '../format.ts';
import type { Cell, Column } from './picture.ts';

/** Makes the cells of tables: what people read, and the raw figure for a file. */
export class Cells {
	readonly #format: Format;

	constructor(format: Format) {
		this.#format = format;
	}

	text(text: string): Cell {
		return { text, raw: text };
	}

	count(value: number | null): Cell {
		return { text: this.#format.count(value), raw: value };
	}

	tokens(value: number | null): Cell {
		return { text: this.#format.compact(value), raw: value };
	}

	/** In USD. `shown` stands in place of the sum where that would mislead. */
	money(nanoUsd: number | null, bound: Bound = 'exact', shown?: string): Cell {
		return {
			text: shown ?? (nanoUsd === null ? this.#format.count(null) : this.#format.money(nanoUsd, bound)),
			raw: nanoUsd === null ? null : nanoUsd / 1e9,
		};
	}

	/** In milliseconds. */
	duration(ms: number | null, mark = ''): Cell {
		const text = this.#format.duration(ms);
		return { text: ms === null ? text : mark + text, raw: ms === null ? null : Math.round(ms * 1000) / 1000 };
	}

	share(share: number | null): Cell {
		return {
			text: share === null ? this.#format.count(null) : this.#format.percent(share),
			raw: share === null ? null : Math.round(share * 1e6) / 1e6,
		};
	}
}

/** A column of text, or of figures. */
export function column(id: string, label: string | null, kind: 'text' | 'number' = 'number'): Column {
	return { id, label, number: kind === 'number' };
}
