import * as vscode from 'vscode';
import type { RunDiagnostics } from '../api.ts';
import type { CallRow } from '../core/views.ts';
import { diagnosticsOf } from '../ledger/answers/run-diagnostics.ts';
import type { RunLine } from '../protocol/messages.ts';
import type { DiagnosedRuns } from './diagnosed-runs.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';
import type { Recording } from './recording.ts';
import { RunLines } from './run-lines.ts';
import type { Settings } from './settings.ts';

/** How long the calls of a run that is over are waited for, in milliseconds: their usage may come late. */
const lateCallsMs = 10_000;
/** Runs of which it is remembered what was told. */
const maxTold = 200;

export interface DiagnosticsParts {
	ledger: Pick<LedgerService, 'ledger' | 'onNews'>;
	recording: Pick<Recording, 'settled'>;
	settings: Pick<Settings, 'diagnosticsEnabled'>;
	diagnosed: DiagnosedRuns;
	log: Pick<vscode.LogOutputChannel, 'warn'>;
}

/**
 * Tells of runs that end, each with its compact summary; and, for runs that are diagnosed, sends `run.diagnostics`
 * notifications: one for each live call that ends, and one for the run. All of it is derived from what is stored, and
 * stored nowhere. A failure here never reaches a run.
 */
export class Diagnostics implements vscode.Disposable {
	/** Runs and their calls, for whoever asks. */
	readonly runs: RunLines;
	readonly #parts: DiagnosticsParts;
	readonly #emitter = new vscode.EventEmitter<RunDiagnostics>();
	readonly #ended = new vscode.EventEmitter<RunLine>();
	readonly #switched = new vscode.EventEmitter<void>();
	readonly #subscription: vscode.Disposable;
	/** What was told of runs, as text: a task that an agent calls done twice is told of once. */
	readonly #told = new Map<string, string>();
	/** What is being made, in order: the notifications of a run come after those of its calls. */
	#work: Promise<void> = Promise.resolve();
	#disposed = false;

	/** Only for runs that are diagnosed. */
	readonly onDidRun = this.#emitter.event;
	/** A run has ended that is no part of another one, whether or not it is diagnosed. */
	readonly onDidEndRun = this.#ended.event;
	/** Another run is diagnosed, or one no longer is. */
	readonly onDidSwitch = this.#switched.event;

	constructor(parts: DiagnosticsParts) {
		this.#parts = parts;
		this.runs = new RunLines(
			() => parts.ledger.ledger,
			(runId) => parts.diagnosed.has(runId),
		);
		this.#subscription = parts.ledger.onNews(({ completed }) => {
			for (const row of completed) if (this.isDiagnosed(row.sessionId)) this.#then(() => this.#reportCall(row));
		});
	}

	/** By the setting, or by the run's own switch. */
	isDiagnosed(runId: string): boolean {
		return this.#parts.settings.diagnosticsEnabled || this.#parts.diagnosed.has(runId);
	}

	/** Switches diagnostics on for one run, whatever the setting says; or takes that back. */
	async diagnose(runId: string, on: boolean): Promise<void> {
		await this.#parts.diagnosed.set(runId, on);
		this.#switched.fire();
	}

	/** A run is over: it is told of once its calls are stored, and after what is told of each. */
	runEnded(runId: string): void {
		void this.#settled(runId)
			.then(() => this.#then(() => this.#reportRun(runId)))
			.catch((error: unknown) => this.#complain(error));
	}

	dispose(): void {
		this.#disposed = true;
		this.#subscription.dispose();
		this.#emitter.dispose();
		this.#ended.dispose();
		this.#switched.dispose();
	}

	async #reportCall(row: CallRow): Promise<void> {
		const lines = await diagnosticsOf(await this.#parts.ledger.ledger, [row]);
		for (const { call } of lines) this.#emitter.fire({ run_id: row.sessionId, kind: 'llm_call', call });
	}

	/** A run as it now stands; `null`: there is no such run. */
	async run(runId: string): Promise<RunLine | null> {
		const found = await this.runs.run(runId);
		if (found === null) return null;
		const { parentRunId: _, ...run } = found;
		return run;
	}

	async #reportRun(runId: string): Promise<void> {
		const found = await this.runs.run(runId);
		// A task that was given up before its first request has nothing to tell.
		if (found === null || found.summary.calls === 0) return;
		const { parentRunId, ...run } = found;
		const summary = JSON.stringify(run.summary);
		if (this.#told.get(runId) === summary) return;
		this.#told.set(runId, summary);
		const [oldest] = this.#told.keys();
		if (this.#told.size > maxTold && oldest !== undefined) this.#told.delete(oldest);
		if (this.isDiagnosed(runId)) this.#emitter.fire({ run_id: runId, kind: 'run_summary', summary: run.summary });
		// The calls of a subagent are told of with the task that it works for.
		if (parentRunId === null) this.#ended.fire(run);
	}

	/** Resolves when all calls of a run are stored and have ended, or have been waited for long enough. */
	async #settled(runId: string): Promise<void> {
		const { recording, ledger } = this.#parts;
		await recording.settled();
		const store = await ledger.ledger;
		const isRunning = async () => {
			const filter = { sessionId: runId, state: 'pending' } as const;
			return (await store.calls({ filter, sort: 'newest', offset: 0, limit: 1 })).total > 0;
		};
		if (!(await isRunning())) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, lateCallsMs);
		timer.unref();
		const listener = ledger.onNews(() => {
			isRunning().then((running) => {
				if (!running) resolve();
			}, resolve);
		});
		await promise;
		clearTimeout(timer);
		listener.dispose();
	}

	#then(make: () => Promise<void>): void {
		this.#work = this.#work
			.then(() => (this.#disposed ? undefined : make()))
			.catch((error: unknown) => this.#complain(error));
	}

	#complain(error: unknown): void {
		this.#parts.log.warn(`A diagnostics notification could not be made: ${messageOf(error)}`);
	}
}
