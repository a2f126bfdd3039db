import { runSummary, type UsageSummary } from '../core/diagnostics.ts';
import type { SessionRow } from '../core/views.ts';
import { diagnosableCalls, diagnosticsOf } from '../ledger/answers/run-diagnostics.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { DiagnosticsLine, RunLine, RunsPage } from '../protocol/messages.ts';

/** What is needed of the ledger. */
export type RunLedger = Pick<Ledger, 'calls' | 'sessions' | 'servedBy'>;

/** Summaries that are kept, so that a list of runs does not read them all again with each call. */
const maxSummaries = 500;

/** Runs, their summaries and the diagnostics of their calls, derived from the ledger whenever they are asked for. */
export class RunLines {
	readonly #ledger: () => Promise<RunLedger>;
	readonly #isDiagnosed: (runId: string) => boolean;
	/** By run, with what of the run the summary is of. */
	readonly #summaries = new Map<string, { of: string; summary: UsageSummary }>();

	constructor(ledger: () => Promise<RunLedger>, isDiagnosed: (runId: string) => boolean) {
		this.#ledger = ledger;
		this.#isDiagnosed = isDiagnosed;
	}

	/** Newest first. */
	async page(offset: number, limit: number): Promise<RunsPage> {
		const ledger = await this.#ledger();
		const { rows, total } = await ledger.sessions({ filter: {}, sort: 'newest', offset, limit });
		return { runs: await Promise.all(rows.map((session) => this.#line(ledger, session))), total };
	}

	/** `null`: no such run. */
	async run(runId: string): Promise<(RunLine & { parentRunId: string | null }) | null> {
		const ledger = await this.#ledger();
		const { rows } = await ledger.sessions({ filter: { sessionId: runId }, offset: 0, limit: 1 });
		const [session] = rows;
		if (session === undefined) return null;
		return { ...(await this.#line(ledger, session)), parentRunId: session.parentSessionId };
	}

	/** Calls in order, those left out that have not ended. */
	async calls(runId: string, offset: number, limit: number): Promise<{ lines: DiagnosticsLine[]; total: number }> {
		const ledger = await this.#ledger();
		const { rows, total } = await ledger.calls({ filter: { sessionId: runId }, sort: 'oldest', offset, limit });
		return { lines: await diagnosticsOf(ledger, rows), total };
	}

	async #line(ledger: RunLedger, session: SessionRow): Promise<RunLine> {
		const { sessionId, title, agentId, startedAtMs, pending } = session;
		const { costNanoUsd, subscriptionNanoUsd, unpriced, bound } = session;
		return {
			runId: sessionId,
			title,
			agentId,
			startedAtMs,
			pending,
			cost: { costNanoUsd, subscriptionNanoUsd, unpriced, bound },
			summary: await this.#summary(ledger, session),
			diagnosed: this.#isDiagnosed(sessionId),
		};
	}

	async #summary(ledger: RunLedger, session: SessionRow): Promise<UsageSummary> {
		const of = JSON.stringify(session);
		const known = this.#summaries.get(session.sessionId);
		if (known?.of === of) return known.summary;
		const summary = runSummary(await diagnosableCalls(ledger, session.sessionId));
		this.#summaries.delete(session.sessionId);
		this.#summaries.set(session.sessionId, { of, summary });
		const [oldest] = this.#summaries.keys();
		if (this.#summaries.size > maxSummaries && oldest !== undefined) this.#summaries.delete(oldest);
		return summary;
	}
}
