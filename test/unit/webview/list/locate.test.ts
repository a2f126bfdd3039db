import assert from 'node:assert/strict';
import { locate } from '../../../../webview/list/locate.ts';

interface Row {
	callId: string;
	startedAtMs: number;
}

/** Newest first. `sameTime` calls share each millisecond. */
function list(total: number, sameTime = 1) {
	const rows: Row[] = Array.from({ length: total }, (_, index) => ({
		callId: `c${index}`,
		startedAtMs: 1_000_000 - Math.floor(index / sameTime),
	}));
	const asked: number[] = [];
	const page = async (number: number) => {
		asked.push(number);
		return rows.slice(number * 100, number * 100 + 100);
	};
	return { rows, asked, source: { total, pageSize: 100, page } };
}

function at(rows: Row[], index: number): Row {
	const row = rows[index];
	assert.ok(row !== undefined);
	return row;
}

describe('finding a call again in a list that changed', () => {
	it('looks where it should be, and nowhere else when it is there', async () => {
		const { rows, asked, source } = list(10_000);
		assert.equal(await locate(at(rows, 4321), 4300, source), 4321);
		assert.deepEqual(asked, [43]);
	});

	it('finds each call from any guess', async () => {
		const { rows, source } = list(1234);
		for (const index of [0, 99, 100, 617, 1200, 1233]) {
			for (const guess of [0, 500, 1233, 99_999]) assert.equal(await locate(at(rows, index), guess, source), index);
		}
	});

	it('takes few looks even when the guess is far off', async () => {
		const { rows, asked, source } = list(1_000_000);
		assert.equal(await locate(at(rows, 987_654), 0, source), 987_654);
		assert.ok(asked.length <= 16, `${asked.length} looks`);
	});

	it('looks over the edges of a page when many calls began in the same millisecond', async () => {
		const { rows, source } = list(2000, 450);
		for (const index of [0, 449, 450, 899, 1234]) assert.equal(await locate(at(rows, index), 1000, source), index);
	});

	it('says that a call is gone', async () => {
		const { source } = list(1000);
		assert.equal(await locate({ callId: 'gone', startedAtMs: 999_500 }, 0, source), null);
		assert.equal(await locate({ callId: 'gone', startedAtMs: 5_000_000 }, 0, source), null);
		assert.equal(await locate({ callId: 'gone', startedAtMs: 5 }, 0, source), null);
	});

	it('finds nothing in an empty list', async () => {
		assert.equal(await locate({ callId: 'c0', startedAtMs: 1 }, 0, list(0).source), null);
	});
});
