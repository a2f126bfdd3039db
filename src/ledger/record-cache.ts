/**
 * Rows that are being worked on, by number: read once, changed in memory, written once at the end of the transaction.
 * Remembers how each row stood before, so that projections can be moved by the difference.
 */
export class RecordCache<Row extends { n: number }> {
	readonly #rows = new Map<number, Row>();
	readonly #before = new Map<number, Row | null>();
	readonly #limit: number;

	constructor(limit: number) {
		this.#limit = limit;
	}

	get(n: number): Row | undefined {
		return this.#rows.get(n);
	}

	/** Keeps a row that was read from the file. */
	keep(row: Row): Row {
		this.#rows.set(row.n, row);
		return row;
	}

	/** Begins a row that the file does not have yet. */
	add(row: Row): Row {
		this.#rows.set(row.n, row);
		this.#before.set(row.n, null);
		return row;
	}

	/** Says that a row is about to change. */
	change(row: Row): void {
		if (!this.#before.has(row.n)) this.#before.set(row.n, { ...row });
	}

	/** Forgets a row that leaves the file. */
	drop(n: number): void {
		this.#rows.delete(n);
		this.#before.delete(n);
	}

	/** Each changed row with what it was (`null`: new). */
	*changes(): Iterable<readonly [Row, Row | null]> {
		for (const [n, before] of this.#before) {
			const row = this.#rows.get(n);
			if (row) yield [row, before];
		}
	}

	/** After the changes were written. True when the cache was emptied to bound it. */
	settle(): boolean {
		this.#before.clear();
		if (this.#rows.size <= this.#limit) return false;
		this.#rows.clear();
		return true;
	}

	forget(): void {
		this.#rows.clear();
		this.#before.clear();
	}
}
