import type { LlmCallDiagnostics, UsageSummary } from '../diagnostics.ts';
import type { SessionRow } from '../views.ts';

/** A run as `callmeter diagnostics --json` lists it, in the field names of the diagnostics of calls. */
export interface RunJson {
	/** The session. */
	run_id: string;
	agent_id: string;
	/** The run that this one works for; `null`: none. */
	parent_run_id: string | null;
	/** ISO 8601. */
	started_ts: string;
	/** The last sign of it. */
	last_ts: string;
	/** Calls that have not ended. */
	pending_calls: number;
	summary: UsageSummary;
	/** How the cost of the summary relates to what was spent. */
	cost_bound: SessionRow['bound'];
}

/** One run with the diagnostics of those of its calls that have ended, in order. */
export interface RunDiagnosticsJson extends RunJson {
	calls: LlmCallDiagnostics[];
}

export function runJson(session: SessionRow, summary: UsageSummary): RunJson {
	return {
		run_id: session.sessionId,
		agent_id: session.agentId,
		parent_run_id: session.parentSessionId,
		started_ts: new Date(session.startedAtMs).toISOString(),
		last_ts: new Date(session.lastAtMs).toISOString(),
		pending_calls: session.pending,
		summary,
		cost_bound: session.bound,
	};
}
