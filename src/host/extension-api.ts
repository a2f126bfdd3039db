import * as vscode from 'vscode';
import * as z from 'zod';
import type { ApiHookOptions, CallmeterApi } from '../api.ts';
import { firstText, peek } from '../core/foreign.ts';
import type { CallRow } from '../core/views.ts';
import type { CallContext } from '../task/hook/call-context.ts';
import { hookTask } from '../task/hook/hook-task.ts';
import { wrapApiHandler } from '../task/hook/wrap-api-handler.ts';
import {
	callQuerySchema,
	filterSchema,
	hookOptionsSchema,
	parseInput,
	seriesQuerySchema,
	sessionQuerySchema,
} from './api-input.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';
import type { Recording } from './recording.ts';

/** Source id of what other extensions hand in through hooks. */
const source = 'extension-api';

export interface ApiParts {
	recording: Recording;
	ledger: LedgerService;
	diagnostics: Diagnostics;
	log: vscode.LogOutputChannel;
}

/** The API for other extensions, on top of this window's parts. They may call its members without their object. */
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
			totals: async (filter) => (await ledger.ledger).totals(parseInput(filterSchema, filter)),
			byModel: async (filter) => (await ledger.ledger).byModel(parseInput(filterSchema, filter)),
			series: async (query) => (await ledger.ledger).series(parseInput(seriesQuerySchema, query)),
			calls: async (query = {}) => (await ledger.ledger).calls(parseInput(callQuerySchema, query)),
			sessions: async (query = {}) => (await ledger.ledger).sessions(parseInput(sessionQuerySchema, query)),
			call: async (callId) => (await ledger.ledger).call(parseInput(z.string(), callId)),
		};
	}

	readonly hookTask: CallmeterApi['hookTask'] = (task, options) => {
		const context = this.#context('hookTask', options);
		if (context === undefined) return () => undefined;
		const taskId = firstText(context.taskId, peek(task, 'taskId'));
		const unhook = hookTask(task, context);
		let hooked = true;
		return () => {
			if (!hooked) return;
			hooked = false;
			unhook();
			if (taskId !== null) this.#parts.diagnostics.runEnded(taskId);
		};
	};

	readonly wrapApiHandler: CallmeterApi['wrapApiHandler'] = (handler, options) => {
		const context = this.#context('wrapApiHandler', options);
		return context === undefined ? handler : wrapApiHandler(handler, context);
	};

	readonly record: CallmeterApi['record'] = (drafts) => this.#parts.recording.record(drafts);

	dispose(): void {
		this.#subscription.dispose();
		this.#completed.dispose();
	}

	/** `undefined`, and a line in the log, for options that are none. */
	#context(member: string, options: ApiHookOptions): CallContext | undefined {
		const { recording, log } = this.#parts;
		try {
			return {
				...parseInput(hookOptionsSchema, options),
				source,
				sink: recording,
				// An error of ours may quote what passed through: its name is enough.
				log: (message, error) => log.warn(`${message}: ${error instanceof Error ? error.name : typeof error}`),
			};
		} catch (error) {
			log.warn(`${member} was called with options that cannot be used: ${messageOf(error)}`);
			return undefined;
		}
	}
}
