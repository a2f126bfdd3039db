import type { TableData } from './picture.ts';

/** What a spreadsheet may take for the start of a formula. */
const formulaStart = /^[=+\-@\t\r]/;

/**
 * A table as a file: RFC 4180, with a line of headings, CRLF after each line, and figures as programs write them. Text
 * that a spreadsheet would run as a formula gets a quote before it, since names of models and folders are foreign.
 */
export function csvOf({ columns, rows }: TableData): string {
	const lines = [columns.map(({ id }) => field(id)), ...rows.map(({ cells }) => cells.map(({ raw }) => field(raw)))];
	return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(raw: string | number | null): string {
	if (raw === null) return '';
	if (typeof raw === 'number') return plainNumber(raw);
	const safe = formulaStart.test(raw) ? `'${raw}` : raw;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Without an exponent, and with no digits that mean nothing: nano-USD are the finest that there is. */
function plainNumber(value: number): string {
	if (!Number.isFinite(value)) return '';
	if (Number.isInteger(value)) return BigInt(value).toString();
	return value.toFixed(9).replace(/0+$/, '').replace(/\.$/, '');
}
