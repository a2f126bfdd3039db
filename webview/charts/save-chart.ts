import type { ChartOptions } from 'chart.js';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { Chart } from './chart-js.ts';
import { csvOf } from './csv.ts';
import { Paint } from './paint.ts';
import type { Drawn, Line, Picture, Series, TableData } from './picture.ts';

interface Saved {
	name: string;
	heading: string;
	picture: Picture;
}

/** Size of a saved picture's plot, px; it is drawn at twice that. */
const plot = { width: 960, height: 400 };
const scale = 2;
const padding = 24;
const headHeight = 40;
const rowHeight = 22;

/** Has the host write a chart to a place of the person's choice, as it is seen, with its heading and key. */
export function savePicture(ui: Ui, chart: Saved): Promise<void> {
	return save(ui, chart.name, 'png', () => pngOf(chart));
}

/** Has the host write figures to a place of the person's choice. */
export function saveTable(ui: Ui, name: string, table: TableData): Promise<void> {
	return save(ui, name, 'csv', () => csvOf(table));
}

async function save(ui: Ui, name: string, type: 'png' | 'csv', make: () => string): Promise<void> {
	try {
		const path = await ui.link.request({ kind: 'save', name: `callmeter-${name}.${type}`, type, data: make() });
		if (path !== null) ui.announce(text('charts.saved', { path }));
	} catch (error) {
		ui.report(error);
		ui.announce(text('charts.notSaved'));
	}
}

/** The chart in the colours of the theme, with its background, heading, key and note: PNG, Base64. */
function pngOf({ heading, picture }: Saved): string {
	const paint = new Paint();
	const { theme } = paint;
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d');
	if (context === null) throw new Error('no canvas');
	const width = plot.width + 2 * padding;
	const height = Math.min(plot.height, picture.height ?? plot.height);
	const font = `${theme.fontSize}px ${theme.font}`;
	context.font = font;
	const key = picture.legend ? keyRows(context, picture.lines, plot.width) : [];
	const note = picture.note === null ? [] : wrap(context, picture.note, plot.width);
	canvas.width = width * scale;
	canvas.height = (padding + headHeight + height + (key.length + note.length) * rowHeight + padding) * scale;
	context.scale(scale, scale);
	context.fillStyle = theme.background;
	context.fillRect(0, 0, width, canvas.height / scale);
	context.textBaseline = 'middle';
	context.fillStyle = theme.foreground;
	context.font = `600 ${theme.fontSize * 1.3}px ${theme.font}`;
	context.fillText(heading, padding, padding + headHeight / 2 - 6);
	let y = padding + headHeight;
	context.drawImage(drawn(picture, paint, height), padding, y, plot.width, height);
	context.font = font;
	y += height + rowHeight / 2;
	for (const row of key) {
		for (const { line, x } of row) {
			paint.drawKey(context, line.look, padding + x, y);
			context.fillStyle = theme.foreground;
			context.fillText(entry(line), padding + x + keyWidth(line), y + 6);
		}
		y += rowHeight;
	}
	context.fillStyle = theme.text;
	for (const words of note) {
		context.fillText(words, padding, y + 6);
		y += rowHeight;
	}
	return canvas.toDataURL('image/png').replace(/^[^,]*,/, '');
}

/** The plot alone, on a canvas of its own that nobody sees. */
function drawn(picture: Picture, paint: Paint, height: number): HTMLCanvasElement {
	const canvas = document.createElement('canvas');
	canvas.width = plot.width;
	canvas.height = height;
	const { data, options, plugins = [] } = picture.draw(paint, plot.width);
	const still: ChartOptions<Drawn> = { ...options, responsive: false, devicePixelRatio: scale };
	const chart = new Chart<Drawn, Series, string>(canvas, { type: 'bar', data, options: still, plugins });
	// Destroying a chart empties its canvas.
	const copy = document.createElement('canvas');
	copy.width = canvas.width;
	copy.height = canvas.height;
	copy.getContext('2d')?.drawImage(canvas, 0, 0);
	chart.destroy();
	return copy;
}

function entry({ label, value }: Line): string {
	return value === '' ? label : `${label}  ${value}`;
}

function keyWidth({ look }: Line): number {
	return look.dash === undefined ? 18 : 26;
}

/** Lays the entries of the key into rows. */
function keyRows(context: CanvasRenderingContext2D, lines: Line[], width: number): { line: Line; x: number }[][] {
	const rows: { line: Line; x: number }[][] = [];
	let x = Number.POSITIVE_INFINITY;
	for (const line of lines) {
		const needed = keyWidth(line) + context.measureText(entry(line)).width + 20;
		if (x + needed > width) {
			rows.push([]);
			x = 0;
		}
		rows.at(-1)?.push({ line, x });
		x += needed;
	}
	return rows;
}

function wrap(context: CanvasRenderingContext2D, words: string, width: number): string[] {
	const rows: string[] = [];
	for (const word of words.split(' ')) {
		const row = rows.at(-1);
		if (row !== undefined && context.measureText(`${row} ${word}`).width <= width)
			rows[rows.length - 1] = `${row} ${word}`;
		else rows.push(word);
	}
	return rows;
}
