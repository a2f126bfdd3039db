/** Colours of data sets, by the theme's names for them; `other` for what is gathered. */
export const chartColours = ['purple', 'blue', 'green', 'orange', 'yellow', 'red', 'other'] as const;
export type ChartColour = (typeof chartColours)[number];

/** The colours that charts draw with, as the theme has them now. A canvas does not know CSS variables. */
export interface ChartTheme {
	colours: Record<ChartColour, string>;
	background: string;
	/** For what must stand out: headings of a saved picture. */
	foreground: string;
	text: string;
	grid: string;
	/** Around bars, where the theme asks for contrast; else `null`. */
	border: string | null;
	focus: string;
	tooltip: { background: string; text: string; border: string };
	font: string;
	fontSize: number;
}

export function readChartTheme(): ChartTheme {
	const style = getComputedStyle(document.body);
	const read = (...names: string[]) => {
		for (const name of names) {
			const value = style.getPropertyValue(`--vscode-${name}`).trim();
			if (value !== '') return value;
		}
		return style.color;
	};
	const contrast = style.getPropertyValue('--vscode-contrastBorder').trim();
	const colour = (name: ChartColour) =>
		name === 'other'
			? read('descriptionForeground', 'foreground')
			: read(`charts-${name}`, 'charts-foreground', 'foreground');
	return {
		colours: {
			purple: colour('purple'),
			blue: colour('blue'),
			green: colour('green'),
			orange: colour('orange'),
			yellow: colour('yellow'),
			red: colour('red'),
			other: colour('other'),
		},
		background: read('editorWidget-background', 'editor-background'),
		foreground: read('foreground'),
		text: contrast === '' ? read('descriptionForeground', 'foreground') : read('foreground'),
		grid: read('charts-lines', 'widget-border', 'panel-border'),
		border: contrast === '' ? null : contrast,
		focus: read('focusBorder', 'foreground'),
		tooltip: {
			background: read('editorHoverWidget-background', 'editor-background'),
			text: read('editorHoverWidget-foreground', 'foreground'),
			border: read('editorHoverWidget-border', 'contrastBorder', 'foreground'),
		},
		font: read('font-family'),
		fontSize: Number.parseFloat(read('font-size')) || 13,
	};
}

/** Calls the listener after the theme has changed. Returns the way to stop. */
export function onThemeChange(listener: () => void): () => void {
	let frame = 0;
	const observer = new MutationObserver(() => {
		cancelAnimationFrame(frame);
		frame = requestAnimationFrame(listener);
	});
	observer.observe(document.body, {
		attributes: true,
		attributeFilter: ['class', 'data-vscode-theme-id', 'data-vscode-theme-kind'],
	});
	observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
	return () => {
		cancelAnimationFrame(frame);
		observer.disconnect();
	};
}
