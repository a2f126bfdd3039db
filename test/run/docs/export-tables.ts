import { csvColumns, csvContentColumns } from '../../../src/core/export/csv.ts';
import { otlpAttributes, otlpContentAttributes } from '../../../src/core/export/otlp-attributes.ts';

interface Named {
	name: string;
	about: string;
}

/** The columns of CSV, those of the content below. */
export function csvTable(): string {
	return `${table('column', csvColumns)}\n\nWith content:\n\n${table('column', csvContentColumns)}`;
}

/** The attributes of a call's span, those of the content below. */
export function otlpTable(): string {
	return `${table('attribute', otlpAttributes)}\n\nWith content, each as JSON:\n\n${table('attribute', otlpContentAttributes)}`;
}

function table(head: string, rows: readonly Named[]): string {
	return [
		`| ${head} | what it tells |`,
		'|---|---|',
		...rows.map(({ name, about }) => `| \`${name}\` | ${about} |`),
	].join('\n');
}
