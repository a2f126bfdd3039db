import type { CompletionRecord } from './completion-record.ts';
import type { EventSpool } from './event-spool.ts';
import { Lease } from './lease.ts';
import { reasonOf, type SinkReport } from './sink-report.ts';

export interface EventQueueLimits {
	/** In one batch. */
	batchRecords: number;
	/** That wait in memory while the disk takes none. */
	memoryRecords: number;
}

/** Records that are to be sent next, and what to do with them afterwards. */
export interface Batch {
	records: readonly CompletionRecord[];
	/** There are others behind these. */
	more: boolean;
	remove(): Promise<void>;
	putBack(): void;
}

/**
 * Events that wait to be sent: on disk, and in memory until the disk has taken them, oldest first. While the disk takes
 * none they are sent from memory.
 */
export class EventQueue {
	readonly #spool: EventSpool;
	readonly #limits: EventQueueLimits;
	readonly #report: SinkReport;
	/** What is not on disk yet, oldest first. */
	#memory: CompletionRecord[] = [];
	/** Why the disk does not take events; `null`: it does. */
	#diskProblem: string | null = null;
	/** A batch from memory is on its way: nothing may overtake it onto the disk. */
	#memoryIsSent = false;
	/** How often it was emptied: what was taken out before is not put back. */
	#emptied = 0;
	#disk: Promise<unknown> = Promise.resolve();

	constructor(spool: EventSpool, limits: EventQueueLimits, report: SinkReport) {
		this.#spool = spool;
		this.#limits = limits;
		this.#report = report;
	}

	/** Takes a record; returns at once. */
	add(record: CompletionRecord): void {
		this.#memory.push(record);
		const over = this.#memory.length - this.#limits.memoryRecords;
		if (over > 0) {
			this.#memory.splice(0, over);
			this.#report.dropped(over);
		}
		void this.flush();
	}

	/** Moves what is in memory to disk. Never rejects. */
	flush(): Promise<void> {
		return this.#inTurn(async () => {
			const emptied = this.#emptied;
			while (this.#memory.length > 0 && !this.#memoryIsSent) {
				const records = this.#memory.splice(0, this.#limits.batchRecords);
				try {
					this.#report.dropped(await this.#spool.write(records));
					this.#diskProblem = null;
				} catch (error) {
					if (emptied === this.#emptied) this.#memory.unshift(...records);
					this.#diskFails(error);
					return;
				}
			}
		});
	}

	/**
	 * The right to send what lies on disk, if there is anything. Without it only what is in memory may be sent; `isAway`:
	 * another window has it, or the disk does not let anyone tell, so that it is worth asking again later.
	 */
	async lease(life: AbortSignal): Promise<{ lease: Lease | null; isAway: boolean }> {
		try {
			return await this.#inTurn(async () => {
				if (life.aborted || (await this.#spool.count()) === 0) return { lease: null, isAway: false };
				const lease = await Lease.take(this.#spool.directory);
				return { lease, isAway: lease === null };
			});
		} catch (error) {
			this.#diskFails(error);
			return { lease: null, isAway: true };
		}
	}

	/** What lies on disk is older than what it did not take. `null`: nothing may be sent. */
	async next(lease: Lease | null): Promise<Batch | null> {
		const { batchRecords } = this.#limits;
		const spooled = lease === null ? null : await this.#spool.oldest(batchRecords);
		if (spooled !== null) return { ...spooled, putBack: () => undefined };
		// Else it is on its way to the disk, and from there to whoever may send.
		if (this.#diskProblem === null) return null;
		const emptied = this.#emptied;
		const records = this.#memory.splice(0, batchRecords);
		if (records.length === 0) return null;
		this.#memoryIsSent = true;
		const done = () => {
			this.#memoryIsSent = false;
		};
		const putBack = () => {
			done();
			if (emptied === this.#emptied) this.#memory.unshift(...records);
		};
		return { records, more: this.#memory.length > 0, remove: async () => done(), putBack };
	}

	/** Deletes everything: in memory at once, then on disk, of all windows. Never rejects. */
	async clear(): Promise<void> {
		this.#emptied++;
		this.#memory = [];
		await this.#inTurn(() => this.#spool.clear()).catch((error: unknown) => this.#report.notDeleted(error));
	}

	#diskFails(error: unknown): void {
		const problem = reasonOf(error);
		if (this.#diskProblem !== problem) this.#report.diskFails(problem);
		this.#diskProblem = problem;
	}

	/** One disk operation after the other. */
	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#disk.then(work);
		this.#disk = result.catch(() => undefined);
		return result;
	}
}
