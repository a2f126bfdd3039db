import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isExactName, namesake } from './alias-guard.ts';
import { type CallRecord, callColumns } from './call-record.ts';
import type { Dimensions } from './dimensions.ts';
import { RecordCache } from './record-cache.ts';
import type { Rollups } from './rollups.ts';
import { RowWriter } from './row-writer.ts';
import type { SessionTable } from './session-table.ts';
import type { SourceDays } from './source-days.ts';
import { addCall, noSums } from './sums.ts';

const MAX_CACHED = 10_000;
/** Calls of one id that can be told apart. What comes later has no other name, and is itself none the less. */
const MAX_NAMESAKES = 16;
/** Printable ASCII. */
const PLAIN_NAME = /^[ -~]+$/;

/**
 * The calls of a write transaction. Whatever happens to a call within it, its row is written once at the end, and the
 * sums of session and rollups move by the difference between then and now: so they always equal the sum of the calls.
 */
export class CallTable {
	readonly #cache = new RecordCache<CallRecord>(MAX_CACHED);
	readonly #numbers = new Map<string, number>();
	readonly #dims: Dimensions;
	readonly #sessions: SessionTable;
	readonly #rollups: Rollups;
	readonly #sourceDays: SourceDays;
	readonly #find: StatementSync;
	readonly #read: StatementSync;
	readonly #last: StatementSync;
	readonly #remove: StatementSync;
	readonly #duplicatesOf: StatementSync;
	readonly #addAlias: StatementSync;
	readonly #findAlias: StatementSync;
	readonly #anyNamesake: StatementSync;
	readonly #moveAliases: StatementSync;
	readonly #dropAliases: StatementSync;
	readonly #inserter: RowWriter<CallRecord>;
	readonly #replacer: RowWriter<CallRecord>;
	/** Of the names looked up for this transaction, those that are nobody's so far. */
	readonly #free = new Set<string>();
	/** Names given in this transaction that were nobody's. */
	readonly #given = new Map<string, number>();
	readonly #taken: StatementSync;
	#next: number | null = null;
	#hasRemoved = false;
	#hasNamesakes: boolean | null = null;

	constructor(db: DatabaseSync, dims: Dimensions, sessions: SessionTable, rollups: Rollups, sourceDays: SourceDays) {
		this.#dims = dims;
		this.#sessions = sessions;
		this.#rollups = rollups;
		this.#sourceDays = sourceDays;
		const columns = callColumns.join(', ');
		this.#find = db.prepare(`SELECT ${columns} FROM call WHERE call_id = ?`);
		this.#read = db.prepare(`SELECT ${columns} FROM call WHERE n = ?`);
		this.#last = db.prepare('SELECT coalesce(max(n), 0) AS n FROM call');
		this.#remove = db.prepare('DELETE FROM call WHERE n = ?');
		this.#duplicatesOf = db.prepare('SELECT n FROM call WHERE duplicate_of = ?');
		this.#addAlias = db.prepare('INSERT OR IGNORE INTO alias (alias, call_n) VALUES (?, ?)');
		this.#findAlias = db.prepare('SELECT call_n FROM alias WHERE alias = ?');
		this.#anyNamesake = db.prepare('SELECT 1 FROM alias WHERE alias >= char(1) AND alias < char(2) LIMIT 1');
		this.#taken = db.prepare(
			`SELECT value AS name FROM json_each(?) WHERE EXISTS (SELECT 1 FROM call WHERE call_id = value)
			OR EXISTS (SELECT 1 FROM alias WHERE alias = value)`,
		);
		this.#moveAliases = db.prepare('UPDATE alias SET call_n = ? WHERE call_n = ?');
		this.#dropAliases = db.prepare('DELETE FROM alias WHERE call_n = ?');
		this.#inserter = new RowWriter(db, 'call', callColumns);
		this.#replacer = new RowWriter(db, 'call', callColumns, 'INSERT OR REPLACE');
	}

	/** A transaction begins: other processes may have written since the last one. */
	begin(): void {
		this.#free.clear();
		this.#given.clear();
		this.#hasNamesakes = null;
	}

	/**
	 * Looks up the names that a transaction will ask for, all at once: most of what is recorded is new. Names that JSON and
	 * SQLite might not mean alike are left to be asked for one by one.
	 */
	lookUp(names: Iterable<string>): void {
		for (const name of names) if (PLAIN_NAME.test(name) && !this.#numbers.has(name)) this.#free.add(name);
		for (const { name } of this.#taken.all(JSON.stringify([...this.#free]))) this.#free.delete(String(name));
	}

	/** The call of an id, be it its own or another name of it. */
	find(id: string): CallRecord | null {
		if (this.#free.has(id)) return null;
		const n = this.#numbers.get(id) ?? this.#given.get(id);
		const cached = n === undefined ? undefined : this.#cache.get(n);
		if (cached) return cached;
		return this.#keep(this.#find.get(id)) ?? this.findByAlias(id);
	}

	findByAlias(alias: string): CallRecord | null {
		const n = this.#findAlias.get(alias)?.call_n;
		return n === undefined ? null : this.get(Number(n));
	}

	/** The first call of a name that `isSame` takes for the one meant, where the name may be that of several. */
	findByName(alias: string, isSame: (call: CallRecord) => boolean): CallRecord | null {
		if (isExactName(alias)) return this.find(alias);
		const first = this.find(alias);
		if (first === null || isSame(first)) return first;
		for (const call of this.#namesakes(alias)) if (isSame(call)) return call;
		return null;
	}

	get(n: number): CallRecord | null {
		return this.#cache.get(n) ?? this.#keep(this.#read.get(n));
	}

	/** Begins a call. */
	create(record: Omit<CallRecord, 'n'>): CallRecord {
		this.#next ??= Number(this.#last.get()?.n) + 1;
		const call = this.#cache.add({ n: this.#next++, ...record });
		this.#numbers.set(call.call_id, call.n);
		this.#free.delete(call.call_id);
		return call;
	}

	/** Says that a call is about to change. */
	change(call: CallRecord): void {
		this.#cache.change(call);
	}

	/**
	 * Remembers other names of a call. Returns the other calls that some of them already belong to and that `isSame` takes
	 * for this one. A name that another call has, and may keep, becomes that of both.
	 */
	addAliases(call: CallRecord, aliases: readonly string[], isSame: (other: CallRecord) => boolean): CallRecord[] {
		const others = new Set<CallRecord>();
		for (const alias of aliases) {
			if (alias === call.call_id) continue;
			// Others may share it, and have turned out to be this call.
			if (this.#given.get(alias) === call.n && (isExactName(alias) || !this.#areNamesakes())) continue;
			if (this.#addAlias.run(alias, call.n).changes === 1) {
				if (this.#free.delete(alias)) this.#given.set(alias, call.n);
				continue;
			}
			const first = this.findByAlias(alias);
			if (!first) continue;
			if (isExactName(alias)) {
				if (first.n !== call.n) others.add(first);
				continue;
			}
			const holders = [first, ...this.#namesakes(alias)];
			const same = holders.filter((other) => other.n !== call.n && isSame(other));
			for (const other of same) others.add(other);
			if (same.length > 0 || holders.some(({ n }) => n === call.n)) continue;
			if (holders.length < MAX_NAMESAKES) this.#addAlias.run(namesake(alias, holders.length), call.n);
			this.#hasNamesakes = true;
		}
		return [...others];
	}

	/** The calls beside the first that a provider gave the same id to. */
	*#namesakes(alias: string): Generator<CallRecord> {
		if (!this.#areNamesakes()) return;
		for (let at = 1; at < MAX_NAMESAKES; at++) {
			const other = this.findByAlias(namesake(alias, at));
			if (other === null) return;
			yield other;
		}
	}

	#areNamesakes(): boolean {
		this.#hasNamesakes ??= this.#anyNamesake.get() !== undefined;
		return this.#hasNamesakes;
	}

	/** Takes a call out of the file and out of all sums; its names go to `heir`, if there is one. */
	remove(call: CallRecord, heir: CallRecord | null): void {
		this.#hasRemoved = true;
		this.#free.clear();
		this.#given.clear();
		for (const [row, before] of this.#cache.changes()) {
			if (row.n === call.n) {
				if (before) this.#count(before, -1);
				this.#forgetOne(call, heir);
				return;
			}
		}
		this.#count(call, -1);
		this.#forgetOne(call, heir);
	}

	/** Writes what changed. True when calls were taken out since the last time: who remembers calls must look anew. */
	flush(): boolean {
		for (const [call, before] of this.#cache.changes()) {
			if (before) this.#count(before, -1);
			this.#count(call, 1);
			if (before) this.#replacer.write(call);
			else this.#inserter.write(call);
		}
		if (this.#cache.settle()) this.#numbers.clear();
		const hasRemoved = this.#hasRemoved;
		this.#hasRemoved = false;
		return hasRemoved;
	}

	forget(): void {
		this.begin();
		this.#cache.forget();
		this.#numbers.clear();
		this.#next = null;
		this.#hasRemoved = false;
	}

	#count(call: CallRecord, sign: 1 | -1): void {
		this.#rollups.count(call, sign);
		this.#sourceDays.count(call, sign);
		const sums = noSums();
		addCall(sums, call, 1);
		const pending = this.#dims.get(call.dim_n).state === 'pending' ? 1 : 0;
		this.#sessions.count(call.session_n, sums, pending, sign);
	}

	#forgetOne(call: CallRecord, heir: CallRecord | null): void {
		for (const row of this.#duplicatesOf.all(call.n)) {
			const duplicate = this.get(Number(row.n));
			if (duplicate) this.#pointElsewhere(duplicate, call, heir);
		}
		for (const [duplicate] of [...this.#cache.changes()]) this.#pointElsewhere(duplicate, call, heir);
		this.#remove.run(call.n);
		this.#numbers.delete(call.call_id);
		this.#cache.drop(call.n);
		if (heir) {
			this.#moveAliases.run(heir.n, call.n);
			this.#addAlias.run(call.call_id, heir.n);
		} else this.#dropAliases.run(call.n);
	}

	/** Numbers are used again: nothing may point to a call that is gone. */
	#pointElsewhere(duplicate: CallRecord, gone: CallRecord, heir: CallRecord | null): void {
		if (duplicate.duplicate_of !== gone.n) return;
		this.#cache.change(duplicate);
		duplicate.duplicate_of = heir === null || heir.n === duplicate.n ? null : heir.n;
	}

	#keep(row: object | undefined): CallRecord | null {
		if (!row) return null;
		const read = row as CallRecord;
		const cached = this.#cache.get(read.n);
		if (cached) return cached;
		const call = this.#cache.keep({ ...read });
		this.#numbers.set(call.call_id, call.n);
		return call;
	}
}
