import assert from 'node:assert/strict';
import { bucketsOf, granularityFor, rangeOf, startOfDay } from '../../../webview/time-range.ts';

const hour = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

describe('time ranges of the panel', () => {
	it('begin and end at local midnight', () => {
		const range = rangeOf('7d', Date.UTC(2026, 10, 22, 1, 30), 'Europe/Berlin');
		assert.ok(range !== null);
		assert.equal(iso(range.fromMs), '2026-11-15T23:00:00.000Z');
		assert.equal(iso(range.toMs), '2026-11-22T23:00:00.000Z');
	});

	it('count today as the day of the zone, not of UTC', () => {
		const now = Date.UTC(2026, 10, 22, 1, 30);
		assert.equal(iso(rangeOf('today', now, 'America/Los_Angeles')?.fromMs ?? 0), '2026-11-21T08:00:00.000Z');
		assert.equal(iso(rangeOf('today', now, 'Asia/Kolkata')?.fromMs ?? 0), '2026-11-21T18:30:00.000Z');
	});

	it('have no bounds for everything', () => assert.equal(rangeOf('all', 0, 'UTC'), null));

	it('find the first instant of a day whose midnight is skipped', () => {
		// São Paulo moved its clocks from 00:00 to 01:00 on 4 November 2018.
		assert.equal(iso(startOfDay(Date.UTC(2018, 10, 4, 15), 'America/Sao_Paulo')), '2018-11-04T03:00:00.000Z');
	});

	it('find the start of a day over a change of clocks', () => {
		const noon = Date.UTC(2026, 9, 25, 11);
		const start = startOfDay(noon, 'Europe/Berlin');
		assert.equal(iso(start), '2026-10-24T22:00:00.000Z');
		assert.equal(startOfDay(noon, 'Europe/Berlin', 1) - start, 25 * hour);
	});
});

describe('buckets of a chart', () => {
	it('are hours for a day, days for a quarter, weeks beyond', () => {
		const of = (days: number) => granularityFor({ fromMs: 0, toMs: days * 24 * hour });
		assert.deepEqual([of(1), of(7), of(30), of(90), of(400)], ['hour', 'day', 'day', 'day', 'week']);
	});

	it('cover a day with a clock change by its real hours', () => {
		const day = { fromMs: startOfDay(Date.UTC(2026, 9, 25, 11), 'Europe/Berlin'), toMs: 0 };
		day.toMs = startOfDay(day.fromMs, 'Europe/Berlin', 1);
		assert.equal(bucketsOf(day, 'hour', 'Europe/Berlin').length, 25);
		assert.equal(bucketsOf(day, 'day', 'Europe/Berlin').length, 1);
	});

	it('join without gaps and hold the whole range', () => {
		const range = { fromMs: Date.UTC(2026, 2, 1, 5), toMs: Date.UTC(2026, 3, 20) };
		for (const granularity of ['hour', 'day', 'week'] as const) {
			const buckets = bucketsOf(range, granularity, 'America/New_York');
			assert.ok((buckets[0]?.fromMs ?? Number.POSITIVE_INFINITY) <= range.fromMs);
			assert.ok((buckets.at(-1)?.toMs ?? 0) >= range.toMs);
			for (const [index, { fromMs }] of buckets.entries()) {
				if (index > 0) assert.equal(fromMs, buckets[index - 1]?.toMs);
			}
		}
	});

	it('begin weeks on a local Monday, as ISO 8601 has it', () => {
		// 22 November 2026 is a Sunday.
		const range = { fromMs: Date.UTC(2026, 10, 22, 10), toMs: Date.UTC(2026, 10, 24) };
		const [first, second] = bucketsOf(range, 'week', 'UTC');
		assert.equal(iso(first?.fromMs ?? 0), '2026-11-16T00:00:00.000Z');
		assert.equal(iso(second?.fromMs ?? 0), '2026-11-23T00:00:00.000Z');
	});
});
