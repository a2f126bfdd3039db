import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketOf, bucketsIn, isTimeZone } from '../../../src/core/time-buckets.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const span = (at: string, granularity: 'hour' | 'day' | 'week', zone: string) => {
	const { startMs, endMs } = bucketOf(Date.parse(at), granularity, zone);
	return [iso(startMs), iso(endMs)];
};
const hours = ({ startMs, endMs }: { startMs: number; endMs: number }) => (endMs - startMs) / 3_600_000;

describe('bucketOf', () => {
	it('gives the local day', () => {
		assert.deepEqual(span('2026-11-21T23:30:00Z', 'day', 'Europe/Berlin'), [
			'2026-11-21T23:00:00.000Z',
			'2026-11-22T23:00:00.000Z',
		]);
		assert.deepEqual(span('2026-11-21T23:30:00Z', 'day', 'UTC'), [
			'2026-11-21T00:00:00.000Z',
			'2026-11-22T00:00:00.000Z',
		]);
	});

	it('gives days of 23 and 25 hours when the clock changes', () => {
		const day = (at: string) => hours(bucketOf(Date.parse(at), 'day', 'Europe/Berlin'));
		assert.deepEqual(
			[day('2026-03-29T12:00:00Z'), day('2026-10-25T12:00:00Z'), day('2026-10-26T12:00:00Z')],
			[23, 25, 24],
		);
	});

	it('gives ISO weeks, which begin on Monday, also over the turn of the year', () => {
		assert.deepEqual(span('2027-01-01T12:00:00Z', 'week', 'UTC'), [
			'2026-12-28T00:00:00.000Z',
			'2027-01-04T00:00:00.000Z',
		]);
		assert.deepEqual(span('2026-11-22T22:59:00Z', 'week', 'Europe/Berlin'), [
			'2026-11-15T23:00:00.000Z',
			'2026-11-22T23:00:00.000Z',
		]);
		assert.deepEqual(span('2026-11-22T23:00:00Z', 'week', 'Europe/Berlin'), [
			'2026-11-22T23:00:00.000Z',
			'2026-11-29T23:00:00.000Z',
		]);
		assert.deepEqual(span('1970-01-01T00:00:00Z', 'week', 'UTC'), [
			'1969-12-29T00:00:00.000Z',
			'1970-01-05T00:00:00.000Z',
		]);
	});

	it('gives local hours where the offset is not a whole hour', () => {
		assert.deepEqual(span('2026-11-21T00:20:00Z', 'hour', 'Asia/Kolkata'), [
			'2026-11-20T23:30:00.000Z',
			'2026-11-21T00:30:00.000Z',
		]);
		assert.deepEqual(span('2026-11-21T00:20:00Z', 'hour', 'Asia/Kathmandu'), [
			'2026-11-21T00:15:00.000Z',
			'2026-11-21T01:15:00.000Z',
		]);
	});

	it('keeps the hour that the clock repeats as two', () => {
		const first = span('2026-10-25T00:30:00Z', 'hour', 'Europe/Berlin');
		const second = span('2026-10-25T01:30:00Z', 'hour', 'Europe/Berlin');
		assert.deepEqual([first[1], second[0]], ['2026-10-25T01:00:00.000Z', '2026-10-25T01:00:00.000Z']);
	});

	it('gives half hours where the clock moves by half an hour', () => {
		// Lord Howe Island, 4 October 2026: 02:00 becomes 02:30.
		assert.deepEqual(span('2026-10-03T15:45:00Z', 'hour', 'Australia/Lord_Howe'), [
			'2026-10-03T15:30:00.000Z',
			'2026-10-03T16:00:00.000Z',
		]);
	});

	it('begins a day after a midnight that the clock skips', () => {
		// Cairo, 24 April 2026: 00:00 becomes 01:00.
		const day = bucketOf(Date.parse('2026-04-24T12:00:00Z'), 'day', 'Africa/Cairo');
		assert.deepEqual([iso(day.startMs), hours(day)], ['2026-04-23T22:00:00.000Z', 23]);
	});

	it('begins a day at the first of two midnights', () => {
		// Havana, 1 November 2026: 01:00 becomes 00:00.
		const day = bucketOf(Date.parse('2026-11-01T12:00:00Z'), 'day', 'America/Havana');
		assert.deepEqual([iso(day.startMs), hours(day)], ['2026-11-01T04:00:00.000Z', 25]);
	});

	it('refuses an unknown zone', () => {
		assert.throws(() => bucketOf(0, 'day', 'Mars/Base'), RangeError);
		assert.deepEqual([isTimeZone('Mars/Base'), isTimeZone('Asia/Kathmandu')], [false, true]);
	});
});

describe('bucketsIn', () => {
	const zones = [
		'UTC',
		'Europe/Berlin',
		'America/New_York',
		'Asia/Kathmandu',
		'Australia/Lord_Howe',
		'America/Havana',
		'Pacific/Apia',
		'Africa/Cairo',
	];

	it('covers any range in any zone without gap or overlap', () => {
		const from = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2030, 0) });
		fc.assert(
			fc.property(
				from,
				fc.integer({ min: 1, max: 40 * 86_400_000 }),
				fc.constantFrom(...zones),
				fc.constantFrom('hour', 'day', 'week'),
				(fromMs, length, zone, granularity) => {
					const range = { fromMs, toMs: fromMs + (granularity === 'hour' ? length / 10 : length) };
					const buckets = bucketsIn(range, granularity, zone);
					assert.ok((buckets[0]?.startMs ?? Number.NaN) <= range.fromMs);
					assert.ok((buckets.at(-1)?.endMs ?? Number.NaN) >= range.toMs);
					for (const [i, bucket] of buckets.entries()) {
						assert.ok(bucket.endMs > bucket.startMs);
						assert.deepEqual(bucketOf(bucket.startMs, granularity, zone), bucket);
						assert.deepEqual(bucketOf(bucket.endMs - 1, granularity, zone), bucket);
						if (i > 0) assert.equal(bucket.startMs, buckets[i - 1]?.endMs);
					}
				},
			),
			{ numRuns: 200 },
		);
	});

	it('leaves out a day that a zone never had', () => {
		// Samoa went from 29 to 31 December 2011.
		const days = bucketsIn({ fromMs: Date.UTC(2011, 11, 29, 12), toMs: Date.UTC(2012, 0, 1) }, 'day', 'Pacific/Apia');
		assert.deepEqual(days.map(hours), [24, 24, 24]);
	});

	it('gives none for an empty range', () => {
		assert.deepEqual(bucketsIn({ fromMs: 5, toMs: 5 }, 'day', 'UTC'), []);
	});
});
