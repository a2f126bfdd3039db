import * as vscode from 'vscode';
import type { ApiHookOptions, CallmeterApi } from '../api.ts';
import type { CallRow } from '../core/views.ts';
import type { CallContext } from '../task/hook/call-context.ts';
import { hookTask } from '../task/hook/hook-task.ts';
import { wrapApiHandler } from '../task/hook/wrap-api-handler.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { LedgerService } from './ledger-service.ts';
import type { Recording } from './recording.ts';

export interface ApiParts {
	recording: Recording;
	ledger: LedgerService;
	diagnostics: Diagnostics;
	log: vscode.LogOutputChannel;
}

/** The API for other extensions, on top of this window's parts. */
export class ExtensionApi implements CallmeterApi, vscode.Disposable {
	readonly version = 1;
	readonly onDidCompleteCall: vscode.Event<CallRow>;
	readonly onDidRunDiagnostics: CallmeterApi['onDidRunDiagnostics'];
	readonly analytics: CallmeterApi['analytics'];
	readonly #parts: ApiParts;
	readonly #completed = new vscode.EventEmitter<CallRow>();
	readonly #subscription: vscode.Disposable;

	constructor(parts: ApiParts) {
		const { ledger, diagnostics } = parts;
		this.#parts = parts;
		this.#subscription = ledger.onNews(({ completed }) => {
			for (const row of completed) this.#completed.fire(row);
		});
		this.onDidCompleteCall = this.#completed.event;
		this.onDidRunDiagnostics = diagnostics.onDidRun;
		this.analytics = {
			totals: async (filter = {}) => (await ledger.ledger).totals(filter),
			byModel: async (filter = {}) => (await ledger.ledger).byModel(filter),
			series: async (query) => (await ledger.ledger).series(query),
			calls: async (query) => (await ledger.ledger).calls(query),
			call: async (callId) => (await ledger.ledger).call(callId),
		};
	}

	/** Other extensions may call these without their object: they are functions, not methods. */
	readonly hookTask: CallmeterApi['hookTask'] = (task, options) => {
		const unhook = hookTask(task, this.#context(options));
		const taskId: unknown = options.taskId ?? Reflect.get(task, 'taskId');
		return () => {
			unhook();
			if (typeof taskId === 'string') this.#parts.diagnostics.runEnded(taskId);
		};
	};

	readonly wrapApiHandler: CallmeterApi['wrapApiHandler'] = (handler, options) =>
		wrapApiHandler(handler, this.#context(options));

	readonly record: CallmeterApi['record'] = (drafts) => this.#parts.recording.record(drafts);

	dispose(): void {
		this.#subscription.dispose();
		this.#completed.dispose();
	}

	#context(options: ApiHookOptions): CallContext {
		const { recording, log } = this.#parts;
		return {
			...options,
			sink: recording,
			// An error of ours may quote what passed through: its name is enough.
			log: (message, error) => log.warn(`${message}: ${error instanceof Error ? error.name : typeof error}`),
		};
	}
}
