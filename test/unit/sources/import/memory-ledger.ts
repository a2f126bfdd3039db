import { draftSchema } from '../../../../src/core/draft.ts';
import type { ImportReceipt, StateEntry } from '../../../../src/core/import-port.ts';
import type { ImportSettings, SourceStatus } from '../../../../src/sources/import-protocol.ts';
import type { ImportSink } from '../../../../src/sources/outbox.ts';
import type { Places, ReadOptions, RecordUnit, Source, UnitReading } from '../../../../src/sources/source.ts';

/** Keeps what it is handed as the ledger does: a draft by its call, the latest wins, and states beside them. */
export class MemoryLedger implements ImportSink {
	readonly events = new Map<string, string>();
	readonly states = new Map<string, Map<string, StateEntry>>();
	/** What happened, in order. */
	readonly steps: string[] = [];
	/** Batches that were under way at once, at most. */
	mostAtOnce = 0;
	/** Refuses the next so many batches. */
	refuse = 0;
	/** Set: batches wait for this before they are done. */
	gate: Promise<void> | null = null;
	/** Set: how far units were read waits for this before it is stored. */
	stateGate: Promise<void> | null = null;
	/** Refuses the next so many times to store how far units were read. */
	refuseStates = 0;
	#atOnce = 0;

	async record(drafts: unknown[]): Promise<ImportReceipt[]> {
		this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
		try {
			await this.gate;
			if (this.refuse > 0) {
				this.refuse--;
				throw Object.assign(new Error('no space'), { reason: 'diskFull' });
			}
			this.steps.push(`record ${drafts.length}`);
			return drafts.map((input) => {
				const parsed = draftSchema.safeParse(input);
				if (!parsed.success) return { outcome: 'rejected' };
				const draft = parsed.data;
				const key = `${draft.eventType} ${draft.callId}`;
				const text = JSON.stringify(draft);
				const before = this.events.get(key);
				this.events.set(key, text);
				return { outcome: before === undefined ? 'appended' : before === text ? 'unchanged' : 'superseded' };
			});
		} finally {
			this.#atOnce--;
		}
	}

	async sourceState(source: string): Promise<StateEntry[]> {
		return [...(this.states.get(source)?.values() ?? [])];
	}

	async saveSourceState(source: string, entries: StateEntry[]): Promise<void> {
		await this.stateGate;
		if (this.refuseStates > 0) {
			this.refuseStates--;
			throw Object.assign(new Error('no space'), { reason: 'diskFull' });
		}
		const states = this.states.get(source) ?? new Map<string, StateEntry>();
		for (const { key, value, calls } of entries) {
			states.set(key, { key, value, calls: calls + (states.get(key)?.calls ?? 0) });
		}
		this.states.set(source, states);
		this.steps.push(`state ${entries.map(({ key }) => key).join(' ')}`);
	}

	calls(): number {
		return [...this.events.keys()].filter((key) => key.startsWith('llm_call ')).length;
	}
}

/** A source whose units are in memory: each is a list of calls, by name, that may grow. */
export class MemorySource implements Source {
	readonly id: string;
	readonly title = 'Memory';
	readonly pollMs: number;
	readonly contents = new Map<string, { calls: string[]; changedAtMs: number }>();
	/** Keys in the order in which they were read. */
	reads: string[] = [];
	readonly options: ReadOptions[] = [];
	/** Units that throw when read. */
	readonly broken = new Set<string>();
	/** Calls a reading gives at most; more come in further pages. */
	pageCalls = Number.POSITIVE_INFINITY;

	constructor(id = 'memory', pollMs = 60_000) {
		this.id = id;
		this.pollMs = pollMs;
	}

	put(key: string, calls: string[], changedAtMs: number): void {
		this.contents.set(key, { calls, changedAtMs });
	}

	async detect(): ReturnType<Source['detect']> {
		if (this.contents.size === 0) return null;
		const times = [...this.contents.values()].map(({ changedAtMs }) => changedAtMs);
		const [sinceMs, lastSeenMs] = [Math.min(...times), Math.max(...times)];
		return { places: ['memory'], units: this.contents.size, sinceMs, lastSeenMs };
	}

	async *units(): AsyncIterable<RecordUnit> {
		for (const [key, { calls, changedAtMs }] of this.contents) {
			yield { key, changedAtMs, stamp: `${calls.length} ${changedAtMs}` };
		}
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		this.reads.push(unit.key);
		this.options.push(options);
		if (this.broken.has(unit.key)) throw new TypeError('a secret from the record');
		const { calls, changedAtMs } = this.contents.get(unit.key) ?? { calls: [], changedAtMs: 0 };
		const from = options.cursor === null ? 0 : Number(options.cursor);
		const to = Math.min(calls.length, from + this.pageCalls);
		return {
			drafts: calls.slice(from, to).flatMap((name) => pair(this.id, `${unit.key}/${name}`)),
			skipped: options.cursor === null ? { noUsage: 1 } : {},
			cursor: String(to),
			stamp: `${calls.length} ${changedAtMs}`,
			more: to < calls.length,
		};
	}

	watch(): ReturnType<Source['watch']> {
		return [];
	}
}

function pair(source: string, callId: string): UnitReading['drafts'] {
	const identity = { callId, sessionId: 's', agentId: 'a', origin: { source }, provider: 'p', model: 'm' };
	return [
		{ eventType: 'llm_call', ...identity, startedAtMs: 1 },
		{ eventType: 'llm_response', ...identity, endedAtMs: 2, state: 'ok', usage: null },
	];
}

export function settingsWith(change: Partial<ImportSettings> = {}): ImportSettings {
	return {
		scope: { projects: 'all', folders: [] },
		places: nowhere,
		off: [],
		metadataDays: 90,
		contentDays: 30,
		heldSinceMs: null,
		...change,
	};
}

export const nowhere: Places = {
	home: '/nowhere',
	env: {},
	platform: process.platform,
	globalStorage: [],
	customPlaces: {},
};

/** Listens to an importer, and waits for what it tells. */
export class Listener {
	readonly logs: string[] = [];
	/** Calls seen live whose ends were read. */
	readonly recorded: string[] = [];
	latest: SourceStatus[] = [];
	#waiting: (() => void)[] = [];

	readonly events = {
		status: (sources: SourceStatus[]): void => {
			this.latest = sources;
			for (const resolve of this.#waiting.splice(0)) resolve();
		},
		log: (_level: string, message: string): void => void this.logs.push(message),
		recorded: (_source: string, callIds: string[]): void => void this.recorded.push(...callIds),
	};

	/** Resolves when the first source is as `passes` wants it. */
	async until(passes: (status: SourceStatus) => boolean): Promise<SourceStatus> {
		for (;;) {
			const [status] = this.latest;
			if (status !== undefined && passes(status)) return status;
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}
}
