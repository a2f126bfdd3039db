import type { MessagePort } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { SourceView } from '../protocol/sources.ts';
import type { ServerLog } from '../server/local-server.ts';
import { type OtlpCounts, OtlpReceiver } from '../server/otlp/otlp-receiver.ts';
import { otlpRoutes } from '../server/otlp/otlp-routes.ts';
import type { ServerOffer } from './local-server-service.ts';

export interface OtlpOfferOptions {
	isOn(): boolean;
	/** Absolute path of the worker's bundle. */
	workerPath: string;
	/** Throws while the ledger is not open. */
	connectLedger(): MessagePort;
	log: ServerLog;
}

/** Its id among the panel's sources. */
export const otlpSourceId = 'otlp';

const nothing: OtlpCounts = { requests: 0, calls: 0, ignored: 0, rejected: 0, lastSeenMs: null };

/** The OTLP receiver as the local server offers it, and what came in through it since the window was opened. */
export class OtlpOffer implements ServerOffer, vscode.Disposable {
	readonly #options: OtlpOfferOptions;
	readonly #emitter = new vscode.EventEmitter<void>();
	/** Of receivers that are closed. */
	#before: OtlpCounts = nothing;
	#receiver: OtlpReceiver | null = null;
	#openedAtMs: number | null = null;

	/** `counts` changed. */
	readonly onDidChange = this.#emitter.event;

	constructor(options: OtlpOfferOptions) {
		this.#options = options;
	}

	get counts(): OtlpCounts {
		return this.#receiver === null ? this.#before : sum(this.#before, this.#receiver.counts);
	}

	isOn(): boolean {
		return this.#options.isOn();
	}

	/** Its line among the panel's sources, while the server listens at `endpoint`. */
	line(endpoint: string): SourceView {
		const { requests, calls, rejected, lastSeenMs } = this.counts;
		return {
			id: otlpSourceId,
			title: vscode.l10n.t('OTLP receiver'),
			state: this.isOn() ? 'listening' : 'off',
			live: 'none',
			places: [endpoint],
			sinceMs: this.#openedAtMs,
			lastSeenMs,
			unitsDone: requests,
			unitsTotal: requests,
			calls,
			skipped: rejected > 0 ? { malformed: rejected } : {},
			problem: null,
		};
	}

	open(): ReturnType<ServerOffer['open']> {
		const { workerPath, connectLedger, log } = this.#options;
		const receiver = new OtlpReceiver({ workerFile: workerPath, connectLedger, log });
		receiver.onCounts(() => this.#emitter.fire());
		this.#receiver = receiver;
		this.#openedAtMs ??= Date.now();
		return {
			routes: otlpRoutes(receiver),
			close: async () => {
				await receiver.dispose();
				this.#before = sum(this.#before, receiver.counts);
				this.#receiver = null;
			},
		};
	}

	dispose(): void {
		this.#emitter.dispose();
	}
}

function sum(a: OtlpCounts, b: Readonly<OtlpCounts>): OtlpCounts {
	return {
		requests: a.requests + b.requests,
		calls: a.calls + b.calls,
		ignored: a.ignored + b.ignored,
		rejected: a.rejected + b.rejected,
		lastSeenMs: b.lastSeenMs ?? a.lastSeenMs,
	};
}
