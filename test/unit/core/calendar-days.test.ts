import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { dateOf, dayOf } from '../../../src/core/time-buckets.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Pacific/Kiritimati'];

describe('a calendar day', () => {
	it('is where each moment of it says that it is, in any zone', () => {
		const moments = fc.integer({ min: 0, max: Date.UTC(2040, 0, 1) });
		fc.assert(
			fc.property(moments, fc.constantFrom(...zones), (ms, zone) => {
				const day = dayOf(dateOf(ms, zone), zone);
				assert.ok(day !== null && day.startMs <= ms && ms < day.endMs);
			}),
		);
	});

	it('is none for what the calendar does not have', () => {
		for (const date of ['2026-02-29', '2026-13-01', '2026-1-1', '', 'today', '2026-01-01T00:00:00Z']) {
			assert.equal(dayOf(date, 'UTC'), null, date);
		}
	});
});
