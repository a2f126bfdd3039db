import { sep } from 'node:path';
import { FoundTally } from './found-in.ts';
import { GitFacts } from './git-facts.ts';
import type { ImportSettings, SourceStatus } from './import-protocol.ts';
import { type ImportSink, Outbox, type Parcel } from './outbox.ts';
import type { LiveFacts, RecordUnit, Source } from './source.ts';
import { SourceFollower } from './source-follower.ts';
import { SourceRun, type TrackedUnit } from './source-run.ts';
import { UnitQueue } from './unit-queue.ts';
import { parseUnitState, stateAfter } from './unit-state.ts';
import { WorkspaceFilter } from './workspace-filter.ts';

const dayMs = 24 * 60 * 60_000;
/** Longest silence after a ledger that does not take calls, in milliseconds; the first is `minPauseMs`. */
const maxPauseMs = 30_000;
const minPauseMs = 500;
const statusEveryMs = 150;
/** Calls seen live that are remembered of each source: a record is read soon after it is written. */
const maxLive = 5_000;
/** How long what is newest is waited for, over all sources, before the first unit is read. Milliseconds. */
const maxListingMs = 2_000;
/** With as many units to read for the first time, calls and costs of all come before the content of any. */
const backlogUnits = 50;
/** Stands among a source's units for the calls that were seen live before any record told of them. */
const liveUnit = 'live';

export interface ImporterEvents {
	status(sources: SourceStatus[]): void;
	log(level: 'info' | 'warn', message: string): void;
	/** The ends of these calls, which were seen live too, were read and are in the ledger. */
	recorded(source: string, callIds: string[]): void;
}

/**
 * Brings the agents' records into the ledger: lists what there is, reads what changed, newest first, then follows.
 *
 * How far each unit was read is stored in the ledger after the calls themselves. Wherever it is stopped, it goes on from
 * there; what was read but not acknowledged is read again, which the ledger, knowing calls by their id, does not count
 * twice. It never throws for what it reads.
 */
export class Importer {
	readonly #sources: readonly Source[];
	readonly #sink: ImportSink;
	readonly #events: ImporterEvents;
	readonly #outbox: Outbox;
	readonly #queue = new UnitQueue();
	readonly #git = new GitFacts();
	readonly #runs = new Map<string, SourceRun>();
	readonly #followers = new Map<string, SourceFollower>();
	readonly #live = new Map<string, Record<string, LiveFacts>>();
	/** Read without content, while there was much else to read: to be read once more. */
	readonly #withoutContent = new Map<TrackedUnit, SourceRun>();
	#settings: ImportSettings;
	#filter: WorkspaceFilter;
	#scope: string;
	/** Settles when everything was listed once. Units are read, newest first, from then on. */
	#listed: Promise<unknown> = Promise.resolve();
	#listings = 0;
	#abort = new AbortController();
	#stopped = false;
	#reading: Promise<void> | null = null;
	#pauseMs = 0;
	#pause: NodeJS.Timeout | null = null;
	#recheck: NodeJS.Timeout | null = null;
	#statusTimer: NodeJS.Timeout | null = null;
	#told = '';

	constructor(sources: readonly Source[], sink: ImportSink, settings: ImportSettings, events: ImporterEvents) {
		this.#sources = sources;
		this.#sink = sink;
		this.#events = events;
		this.#settings = settings;
		this.#filter = new WorkspaceFilter(settings.scope, settings.places.platform);
		this.#scope = scopeOf(settings);
		this.#outbox = new Outbox(sink, {
			delivered: (parcel) => this.#delivered(parcel),
			returned: (parcels, error) => this.#returned(parcels, error),
		});
	}

	/** Starts reading and following. Resolves when everything was listed once; reading goes on. */
	async start(): Promise<void> {
		const on = this.#sources.filter((source) => !this.#settings.off.includes(source.id));
		this.#listings++;
		let isWaiting = true;
		const readOn = (): void => {
			if (!isWaiting) return;
			isWaiting = false;
			this.#listings--;
			this.#readOn();
		};
		const patience = setTimeout(readOn, maxListingMs);
		this.#listed = Promise.all(on.map((source) => this.#startSource(source))).finally(() => {
			clearTimeout(patience);
			readOn();
		});
		await this.#listed;
		this.#tellStatus();
	}

	/** Takes over other settings: what they newly include is read, what they leave out is no longer followed. */
	async setSettings(settings: ImportSettings): Promise<void> {
		const moved = JSON.stringify(settings.places) !== JSON.stringify(this.#settings.places);
		this.#settings = settings;
		this.#filter = new WorkspaceFilter(settings.scope, settings.places.platform);
		this.#scope = scopeOf(settings);
		if (moved) this.#lookElsewhere();
		this.#abort.abort();
		this.#abort = new AbortController();
		this.#queue.keep(() => false);
		this.#withoutContent.clear();
		for (const id of [...this.#runs.keys()].filter((each) => settings.off.includes(each))) this.#stopSource(id);
		await this.start();
	}

	/** Takes what was seen of calls while they ran: their records are read with it from now on. */
	seenLive(source: string, facts: Readonly<Record<string, LiveFacts>>): void {
		const known = this.#live.get(source) ?? {};
		this.#live.set(source, Object.assign(known, facts));
		const callIds = Object.keys(known);
		for (const oldest of callIds.slice(0, Math.max(0, callIds.length - maxLive))) delete known[oldest];
		this.#followers.get(source)?.expectChanges();
	}

	/** Counts calls that were recorded as they were seen, before their records were read. */
	async countLive(source: string, calls: number): Promise<void> {
		try {
			await this.#sink.saveSourceState(source, [{ key: liveUnit, value: '', calls }]);
		} catch (error) {
			this.#events.log('warn', `${source}: live calls could not be counted: ${reasonOf(error)}`);
		}
		const run = this.#runs.get(source);
		if (run?.loaded !== true) return;
		run.track(liveUnit).calls += calls;
		this.#tellStatus();
	}

	/** Looks everywhere now. */
	async importNow(): Promise<void> {
		for (const run of this.#runs.values()) run.found = null;
		await this.start();
	}

	/** Resolves when nothing is left to read and the ledger has it all. */
	async idle(): Promise<void> {
		do {
			await this.#listed;
			await this.#reading;
			await this.#outbox.settled();
		} while (this.#reading !== null || (this.#queue.size > 0 && this.#pause === null));
	}

	/** Stops at once; what is on its way to the ledger still arrives. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#abort.abort();
		for (const timer of [this.#pause, this.#recheck, this.#statusTimer]) if (timer !== null) clearTimeout(timer);
		for (const id of [...this.#runs.keys()]) this.#stopSource(id);
		await this.#reading;
		await this.#outbox.settled();
	}

	status(): SourceStatus[] {
		return this.#sources.map((source) => {
			const run = this.#runs.get(source.id);
			const status = (run ?? new SourceRun(source)).status(this.#scope);
			return run === undefined ? { ...status, state: 'off' } : status;
		});
	}

	async #startSource(source: Source): Promise<void> {
		let run = this.#runs.get(source.id);
		if (run === undefined) {
			run = new SourceRun(source);
			this.#runs.set(source.id, run);
		}
		run.heldSinceMs = this.#settings.heldSinceMs;
		const { signal } = this.#abort;
		await this.#scan(run);
		if (this.#stopped || signal.aborted || this.#runs.get(source.id) !== run || this.#followers.has(source.id)) return;
		if (this.#settings.once !== undefined) return;
		const follower = new SourceFollower(source, this.#settings.places, {
			listAgain: () => this.#scan(run),
			changed: (unit) => this.#changed(run, unit),
		});
		this.#followers.set(source.id, follower);
		follower.start([...run.units.values()].flatMap(({ unit }) => unit ?? []));
	}

	/** Forgets where records were found and watched. */
	#lookElsewhere(): void {
		for (const follower of this.#followers.values()) follower.stop();
		this.#followers.clear();
		for (const run of this.#runs.values()) run.found = null;
	}

	#stopSource(id: string): void {
		this.#followers.get(id)?.stop();
		this.#followers.delete(id);
		this.#runs.delete(id);
		this.#queue.keep(({ run }) => run.source.id !== id);
		this.#tellStatus();
	}

	/** Lists a source's units and queues those to read. Tells whether any was. Other settings end it and list anew. */
	async #scan(run: SourceRun): Promise<boolean> {
		const { signal } = this.#abort;
		let tally: FoundTally | null = null;
		let isListed = false;
		try {
			if (!run.loaded) await this.#load(run);
			const { places } = this.#settings;
			const folders = run.found === null ? run.source.folders?.(places) : undefined;
			if (folders !== undefined) tally = new FoundTally(folders);
			else {
				const found = run.found ?? (await run.source.detect(places));
				if (signal.aborted) return false;
				run.found = found;
			}
			const listed = new Set<string>();
			let due = false;
			for await (const unit of run.source.units(places)) {
				if (signal.aborted) return false;
				if (tally !== null) {
					tally.add(unit);
					run.found = tally.found;
				}
				if (!this.#isWanted(unit)) continue;
				listed.add(unit.key);
				if (this.#consider(run, unit)) due = true;
			}
			if (signal.aborted) return false;
			isListed = true;
			for (const tracked of run.units.values()) if (!listed.has(tracked.key)) tracked.unit = null;
			run.problem = null;
			this.#readOn();
			return due;
		} catch (error) {
			if (signal.aborted) return false;
			run.problem = reasonOf(error);
			this.#events.log('warn', `${run.source.id}: its records cannot be listed: ${run.problem}`);
			return false;
		} finally {
			// Half a listing is not all that there is: the next one tells.
			if (tally !== null && !isListed) run.found = null;
			this.#tellStatus();
		}
	}

	#isWanted({ key }: RecordUnit): boolean {
		const within = this.#settings.once?.within ?? null;
		return within === null || key === within || key.startsWith(within.endsWith(sep) ? within : within + sep);
	}

	async #load(run: SourceRun): Promise<void> {
		const entries = await this.#sink.sourceState(run.source.id);
		// Another listing may have asked too, and have been first.
		if (run.loaded) return;
		for (const { key, value, calls } of entries) {
			const stored = parseUnitState(value);
			Object.assign(run.track(key), { calls, stored, read: stored });
		}
		run.loaded = true;
	}

	#changed(run: SourceRun, unit: RecordUnit): boolean {
		const due = this.#consider(run, unit);
		if (due) {
			this.#readOn();
			this.#tellStatus();
		}
		return due;
	}

	#consider(run: SourceRun, unit: RecordUnit): boolean {
		const tracked = run.track(unit.key);
		tracked.unit = unit;
		if (run.found !== null) run.found.lastSeenMs = Math.max(run.found.lastSeenMs ?? 0, unit.changedAtMs);
		if (!run.isDue(tracked, this.#scope, Date.now())) return false;
		this.#queue.add({ run, tracked });
		return true;
	}

	#readOn(): void {
		if (this.#reading !== null || this.#stopped || this.#pause !== null || this.#listings > 0) return;
		this.#reading = this.#readAll().finally(() => {
			this.#reading = null;
			this.#planRecheck();
			this.#tellStatus();
			// Something may have been queued after the last look.
			if (this.#queue.size > 0) this.#readOn();
		});
	}

	async #readAll(): Promise<void> {
		let usageFirst = this.#settings.contentDays !== 0 && this.#queue.size >= backlogUnits;
		for (;;) {
			const item = this.#queue.take();
			if (item === undefined) {
				if (this.#withoutContent.size === 0) break;
				usageFirst = false;
				for (const [tracked, run] of this.#withoutContent) this.#queue.add({ run, tracked });
				this.#withoutContent.clear();
				continue;
			}
			if (this.#stopped || this.#pause !== null) {
				this.#queue.add(item);
				break;
			}
			const { run, tracked } = item;
			tracked.active = true;
			if (usageFirst && this.#hasContentToCome(tracked)) await this.#readUsage(run, tracked);
			else await this.#readUnit(run, tracked, this.#scope);
			tracked.active = false;
		}
		this.#outbox.flush();
	}

	/** Whether a unit was not read yet, or only without its content. What is older than the content wanted has none. */
	#hasContentToCome({ unit, read }: TrackedUnit): boolean {
		const isNew = read === null || read.scope === usageScope(this.#scope);
		return isNew && unit !== null && unit.changedAtMs >= sinceMs(this.#settings.contentDays);
	}

	/** Reads a unit without content, which is noted for later. */
	async #readUsage(run: SourceRun, tracked: TrackedUnit): Promise<void> {
		const { read, unit } = tracked;
		if (read === null || read.more || read.stamp !== unit?.stamp) {
			await this.#readUnit(run, tracked, usageScope(this.#scope));
		}
		if (!tracked.queued && tracked.unit !== null) this.#withoutContent.set(tracked, run);
	}

	/** `scope` names what is read: all that is recorded, or that without content. */
	async #readUnit(run: SourceRun, tracked: TrackedUnit, scope: string): Promise<void> {
		const { unit } = tracked;
		if (unit === null) return;
		const epoch = this.#outbox.epoch;
		const { signal } = this.#abort;
		const withContent = scope === this.#scope;
		const before = tracked.read?.scope === scope ? tracked.read : null;
		try {
			const reading = await run.source.read(unit, {
				accepts: this.#filter.accepts,
				folders: this.#settings.scope.folders,
				metadataSinceMs: sinceMs(this.#settings.metadataDays),
				contentSinceMs: withContent ? sinceMs(this.#settings.contentDays) : Number.MAX_SAFE_INTEGER,
				cursor: before?.cursor ?? null,
				earlierCursor: before === null ? (tracked.read?.cursor ?? null) : null,
				held: run.heldSinceMs !== null,
				signal,
				live: this.#live.get(run.source.id) ?? {},
			});
			// Cut short by other settings: they have queued it anew, or left it out.
			if (signal.aborted) return;
			const state = stateAfter(before, scope, reading);
			run.wasRead(tracked, state);
			if (state.more && run.heldSinceMs === null) this.#queue.add({ run, tracked });
			const drafts = reading.drafts.map(this.#git.complete);
			await this.#outbox.add({ unit: tracked, drafts, state }, epoch);
		} catch (error) {
			if (signal.aborted) return;
			this.#events.log('warn', `${run.source.id}: a record cannot be read: ${reasonOf(error)}`);
			const cursor = before?.cursor ?? null;
			const state = stateAfter(before, scope, { drafts: [], skipped: { unreadable: 1 }, cursor, stamp: unit.stamp });
			run.wasRead(tracked, state);
			await this.#outbox.add({ unit: tracked, drafts: [], state }, epoch);
		}
		this.#tellStatus();
	}

	#delivered({ unit, drafts, state }: Parcel): void {
		this.#tellRecorded(unit.source, drafts);
		const run = this.#runs.get(unit.source);
		const tracked = run?.units.get(unit.key);
		if (run === undefined || tracked === undefined) return;
		tracked.stored = state;
		run.waiting = false;
		this.#pauseMs = 0;
		this.#tellStatus();
	}

	#tellRecorded(source: string, drafts: Parcel['drafts']): void {
		const live = this.#live.get(source);
		if (live === undefined) return;
		const callIds = drafts.flatMap((draft) =>
			draft.eventType === 'llm_response' && draft.callId in live ? [draft.callId] : [],
		);
		if (callIds.length > 0) this.#events.recorded(source, callIds);
	}

	#returned(parcels: Parcel[], error: unknown): void {
		for (const { unit } of parcels) {
			const run = this.#runs.get(unit.source);
			const tracked = run?.units.get(unit.key);
			if (run === undefined || tracked === undefined) continue;
			tracked.read = tracked.stored;
			run.waiting = true;
			this.#queue.add({ run, tracked });
		}
		if (error !== null) {
			this.#events.log('warn', `The ledger does not take calls at the moment: ${reasonOf(error)}`);
			this.#pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, this.#pauseMs * 2));
		}
		if (this.#pause === null && !this.#stopped) {
			this.#pause = setTimeout(() => {
				this.#pause = null;
				this.#readOn();
			}, this.#pauseMs);
		}
		this.#tellStatus();
	}

	/** Looks again at units that asked for it: a locked database, a call whose agent may be gone. */
	#planRecheck(): void {
		if (this.#recheck !== null) clearTimeout(this.#recheck);
		this.#recheck = null;
		const now = Date.now();
		const next = Math.min(...[...this.#runs.values()].map((run) => run.nextRecheckMs(this.#scope, now)));
		if (this.#stopped || !Number.isFinite(next)) return;
		// Timers hold at most 2^31 ms; a recheck that far off can wait for the next start.
		const delay = Math.min(2 ** 31 - 1, Math.max(50, next - now));
		this.#recheck = setTimeout(() => {
			for (const run of this.#runs.values()) {
				for (const { unit } of run.units.values()) if (unit !== null) this.#consider(run, unit);
			}
			this.#readOn();
		}, delay);
	}

	#tellStatus(): void {
		if (this.#statusTimer !== null || this.#stopped) return;
		this.#statusTimer = setTimeout(() => {
			this.#statusTimer = null;
			const status = this.status();
			const text = JSON.stringify(status);
			if (text === this.#told) return;
			this.#told = text;
			this.#events.status(status);
		}, statusEveryMs);
	}
}

/** Names the choices that decide what is read: records read under another choice are read anew. */
function scopeOf({ scope, metadataDays, contentDays }: ImportSettings): string {
	const folders = scope.projects === 'all' ? 'all' : [...scope.folders].sort();
	return JSON.stringify([folders, metadataDays, contentDays]);
}

/** Names what is read before the content is. */
function usageScope(scope: string): string {
	return `${scope} usage`;
}

function sinceMs(days: number | null): number {
	return days === null ? 0 : Date.now() - days * dayMs;
}

/** Words without content: foreign messages may quote what was read. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return 'unknown';
	if ('reason' in error && typeof error.reason === 'string') return error.reason;
	return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
