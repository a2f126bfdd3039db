import * as vscode from 'vscode';
import type { Ledger } from '../ledger/ledger.ts';
import type { Replies, Request } from '../protocol/messages.ts';
import type { Sources } from './sources.ts';

/** What a button of the panel may start. */
export type PanelCommand = Extract<Request, { kind: 'run' }>['command'];

type Handlers = { [K in Request['kind']]: (request: Extract<Request, { kind: K }>) => Promise<Replies[K]> };

/** Answers the panel's requests from the ledger. */
export class PanelRequests {
	readonly #handlers: Handlers;

	/** `run` starts a command and returns at once: a task may take minutes. */
	constructor(
		ledger: () => Promise<Ledger>,
		run: (command: PanelCommand) => void,
		sources: Pick<Sources, 'setSource' | 'setScope'>,
	) {
		this.#handlers = {
			async calls({ filter, sort, offset, limit }) {
				return (await ledger()).calls({ filter, sort, offset, limit });
			},
			async callDetail({ callId }) {
				return (await ledger()).call(callId);
			},
			async overview({ range }) {
				const filter = range === undefined ? {} : { range };
				const store = await ledger();
				const [totals, byModel] = await Promise.all([store.totals(filter), store.byModel(filter)]);
				return { totals, byModel };
			},
			async series({ range, granularity, timeZone }) {
				return (await ledger()).series({ range, granularity, timeZone, filter: {} });
			},
			async sessions({ offset, limit }) {
				return (await ledger()).sessions({ filter: {}, offset, limit });
			},
			async run({ command }) {
				run(command);
				return null;
			},
			async setSource({ id, on }) {
				await sources.setSource(id, on);
				return null;
			},
			async setScope({ scope }) {
				await sources.setScope(scope);
				return null;
			},
			async copy({ text }) {
				await vscode.env.clipboard.writeText(text);
				return null;
			},
		};
	}

	/** Rejects with `LedgerError`, or whatever went wrong. */
	answer(request: Request): Promise<Replies[Request['kind']]> {
		// Each handler takes the request of its own kind, which is how it is found.
		const handler = this.#handlers[request.kind] as (request: Request) => Promise<Replies[Request['kind']]>;
		return handler(request);
	}
}
