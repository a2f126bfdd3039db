import type { ChartDataset } from 'chart.js';
import type { Look, Paint } from './paint.ts';
import type { Drawn, Series } from './picture.ts';

type DataSet = ChartDataset<Drawn, Series>;

/** Bars of one data set. They are framed where the theme asks for contrast. */
export function bars(paint: Paint, look: Look, label: string, data: Series, maxBarThickness = 36): DataSet {
	const { border } = paint.theme;
	return {
		type: 'bar',
		label,
		data,
		backgroundColor: paint.fill(look),
		borderColor: border ?? 'transparent',
		borderWidth: border === null ? 0 : 1,
		maxBarThickness,
	};
}

/** A line through the places that have a figure. A figure between gaps is seen as a point. */
export function line(paint: Paint, look: Look, label: string, data: Series, axis: 'y' | 'right' = 'y'): DataSet {
	const colour = paint.colour(look);
	const alone = (index: number) =>
		data[index] !== null && (data[index - 1] ?? null) === null && (data[index + 1] ?? null) === null;
	return {
		type: 'line',
		label,
		data,
		yAxisID: axis,
		borderColor: colour,
		backgroundColor: colour,
		borderWidth: 2,
		borderDash: look.dash ?? [],
		pointRadius: data.map((_, index) => (alone(index) ? 2.5 : 0)),
		pointHoverRadius: 4,
		// In front of bars.
		order: -1,
	};
}
