import { type MessagePort, Worker } from 'node:worker_threads';
import type { FromProxyWorker, ProxiedAnswer, ProxiedRequest, ToProxyWorker } from './exchange.ts';
import type { ExchangeSink } from './proxy-route.ts';

/** How long a stopping worker may take to record what it has, in milliseconds. */
const stopMs = 3_000;

export interface ProxyRecorderOptions {
	/** The worker's bundle: absolute path or file URL. */
	workerFile: string | URL;
	/** A new port whose other end the ledger's worker serves. */
	connectLedger(): MessagePort;
	/** Never told any content. */
	log(message: string): void;
}

/**
 * Records what passes through the proxy, in a worker of its own, which starts with the first call. Whatever happens to
 * it, the proxy goes on.
 */
export class ProxyRecorder implements ExchangeSink {
	readonly #options: ProxyRecorderOptions;
	#worker: Worker | null = null;
	#stopped = false;

	constructor(options: ProxyRecorderOptions) {
		this.#options = options;
	}

	request(request: ProxiedRequest, memory: ArrayBuffer[]): void {
		this.#send({ type: 'request', request }, memory);
	}

	answer(answer: ProxiedAnswer, memory: ArrayBuffer[]): void {
		this.#send({ type: 'answer', answer }, memory);
	}

	/** What was handed over is in the ledger when this resolves. */
	async stop(): Promise<void> {
		this.#stopped = true;
		const worker = this.#worker;
		if (worker === null) return;
		const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
		const timer = setTimeout(() => void worker.terminate(), stopMs);
		worker.postMessage({ type: 'stop' } satisfies ToProxyWorker);
		await ended;
		clearTimeout(timer);
	}

	#send(message: ToProxyWorker, memory: ArrayBuffer[]): void {
		if (this.#stopped) return;
		try {
			this.#worker ??= this.#start();
			this.#worker.postMessage(message, memory);
		} catch (error) {
			this.#options.log(`A proxied call could not be recorded: ${error instanceof Error ? error.name : 'unknown'}`);
		}
	}

	#start(): Worker {
		const { workerFile, log } = this.#options;
		const worker = new Worker(workerFile, { name: 'callmeter-proxy' });
		worker.unref();
		worker.on('message', (message: FromProxyWorker) => {
			if (message.type === 'log') log(message.message);
			else if (message.type === 'ledgerClosed' && !this.#stopped && this.#worker === worker) this.#connect(worker);
		});
		worker.on('error', (error) => log(`The proxy's recorder stopped: ${error.name}`));
		worker.on('exit', () => {
			if (this.#worker === worker) this.#worker = null;
		});
		this.#connect(worker);
		return worker;
	}

	#connect(worker: Worker): void {
		const ledger = this.#options.connectLedger();
		worker.postMessage({ type: 'start', ledger } satisfies ToProxyWorker, [ledger]);
	}
}
