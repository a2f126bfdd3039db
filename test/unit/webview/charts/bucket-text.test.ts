import assert from 'node:assert/strict';
import { bucketsIn, dayOf } from '../../../../src/core/time-buckets.ts';
import { BucketText, isoWeek, localIso } from '../../../../webview/charts/bucket-text.ts';
import { Format } from '../../../../webview/format.ts';

const zone = 'Europe/Berlin';
const format = new Format('en', zone);

function names(fromDate: string, toDate: string, granularity: 'hour' | 'day' | 'week') {
	const range = { fromMs: dayOf(fromDate, zone)?.startMs ?? 0, toMs: dayOf(toDate, zone)?.endMs ?? 0 };
	const buckets = bucketsIn(range, granularity, zone);
	const text = new BucketText(format, granularity, buckets);
	return {
		labels: buckets.map((_, index) => text.label(index)),
		titles: buckets.map((_, index) => text.title(index)),
	};
}

describe('names of buckets', () => {
	it('number weeks as ISO 8601 does, over the turn of a year', () => {
		const week = (date: string) => isoWeek(dayOf(date, zone)?.startMs ?? 0, zone);
		assert.deepEqual(week('2026-01-01'), { year: 2026, week: 1 });
		assert.deepEqual(week('2025-12-29'), { year: 2026, week: 1 });
		assert.deepEqual(week('2025-12-28'), { year: 2025, week: 52 });
		assert.deepEqual(week('2027-01-03'), { year: 2026, week: 53 });
		assert.deepEqual(week('2027-01-04'), { year: 2027, week: 1 });
	});

	it('name a week by its number and days', () => {
		assert.match(names('2026-06-29', '2026-07-05', 'week').titles[0] ?? '', /^Week 27, Jun 29\s–\sJul 5$/);
	});

	it('name the first hour of a later day by its day', () => {
		const { labels } = names('2026-07-01', '2026-07-02', 'hour');
		assert.equal(labels.length, 48);
		assert.match(labels[0] ?? '', /^12:00/);
		assert.equal(labels[24], 'Jul 2');
	});

	it('tell an hour that the clock repeats apart by its zone, and skip the one that is not there', () => {
		const autumn = names('2026-10-25', '2026-10-25', 'hour').titles;
		assert.equal(autumn.length, 25);
		assert.equal(new Set(autumn).size, 25, autumn.join('\n'));
		assert.match(autumn[2] ?? '', /2:00.*GMT\+2/);
		assert.match(autumn[3] ?? '', /2:00.*GMT\+1/);
		assert.equal(names('2026-03-29', '2026-03-29', 'hour').titles.length, 23);
	});

	it('say the year where there are two', () => {
		assert.match(names('2025-12-31', '2026-01-01', 'day').titles[0] ?? '', /2025/);
		assert.doesNotMatch(names('2026-01-01', '2026-01-02', 'day').titles[0] ?? '', /2026/);
	});

	it('write moments for files with their zone', () => {
		assert.equal(localIso(Date.UTC(2026, 6, 1, 12), zone), '2026-07-01T14:00:00+02:00');
		assert.equal(localIso(Date.UTC(2026, 0, 1, 23, 30), 'Asia/Kathmandu'), '2026-01-02T05:15:00+05:45');
		assert.equal(localIso(0, 'UTC'), '1970-01-01T00:00:00+00:00');
	});
});
