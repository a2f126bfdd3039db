import type * as vscode from 'vscode';
import type { RunDiagnostics } from './core/diagnostics.ts';
import type { DraftInput } from './core/draft.ts';
import type {
	CallDetail,
	CallFilter,
	CallRow,
	GroupTotals,
	SeriesBucket,
	SessionRow,
	SessionSort,
	Totals,
} from './core/views.ts';
import type { CallQuery, Receipt, SeriesQuery } from './ledger/ledger.ts';

/** Whose calls a hook records. What is absent is read from the task, or from each request. */
export interface ApiHookOptions {
	/** Which agent makes the calls, as the panel names it: `my-agent`. */
	agentId: string;
	taskId?: string | undefined;
	parentTaskId?: string | undefined;
	mode?: string | undefined;
	/** The task's title. Content: what the user has chosen to keep decides whether it is stored. */
	title?: string | undefined;
	/** Absolute working directory of the agent. */
	folder?: string | undefined;
	/** `subscription`: tokens are not billed one by one. Default `api`. */
	billing?: 'api' | 'subscription' | undefined;
	provider?: string | undefined;
	protocol?: 'anthropic' | 'openai' | 'gemini' | undefined;
	/** Who computed `totalCost` of a usage chunk. Default `agent`. */
	costFrom?: 'provider' | 'agent' | undefined;
}

export type { RunDiagnostics };

/** Which tasks to list. */
export interface SessionQuery {
	filter: CallFilter;
	sort: SessionSort;
	offset: number;
	limit: number;
}

/** Sums and lists over the calls in this window's ledger. Every method rejects with the ledger's `reason` and a sentence. */
export interface Analytics {
	totals(filter?: CallFilter): Promise<Totals>;
	/** Costliest first. */
	byModel(filter?: CallFilter): Promise<GroupTotals[]>;
	series(query: SeriesQuery): Promise<SeriesBucket[]>;
	/** At most 5,000 rows at once. Default: the newest 100. */
	calls(query?: Partial<CallQuery>): Promise<{ rows: CallRow[]; total: number }>;
	/** Tasks that have a call which passes the filter, at most 5,000 at once. Default: the latest 100. */
	sessions(query?: Partial<SessionQuery>): Promise<{ rows: SessionRow[]; total: number }>;
	/** Prompt and completion included, as far as they were kept. `null`: no such call. */
	call(callId: string): Promise<CallDetail | null>;
}

/**
 * What `activate` returns:
 *
 *     const api = await vscode.extensions.getExtension<CallmeterApi>('callmeter.callmeter')?.activate();
 *
 * Within one `version` members are only added.
 */
export interface CallmeterApi {
	readonly version: 1;
	/** Records every call of a Kilo-style task until the function it returns is called. Never throws. */
	hookTask(task: object, options: ApiHookOptions): () => void;
	/** Gives a handler that behaves as the one handed in and records its calls. Never throws. */
	wrapApiHandler<H extends object>(handler: H, options: ApiHookOptions): H;
	/**
	 * Records calls that were observed some other way. Resolves when they are in the ledger's file, with one receipt a
	 * draft: from then on they survive a crash of the process. A loss of power may take the last of them.
	 * Rejects with the path of the offending field when a draft is not valid: then none of them is recorded.
	 */
	record(drafts: readonly DraftInput[]): Promise<Receipt[]>;
	/** A live call has ended and is stored. */
	readonly onDidCompleteCall: vscode.Event<CallRow>;
	/** Only while `callmeter.diagnostics.enabled` is set, and for tasks that the user has switched diagnostics on for. */
	readonly onDidRunDiagnostics: vscode.Event<RunDiagnostics>;
	readonly analytics: Analytics;
}
