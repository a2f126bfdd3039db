import { bucketsIn } from '../../../src/core/time-buckets.ts';
import type { CallFilter, CallRow, GroupTotals, SeriesBucket, Totals } from '../../../src/core/views.ts';
import type { Overview, Replies, Request } from '../../../src/protocol/messages.ts';

import { pendingCall, sampleCall } from './generate-calls.ts';

/** Calls in memory, answered as the ledger answers. Newest last. */
export class FakeLedger {
	readonly rows: CallRow[];
	revision = 1;
	readonly #answers = new Map<string, unknown>();

	/** @param gapMs time between calls on average; they end at `nowMs` */
	constructor(count: number, nowMs: number, gapMs: number) {
		this.rows = Array.from({ length: count }, (_, number) =>
			sampleCall(number, Math.round(nowMs - (count - number) * gapMs)),
		);
	}

	begin(nowMs: number): CallRow {
		const row = pendingCall(this.rows.length, nowMs);
		this.rows.push(row);
		this.revision++;
		return row;
	}

	/** Ends the oldest running call. */
	end(): CallRow | null {
		const index = this.rows.findIndex(({ state }) => state === 'pending');
		const row = this.rows[index];
		if (row === undefined) return null;
		const ended: CallRow = { ...sampleCall(index, row.startedAtMs), state: 'ok' };
		this.rows[index] = ended;
		this.revision++;
		return ended;
	}

	calls({ filter, sort, offset, limit }: Extract<Request, { kind: 'calls' }>): Replies['calls'] {
		const all = this.#select(filter);
		const rows: CallRow[] = [];
		for (let index = offset; index < Math.min(offset + limit, all.length); index++) {
			const row = all[sort === 'newest' ? all.length - 1 - index : index];
			if (row !== undefined) rows.push(row);
		}
		return { rows, total: all.length, revision: this.revision };
	}

	find(callId: string): CallRow | null {
		return this.rows.find((row) => row.callId === callId) ?? null;
	}

	overview(request: Extract<Request, { kind: 'overview' }>): Overview {
		return this.#once(request, () => this.#overview(request));
	}

	series(request: Extract<Request, { kind: 'series' }>): SeriesBucket[] {
		return this.#once(request, () => this.#series(request));
	}

	#once<T>(request: Request, answer: () => T): T {
		const key = `${this.revision} ${JSON.stringify(request)}`;
		const known = this.#answers.get(key);
		// The key holds the kind, and each kind has answers of one type.
		if (known !== undefined) return known as T;
		const made = answer();
		this.#answers.set(key, made);
		return made;
	}

	#overview({ range }: Extract<Request, { kind: 'overview' }>): Overview {
		const rows = this.#select(range === undefined ? {} : { range });
		const groups = new Map<string, CallRow[]>();
		for (const row of rows) {
			const key = `${row.provider} ${row.model}`;
			const group = groups.get(key);
			if (group === undefined) groups.set(key, [row]);
			else group.push(row);
		}
		const byModel: GroupTotals[] = [...groups.values()].map((group) => ({
			...totalsOf(group),
			provider: group[0]?.provider ?? '',
			model: group[0]?.model ?? '',
		}));
		return { totals: totalsOf(rows), byModel };
	}

	#series({ range, granularity, timeZone }: Extract<Request, { kind: 'series' }>): SeriesBucket[] {
		const rows = this.#select({ range });
		let next = 0;
		const buckets: SeriesBucket[] = [];
		for (const { startMs, endMs } of bucketsIn(range, granularity, timeZone)) {
			const groups = new Map<string, SeriesBucket['groups'][number]>();
			for (let row = rows[next]; row !== undefined && row.startedAtMs < endMs; row = rows[++next]) {
				const key = `${row.provider} ${row.model}`;
				const group: SeriesBucket['groups'][number] = groups.get(key) ?? {
					provider: row.provider,
					model: row.model,
					calls: 0,
					unpriced: 0,
					costNanoUsd: 0,
					subscriptionNanoUsd: 0,
					bound: 'exact',
					inputTokens: 0,
					outputTokens: 0,
				};
				group.calls++;
				if (row.cost !== null && row.cost.nanoUsd === null) {
					group.unpriced++;
					group.bound = 'atLeast';
				}
				if (row.cost?.billing === 'subscription') group.subscriptionNanoUsd += row.cost.nanoUsd ?? 0;
				else group.costNanoUsd += row.cost?.nanoUsd ?? 0;
				group.inputTokens += row.inputTokens ?? 0;
				group.outputTokens += row.outputTokens ?? 0;
				groups.set(key, group);
			}
			if (groups.size > 0) buckets.push({ startMs, endMs, groups: [...groups.values()] });
		}
		return buckets;
	}

	#select(filter: CallFilter): CallRow[] {
		const { range } = filter;
		if (range === undefined) return this.rows;
		return this.rows.filter(({ startedAtMs }) => startedAtMs >= range.fromMs && startedAtMs < range.toMs);
	}
}

function totalsOf(rows: CallRow[]): Totals {
	const sum = (pick: (row: CallRow) => number | null) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
	const count = (test: (row: CallRow) => boolean) => rows.reduce((total, row) => total + (test(row) ? 1 : 0), 0);
	const latencies = rows
		.map(({ latencyMs }) => latencyMs)
		.filter((ms) => ms !== null)
		.sort((a, b) => a - b);
	const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? null;
	const unpriced = count(({ cost }) => cost !== null && cost.nanoUsd === null);
	return {
		calls: rows.length,
		pending: count(({ state }) => state === 'pending'),
		errors: count(({ state }) => state === 'error'),
		cancelled: count(({ state }) => state === 'cancelled'),
		unpriced,
		usageMissing: count((row) => row.usageMissing),
		inputTokens: sum((row) => row.inputTokens),
		outputTokens: sum((row) => row.outputTokens),
		cacheReadTokens: sum((row) => row.cacheReadTokens),
		cacheWriteTokens: sum((row) => row.cacheWriteTokens),
		reasoningTokens: sum((row) => row.reasoningTokens),
		costNanoUsd: sum(({ cost }) => (cost?.billing === 'api' ? cost.nanoUsd : 0)),
		subscriptionNanoUsd: sum(({ cost }) => (cost?.billing === 'subscription' ? cost.nanoUsd : 0)),
		bound: unpriced > 0 ? 'atLeast' : 'exact',
		latency: {
			avgMs: latencies.length === 0 ? null : latencies.reduce((a, b) => a + b, 0) / latencies.length,
			p50Ms: at(0.5),
			p90Ms: at(0.9),
			p99Ms: at(0.99),
		},
	};
}
