import assert from 'node:assert/strict';
import { localTimeZone } from '../../../src/core/local-time-zone.ts';
import { dateOf, isTimeZone } from '../../../src/core/time-buckets.ts';

describe('the zone of this machine', () => {
	const before = process.env.TZ;
	afterEach(() => {
		// Node does not take `undefined` for none.
		if (before === undefined) delete process.env.TZ;
		else process.env.TZ = before;
	});

	const zoneWith = (zone: string): string => {
		process.env.TZ = zone;
		return localTimeZone();
	};

	it('is the one that the system names', () => {
		for (const zone of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) assert.equal(zoneWith(zone), zone);
	});

	it('is by its offset where the system has no name for it', () => {
		assert.equal(zoneWith('UTC+3'), '-03:00');
	});

	it('is one to count days in, whatever the environment says', () => {
		for (const zone of [':/etc/localtime', '', 'Foo/Bar', 'UTC+3', '<+0530>-5:30']) {
			const local = zoneWith(zone);
			assert.ok(isTimeZone(local), `${zone}: ${local}`);
			assert.match(dateOf(Date.UTC(2026, 10, 22, 12), local), /^2026-11-22$/);
		}
	});
});
