import { type ChartColour, type ChartTheme, readChartTheme } from './theme.ts';

export const patterns = ['solid', 'rising', 'dots', 'level', 'falling', 'upright'] as const;
export type Pattern = (typeof patterns)[number];

/** How a data set looks in any theme. */
export interface Look {
	colour: ChartColour;
	/** Of its bars, where the theme asks for contrast. */
	pattern: Pattern;
	/** The pattern in every theme: another data set has the same colour. */
	always?: boolean;
	/** A line and not bars: lengths of dashes and gaps, px. Empty: unbroken. */
	dash?: number[];
}

/** One look for each coloured model. Purple first: it is the product's accent. */
export const seriesLooks: readonly Look[] = (['purple', 'blue', 'green', 'orange', 'yellow', 'red'] as const).map(
	(colour, index) => ({ colour, pattern: patterns[index] ?? 'solid' }),
);
/** For what is gathered under “other”. */
export const otherLook: Look = { colour: 'other', pattern: 'falling' };

/** Size of a pattern's tile, px. */
const tile = 8;

/** Turns looks into what a canvas draws with, in the colours that the theme has now. */
export class Paint {
	readonly theme: ChartTheme;
	readonly #fills = new Map<string, string | CanvasPattern>();

	constructor(theme: ChartTheme = readChartTheme()) {
		this.theme = theme;
	}

	colour(look: Look): string {
		return this.theme.colours[look.colour];
	}

	/** What fills a bar: a colour, or a pattern in it. */
	fill(look: Look): string | CanvasPattern {
		const colour = this.colour(look);
		if (look.pattern === 'solid' || (this.theme.border === null && look.always !== true)) return colour;
		const key = `${look.pattern} ${colour}`;
		let fill = this.#fills.get(key);
		if (fill === undefined) {
			fill = patternOf(look.pattern, colour) ?? colour;
			this.#fills.set(key, fill);
		}
		return fill;
	}

	/** A sample of a data set for the key, as it is drawn in the chart. */
	key(canvas: HTMLCanvasElement, look: Look): void {
		const scale = window.devicePixelRatio;
		const [width, height] = [look.dash === undefined ? 12 : 20, 12];
		canvas.width = width * scale;
		canvas.height = height * scale;
		canvas.style.width = `${width}px`;
		canvas.style.height = `${height}px`;
		const context = canvas.getContext('2d');
		if (context === null) return;
		context.scale(scale, scale);
		this.drawKey(context, look, 0, 0);
	}

	/** Draws the sample at a place: 12 px high, 12 or 20 px wide. */
	drawKey(context: CanvasRenderingContext2D, look: Look, x: number, y: number): void {
		if (look.dash !== undefined) {
			context.strokeStyle = this.colour(look);
			context.lineWidth = 2;
			context.setLineDash(look.dash);
			context.beginPath();
			context.moveTo(x, y + 6);
			context.lineTo(x + 20, y + 6);
			context.stroke();
			context.setLineDash([]);
			return;
		}
		context.fillStyle = this.fill(look);
		context.fillRect(x, y, 12, 12);
		if (this.theme.border === null) return;
		context.strokeStyle = this.theme.border;
		context.lineWidth = 1;
		context.strokeRect(x + 0.5, y + 0.5, 11, 11);
	}
}

/** Full strokes of the colour on a thinner layer of it. */
function patternOf(pattern: Pattern, colour: string): CanvasPattern | null {
	const canvas = document.createElement('canvas');
	canvas.width = tile;
	canvas.height = tile;
	const context = canvas.getContext('2d');
	if (context === null) return null;
	context.fillStyle = colour;
	context.globalAlpha = 0.3;
	context.fillRect(0, 0, tile, tile);
	context.globalAlpha = 1;
	context.strokeStyle = colour;
	context.lineWidth = 2.5;
	context.beginPath();
	strokes(context, pattern);
	context.stroke();
	return context.createPattern(canvas, 'repeat');
}

function strokes(context: CanvasRenderingContext2D, pattern: Pattern): void {
	const line = (fromX: number, fromY: number, toX: number, toY: number) => {
		context.moveTo(fromX, fromY);
		context.lineTo(toX, toY);
	};
	switch (pattern) {
		case 'solid':
			context.fillRect(0, 0, tile, tile);
			return;
		case 'rising':
			for (const x of [-tile, 0, tile]) line(x - 1, tile + 1, x + tile + 1, -1);
			return;
		case 'falling':
			for (const x of [-tile, 0, tile]) line(x - 1, -1, x + tile + 1, tile + 1);
			return;
		case 'dots':
			context.arc(tile / 2, tile / 2, 1.2, 0, 2 * Math.PI);
			return;
		case 'level':
			line(0, tile / 2, tile, tile / 2);
			return;
		case 'upright':
			line(tile / 2, 0, tile / 2, tile);
	}
}
