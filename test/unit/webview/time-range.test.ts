import assert from 'node:assert/strict';
import { granularityFor, rangeOf, rangeSince } from '../../../webview/time-range.ts';

const hour = 3_600_000;
const iso = (ms: number | undefined) => new Date(ms ?? Number.NaN).toISOString();

describe('time ranges of the panel', () => {
	it('begin and end at local midnight', () => {
		const range = rangeOf('7d', Date.UTC(2026, 10, 22, 1, 30), 'Europe/Berlin');
		assert.equal(iso(range?.fromMs), '2026-11-15T23:00:00.000Z');
		assert.equal(iso(range?.toMs), '2026-11-22T23:00:00.000Z');
	});

	it('count today as the day of the zone, not of UTC', () => {
		const now = Date.UTC(2026, 10, 22, 1, 30);
		assert.equal(iso(rangeOf('today', now, 'America/Los_Angeles')?.fromMs), '2026-11-21T08:00:00.000Z');
		assert.equal(iso(rangeOf('today', now, 'Asia/Kolkata')?.fromMs), '2026-11-21T18:30:00.000Z');
	});

	it('count days, not hours, over a change of clocks', () => {
		const range = rangeOf('7d', Date.UTC(2026, 9, 28, 12), 'Europe/Berlin');
		assert.equal(iso(range?.fromMs), '2026-10-21T22:00:00.000Z');
		assert.equal(((range?.toMs ?? 0) - (range?.fromMs ?? 0)) / hour, 7 * 24 + 1);
	});

	it('have no bounds for everything', () => assert.equal(rangeOf('all', 0, 'UTC'), null));

	it('begin with the day of the first call, when everything is drawn', () => {
		const now = Date.UTC(2026, 10, 22, 12);
		assert.equal(iso(rangeSince(Date.UTC(2026, 5, 1, 9), now, 'UTC').fromMs), '2026-06-01T00:00:00.000Z');
		assert.equal(iso(rangeSince(now + hour, now, 'UTC').fromMs), '2026-11-22T00:00:00.000Z');
	});

	it('are drawn by hours for a day, by days for a quarter, by weeks beyond', () => {
		const of = (days: number) => granularityFor({ fromMs: 0, toMs: days * 24 * hour });
		assert.deepEqual([of(1), of(7), of(30), of(90), of(400)], ['hour', 'day', 'day', 'day', 'week']);
	});
});
