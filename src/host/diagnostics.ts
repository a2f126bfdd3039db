import * as vscode from 'vscode';
import type { RunDiagnostics } from '../api.ts';
import { callDiagnostics, type DiagnosableCall, runSummary } from '../core/diagnostics.ts';
import type { CallRow } from '../core/views.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';
import type { Recording } from './recording.ts';
import type { Settings } from './settings.ts';

/** Calls of a run that are fetched at a time. */
const pageSize = 500;

/**
 * Sends `run.diagnostics` notifications while the user wants them: one for each live call that ends, and a summary when
 * a run ends. They are derived from what is stored and stored nowhere. A failure here never reaches a run.
 */
export class Diagnostics implements vscode.Disposable {
	readonly #emitter = new vscode.EventEmitter<RunDiagnostics>();
	readonly #ledger: LedgerService;
	readonly #recording: Recording;
	readonly #settings: Settings;
	readonly #log: vscode.LogOutputChannel;
	readonly #subscription: vscode.Disposable;

	readonly onDidRun = this.#emitter.event;

	constructor(ledger: LedgerService, recording: Recording, settings: Settings, log: vscode.LogOutputChannel) {
		this.#ledger = ledger;
		this.#recording = recording;
		this.#settings = settings;
		this.#log = log;
		this.#subscription = ledger.onNews(({ completed }) => {
			if (!settings.diagnosticsEnabled) return;
			for (const row of completed) this.#guard(() => this.#reportCall(row));
		});
	}

	/** A run is over: its summary is sent once its calls are stored, and after what is told of each. */
	runEnded(sessionId: string): void {
		if (!this.#settings.diagnosticsEnabled) return;
		this.#guard(async () => {
			await this.#recording.settled();
			await this.#reportRun(await this.#ledger.ledger, sessionId);
		});
	}

	dispose(): void {
		this.#subscription.dispose();
		this.#emitter.dispose();
	}

	#reportCall(row: CallRow): void {
		const call = callDiagnostics(diagnosable(row));
		if (call !== null) this.#emitter.fire({ run_id: row.sessionId, kind: 'llm_call', call });
	}

	async #reportRun(ledger: Ledger, sessionId: string): Promise<void> {
		const calls: DiagnosableCall[] = [];
		for (let offset = 0; ; offset += pageSize) {
			const { rows, total } = await ledger.calls({ filter: { sessionId }, sort: 'oldest', offset, limit: pageSize });
			calls.push(...rows.map(diagnosable));
			if (rows.length === 0 || calls.length >= total) break;
		}
		this.#emitter.fire({ run_id: sessionId, kind: 'run_summary', summary: runSummary(calls) });
	}

	#guard(work: () => void | Promise<void>): void {
		void (async () => work())().catch((error: unknown) => {
			this.#log.warn(`A diagnostics notification could not be made: ${messageOf(error)}`);
		});
	}
}

/** A row has no cache writes by time to live, and diagnostics need none. */
function diagnosable(row: CallRow): DiagnosableCall {
	const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = row;
	const told = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens].some((count) => count !== null);
	return {
		row,
		usage: told
			? {
					inputTotal: inputTokens,
					uncachedInput: null,
					cacheRead: cacheReadTokens,
					cacheWrite5m: null,
					cacheWrite1h: null,
					cacheWriteUnknownTtl: cacheWriteTokens,
					output: outputTokens,
					reasoning: reasoningTokens,
				}
			: null,
		cost: row.cost && { shownNanoUsd: row.cost.nanoUsd },
		inferenceProvider: null,
		serviceTier: null,
	};
}
