import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, temporaryFolder } from './support.ts';

describe('who answered a call', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});

	it('is what its response told, and nothing for a call that has not ended or is not there', () => {
		store.record([
			callDraft('a'),
			responseDraft('a', { inferenceProvider: 'Fireworks', serviceTier: 'priority' }),
			callDraft('b'),
			responseDraft('b'),
			callDraft('c'),
		]);
		assert.deepEqual(store.servedBy(['a', 'b', 'c', 'd']), [
			{ callId: 'a', inferenceProvider: 'Fireworks', serviceTier: 'priority' },
			{ callId: 'b', inferenceProvider: null, serviceTier: null },
		]);
	});
});
