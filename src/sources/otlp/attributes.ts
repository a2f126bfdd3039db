import type { Attributes } from './records.ts';

/** The first of these attributes that is text with something in it. A number counts as the text it is. */
export function textIn(attributes: Attributes, ...keys: string[]): string | null {
	for (const key of keys) {
		const value = attributes.get(key);
		if (typeof value === 'string' && value !== '') return value;
		if (typeof value === 'number') return String(value);
	}
	return null;
}

/** The first of these attributes that is a number from zero up, or text that is one: some agents write all as text. */
export function numberIn(attributes: Attributes, ...keys: string[]): number | null {
	for (const key of keys) {
		const value = numeric(attributes.get(key));
		if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
	}
	return null;
}

/** As `numberIn`, for token counts. What is no count is left out, with a sentence for a person pushed to `notes`. */
export function countIn(attributes: Attributes, notes: string[], ...keys: string[]): number | null {
	for (const key of keys) {
		const given = attributes.get(key);
		if (given === undefined || given === null || given === '') continue;
		const value = numeric(given);
		if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
		notes.push(`${key} is not a token count: it was left out.`);
	}
	return null;
}

/** A list of texts, or the text of one. */
export function textsIn(attributes: Attributes, key: string): string[] {
	const value = attributes.get(key);
	const list: unknown[] = Array.isArray(value) ? value : [value];
	return list.filter((each) => typeof each === 'string' && each !== '') as string[];
}

/** An ISO 8601 moment, epoch milliseconds. */
export function momentIn(attributes: Attributes, key: string): number | null {
	const value = attributes.get(key);
	const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return Number.isNaN(ms) || ms < 0 ? null : ms;
}

function numeric(value: unknown): unknown {
	return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}
