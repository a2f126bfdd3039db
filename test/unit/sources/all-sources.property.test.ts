import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { sources } from '../../../src/sources/catalog.ts';
import { Importer } from '../../../src/sources/importer.ts';
import type { ImportSink } from '../../../src/sources/outbox.ts';
import { type CorpusTruth, inputTotal } from '../../corpus/corpus-truth.ts';
import { makeCorpus } from '../../corpus/make-corpus.ts';
import { openStore } from '../ledger/support.ts';
import { settingsWith } from './import/memory-ledger.ts';
import { placesAt, remove, temporaryFolder } from './kilo-db/agent-database.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
/** Both halves of the year's changes of the clock, zones of half and quarter hours, and the ends of the day line. */
const zones = [
	'UTC',
	'Europe/Berlin',
	'America/New_York',
	'Asia/Kathmandu',
	'Australia/Lord_Howe',
	'Pacific/Kiritimati',
];
const recordsIn = (home: string): string[] =>
	readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));

describe('issue 5: totals of all agents’ records, through importer and ledger', () => {
	let folder: string;
	let runs = 0;
	before(() => {
		folder = temporaryFolder();
	});
	after(() => remove(folder));

	/** Records of several agents and their truth; the same for the same seed. */
	function corpus(seed: number): { home: string; truth: CorpusTruth } {
		return makeCorpus({ folder: join(folder, `corpus-${seed}`), bytes: 1_200_000, seed, nowMs, days: 300 });
	}

	function open(): LedgerStore {
		return openStore(join(folder, `ledger-${++runs}.db`));
	}

	/** Imports what there is at once, as after a start. `stopAfter`: ends it after so many batches. */
	async function importInto(store: LedgerStore, home: string, stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
		let batches = 0;
		const sink: ImportSink = {
			record: async (drafts) => {
				if (++batches > stopAfter) throw Object.assign(new Error('closed'), { reason: 'closed' });
				return store.record(drafts).receipts;
			},
			sourceState: async (source) => store.sourceState(source),
			saveSourceState: async (source, entries) => store.saveSourceState(source, entries),
		};
		const settings = settingsWith({
			places: placesAt(home),
			metadataDays: null,
			contentDays: 0,
			once: { within: null },
		});
		const importer = new Importer(sources, sink, settings, { status() {}, log() {}, recorded() {} });
		await importer.start();
		await importer.idle();
		await importer.stop();
	}

	function assertTrue(store: LedgerStore, { all }: CorpusTruth): void {
		const totals = store.totals({});
		const { calls, usageMissing, inputTokens, outputTokens } = totals;
		assert.deepEqual([calls - usageMissing, inputTokens, outputTokens], [all.calls, inputTotal(all), all.output]);
		const nanoUsd = totals.costNanoUsd + totals.subscriptionNanoUsd;
		assert.ok(Math.abs(nanoUsd - all.costUsd * 1e9) <= all.calls, `${nanoUsd} for ${all.costUsd}`);
	}

	it('are true in whatever order the files are read, and reading them again changes nothing', async () => {
		const property = fc.asyncProperty(fc.nat(20), fc.nat(1_000), async (seed, order) => {
			const { home, truth } = corpus(seed);
			// Newest are read first: other times are another order.
			for (const [index, path] of recordsIn(home).entries()) {
				const at = nowMs / 1000 - ((index * 7_919 + order * 104_729) % 10_007);
				utimesSync(join(home, path), at, at);
			}
			const store = open();
			await importInto(store, home);
			assertTrue(store, truth);
			const before = store.totals({});
			await importInto(store, home);
			assert.deepEqual(store.totals({}), before);
			store.close();
		});
		await fc.assert(property, { numRuns: 12 });
	}).timeout(120_000);

	it('are true wherever a file was cut when it was read, and wherever the import was stopped', async () => {
		const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });
		const property = fc.asyncProperty(fc.nat(20), cuts, fc.nat(6), async (seed, ats, stopAfter) => {
			const { home, truth } = corpus(seed);
			const growing = join(folder, `growing-${++runs}`);
			const files = recordsIn(home);
			const store = open();
			const written = new Map<string, number>();
			for (const [round, at] of [...ats.sort((one, other) => one - other), 1].entries()) {
				for (const [index, path] of files.entries()) {
					const bytes = readFileSync(join(home, path));
					const from = written.get(path) ?? 0;
					// Not all files grow alike.
					const to = at === 1 ? bytes.length : Math.max(from, Math.floor(bytes.length * at ** (1 + (index % 3))));
					mkdirSync(dirname(join(growing, path)), { recursive: true });
					if (from === 0) writeFileSync(join(growing, path), bytes.subarray(0, to));
					else appendFileSync(join(growing, path), bytes.subarray(from, to));
					written.set(path, to);
				}
				if (round % 2 === 0) await importInto(store, growing, stopAfter).catch(() => undefined);
				await importInto(store, growing);
			}
			assertTrue(store, truth);
			store.close();
			remove(growing);
		});
		await fc.assert(property, { numRuns: 12 });
	}).timeout(180_000);

	it('are the same by day, week, month, session and model, in any time zone', async () => {
		const { home, truth } = corpus(99);
		const store = open();
		await importInto(store, home);
		assertTrue(store, truth);
		const whole = summed([store.totals({})]);
		const range = { fromMs: nowMs - 400 * 86_400_000, toMs: nowMs + 86_400_000 };
		for (const timeZone of zones) {
			const bucketsBy = (granularity: 'day' | 'week') => store.series({ range, granularity, timeZone, filter: {} });
			for (const granularity of ['day', 'week'] as const) {
				const groups = bucketsBy(granularity).flatMap((bucket) => bucket.groups);
				assert.deepEqual(summed(groups), whole, `${granularity} in ${timeZone}`);
			}
			const month = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: 'numeric' });
			const months = [...Map.groupBy(bucketsBy('day'), ({ startMs }) => month.format(startMs)).values()];
			assert.ok(months.length >= 9);
			const byMonth = months.map((days) =>
				store.totals({ range: { fromMs: days[0]?.startMs ?? 0, toMs: days.at(-1)?.endMs ?? 0 } }),
			);
			assert.deepEqual(summed(byMonth), whole, `month in ${timeZone}`);
		}
		assert.deepEqual(summed(store.byModel({})), whole);
		const { rows } = store.calls({ filter: {}, sort: 'newest', offset: 0, limit: 100_000 });
		const bySession = [...Map.groupBy(rows, ({ sessionId }) => sessionId).keys()].map((sessionId) =>
			store.totals({ sessionId }),
		);
		assert.deepEqual(summed(bySession), whole);
		assert.equal(rows.length, whole.calls);
		const ofCalls = rows.map((row) => ({
			calls: 1,
			inputTokens: row.inputTokens ?? 0,
			outputTokens: row.outputTokens ?? 0,
			costNanoUsd: row.cost?.nanoUsd ?? 0,
			subscriptionNanoUsd: 0,
		}));
		const { costNanoUsd, subscriptionNanoUsd, ...counts } = summed(ofCalls);
		assert.equal(costNanoUsd + subscriptionNanoUsd, whole.costNanoUsd + whole.subscriptionNanoUsd);
		assert.deepEqual({ ...whole, ...counts }, whole);
		assert.ok(store.verify().ok);
		store.close();
	}).timeout(60_000);
});

interface Sums {
	calls: number;
	inputTokens: number;
	outputTokens: number;
	costNanoUsd: number;
	subscriptionNanoUsd: number;
}

function summed(parts: readonly Sums[]): Sums {
	const sum = { calls: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0, subscriptionNanoUsd: 0 };
	for (const part of parts) for (const key of Object.keys(sum) as (keyof Sums)[]) sum[key] += part[key];
	return sum;
}
