import type { Page } from 'playwright-core';

export interface Contrast {
	what: string;
	/** WCAG 2.2 contrast ratio, from 1 to 21. */
	ratio: number;
}

/** How well each element's text stands out from what is painted behind it. Backgrounds are taken one over the other. */
export function contrastOf(page: Page, selector: string): Promise<Contrast[]> {
	return page.locator(selector).evaluateAll((elements) => {
		const canvas = new OffscreenCanvas(1, 1);
		const brush = canvas.getContext('2d', { willReadFrequently: true });
		if (brush === null) throw new Error('no canvas');
		/** Colours painted over each other, as the browser does it: [red, green, blue], 0 to 255. */
		const painted = (colours: string[]): number[] => {
			brush.clearRect(0, 0, 1, 1);
			for (const colour of colours) {
				brush.fillStyle = colour;
				brush.fillRect(0, 0, 1, 1);
			}
			return [...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)];
		};
		const luminance = (colour: number[]): number => {
			const [r = 0, g = 0, b = 0] = colour.map((value) => {
				const share = value / 255;
				return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
			});
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};
		return elements.map((element) => {
			const behind: string[] = [];
			for (let at: Element | null = element; at !== null; at = at.parentElement) {
				behind.unshift(getComputedStyle(at).backgroundColor);
			}
			const front = luminance(painted([...behind, getComputedStyle(element).color]));
			const back = luminance(painted(behind));
			const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
			return { what: `${element.className || element.tagName} ${element.textContent?.slice(0, 20)}`, ratio };
		});
	});
}
