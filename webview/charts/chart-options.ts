import type { ChartOptions, TooltipItem } from 'chart.js';
import type { Drawn } from './picture.ts';
import type { ChartTheme } from './theme.ts';

/** Room for the amounts at the ends of lying bars, px. */
export const amountsWidth = 64;

/** What the axes show, and how. */
export interface Axes {
	horizontal?: boolean;
	/** Data sets add up. */
	stacked?: boolean;
	/** An amount at the axis. */
	amount: (value: number) => string;
	/** An amount at the second axis, on the right, whose data sets have `yAxisID: 'right'`. Absent: there is none. */
	right?: (value: number) => string;
	/** Amounts are counts: no mark between two of them. */
	whole?: boolean;
	/** Where the axis of amounts ends; absent: at a round number. */
	max?: number;
}

/** What is told of a place when the pointer or the cursor is there. */
export interface Tip {
	title: (place: number) => string;
	/** The figure of a data set; its name stands before it. */
	value: (set: number, place: number) => string;
	after: (place: number) => string[];
}

/** What all charts share: no animation, a sparse grid, texts in the theme's colours, all figures of a place in one tip. */
export function chartOptions(theme: ChartTheme, axes: Axes, tip: Tip): ChartOptions<Drawn> {
	const { horizontal = false, stacked = false } = axes;
	const font = { family: theme.font, size: Math.max(10, theme.fontSize - 2) };
	const amounts = (write: (value: number) => string, grid: boolean) => ({
		stacked,
		beginAtZero: true,
		border: { display: false },
		grid: { color: theme.grid, lineWidth: 0.5, display: grid },
		ticks: {
			color: theme.text,
			font,
			maxTicksLimit: 4,
			...(axes.whole === true && grid ? { precision: 0 } : {}),
			callback: (value: string | number) => write(Number(value)),
		},
	});
	const categories = {
		stacked,
		grid: { display: false },
		border: { color: theme.grid },
		ticks: horizontal
			? { color: theme.text, font, autoSkip: false }
			: { color: theme.text, font, maxRotation: 0, autoSkipPadding: 12 },
	};
	const end = axes.max === undefined ? {} : { max: axes.max };
	const upright = {
		x: categories,
		y: { ...amounts(axes.amount, true), ...end },
		...(axes.right === undefined
			? {}
			: { right: { ...amounts(axes.right, false), stacked: false, position: 'right' as const } }),
	};
	return {
		animation: false,
		responsive: true,
		maintainAspectRatio: false,
		indexAxis: horizontal ? 'y' : 'x',
		interaction: { mode: 'index', axis: horizontal ? 'y' : 'x', intersect: false },
		scales: horizontal ? { x: { ...amounts(axes.amount, true), display: false, ...end }, y: categories } : upright,
		layout: { padding: { right: horizontal ? amountsWidth : 0 } },
		plugins: {
			tooltip: {
				animation: false,
				backgroundColor: theme.tooltip.background,
				titleColor: theme.tooltip.text,
				bodyColor: theme.tooltip.text,
				footerColor: theme.tooltip.text,
				borderColor: theme.tooltip.border,
				borderWidth: 1,
				titleFont: font,
				bodyFont: font,
				footerFont: { ...font, weight: 'normal' },
				filter: (item: TooltipItem<Drawn>) => Number(item.raw) > 0,
				...(stacked
					? { itemSort: (a: TooltipItem<Drawn>, b: TooltipItem<Drawn>) => Number(b.raw) - Number(a.raw) }
					: {}),
				callbacks: {
					title: (items: TooltipItem<Drawn>[]) => (items[0] === undefined ? '' : tip.title(items[0].dataIndex)),
					label: (item: TooltipItem<Drawn>) =>
						` ${item.dataset.label ?? ''}: ${tip.value(item.datasetIndex, item.dataIndex)}`,
					footer: (items: TooltipItem<Drawn>[]) => (items[0] === undefined ? [] : tip.after(items[0].dataIndex)),
				},
			},
		},
	};
}
