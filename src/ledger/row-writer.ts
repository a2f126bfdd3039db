import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/**
 * Writes whole rows of one table. Binds by position, in the order of `columns`: binding 30 names costs seven times as
 * much as the insert itself, and this is the hot path. Column and value cannot drift apart, since both come from `columns`.
 */
export class RowWriter<Row extends { [Column in keyof Row]: SQLInputValue }> {
	readonly #columns: readonly (keyof Row & string)[];
	readonly #insert: StatementSync;
	readonly #values: SQLInputValue[];

	constructor(db: DatabaseSync, table: string, columns: readonly (keyof Row & string)[], verb = 'INSERT') {
		this.#columns = columns;
		this.#values = new Array(columns.length).fill(null);
		this.#insert = db.prepare(
			`${verb} INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
		);
	}

	write(row: Row): void {
		for (let i = 0; i < this.#columns.length; i++) {
			const column = this.#columns[i];
			this.#values[i] = column === undefined ? null : row[column];
		}
		this.#insert.run(...this.#values);
	}
}
