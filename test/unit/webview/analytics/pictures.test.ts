import assert from 'node:assert/strict';
import type { Analytics, CallFilter, CallRow, Granularity } from '../../../../src/core/views.ts';
import { callsOverTime } from '../../../../webview/analytics/calls-over-time.ts';
import { agentTable, folderTable, modelTable } from '../../../../webview/analytics/group-tables.ts';
import { latencyHistogram } from '../../../../webview/analytics/latency-histogram.ts';
import { latencyOverTime } from '../../../../webview/analytics/latency-over-time.ts';
import { tokensOverTime } from '../../../../webview/analytics/tokens-over-time.ts';
import { rankModels } from '../../../../webview/charts/cost-figures.ts';
import { costOverTime } from '../../../../webview/charts/cost-over-time.ts';
import { filterAt, type Picture, type TableData } from '../../../../webview/charts/picture.ts';
import { Format } from '../../../../webview/format.ts';
import { FakeLedger } from '../../../browser/dev-page/fake-ledger.ts';

const zone = 'Europe/Berlin';
const format = new Format('en', zone);
const hour = 3_600_000;
/** Over the night in which the clocks of the zone go back. */
const nowMs = Date.UTC(2026, 9, 26, 12);
const ledger = new FakeLedger(900, nowMs, hour / 4);
const range = { fromMs: Date.UTC(2026, 9, 18, 22), toMs: Date.UTC(2026, 9, 26, 23) };
const rows = ledger.select({ range });

function figures(granularity: Granularity, filter: CallFilter = {}): Analytics {
	return ledger.analytics({ kind: 'analytics', filter, range, granularity, timeZone: zone });
}

function pictures(granularity: Granularity): Record<'time' | 'calls' | 'latency' | 'tokens', Picture> {
	const { buckets, byModel, totals } = figures(granularity);
	const made = {
		time: costOverTime(format, {
			buckets,
			granularity,
			counted: buckets,
			ranked: rankModels(byModel, 'api'),
			billing: 'api',
		}),
		calls: callsOverTime(format, { buckets, granularity, billing: 'api' }),
		latency: latencyOverTime(format, { buckets, granularity, totals }),
		tokens: tokensOverTime(format, { buckets, granularity }),
	};
	const { time, calls, latency, tokens } = made;
	assert.ok(time !== null && calls !== null && latency !== null && tokens !== null);
	return { time, calls, latency, tokens };
}

function column({ columns, rows }: TableData, id: string): (string | number | null)[] {
	const index = columns.findIndex((column) => column.id === id);
	assert.notEqual(index, -1, `${id} among ${columns.map(({ id }) => id).join(', ')}`);
	return rows.map(({ cells }) => cells[index]?.raw ?? null);
}

const sum = (raws: (string | number | null)[]) => raws.reduce<number>((total, raw) => total + Number(raw ?? 0), 0);
const sumOf = (pick: (row: CallRow) => number | null) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
const billedNanoUsd = ({ cost }: CallRow) => (cost?.billing === 'api' ? cost.nanoUsd : 0);
const near = (actual: number, expected: number) =>
	assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} ≠ ${expected}`);

describe('the charts of the Analytics page', () => {
	for (const granularity of ['hour', 'day', 'week'] as const) {
		it(`story 4.2: come to the sum over all calls, by ${granularity}, where the clock changes`, () => {
			const { time, calls, latency, tokens } = pictures(granularity);
			for (const picture of [time, calls, latency, tokens])
				assert.equal(sum(column(picture.table(), 'calls')), rows.length);
			near(sum(column(time.table(), 'cost_usd')), sumOf(billedNanoUsd) / 1e9);
			near(sum(column(calls.table(), 'cost_usd')), sumOf(billedNanoUsd) / 1e9);
			const subscription = sumOf(({ cost }) => (cost?.billing === 'subscription' ? cost.nanoUsd : 0));
			near(sum(column(calls.table(), 'api_equivalent_usd')), subscription / 1e9);
			const kinds = ['uncached_input', 'cache_read', 'cache_write', 'output', 'reasoning'];
			const all = kinds.reduce((total, kind) => total + sum(column(tokens.table(), `${kind}_tokens`)), 0);
			assert.equal(all, sumOf(({ inputTokens }) => inputTokens) + sumOf(({ outputTokens }) => outputTokens));
		});

		it(`lead from each place to the calls that it counts, by ${granularity}`, () => {
			const { calls, time } = pictures(granularity);
			const counted = column(calls.table(), 'calls');
			const places = calls.places.filter((filter) => filter !== null);
			assert.deepEqual(
				places.map((filter) => ledger.select({ ...filter, range: within(filter) }).length),
				counted,
			);
			const [first] = time.lines;
			const place = time.places.findIndex((filter) => filter !== null);
			assert.deepEqual(filterAt(time, place, 0), { ...time.places[place], ...first?.filter });
			assert.equal(typeof first?.filter?.model, 'string');
		});
	}

	it('story 4.2: count each call with a duration once among the bars', () => {
		const histogram = latencyHistogram(format, figures('day').latencyBars);
		assert.ok(histogram !== null);
		assert.equal(sum(column(histogram.table(), 'calls')), rows.filter(({ latencyMs }) => latencyMs !== null).length);
	});

	it('say of each place what a reader sees there, and mark percentiles as near', () => {
		const { time, latency } = pictures('day');
		const place = time.places.findIndex((filter) => filter !== null);
		assert.match(time.said(place, null), /^\w+, Oct \d+, Total: ≥ \$\S+.*Calls: \d+, claude-sonnet-4-5: /);
		assert.match(time.said(place, 0), /^\w+, Oct \d+, \S+: (≥ )?\$/);
		assert.match(latency.said(place, null), /p50: ≈ .*p99: ≈ /);
		assert.match(latency.summary, /p50 ≈ .*p90 ≈ .*p99 ≈ /);
	});

	it('are not there where there is nothing to draw', () => {
		const none = figures('day', { model: 'nobody' });
		assert.equal(callsOverTime(format, { ...none, granularity: 'day', billing: 'api' }), null);
		assert.equal(latencyOverTime(format, { ...none, granularity: 'day' }), null);
		assert.equal(latencyHistogram(format, none.latencyBars), null);
		assert.equal(tokensOverTime(format, { ...none, granularity: 'day' }), null);
	});
});

describe('the tables of the Analytics page', () => {
	const { byModel, byAgent, byFolder } = figures('day');

	it('story 4.2: compare models, agents and folders by what their calls came to', () => {
		for (const table of [modelTable(format, byModel), agentTable(format, byAgent), folderTable(format, byFolder)]) {
			assert.equal(sum(column(table, 'calls')), rows.length);
			near(sum(column(table, 'cost_usd')), sumOf(billedNanoUsd) / 1e9);
			assert.equal(
				sum(column(table, 'tokens')),
				sumOf(({ inputTokens }) => inputTokens) + sumOf(({ outputTokens }) => outputTokens),
			);
			for (const [index, { filter }] of table.rows.entries()) {
				assert.ok(filter !== null);
				assert.equal(ledger.select({ ...filter, range }).length, column(table, 'calls')[index]);
			}
		}
	});

	it('call a model without a price unpriced, and know no rate for it', () => {
		const table = modelTable(format, byModel);
		const row = table.rows.find(({ filter }) => filter?.provider === 'ollama');
		const cell = (id: string) => row?.cells[table.columns.findIndex((column) => column.id === id)];
		assert.deepEqual(cell('cost_usd'), { text: 'unpriced', raw: null });
		assert.deepEqual(cell('usd_per_1k_output'), { text: '—', raw: null });
	});

	it('tell what a thousand tokens of output came to', () => {
		const table = modelTable(format, byModel);
		const index = table.rows.findIndex(({ filter }) => filter?.model === 'gpt-5.4');
		const calls = rows.filter(({ model }) => model === 'gpt-5.4');
		const usd = calls.reduce((total, row) => total + (billedNanoUsd(row) ?? 0), 0) / 1e9;
		const output = calls.reduce((total, { outputTokens }) => total + (outputTokens ?? 0), 0);
		near(Number(column(table, 'usd_per_1k_output')[index]), (usd / output) * 1000);
	});

	it('lead nowhere from calls without a folder', () => {
		const [folder] = byFolder;
		assert.ok(folder !== undefined);
		const [row] = folderTable(format, [{ ...folder, name: '' }]).rows;
		assert.equal(row?.filter, null);
		assert.equal(row?.cells[0]?.text, 'No folder');
	});
});

/** A week may begin before the range. */
function within({ range: bar }: CallFilter) {
	return {
		fromMs: Math.max(range.fromMs, bar?.fromMs ?? 0),
		toMs: Math.min(range.toMs, bar?.toMs ?? Number.MAX_SAFE_INTEGER),
	};
}
