import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, temporaryFolder } from './support.ts';

const target = { provider: 'my-gateway', model: 'house-7b' };

describe('A price that the user sets', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
		store.record([callDraft('known'), responseDraft('known')]);
		for (const id of ['a', 'b']) store.record([callDraft(id, target), responseDraft(id, target)]);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const cost = (id: string) => store.call(id)?.row.cost;

	it('prices the calls of an unknown model that are recorded already, issue 5', () => {
		assert.equal(cost('a')?.basis, 'unpriced');
		assert.equal(store.totals({}).unpriced, 2);
		const before = store.totals({}).costNanoUsd;
		assert.equal(store.setPriceOverrides({ 'my-gateway/house-7b': { input: 1, output: 2 } }), 2);
		assert.deepEqual([cost('a')?.nanoUsd, cost('a')?.basis], [100 * 1_000 + 20 * 2_000, 'computed']);
		assert.equal(store.totals({}).unpriced, 0);
		assert.equal(store.totals({}).costNanoUsd, before + 2 * 140_000);
		assert.equal(store.call('a')?.eventIds.length, 3, 'the recorded event stays, and another supersedes it');
		assert.equal(store.call('known')?.eventIds.length, 2, 'other models are left alone');
		assert.equal(store.verify().ok, true);
	});

	it('can be corrected and taken back', () => {
		store.setPriceOverrides({ 'house-7b': { input: 100, output: 200 } });
		store.setPriceOverrides({ 'house-7b': { input: 1, output: 2 } });
		assert.equal(cost('a')?.nanoUsd, 140_000);
		store.setPriceOverrides({});
		assert.deepEqual([cost('a')?.nanoUsd, cost('a')?.basis], [null, 'unpriced']);
		assert.equal(store.totals({}).unpriced, 2);
	});

	it('changes nothing when it is set again, nor when the calls are read again', () => {
		const own = { '*/house-*': { input: 1, output: 2 } };
		assert.equal(store.setPriceOverrides(own), 2);
		assert.equal(store.setPriceOverrides(own), 0);
		const { receipts } = store.record([callDraft('a', target), responseDraft('a', target)]);
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['unchanged', 'unchanged'],
		);
		assert.equal(cost('a')?.nanoUsd, 140_000);
	});

	it('does not take the place of what the provider reported', () => {
		store.record([
			callDraft('c', target),
			responseDraft('c', { ...target, reportedCostUsd: 0.5, reportedBy: 'provider' }),
		]);
		store.setPriceOverrides({ 'house-7b': { input: 1, output: 2 } });
		assert.deepEqual([cost('c')?.nanoUsd, cost('c')?.basis, cost('c')?.diverges], [500_000_000, 'provider', true]);
	});

	it('is refused with what is wrong, and nothing is priced anew', () => {
		assert.throws(() => store.setPriceOverrides({ 'house-7b': { input: -1, output: 2 } }), { reason: 'badInput' });
		assert.equal(cost('a')?.basis, 'unpriced');
	});
});
