import type { CallFilter } from '../../src/core/views.ts';
import { text } from '../strings.ts';
import { filterAt, type Picture } from './picture.ts';

interface KeysOptions {
	said(message: string): void;
	/** Marks a place in the chart, or one of its lines there. */
	point(index: number | null, line: number | null): void;
	choose(filter: CallFilter): void;
}

/**
 * Moves through a chart by keyboard: along the axis from place to place, across it through the data sets of a place.
 * Enter shows the calls, Escape lets go.
 */
export class ChartKeys {
	readonly #options: KeysOptions;
	#picture: Picture | null = null;
	#index: number | null = null;
	#line: number | null = null;

	constructor(plot: HTMLElement, options: KeysOptions) {
		this.#options = options;
		plot.addEventListener('keydown', (event) => {
			if (event.altKey || event.ctrlKey || event.metaKey || !this.#press(event.key)) return;
			event.preventDefault();
			event.stopPropagation();
		});
		plot.addEventListener('blur', () => this.#release());
	}

	/** Other figures: the cursor stays where there is still a place for it. */
	show(picture: Picture | null): void {
		const last = (picture?.places.length ?? 0) - 1;
		this.#picture = picture;
		if (this.#index !== null) this.#index = last < 0 ? null : Math.min(this.#index, last);
		if (this.#line !== null && this.#line >= (picture?.lines.length ?? 0)) this.#line = null;
	}

	/** The chart was drawn anew: marks the place again. */
	refresh(): void {
		if (this.#index !== null) this.#options.point(this.#index, this.#line);
	}

	/** Whether the key is one of ours. */
	#press(key: string): boolean {
		const picture = this.#picture;
		if (picture === null || picture.places.length === 0) return false;
		const [back, on, up, down] = picture.horizontal
			? ['ArrowUp', 'ArrowDown', 'ArrowRight', 'ArrowLeft']
			: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
		const last = picture.places.length - 1;
		switch (key) {
			case back:
				return this.#moveTo(this.#index === null ? last : Math.max(0, this.#index - 1));
			case on:
				return this.#moveTo(this.#index === null ? 0 : Math.min(last, this.#index + 1));
			case 'Home':
				return this.#moveTo(0);
			case 'End':
				return this.#moveTo(last);
			case up:
				return this.#changeLine(1);
			case down:
				return this.#changeLine(-1);
			case 'Enter':
			case ' ':
				return this.#choose();
			case 'Escape':
				return this.#release();
			default:
				return false;
		}
	}

	#moveTo(index: number): true {
		this.#index = index;
		this.#mark();
		return true;
	}

	/** From all together to the first data set, the next …, and back to all. */
	#changeLine(step: 1 | -1): boolean {
		const lines = this.#picture?.lines.length ?? 0;
		if (this.#index === null || lines < 2) return false;
		const next = (this.#line ?? -1) + step;
		this.#line = next === -1 || next === lines ? null : next < -1 ? lines - 1 : next;
		this.#mark();
		return true;
	}

	#mark(): void {
		const { said, point } = this.#options;
		point(this.#index, this.#line);
		if (this.#index !== null && this.#picture !== null) said(this.#picture.said(this.#index, this.#line));
	}

	#choose(): boolean {
		if (this.#index === null || this.#picture === null) return false;
		const filter = filterAt(this.#picture, this.#index, this.#line);
		if (filter === null) this.#options.said(text('charts.noCalls'));
		else this.#options.choose(filter);
		return true;
	}

	#release(): boolean {
		if (this.#index === null) return false;
		this.#index = null;
		this.#line = null;
		this.#options.point(null, null);
		return true;
	}
}
