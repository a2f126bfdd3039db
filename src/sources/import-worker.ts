import { parentPort } from 'node:worker_threads';
import { sources } from './catalog.ts';
import type { FromImportWorker, ToImportWorker } from './import-protocol.ts';
import { Importer } from './importer.ts';
import { LedgerPort } from './ledger-port.ts';

/** Entry of the import worker: reads the agents' records and hands their calls to the ledger's worker. */
function serve(host: NonNullable<typeof parentPort>): void {
	let importer: Importer | null = null;
	let ledger: LedgerPort | null = null;
	const tell = (message: FromImportWorker): void => host.postMessage(message);

	const handle = async (message: ToImportWorker): Promise<void> => {
		switch (message.type) {
			case 'start':
				ledger = new LedgerPort(message.ledger, () => tell({ type: 'ledgerClosed' }));
				importer = new Importer(sources, ledger, message.settings, {
					status: (list) => tell({ type: 'status', sources: list }),
					log: (level, text) => tell({ type: 'log', level, message: text }),
					recorded: (source, callIds) => tell({ type: 'recorded', source, callIds }),
				});
				for (const [source, facts] of Object.entries(message.live)) importer.seenLive(source, facts);
				await importer.start();
				if (message.settings.once !== undefined) {
					await importer.idle();
					tell({ type: 'status', sources: importer.status() });
					tell({ type: 'idle' });
				}
				return;
			case 'ledger':
				ledger?.connect(message.ledger);
				return;
			case 'settings':
				await importer?.setSettings(message.settings);
				return;
			case 'live':
				importer?.seenLive(message.source, message.facts);
				if (message.calls > 0) await importer?.countLive(message.source, message.calls);
				return;
			case 'importNow':
				await importer?.importNow();
				return;
			case 'stop':
				await importer?.stop();
				ledger?.close();
				tell({ type: 'stopped' });
				host.close();
		}
	};

	// Each as it comes: listing many records at the start keeps neither settings nor what is seen live waiting.
	host.on('message', (message: ToImportWorker) => {
		handle(message).catch((error: unknown) => {
			const name = error instanceof Error ? error.name : 'unknown';
			tell({ type: 'log', level: 'warn', message: `The import worker failed at "${message.type}": ${name}` });
		});
	});
}

if (parentPort !== null) serve(parentPort);
