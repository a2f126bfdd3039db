import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerError } from '../../../src/ledger/ledger.ts';
import { LedgerStore } from '../../../src/ledger/store.ts';
import type { WorkerOptions } from '../../../src/ledger/worker-protocol.ts';

describe('how far the records of a source were read', () => {
	let folder: string;
	let options: WorkerOptions;
	let stores: LedgerStore[];

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-states-'));
		options = {
			file: join(folder, 'ledger.db'),
			readOnly: false,
			content: 'full',
			prices: undefined,
			fullText: 'auto',
			codec: 'auto',
			maxPages: null,
		};
		stores = [];
	});
	afterEach(() => {
		for (const store of stores) store.close();
		rmSync(folder, { recursive: true });
	});

	function open(change: Partial<WorkerOptions> = {}): LedgerStore {
		const store = new LedgerStore({ ...options, ...change });
		stores.push(store);
		return store;
	}

	it('is kept by source and unit, the latest word winning', () => {
		const store = open();
		store.saveSourceState('kilo-db', [
			{ key: 'a', value: '1', calls: 0 },
			{ key: 'b', value: '1', calls: 0 },
		]);
		store.saveSourceState('kilo-db', [{ key: 'b', value: '2', calls: 0 }]);
		store.saveSourceState('opencode', [{ key: 'a', value: '3', calls: 0 }]);
		const values = open()
			.sourceState('kilo-db')
			.map(({ key, value }) => [key, value]);
		assert.deepEqual(values, [
			['a', '1'],
			['b', '2'],
		]);
	});

	it('adds up the new calls that several windows brought', () => {
		const [one, other] = [open(), open()];
		one.saveSourceState('kilo-db', [{ key: 'a', value: '1', calls: 3 }]);
		other.saveSourceState('kilo-db', [{ key: 'a', value: '1', calls: 2 }]);
		assert.equal(one.sourceState('kilo-db')[0]?.calls, 5);
	});

	it('outlives erasing, so that nothing that was erased is imported again', () => {
		const store = open();
		store.saveSourceState('kilo-db', [{ key: 'a', value: '1', calls: 3 }]);
		store.erase({ what: 'all' });
		assert.equal(store.sourceState('kilo-db').length, 1);
	});

	it('is not to be had of a ledger that is only read', () => {
		open();
		const store = open({ readOnly: true });
		assert.throws(
			() => store.sourceState('kilo-db'),
			(error) => error instanceof LedgerError && error.reason === 'readOnly',
		);
	});
});
