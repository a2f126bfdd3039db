import type * as vscode from 'vscode';
import type { LlmCallDiagnostics, UsageSummary } from './core/diagnostics.ts';
import type { DraftInput } from './core/draft.ts';
import type { CallDetail, CallFilter, CallRow, GroupTotals, SeriesBucket, Totals } from './core/views.ts';
import type { CallQuery, Receipt, SeriesQuery } from './ledger/ledger.ts';

/** Whose calls a hook records. What is absent is read from the task, or from each request. */
export interface ApiHookOptions {
	/** Which agent makes the calls, as the panel names it: `my-agent`. */
	agentId: string;
	taskId?: string;
	parentTaskId?: string;
	mode?: string;
	title?: string;
	/** Absolute working directory of the agent. */
	folder?: string;
	billing?: 'api' | 'subscription';
	provider?: string;
	protocol?: 'anthropic' | 'openai' | 'gemini';
	/** Who computed `totalCost` of a usage chunk. Default `agent`. */
	costFrom?: 'provider' | 'agent';
}

/** A `run.diagnostics` notification. Holds no content. */
export type RunDiagnostics =
	| { run_id: string; kind: 'llm_call'; call: LlmCallDiagnostics }
	| { run_id: string; kind: 'run_summary'; summary: UsageSummary };

/** Sums and lists over the calls of this workspace. */
export interface Analytics {
	totals(filter?: CallFilter): Promise<Totals>;
	byModel(filter?: CallFilter): Promise<GroupTotals[]>;
	series(query: SeriesQuery): Promise<SeriesBucket[]>;
	calls(query: CallQuery): Promise<{ rows: CallRow[]; total: number }>;
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
	 * Records calls that were observed some other way. Resolves when they are on disk, with one receipt a draft.
	 * Rejects with the path of the offending field when a draft is not valid.
	 */
	record(drafts: readonly DraftInput[]): Promise<Receipt[]>;
	/** A live call has ended and is stored. */
	readonly onDidCompleteCall: vscode.Event<CallRow>;
	/** Only while `callmeter.diagnostics.enabled` is set. */
	readonly onDidRunDiagnostics: vscode.Event<RunDiagnostics>;
	readonly analytics: Analytics;
}
