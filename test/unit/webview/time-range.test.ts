import assert from 'node:assert/strict';
import { granularityFor, rangeOf, rangeSince, readChoice } from '../../../webview/time-range.ts';

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

	it('reach from one local date to another, both included, over a change of clocks', () => {
		const october = { fromDate: '2026-10-24', toDate: '2026-10-25' };
		const range = rangeOf(october, 0, 'Europe/Berlin');
		assert.deepEqual(range, { fromMs: Date.UTC(2026, 9, 23, 22), toMs: Date.UTC(2026, 9, 25, 23) });
		assert.deepEqual(rangeOf({ fromDate: '2026-01-01', toDate: '2026-01-01' }, 0, 'Pacific/Kiritimati'), {
			fromMs: Date.UTC(2025, 11, 31, 10),
			toMs: Date.UTC(2026, 0, 1, 10),
		});
	});

	it('are read again as they were kept, and only if they are some', () => {
		const dates = { fromDate: '2026-02-28', toDate: '2026-03-01' };
		assert.deepEqual(readChoice(JSON.parse(JSON.stringify(dates))), dates);
		assert.equal(readChoice('7d'), '7d');
		const none = [
			'fortnight',
			null,
			{ fromDate: '2026-02-30', toDate: '2026-03-01' },
			{ fromDate: '2026-03-02', toDate: '2026-03-01' },
			{ fromDate: '2026-3-2', toDate: '2026-03-02' },
			{ fromDate: 1, toDate: 2 },
		];
		for (const kept of none) assert.equal(readChoice(kept), null, JSON.stringify(kept));
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
