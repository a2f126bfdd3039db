import { parentPort } from 'node:worker_threads';
import type { DraftInput } from '../../core/draft.ts';
import { LedgerPort } from '../../sources/ledger-port.ts';
import type { FromProxyWorker, ToProxyWorker } from './exchange.ts';
import { callDraftOf, type OpenExchange, responseDraftOf } from './exchange-drafts.ts';

/** Entry of the proxy worker: reads what passed through the proxy, and hands the calls to the ledger's worker. */
function serve(host: NonNullable<typeof parentPort>): void {
	const open = new Map<string, OpenExchange>();
	let ledger: LedgerPort | null = null;
	// One after the other: an answer is read after its request.
	let work: Promise<void> = Promise.resolve();
	const tell = (message: FromProxyWorker): void => host.postMessage(message);

	async function handle(message: ToProxyWorker): Promise<void> {
		switch (message.type) {
			case 'start':
				ledger?.close();
				ledger = new LedgerPort(message.ledger, () => tell({ type: 'ledgerClosed' }));
				return;
			case 'request': {
				const { draft, open: exchange } = await callDraftOf(message.request);
				open.set(message.request.callId, exchange);
				await record(draft);
				return;
			}
			case 'answer': {
				const exchange = open.get(message.answer.callId);
				open.delete(message.answer.callId);
				if (exchange !== undefined) await record(await responseDraftOf(exchange, message.answer));
				return;
			}
			case 'stop':
				ledger?.close();
				tell({ type: 'stopped' });
				host.close();
		}
	}

	async function record(draft: DraftInput): Promise<void> {
		const [receipt] = (await ledger?.record([draft])) ?? [];
		if (receipt?.outcome === 'rejected') tell({ type: 'log', message: 'A proxied call was refused by the ledger.' });
	}

	host.on('message', (message: ToProxyWorker) => {
		work = work
			.then(() => handle(message))
			.catch((error: unknown) => {
				const name = error instanceof Error ? error.name : 'unknown';
				tell({ type: 'log', message: `A proxied call could not be recorded: ${name}` });
			});
	});
}

if (parentPort !== null) serve(parentPort);
