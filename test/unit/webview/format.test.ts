import assert from 'node:assert/strict';
import { Format } from '../../../webview/format.ts';

const format = new Format('en', 'Europe/Berlin');
const now = Date.parse('2026-03-04T10:00:00Z');
const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('what a person reads', () => {
	it('names of a moment as much of its date as tells it from now', () => {
		assert.equal(plain(format.moment(now - 60_000, now)), '10:59:00 AM');
		assert.equal(plain(format.moment(Date.parse('2026-03-03T10:00:00Z'), now)), 'Mar 3, 11:00 AM');
		assert.equal(plain(format.moment(Date.parse('2025-03-04T10:00:00Z'), now)), 'Mar 4, 2025');
		// In Berlin it is 2026 already.
		assert.equal(plain(format.moment(Date.parse('2025-12-31T23:30:00Z'), now)), 'Jan 1, 12:30 AM');
	});

	it('does not call a small share none', () => {
		assert.deepEqual(
			[0, 0.0002, 0.0049, 0.005, 0.42, 1].map((share) => format.percent(share)),
			['0%', '0.02%', '0.5%', '1%', '42%', '100%'],
		);
	});
});
