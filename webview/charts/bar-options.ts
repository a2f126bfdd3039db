import type { ChartOptions, Plugin, TooltipItem } from 'chart.js';
import type { Bound, Format } from '../format.ts';
import type { ChartTheme } from './theme.ts';

/** What both charts share: no animation, sparse grid, amounts in money, texts in the theme's colours. */
export function barOptions(
	theme: ChartTheme,
	format: Format,
	shape: {
		horizontal: boolean;
		title: (index: number) => string;
		/** How the amount of a bar is bounded: that of a data set, at an index. */
		bound: (set: number, index: number) => Bound;
		after: (index: number) => string[];
		/** Where the axis of amounts ends; absent: at a round number. */
		max?: number;
	},
): ChartOptions<'bar'> {
	const font = { family: theme.font, size: Math.max(10, theme.fontSize - 2) };
	const amounts = {
		stacked: true,
		beginAtZero: true,
		border: { display: false },
		grid: { color: theme.grid, lineWidth: 0.5 },
		ticks: {
			color: theme.text,
			font,
			maxTicksLimit: 4,
			callback: (value: string | number) => format.money(Number(value) * 1e9),
		},
	};
	const names = {
		stacked: true,
		grid: { display: false },
		border: { color: theme.grid },
		ticks: { color: theme.text, font, autoSkip: false },
	};
	const end = shape.max === undefined ? {} : { max: shape.max };
	const categories = {
		stacked: true,
		border: { color: theme.grid },
		grid: { display: false },
		ticks: { color: theme.text, font, maxRotation: 0, autoSkipPadding: 12 },
	};
	return {
		animation: false,
		responsive: true,
		maintainAspectRatio: false,
		indexAxis: shape.horizontal ? 'y' : 'x',
		interaction: { mode: 'index', axis: shape.horizontal ? 'y' : 'x', intersect: false },
		scales: shape.horizontal ? { x: { ...amounts, display: false, ...end }, y: names } : { x: categories, y: amounts },
		// Room for the amounts at the ends of the bars.
		layout: { padding: { right: shape.horizontal ? 64 : 0 } },
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
				filter: (item: TooltipItem<'bar'>) => Number(item.raw) > 0,
				itemSort: (a: TooltipItem<'bar'>, b: TooltipItem<'bar'>) => Number(b.raw) - Number(a.raw),
				callbacks: {
					title: (items: TooltipItem<'bar'>[]) => shape.title(items[0]?.dataIndex ?? 0),
					label: (item: TooltipItem<'bar'>) =>
						` ${item.dataset.label ?? ''}: ${format.money(Number(item.raw) * 1e9, shape.bound(item.datasetIndex, item.dataIndex))}`,
					footer: (items: TooltipItem<'bar'>[]) => shape.after(items[0]?.dataIndex ?? 0),
				},
			},
		},
	};
}

/** Writes each bar's amount at its end, where the eye is. */
export function amountsAtEnds(theme: ChartTheme, amounts: string[]): Plugin<'bar'> {
	return {
		id: 'amounts',
		afterDatasetsDraw(chart) {
			const { ctx } = chart;
			ctx.save();
			ctx.fillStyle = theme.text;
			ctx.font = `${Math.max(10, theme.fontSize - 2)}px ${theme.font}`;
			ctx.textBaseline = 'middle';
			for (const [index, bar] of chart.getDatasetMeta(0).data.entries())
				ctx.fillText(amounts[index] ?? '', bar.x + 6, bar.y);
			ctx.restore();
		},
	};
}
