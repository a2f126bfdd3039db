import assert from 'node:assert/strict';
import { dayOf } from '../../../../src/core/time-buckets.ts';
import { periodBefore } from '../../../../webview/overview/period-before.ts';
import type { RangeChoice } from '../../../../webview/time-range.ts';

const zone = 'Europe/Berlin';
const hour = 3_600_000;
const start = (date: string) => dayOf(date, zone)?.startMs ?? Number.NaN;
/** 14:30 local time on a Wednesday. */
const now = start('2026-07-15') + 14.5 * hour;

describe('the period before', () => {
	it('of today is yesterday up to the same time of day', () => {
		assert.deepEqual(periodBefore('today', now, zone), {
			fromMs: start('2026-07-14'),
			toMs: start('2026-07-14') + 14.5 * hour,
		});
	});

	it('of 7 days is the 7 before, and as much of the last as has passed of today', () => {
		assert.deepEqual(periodBefore('7d', now, zone), {
			fromMs: start('2026-07-02'),
			toMs: start('2026-07-08') + 14.5 * hour,
		});
	});

	it('of 30 days is the 30 before', () => {
		assert.deepEqual(periodBefore('30d', now, zone), {
			fromMs: start('2026-05-17'),
			toMs: start('2026-06-15') + 14.5 * hour,
		});
	});

	it('of dates that are over is as many whole days', () => {
		const choice: RangeChoice = { fromDate: '2026-07-06', toDate: '2026-07-08' };
		assert.deepEqual(periodBefore(choice, now, zone), { fromMs: start('2026-07-03'), toMs: start('2026-07-06') });
	});

	it('of exact times is as long a stretch', () => {
		assert.deepEqual(periodBefore({ fromMs: 10 * hour, toMs: 11 * hour }, now, zone), {
			fromMs: 9 * hour,
			toMs: 10 * hour,
		});
	});

	it('counts days and not hours, where the clock changes between', () => {
		// Clocks went back on October 25: the day before had an hour less.
		const morning = start('2026-10-26') + 8 * hour;
		assert.deepEqual(periodBefore('today', morning, zone), {
			fromMs: start('2026-10-25'),
			toMs: start('2026-10-25') + 8 * hour,
		});
		const spring = start('2026-03-30') + 23.75 * hour;
		assert.equal(periodBefore('today', spring, zone)?.toMs, start('2026-03-30'), 'a day of 23 hours ends with itself');
	});

	it('is not there for everything, nor for what has not begun', () => {
		assert.equal(periodBefore('all', now, zone), null);
		assert.equal(periodBefore({ fromDate: '2026-08-01', toDate: '2026-08-02' }, now, zone), null);
	});
});
