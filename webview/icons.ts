const svgNamespace = 'http://www.w3.org/2000/svg';

/** Outlines on a 16 × 16 grid, drawn in the colour of the text around them. */
const outlines = {
	arrow: ['M2.5 8h10', 'M9.5 5l3 3-3 3'],
	cross: ['M4 4l8 8', 'M12 4l-8 8'],
	ban: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11', 'M4.2 4.2l7.6 7.6'],
	question: ['M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.7', 'M8 12.4v.2'],
	check: ['M3 8.5l3.2 3.2L13 4.8'],
	pause: ['M5.5 3.5v9', 'M10.5 3.5v9'],
	back: ['M10 3L5 8l5 5'],
	close: ['M4 4l8 8', 'M12 4l-8 8'],
	up: ['M8 13V3.5', 'M4 7l4-4 4 4'],
	table: ['M2.5 3.5h11v9h-11z', 'M2.5 6.5h11', 'M2.5 9.5h11', 'M6.5 3.5v9'],
	chart: ['M3 2.5v10.5h10.5', 'M6 10.5V8', 'M9 10.5V5', 'M12 10.5V7'],
	overview: ['M2.5 2.5h4.5v4.5h-4.5z', 'M9 2.5h4.5v4.5H9z', 'M2.5 9h4.5v4.5h-4.5z', 'M9 9h4.5v4.5H9z'],
	prompts: ['M2.5 3h11v8H7.5l-3 2.6V11h-2z', 'M5 5.8h6', 'M5 8.2h4'],
	pulse: ['M1.5 8h3l1.8-4.5L9.2 12.5 11 8h3.5'],
	plug: ['M5.5 2v3', 'M10.5 2v3', 'M3.8 5h8.4v2.5a4.2 4.2 0 0 1-8.4 0z', 'M8 11.7V14'],
	sidebar: ['M2.5 3h11v10h-11z', 'M6.3 3v10'],
	gear: [
		'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4',
		'M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6l1.4 1.4M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4',
	],
	copy: ['M5.5 5.5h8v8h-8z', 'M10.5 5.5v-3h-8v8h3'],
	warning: ['M8 2.2L14.2 13H1.8z', 'M8 6.3v3.2', 'M8 11.2v.2'],
	spinner: ['M8 2.5a5.5 5.5 0 1 1-5.5 5.5'],
	wrench: ['M13.2 4.2l-2.3 2.3-1.6-.5-.5-1.6 2.3-2.3a3.6 3.6 0 0 0-4.6 4.6l-4 4 2 2 4-4a3.6 3.6 0 0 0 4.7-4.5z'],
	file: ['M4 2.5h5l3 3v8H4z', 'M9 2.5v3h3'],
	image: ['M2.5 3.5h11v9h-11z', 'M2.5 11l3-3 2.5 2.5 2-2 3.5 3.5', 'M10.6 6.2v.1'],
	down: ['M8 3v9.5', 'M4 9l4 4 4-4'],
	export: ['M8 10V2.5', 'M5 5.5l3-3 3 3', 'M3 9.5v4h10v-4'],
	chevron: ['M6 3.5L10.5 8 6 12.5'],
	filter: ['M2.5 3h11L9.5 8.2V13l-3-1.6V8.2z'],
	search: ['M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4', 'M10.2 10.2l3.3 3.3'],
	task: ['M3 3.5h2v2H3z', 'M7.5 4.5H13', 'M3 10.5h2v2H3z', 'M7.5 11.5H13', 'M7.5 8H13'],
	branch: ['M4 2.5V9a2 2 0 0 0 2 2h6', 'M9.5 8.5L12 11l-2.5 2.5'],
} as const;
export type IconName = keyof typeof outlines;

/** A decoration: hidden from screen readers, so its meaning must stand in text beside it. */
export function icon(name: IconName): SVGSVGElement {
	const svg = document.createElementNS(svgNamespace, 'svg');
	svg.setAttribute('viewBox', '0 0 16 16');
	svg.setAttribute('class', `icon icon-${name}`);
	svg.setAttribute('aria-hidden', 'true');
	for (const outline of outlines[name]) {
		const path = document.createElementNS(svgNamespace, 'path');
		path.setAttribute('d', outline);
		svg.append(path);
	}
	return svg;
}
