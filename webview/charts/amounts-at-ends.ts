import type { Plugin } from 'chart.js';
import type { Drawn } from './picture.ts';
import type { ChartTheme } from './theme.ts';

/** Writes each lying bar's amount at its end, where the eye is. */
export function amountsAtEnds(theme: ChartTheme, amounts: string[]): Plugin<Drawn> {
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
