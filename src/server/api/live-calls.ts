import { type RunDiagnostics, runSummary } from '../../core/diagnostics.ts';
import { type CallJson, callJson } from '../../core/outside/call-json.ts';
import { diagnosableCalls, diagnosticsOf } from '../../ledger/answers/run-diagnostics.ts';
import type { Ledger, LedgerNews } from '../../ledger/ledger.ts';
import type { StreamEvent } from './queries.ts';

/** One thing that a stream tells. */
export interface LiveEvent {
	/** Grows; together with the server's instance the id of an event in a stream. */
	n: number;
	event: StreamEvent;
	/** Whose it is; `null`: of no one session. */
	sessionId: string | null;
	/** JSON. */
	data: string;
}

/** The data of `call`. */
export interface LiveCall {
	phase: 'started' | 'ended';
	call: CallJson;
}

/** Events that are kept for streams that were broken off. */
const kept = 1_000;
/** How long events are kept for the last listener that left, in milliseconds. */
const comeAgainMs = 60_000;
/** Calls that are diagnosed at a time. */
const maxAtOnce = 500;
/** How long a run must be quiet, with no call pending, until it is summed up. Milliseconds. */
const quietMs = 2_000;

type LiveLedger = Pick<Ledger, 'onNews' | 'servedBy' | 'calls'>;

/**
 * What happens in the ledger, for streams: calls that begin and end, their diagnostics, and that something else has
 * changed. Costs nothing until someone listens; from then on the last events are kept for those who come again.
 */
export class LiveCalls {
	readonly #listeners = new Set<(event: LiveEvent) => void>();
	readonly #recent: LiveEvent[] = [];
	/** Runs that are to be summed up. */
	readonly #quiet = new Map<string, NodeJS.Timeout>();
	#ledger: LiveLedger | null = null;
	#unsubscribe: (() => void) | null = null;
	#n = 0;
	#leave: NodeJS.Timeout | undefined;
	#wanted = false;
	/** In order: the diagnostics of a call come after it, and before those of the next. */
	#work: Promise<void> = Promise.resolve();

	/** From now on it is this ledger's news. */
	use(ledger: LiveLedger): void {
		this.#unsubscribe?.();
		this.#ledger = ledger;
		this.#unsubscribe = this.#wanted ? ledger.onNews((news) => this.#hear(news)) : null;
	}

	/** `n` of the last event. */
	get last(): number {
		return this.#n;
	}

	/** The events after `n`; `null`: those are no longer kept. */
	after(n: number): readonly LiveEvent[] | null {
		const oldest = this.#recent[0]?.n ?? this.#n + 1;
		return n + 1 < oldest || n > this.#n ? null : this.#recent.filter((event) => event.n > n);
	}

	/** Returns the way to stop it. */
	onEvent(listener: (event: LiveEvent) => void): () => void {
		clearTimeout(this.#leave);
		this.#listeners.add(listener);
		this.#wanted = true;
		this.#unsubscribe ??= this.#ledger?.onNews((news) => this.#hear(news)) ?? null;
		return () => {
			this.#listeners.delete(listener);
			clearTimeout(this.#leave);
			if (this.#listeners.size === 0) this.#leave = setTimeout(() => this.#rest(), comeAgainMs).unref();
		};
	}

	/** Nobody comes again: what is not listened to costs nothing, and what is not heard cannot be told later. */
	#rest(): void {
		this.#wanted = false;
		this.#unsubscribe?.();
		this.#unsubscribe = null;
		this.#recent.length = 0;
		this.#n++;
	}

	#hear({ started, completed, revision }: LedgerNews): void {
		for (const row of started) this.#tell('call', row.sessionId, { phase: 'started', call: callJson(row) });
		for (const row of completed) this.#tell('call', row.sessionId, { phase: 'ended', call: callJson(row) });
		if (started.length + completed.length === 0) this.#tell('changed', null, { revision });
		if (completed.length > 0) this.#then((ledger) => this.#diagnose(ledger, completed));
	}

	async #diagnose(ledger: LiveLedger, completed: LedgerNews['completed']): Promise<void> {
		for (let from = 0; from < completed.length; from += maxAtOnce) {
			for (const { call } of await diagnosticsOf(ledger, completed.slice(from, from + maxAtOnce))) {
				this.#tell('run.diagnostics', call.run_id, { run_id: call.run_id, kind: 'llm_call', call });
			}
		}
		for (const runId of new Set(completed.map(({ sessionId }) => sessionId))) this.#sumUpLater(runId);
	}

	/** Nobody says over HTTP that a run is over: it is summed up when it has been quiet, and anew if it goes on. */
	#sumUpLater(runId: string): void {
		clearTimeout(this.#quiet.get(runId));
		const timer = setTimeout(() => {
			this.#quiet.delete(runId);
			if (this.#listeners.size > 0) this.#then((ledger) => this.#sumUp(ledger, runId));
		}, quietMs);
		this.#quiet.set(runId, timer.unref());
	}

	async #sumUp(ledger: LiveLedger, runId: string): Promise<void> {
		const pending = { sessionId: runId, state: 'pending' } as const;
		if ((await ledger.calls({ filter: pending, sort: 'newest', offset: 0, limit: 1 })).total > 0) return;
		const summary = runSummary(await diagnosableCalls(ledger, runId));
		this.#tell('run.diagnostics', runId, { run_id: runId, kind: 'run_summary', summary });
	}

	#tell(event: 'call', sessionId: string, data: LiveCall): void;
	#tell(event: 'run.diagnostics', sessionId: string, data: RunDiagnostics): void;
	#tell(event: 'changed', sessionId: null, data: { revision: number }): void;
	#tell(event: StreamEvent, sessionId: string | null, data: object): void {
		const told: LiveEvent = { n: ++this.#n, event, sessionId, data: JSON.stringify(data) };
		this.#recent.push(told);
		if (this.#recent.length > kept) this.#recent.shift();
		for (const listener of [...this.#listeners]) listener(told);
	}

	/** What fails here fails no call: the next one is told of. */
	#then(work: (ledger: LiveLedger) => Promise<void>): void {
		this.#work = this.#work.then(() => (this.#ledger === null ? undefined : work(this.#ledger))).catch(() => undefined);
	}
}
