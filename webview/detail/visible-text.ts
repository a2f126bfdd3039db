import { append, el } from '../dom.ts';
import { text as string } from '../strings.ts';

/**
 * Characters that would act on the page, or hide, instead of showing: controls other than tab and line breaks, the
 * marks that reorder text, and invisible ones, in which a text can hide from its reader what a model reads. Marks that
 * scripts and emoji need (LRM, RLM, ALM, the joiners, the first variation selectors) stay.
 */
const unseen =
	/(?:(?![\t\n\r])\p{Cc}|[\u180e\u200b\u202a-\u202e\u2060-\u2069\u2028\u2029\ufeff\u{e0000}-\u{e01ef}])+/gu;

const names: Record<number, string> = {
	27: 'ESC',
	127: 'DEL',
	8203: 'ZWSP',
	8232: 'LSEP',
	8233: 'PSEP',
	8234: 'LRE',
	8235: 'RLE',
	8236: 'PDF',
	8237: 'LRO',
	8238: 'RLO',
	8288: 'WJ',
	8294: 'LRI',
	8295: 'RLI',
	8296: 'FSI',
	8297: 'PDI',
	65279: 'BOM',
};

/** Runs longer than this are told by their number. */
const longRun = 12;

export interface TextSpan {
	text: string;
	/** Set for characters shown by name: their description. */
	control: string | null;
}

/** Splits a text into what shows by itself and names for what does not. Lone surrogates become U+FFFD. */
export function visibleSpans(text: string): TextSpan[] {
	const spans: TextSpan[] = [];
	const whole = text.toWellFormed();
	let from = 0;
	for (const match of whole.matchAll(unseen)) {
		if (match.index > from) spans.push({ text: whole.slice(from, match.index), control: null });
		spans.push(controlSpan([...match[0]]));
		from = match.index + match[0].length;
	}
	if (from < whole.length) spans.push({ text: whole.slice(from), control: null });
	return spans;
}

/** Appends foreign text to an element, as text nodes and marks, in an order that the text itself can't change. */
export function appendVisible(parent: HTMLElement, text: string): void {
	for (const span of visibleSpans(text)) {
		append(
			parent,
			span.control === null ? span.text : el('span', { class: 'control', title: span.control, text: span.text }),
		);
	}
}

function controlSpan(characters: string[]): TextSpan {
	const shown = characters.slice(0, longRun).map(nameOf);
	const rest = characters.length - shown.length;
	const described = [...new Set(characters.slice(0, longRun))].map((character) =>
		string('control.name', { name: nameOf(character), code: hex(character) }),
	);
	return { text: shown.join('·') + (rest > 0 ? ` +${rest}` : ''), control: described.join(', ') };
}

function nameOf(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const name = names[code];
	if (name !== undefined) return name;
	if (code < 0x20) return String.fromCharCode(0x2400 + code);
	return `U+${hex(character)}`;
}

function hex(character: string): string {
	return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
