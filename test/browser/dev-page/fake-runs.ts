import { RunLines } from '../../../src/host/run-lines.ts';
import type { diagnosticsOf } from '../../../src/ledger/answers/run-diagnostics.ts';
import type { RunLine } from '../../../src/protocol/messages.ts';
import type { FakeLedger } from './fake-ledger.ts';

/** Runs of the generated calls, put together as the extension does. Every third call went through a router. */
export class FakeRuns {
	/** Diagnosed by their own switch. */
	readonly diagnosed = new Set<string>();
	readonly #ledger: Parameters<typeof diagnosticsOf>[0] &
		Awaited<ReturnType<ConstructorParameters<typeof RunLines>[0]>>;
	readonly #runs: RunLines;

	constructor(ledger: FakeLedger) {
		this.#ledger = {
			calls: async (query) => ledger.calls({ kind: 'calls', ...query }),
			sessions: async ({ sort = 'newest', ...query }) => ledger.sessions({ kind: 'sessions', sort, ...query }),
			servedBy: async (callIds) =>
				callIds.map((callId, at) => ({
					callId,
					inferenceProvider: at % 3 === 0 ? 'Fireworks' : null,
					serviceTier: null,
				})),
		};
		this.#runs = new RunLines(
			async () => this.#ledger,
			(runId) => this.diagnosed.has(runId),
		);
	}

	page(offset: number, limit: number): ReturnType<RunLines['page']> {
		return this.#runs.page(offset, limit);
	}

	async calls(
		runId: string,
		offset: number,
		limit: number,
	): Promise<Awaited<ReturnType<RunLines['calls']>> & { run: RunLine | null }> {
		return { ...(await this.#runs.calls(runId, offset, limit)), run: await this.#runs.run(runId) };
	}

	run(runId: string): Promise<RunLine | null> {
		return this.#runs.run(runId);
	}
}
