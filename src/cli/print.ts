import type { Environment } from './environment.ts';
import { paint } from './paint.ts';
import { toJson } from './printable.ts';
import { type Column, table } from './table.ts';

/** Prints a value for programs. */
export function printJson({ out }: Environment, value: unknown): void {
	out.write(`${toJson(value)}\n`);
}

/** Prints a table as wide as the terminal. */
export function printTable(
	{ out }: Environment,
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
): void {
	out.write(`${table(columns, rows, out.columns, (line) => paint(out, 'heading', line))}\n`);
}
