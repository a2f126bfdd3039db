import type { SourceCondition, SourceStatus } from './import-protocol.ts';
import type { UnitTally } from './outbox.ts';
import type { Found, RecordUnit, Source } from './source.ts';
import { addSkipped, type Skipped, type UnitState } from './unit-state.ts';

/** One unit of one source while the importer runs. */
export interface TrackedUnit extends UnitTally {
	/** As last listed; `null` for one that is only known from before. */
	unit: RecordUnit | null;
	/** As read, which the ledger may not have acknowledged yet. */
	read: UnitState | null;
	/** As stored. */
	stored: UnitState | null;
	queued: boolean;
	/** Being read at this moment. */
	active: boolean;
}

/** What the importer knows of one source. */
export class SourceRun {
	readonly source: Source;
	readonly units = new Map<string, TrackedUnit>();
	found: Found | null = null;
	/** Set once the stored states are here. */
	loaded = false;
	/** History older than this is not read: the backfill was cancelled then. */
	heldSinceMs: number | null = null;
	problem: string | null = null;
	waiting = false;

	constructor(source: Source) {
		this.source = source;
	}

	track(key: string): TrackedUnit {
		let tracked = this.units.get(key);
		if (tracked === undefined) {
			tracked = {
				source: this.source.id,
				key,
				calls: 0,
				unsavedCalls: 0,
				unit: null,
				read: null,
				stored: null,
				queued: false,
				active: false,
			};
			this.units.set(key, tracked);
		}
		return tracked;
	}

	/** Whether a unit has to be read: changed, not read to its end, or due to be looked at again. */
	isDue(tracked: TrackedUnit, scope: string, nowMs: number): boolean {
		const { unit, read } = tracked;
		if (unit === null) return false;
		const held = this.heldSinceMs !== null;
		const done = read !== null && read.scope === scope && read.stamp === unit.stamp && (held || !read.more);
		if (done) return read.recheckAtMs !== null && read.recheckAtMs <= nowMs;
		return this.heldSinceMs === null || unit.changedAtMs >= this.heldSinceMs;
	}

	/** Notes that a unit was read as it was at `stamp`; without one it is gone. */
	wasRead(tracked: TrackedUnit, state: NonNullable<TrackedUnit['read']>): void {
		tracked.read = state;
		if (tracked.unit === null) return;
		tracked.unit = state.stamp === '' ? null : { ...tracked.unit, stamp: state.stamp };
	}

	/** The next time at which a unit wants to be read again, epoch milliseconds. */
	nextRecheckMs(scope: string, nowMs: number): number {
		let next = Number.POSITIVE_INFINITY;
		for (const tracked of this.units.values()) {
			const atMs = tracked.read?.recheckAtMs ?? null;
			if (atMs === null || tracked.unit === null) continue;
			// One that is held back stays so, however late it is.
			if (atMs > nowMs || this.isDue(tracked, scope, nowMs)) next = Math.min(next, atMs);
		}
		return next;
	}

	status(scope: string): SourceStatus {
		let skipped: Skipped = {};
		let calls = 0;
		let unitsTotal = 0;
		let unitsDone = 0;
		let pending = false;
		for (const tracked of this.units.values()) {
			calls += tracked.calls;
			if (tracked.stored !== null) skipped = addSkipped(skipped, tracked.stored.skipped);
			if (tracked.unit === null) continue;
			unitsTotal++;
			const { stored } = tracked;
			if (stored !== null && stored.scope === scope && !stored.more && !tracked.queued) unitsDone++;
			// Read when other things were recorded, or without its content so far.
			if (this.heldSinceMs === null && tracked.read !== null && tracked.read.scope !== scope) pending = true;
			// On its way to the ledger counts as not read yet.
			if (tracked.queued || tracked.active || tracked.read !== tracked.stored) pending = true;
		}
		return {
			id: this.source.id,
			title: this.source.title,
			state: this.#condition(pending),
			places: this.found?.places ?? [],
			sinceMs: this.found?.sinceMs ?? null,
			lastSeenMs: this.found?.lastSeenMs ?? null,
			unitsDone,
			unitsTotal,
			calls,
			skipped,
			problem: this.problem,
		};
	}

	#condition(pending: boolean): SourceCondition {
		if (this.problem !== null) return 'failed';
		if (this.found === null) return this.loaded ? 'notFound' : 'reading';
		if (this.waiting) return 'waiting';
		if (pending) return 'reading';
		return this.heldSinceMs === null ? 'following' : 'held';
	}
}
