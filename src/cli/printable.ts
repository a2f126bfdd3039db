import { stripVTControlCharacters } from 'node:util';

/** Signs that turn the direction of what follows them. */
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere on one line: it must not move the cursor, change colours, or turn the line around. */
export function printable(text: string): string {
	return stripVTControlCharacters(text)
		.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
		.replaceAll(turning, '');
}

/** The same for a text of several lines, which it keeps. */
export function printableLines(text: string): string {
	return text.split('\n').map(printable).join('\n');
}

/** The same for a piece of a longer text, which may begin or end within an escape sequence: what remains of one is harmless. */
export function withoutCommands(text: string): string {
	return text.replaceAll(/[^\P{Cc}\n\t]/gu, '').replaceAll(turning, '');
}

/** JSON to be read by programs and people: what a terminal would take for a command is written as an escape. */
export function toJson(value: unknown): string {
	return JSON.stringify(value, null, '\t').replaceAll(
		/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
		(sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
