import type { ChartData, ChartOptions, Plugin } from 'chart.js';
import type { CallFilter } from '../../src/core/views.ts';
import type { Look, Paint } from './paint.ts';

/** One figure of a table: as people read it, and as a program does. `null`: not known. */
export interface Cell {
	text: string;
	raw: string | number | null;
}

export interface Column {
	/** Its heading in a file, the same in every language; it says the unit. */
	id: string;
	/** Its heading on the screen; `null`: in the file alone. */
	label: string | null;
	/** What it means, where its heading does not say it all. */
	hint?: string;
	number: boolean;
}

export interface TableRow {
	cells: Cell[];
	/** The calls that the row counts; `null`: they cannot be told apart. */
	filter: CallFilter | null;
}

export interface TableData {
	columns: Column[];
	rows: TableRow[];
	/** The column that names a row; the first when absent. */
	named?: string;
}

/** A data set: a model, a percentile, a kind of token. */
export interface Line {
	label: string;
	/** What it comes to, for the key. */
	value: string;
	look: Look;
	/** Narrows the calls of a place to those of this line; `null`: it has none of its own. */
	filter: CallFilter | null;
}

/** Data in the units that the axes show; `null` leaves a gap. */
export type Series = (number | null)[];
export type Drawn = 'bar' | 'line';

/** What Chart.js gets, in the colours of a theme. */
export interface Drawing {
	data: ChartData<Drawn, Series, string>;
	options: ChartOptions<Drawn>;
	plugins?: Plugin<Drawn>[];
}

/** Everything a chart says and draws, worked out of its figures: shown, read aloud, put in a table, saved. */
export interface Picture {
	/** A sentence for those who do not see the canvas. */
	summary: string;
	/** The same figures; worked out when someone asks for them. */
	table(): TableData;
	/** What a reader must know beside it; `null`: nothing. */
	note: string | null;
	lines: Line[];
	/** The calls of each place along the axis (a bucket of time, a model, a class of durations); `null`: there are none. */
	places: (CallFilter | null)[];
	/** What is said when the cursor comes to a place, or to one line there: its name and its figures. */
	said(place: number, line: number | null): string;
	/** The key below. A chart whose axis names its bars needs none. */
	legend: boolean;
	/** Bars lie, one below the other. */
	horizontal: boolean;
	/** Height that suffices, px. */
	height?: number;
	/** @param width of the canvas, px */
	draw(paint: Paint, width: number): Drawing;
}

/** The calls of a place, or of one line there. `null`: there are none, or no such place. */
export function filterAt({ places, lines }: Picture, place: number, line: number | null): CallFilter | null {
	const filter = places[place] ?? null;
	if (filter === null) return null;
	return { ...filter, ...(line === null ? {} : lines[line]?.filter) };
}
