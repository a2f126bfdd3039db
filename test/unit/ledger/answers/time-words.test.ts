import assert from 'node:assert/strict';
import { QuestionProblem } from '../../../../src/ledger/answers/answer.ts';
import { rangeOf } from '../../../../src/ledger/answers/time-words.ts';

// A Wednesday, 00:30 in Berlin, where it is the day after that of UTC.
const nowMs = Date.parse('2026-03-31T22:30:00Z');
const berlin = 'Europe/Berlin';

function iso(question: Parameters<typeof rangeOf>[0], timeZone = berlin): [string, string] | null {
	const { range } = rangeOf(question, 'today', nowMs, timeZone);
	if (range === null) return null;
	const end = range.toMs === Number.MAX_SAFE_INTEGER ? 'endless' : new Date(range.toMs).toISOString();
	return [new Date(range.fromMs).toISOString(), end];
}

describe('times in a question', () => {
	it('are days of the asker’s clock', () => {
		assert.deepEqual(iso({}), ['2026-03-31T22:00:00.000Z', '2026-04-01T22:00:00.000Z']);
		assert.deepEqual(iso({}, 'UTC'), ['2026-03-31T00:00:00.000Z', '2026-04-01T00:00:00.000Z']);
		assert.deepEqual(iso({ range: 'yesterday' }), ['2026-03-30T22:00:00.000Z', '2026-03-31T22:00:00.000Z']);
		assert.deepEqual(iso({ range: 'this-month' }), ['2026-03-31T22:00:00.000Z', '2026-04-01T22:00:00.000Z']);
		assert.deepEqual(iso({ range: 'this-week' }), ['2026-03-29T22:00:00.000Z', '2026-04-01T22:00:00.000Z']);
	});

	it('may be a time back from now, or all of it', () => {
		assert.deepEqual(iso({ range: '24h' }), ['2026-03-30T22:30:00.000Z', 'endless']);
		assert.deepEqual(iso({ range: '9999w' })?.[1], 'endless');
		assert.equal(iso({ range: 'all' }), null);
	});

	it('may be two moments; a day as the end is meant whole, and a clock without a zone is the asker’s', () => {
		assert.deepEqual(iso({ from: '2026-03-28', to: '2026-03-29' }), [
			'2026-03-27T23:00:00.000Z',
			// The clock went forward: the day had 23 hours.
			'2026-03-29T22:00:00.000Z',
		]);
		assert.deepEqual(iso({ from: '2026-03-29T01:00', to: '2026-03-29 12:00:30' }), [
			'2026-03-29T00:00:00.000Z',
			'2026-03-29T10:00:30.000Z',
		]);
		assert.deepEqual(iso({ from: '2026-03-29T01:00Z', to: '2026-03-29T01:00:00.5-02:00' }), [
			'2026-03-29T01:00:00.000Z',
			'2026-03-29T03:00:00.500Z',
		]);
		assert.deepEqual(iso({ to: '2026-03-01T00:00Z' }), ['1970-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']);
	});

	it('name what is none', () => {
		for (const question of [
			{ from: 'soon' },
			{ from: '2026-02-30' },
			{ from: '2026-03-01T25:00' },
			{ from: '2026-02-30T10:00' },
			{ from: '1969-01-01T00:00Z' },
			{ to: '2026-13-01' },
			{ from: '2026-03-02', to: '2026-03-01' },
			{ from: '2026-03-02T10:00Z', to: '2026-03-02T10:00Z' },
			{ range: 'today', to: '2026-03-01' },
		]) {
			assert.throws(() => iso(question), QuestionProblem, JSON.stringify(question));
		}
	});
});
