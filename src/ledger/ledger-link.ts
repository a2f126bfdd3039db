import { type MessagePort, Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-protocol.ts';

/** Keeps what was recorded from piling up before it is collected: without a bound an import takes 100 MB more. */
const youngGenerationMb = 32;

/** A way to the ledger's worker. */
export interface LedgerLink {
	/** Throws when the message cannot be cloned. */
	send(message: ToWorker, transfer: readonly MessagePort[]): void;
	/** Whether the process stays for the answers that are to come. */
	hold(on: boolean): void;
	/** Resolves when the other end is gone. */
	readonly gone: Promise<void>;
}

/**
 * Opens one. `onGone` is called when the other end is gone, perhaps more than once; with what it failed of, where that is
 * known. Neither function is called before this has returned.
 */
export type OpenLedgerLink = (onMessage: (message: FromWorker) => void, onGone: (cause: unknown) => void) => LedgerLink;

/** Starts the worker itself, anew each time, with what `options` holds then. */
export function workerLink(workerPath: string, options: WorkerOptions): OpenLedgerLink {
	return (onMessage, onGone) => {
		const worker = new Worker(workerPath, {
			workerData: options,
			resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
		});
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		worker.on('message', onMessage);
		// An error is followed by the exit, which is where it is handled.
		worker.on('error', onGone);
		worker.on('exit', () => {
			resolve();
			onGone(null);
		});
		return {
			send: (message, transfer) => worker.postMessage(message, transfer),
			hold: (on) => (on ? worker.ref() : worker.unref()),
			gone,
		};
	};
}

/** Leads to a worker that another thread has started, which serves this port. */
export function portLink(port: MessagePort): OpenLedgerLink {
	return (onMessage, onGone) => {
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		port.on('message', onMessage);
		port.on('close', () => {
			resolve();
			onGone(null);
		});
		return {
			send: (message, transfer) => port.postMessage(message, transfer),
			hold: (on) => (on ? port.ref() : port.unref()),
			gone,
		};
	};
}
