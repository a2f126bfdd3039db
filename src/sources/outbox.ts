import type { DraftInput } from '../core/draft.ts';
import type { ImportReceipt, StateEntry } from '../core/import-port.ts';
import type { UnitState } from './unit-state.ts';

/** Where calls go, and where it is kept how far each unit was read. */
export interface ImportSink {
	/** Resolves once the drafts are durable, with one receipt each, in order. */
	record(drafts: DraftInput[]): Promise<ImportReceipt[]>;
	sourceState(source: string): Promise<StateEntry[]>;
	saveSourceState(source: string, entries: StateEntry[]): Promise<void>;
}

/** What is known of a unit while it is being imported. */
export interface UnitTally {
	readonly source: string;
	readonly key: string;
	/** Its calls that were new to the ledger. */
	calls: number;
	/** Those of them that are not stored yet. */
	unsavedCalls: number;
}

/** One reading on its way to the ledger. */
export interface Parcel {
	unit: UnitTally;
	drafts: DraftInput[];
	/** Stored once the drafts are. What the ledger refuses is added to what it skipped. */
	state: UnitState;
}

interface OutboxEvents {
	/** The ledger has the parcel, and knows that it has. */
	delivered(parcel: Parcel): void;
	/** Not acknowledged: to be read again. `error`: what went wrong, `null` when it was an earlier parcel. */
	returned(parcels: Parcel[], error: unknown): void;
}

/** Drafts that go in one message, and so in one transaction; more wait for the next. */
const batchDrafts = 1_000;
/** One with content takes the ledger as long as so many without. */
const contentWeight = 4;
/** Messages in the prompts that go in one message: each call of a long task carries all of the task so far. */
const portionMessages = 2_000;
/**
 * Batches that may be under way: one being written and one that waits, so that the ledger never idles. Whoever asks it
 * something meanwhile waits for both.
 */
const maxBatches = 2;

/**
 * Carries drafts to the ledger in order, many small readings in one message, and no more at a time than it takes.
 * A unit's state is stored only after its drafts are acknowledged, and nothing waits for that: states of what was
 * acknowledged meanwhile go together. When a batch fails, it and all behind it come back.
 */
export class Outbox {
	readonly #sink: ImportSink;
	readonly #events: OutboxEvents;
	#waiting: Parcel[] = [];
	#waitingDrafts = 0;
	#batches = 0;
	#epoch = 0;
	#last: Promise<void> = Promise.resolve();
	/** In the ledger, which does not know yet that they are. */
	#recorded: Parcel[] = [];
	#saving: Promise<void> | null = null;
	#wake: (() => void)[] = [];

	constructor(sink: ImportSink, events: OutboxEvents) {
		this.#sink = sink;
		this.#events = events;
	}

	/** Changes when parcels were returned: what was read on the strength of an earlier one must be read again. */
	get epoch(): number {
		return this.#epoch;
	}

	/** Takes a parcel that was read in `epoch`. Resolves when there is room for more. */
	async add(parcel: Parcel, epoch: number): Promise<void> {
		if (epoch !== this.#epoch) {
			this.#events.returned([parcel], null);
			return;
		}
		this.#waiting.push(parcel);
		for (const draft of parcel.drafts) this.#waitingDrafts += weightOf(draft);
		if (this.#waitingDrafts >= batchDrafts) this.flush();
		while (this.#batches >= maxBatches) await new Promise<void>((resolve) => this.#wake.push(resolve));
	}

	/** Sends what waits, at once. */
	flush(): void {
		if (this.#waiting.length === 0) return;
		const parcels = this.#waiting;
		this.#waiting = [];
		this.#waitingDrafts = 0;
		this.#batches++;
		const epoch = this.#epoch;
		// Sent before the one ahead is acknowledged: reading, which holds up this thread, does not hold up the ledger.
		const recorded = this.#record(parcels);
		recorded.catch(() => undefined);
		this.#last = this.#last.then(() => this.#finish(parcels, recorded, epoch));
	}

	/** Resolves when nothing is under way. */
	async settled(): Promise<void> {
		this.flush();
		await this.#last;
		while (this.#saving !== null) await this.#saving;
	}

	/** Has stored how far the parcels were read, once they and all ahead of them are in the ledger. */
	async #finish(parcels: Parcel[], recorded: Promise<void>, epoch: number): Promise<void> {
		try {
			if (epoch !== this.#epoch) {
				await recorded.catch(() => undefined);
				this.#events.returned(parcels, null);
				return;
			}
			await recorded;
			this.#recorded.push(...parcels);
			this.#saving ??= this.#saveRecorded();
		} catch (error) {
			this.#failed(parcels, error);
		} finally {
			this.#batches--;
			const wake = this.#wake;
			this.#wake = [];
			for (const resolve of wake) resolve();
		}
	}

	/** Waits for its turn behind the batches that the ledger has already: what comes meanwhile goes along next time. */
	async #saveRecorded(): Promise<void> {
		while (this.#recorded.length > 0) {
			const parcels = this.#recorded;
			this.#recorded = [];
			try {
				await this.#saveStates(parcels);
				for (const parcel of parcels) this.#events.delivered(parcel);
			} catch (error) {
				this.#failed([...parcels, ...this.#recorded.splice(0)], error);
			}
		}
		this.#saving = null;
	}

	/** Gives back parcels, and all behind them that were not sent; those that were, come back when they are done. */
	#failed(parcels: Parcel[], error: unknown): void {
		this.#epoch++;
		const behind = this.#waiting;
		this.#waiting = [];
		this.#waitingDrafts = 0;
		this.#events.returned([...parcels, ...behind], error);
	}

	async #record(parcels: Parcel[]): Promise<void> {
		const receipts: ImportReceipt[] = [];
		for (const drafts of portions(parcels.flatMap((parcel) => parcel.drafts))) {
			for (const receipt of await this.#sink.record(drafts)) receipts.push(receipt);
		}
		let at = 0;
		for (const { unit, drafts: own, state } of parcels) {
			for (const draft of own) {
				const outcome = receipts[at++]?.outcome;
				if (outcome === 'rejected') state.skipped.malformed = (state.skipped.malformed ?? 0) + 1;
				if (outcome !== 'appended' || draft.eventType !== 'llm_call') continue;
				unit.calls++;
				unit.unsavedCalls++;
			}
		}
	}

	async #saveStates(parcels: Parcel[]): Promise<void> {
		const latest = new Map<UnitTally, UnitState>();
		for (const { unit, state } of parcels) latest.set(unit, state);
		const bySource = Map.groupBy(latest.keys(), (unit) => unit.source);
		await Promise.all(
			[...bySource].map(async ([source, units]) => {
				const entries = units.map((unit) => ({
					key: unit.key,
					value: JSON.stringify(latest.get(unit)),
					calls: unit.unsavedCalls,
				}));
				// Others of the same unit may be recorded before this is answered.
				for (const unit of units) unit.unsavedCalls = 0;
				try {
					await this.#sink.saveSourceState(source, entries);
				} catch (error) {
					for (const [at, unit] of units.entries()) unit.unsavedCalls += entries[at]?.calls ?? 0;
					throw error;
				}
			}),
		);
	}
}

function weightOf(draft: DraftInput): number {
	return draft.eventType !== 'cost_tracked' && draft.contentState === 'full' ? contentWeight : 1;
}

/** Cuts drafts into runs that are not too large to be copied and taken in at once. */
function* portions(drafts: readonly DraftInput[]): Generator<DraftInput[]> {
	let portion: DraftInput[] = [];
	let messages = 0;
	let weight = 0;
	for (const draft of drafts) {
		portion.push(draft);
		messages += draft.eventType === 'llm_call' ? (draft.messages?.length ?? 0) : 0;
		weight += weightOf(draft);
		if (messages < portionMessages && weight < batchDrafts) continue;
		yield portion;
		portion = [];
		messages = 0;
		weight = 0;
	}
	if (portion.length > 0) yield portion;
}
