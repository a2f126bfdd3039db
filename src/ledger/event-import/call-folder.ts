import type { StatementSync } from 'node:sqlite';
import { findDuplicate } from '../../core/pairing.ts';
import type { CallRecord } from '../call-record.ts';
import { NearCalls, toTrace } from '../near-calls.ts';
import type { Writer } from '../writer.ts';

/**
 * Calls of a file that turn out to be calls that were here before: the row goes, its events stay in their chain and tell
 * of the call that was here, which does not change. Used inside a write transaction.
 */
export class CallFolder {
	readonly #writer: Writer;
	readonly #lastBefore: number;
	readonly #moveEvents: StatementSync;
	readonly #dropSeen: StatementSync;
	readonly #near: NearCalls;
	/** Calls that were here and that one of the file was taken for without an id in common. */
	readonly #twins = new Set<number>();

	/** `lastBefore`: number of the last call that was here before the import. */
	constructor(writer: Writer, lastBefore: number) {
		this.#writer = writer;
		this.#lastBefore = lastBefore;
		this.#moveEvents = writer.db.prepare('UPDATE event SET call_n = ?1 WHERE call_n = ?2');
		this.#dropSeen = writer.db.prepare('DELETE FROM seen WHERE call_n = ?');
		this.#near = new NearCalls(writer);
	}

	/** Whether a call was in the ledger before the import. */
	wasHere({ n }: Pick<CallRecord, 'n'>): boolean {
		return n <= this.#lastBefore;
	}

	/** Returns the call that remains. */
	fold(record: CallRecord, others: readonly CallRecord[]): CallRecord {
		const other = others.find((each) => this.wasHere(each));
		if (other === undefined || this.wasHere(record)) return record;
		const { calls, prompts, answers } = this.#writer;
		prompts.remove(record.n);
		answers.remove(record.n);
		this.#moveEvents.run(other.n, record.n);
		this.#dropSeen.run(record.n);
		calls.remove(record, other);
		return other;
	}

	/**
	 * Looks for a call that was here, of another source and without an id in common, but like this one. Where several are,
	 * or another of the file was taken for it already, nobody can tell: the call stays, and is marked.
	 */
	findTwin(record: CallRecord): CallRecord {
		if (this.#lastBefore === 0 || this.wasHere(record) || record.duplicate_of !== null) return record;
		const rows = this.#near.of(record).filter((row) => this.wasHere(row));
		const found = rows.length === 0 ? null : findDuplicate(this.#near.traceOf(record), rows.map(toTrace));
		if (!found) return record;
		const { calls } = this.#writer;
		const id = found.verdict === 'same' ? found.callId : found.callIds[0];
		const other = id === undefined ? null : calls.find(id);
		if (!other) return record;
		if (found.verdict === 'same' && !this.#twins.has(other.n)) {
			this.#twins.add(other.n);
			return this.fold(record, [other]);
		}
		calls.change(record);
		record.duplicate_of = other.n;
		return record;
	}
}
