import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { conditionOf } from '../../../src/host/ledger-condition.ts';
import type { LedgerHealth } from '../../../src/ledger/ledger.ts';

const health = (over: Partial<LedgerHealth> = {}): LedgerHealth => ({
	state: 'ready',
	readable: true,
	file: '/ledger.db',
	setAside: null,
	error: null,
	fullText: 'fts5',
	codec: 'zstd',
	bytes: 0,
	rejected: { count: 0, reasons: [] },
	waiting: 0,
	...over,
});
const full: Partial<LedgerHealth> = { state: 'failed', error: { reason: 'diskFull', message: 'The disk is full.' } };

describe('the condition of the ledger', () => {
	it('can be read when only writing fails, and still counts as failed', () => {
		assert.deepEqual(conditionOf(true, null, health({ ...full, readable: true })), {
			ledger: 'failed',
			readable: true,
			problem: 'The disk is full.',
		});
	});

	it('cannot be read when the ledger says so, or was never opened', () => {
		assert.equal(conditionOf(true, null, health({ ...full, readable: false })).readable, false);
		assert.deepEqual(conditionOf(false, 'No such folder.', undefined), {
			ledger: 'failed',
			readable: false,
			problem: 'No such folder.',
		});
	});

	it('starts, and is then ready', () => {
		assert.deepEqual(conditionOf(false, null, undefined), { ledger: 'starting', readable: false, problem: null });
		// Open, and its health not yet asked for.
		assert.equal(conditionOf(true, null, undefined).ledger, 'ready');
		assert.deepEqual(conditionOf(true, null, health()), { ledger: 'ready', readable: true, problem: null });
	});
});
