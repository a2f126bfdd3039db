import { findDuplicate } from '../core/pairing.ts';
import type { CallMerger } from './call-merger.ts';
import type { CallRecord } from './call-record.ts';
import { NearCalls, toTrace } from './near-calls.ts';
import type { Writer } from './writer.ts';

/** Finds that a call was recorded before by another source, without an id in common. Used inside a write transaction. */
export class DuplicateFinder {
	readonly #writer: Writer;
	readonly #merger: CallMerger;
	readonly #near: NearCalls;

	constructor(writer: Writer, merger: CallMerger) {
		this.#writer = writer;
		this.#merger = merger;
		this.#near = new NearCalls(writer);
	}

	/**
	 * Merges a call that just got its response with the one other record that is like it, or marks it when there are
	 * several. Returns the call that remains. A ledger with a single source has nothing to look for.
	 */
	check(record: CallRecord): CallRecord {
		if (!this.#writer.hasSeveralSources || record.duplicate_of !== null) return record;
		this.#writer.calls.flush();
		const rows = this.#near.of(record);
		if (rows.length === 0) return record;
		const found = findDuplicate(this.#near.traceOf(record), rows.map(toTrace));
		if (!found) return record;
		const likeIt = new Set(found.verdict === 'same' ? [found.callId] : found.callIds);
		const first = rows.find((row) => likeIt.has(row.call_id));
		const other = first ? this.#writer.calls.get(first.n) : null;
		if (!other) return record;
		if (found.verdict === 'same' && !this.#isContested(other, record)) {
			return this.#merger.merge(record, other);
		}
		this.#writer.calls.change(record);
		record.duplicate_of = other.n;
		return record;
	}

	/** The other record is as much like a second call of this record's source: nobody can tell which of the two it is. */
	#isContested(other: CallRecord, record: CallRecord): boolean {
		const rivals = this.#near.of(other).filter(({ n }) => n !== record.n);
		return findDuplicate(this.#near.traceOf(other), rivals.map(toTrace)) !== null;
	}
}
