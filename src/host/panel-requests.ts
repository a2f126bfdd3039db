import * as vscode from 'vscode';
import type { CallFilter } from '../core/views.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Replies, Request } from '../protocol/messages.ts';
import type { Diagnostics } from './diagnostics.ts';
import { priceModel } from './price-model.ts';
import { saveFile } from './save-file.ts';
import type { Settings } from './settings.ts';
import type { Sources } from './sources.ts';

/** What a button of the panel may start. */
export type PanelCommand = Extract<Request, { kind: 'run' }>['command'];

type Handlers = { [K in Request['kind']]: (request: Extract<Request, { kind: K }>) => Promise<Replies[K]> };

export interface PanelRequestParts {
	ledger: () => Promise<Ledger>;
	/** Starts a command and returns at once: a task may take minutes. */
	run: (command: PanelCommand) => void;
	/** Begins to export calls, and returns at once. */
	exportCalls: (filter: CallFilter, isTask: boolean) => void;
	sources: Pick<Sources, 'setSource' | 'setScope'>;
	diagnostics: Pick<Diagnostics, 'diagnose' | 'isDiagnosed' | 'runs'>;
	settings: Pick<Settings, 'setDiagnosticsEnabled'>;
}

/** How many of the costliest calls and tasks the overview names. */
const costliest = 5;

/** Answers the panel's requests from the ledger. */
export class PanelRequests {
	readonly #handlers: Handlers;

	constructor({ ledger, run, exportCalls, sources, diagnostics, settings }: PanelRequestParts) {
		this.#handlers = {
			calls: async ({ filter, sort, offset, limit }) => (await ledger()).calls({ filter, sort, offset, limit }),
			timeline: async ({ filter, sort, closed, limit, from }) =>
				(await ledger()).timeline({ filter, sort, closed, limit, from }),
			positionOf: async ({ filter, sort, callId }) => (await ledger()).positionOf({ filter, sort, callId }),
			preview: async ({ callId, length }) => (await ledger()).preview(callId, length),
			search: async ({ text, filter, offset, limit }) => (await ledger()).search({ text, filter, offset, limit }),
			facets: async ({ filter }) => (await ledger()).facets(filter),
			analytics: async ({ filter, range, granularity, timeZone }) =>
				(await ledger()).analytics({ filter, range, granularity, timeZone }),
			callDetail: async ({ callId }) => (await ledger()).call(callId),
			async overview({ range, before }) {
				const filter = range === undefined ? {} : { range };
				const store = await ledger();
				const top = { filter, sort: 'cost', offset: 0, limit: costliest } as const;
				const [totals, byModel, calls, tasks, totalsBefore] = await Promise.all([
					store.totals(filter),
					store.byModel(filter),
					store.calls(top),
					store.sessions(top),
					before === undefined ? null : store.totals({ range: before }),
				]);
				// What costs nothing, or is not known to cost anything, is none of the costliest.
				const costliestCalls = calls.rows.filter(({ cost }) => (cost?.nanoUsd ?? 0) > 0);
				const costliestTasks = tasks.rows.filter((row) => row.costNanoUsd > 0 || row.subscriptionNanoUsd > 0);
				return { totals, byModel, before: totalsBefore, costliestCalls, costliestTasks };
			},
			series: async ({ range, granularity, timeZone }) =>
				(await ledger()).series({ range, granularity, timeZone, filter: {} }),
			sessions: async ({ filter, sort, offset, limit }) => (await ledger()).sessions({ filter, sort, offset, limit }),
			runs: ({ offset, limit }) => diagnostics.runs.page(offset, limit),
			async diagnostics({ runId, offset, limit }) {
				if (!diagnostics.isDiagnosed(runId)) return { lines: [], total: 0, run: null };
				const [calls, run] = await Promise.all([
					diagnostics.runs.calls(runId, offset, limit),
					diagnostics.runs.run(runId),
				]);
				return { ...calls, run };
			},
			setDiagnostics: ({ on }) => done(settings.setDiagnosticsEnabled(on)),
			diagnoseRun: ({ runId, on }) => done(diagnostics.diagnose(runId, on)),
			save: (request) => saveFile(request),
			async export({ filter, task }) {
				exportCalls(filter, task);
				return null;
			},
			priceModel: ({ provider, model }) => done(priceModel(provider, model)),
			async run({ command }) {
				run(command);
				return null;
			},
			setSource: ({ id, on }) => done(sources.setSource(id, on)),
			setScope: ({ scope }) => done(sources.setScope(scope)),
			copy: ({ text }) => done(vscode.env.clipboard.writeText(text)),
		};
	}

	/** Rejects with `LedgerError`, or whatever went wrong. */
	async answer(request: Request): Promise<Replies[Request['kind']]> {
		// Each handler takes the request of its own kind, which is how it is found.
		const handler = this.#handlers[request.kind] as (request: Request) => Promise<Replies[Request['kind']]>;
		return handler(request);
	}
}

async function done(work: Thenable<void>): Promise<null> {
	await work;
	return null;
}
