import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallDetail, CallRow } from '../../../../src/core/views.ts';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { LocalServer } from '../../../../src/server/local-server.ts';
import { OtlpReceiver } from '../../../../src/server/otlp/otlp-receiver.ts';
import { otlpRoutes } from '../../../../src/server/otlp/otlp-routes.ts';

const ledgerWorker = new URL('../../../../src/ledger/worker.ts', import.meta.url).pathname;
const otlpWorker = new URL('../../../../src/server/otlp/otlp-worker.ts', import.meta.url);
const quiet = { info: () => undefined, warn: () => undefined };

/** A real ledger, the real receiver in its worker, and the real server before it. */
export class Receiving {
	readonly directory = mkdtempSync(join(tmpdir(), 'callmeter-otlp-'));
	ledger: LedgerClient = this.#open();
	readonly receiver = new OtlpReceiver({
		workerFile: otlpWorker,
		connectLedger: () => this.ledger.importPort(),
		log: quiet,
	});
	readonly server = new LocalServer({ routes: otlpRoutes(this.receiver), port: 0, log: quiet });
	endpoint = '';

	async start(): Promise<void> {
		this.endpoint = (await this.server.start()).endpoint;
	}

	async stop(): Promise<void> {
		await this.server.stop(100);
		await this.receiver.dispose();
		await this.ledger.close();
		rmSync(this.directory, { recursive: true, force: true });
	}

	/** A new client on the same file, after `ledger.close()`. */
	reopen(): void {
		this.ledger = this.#open();
	}

	#open(): LedgerClient {
		return openLedger({ directory: join(this.directory, 'ledger'), workerPath: ledgerWorker });
	}

	/** Posts to `/v1/<signal>`, as JSON unless headers say otherwise. */
	post(signal: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
		return fetch(`${this.endpoint}/v1/${signal}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: body instanceof Uint8Array ? new Uint8Array(body) : typeof body === 'string' ? body : JSON.stringify(body),
		});
	}

	async rows(): Promise<CallRow[]> {
		return (await this.ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 100 })).rows;
	}

	/** The details of the one call that there is. */
	async only(): Promise<CallDetail> {
		const rows = await this.rows();
		const detail = rows.length === 1 && rows[0] ? await this.ledger.call(rows[0].callId) : null;
		if (detail === null) throw new Error(`${rows.length} calls instead of one`);
		return detail;
	}
}
