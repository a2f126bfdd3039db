import { parentPort } from 'node:worker_threads';
import { LedgerPort, LedgerPortError } from '../../sources/ledger-port.ts';
import { OtlpReader } from '../../sources/otlp/otlp-reader.ts';
import type { FromOtlpWorker, RequestHead, ToOtlpWorker } from './otlp-protocol.ts';
import { receive } from './receive.ts';

/** Entry of the OTLP worker: takes the bodies of requests and hands the calls in them to the ledger's worker. */
function serve(host: NonNullable<typeof parentPort>): void {
	const reader = new OtlpReader();
	const open = new Map<number, { head: RequestHead; chunks: Uint8Array[] }>();
	const tell = (message: FromOtlpWorker): void => host.postMessage(message);
	let ledger: LedgerPort | null = null;
	/** One after the other, in the order in which they came: what is told later of a call wins. */
	let last: Promise<void> = Promise.resolve();

	const finish = async (id: number, head: RequestHead, chunks: Uint8Array[]): Promise<void> => {
		const answer = await receive(head, Buffer.concat(chunks), reader, (drafts) => {
			return ledger === null ? Promise.reject(new LedgerPortError('closed')) : ledger.record(drafts);
		});
		tell({ type: 'answer', id, ...answer });
	};

	host.on('message', (message: ToOtlpWorker) => {
		switch (message.type) {
			case 'ledger':
				if (ledger === null) ledger = new LedgerPort(message.ledger, () => tell({ type: 'ledgerClosed' }));
				else ledger.connect(message.ledger);
				return;
			case 'head':
				open.set(message.id, { head: message, chunks: [] });
				return;
			case 'chunk':
				open.get(message.id)?.chunks.push(message.chunk);
				return;
			case 'drop':
				open.delete(message.id);
				return;
			case 'end': {
				const request = open.get(message.id);
				open.delete(message.id);
				if (request) last = last.then(() => finish(message.id, request.head, request.chunks));
			}
		}
	});
}

if (parentPort !== null) serve(parentPort);
