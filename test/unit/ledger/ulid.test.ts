import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeTime, isValid } from 'ulidx';
import { UlidGenerator } from '../../../src/ledger/ulid.ts';

describe('UlidGenerator', () => {
	it('makes ULIDs that tell their time', () => {
		const id = new UlidGenerator().next(1_772_000_000_123);
		assert.ok(isValid(id));
		assert.equal(decodeTime(id), 1_772_000_000_123);
	});

	it('rises strictly, within a millisecond and when the clock steps back', () => {
		const ids = new UlidGenerator();
		let last = '';
		for (let i = 0; i < 10_000; i++) {
			const id = ids.next(1_772_000_000_000 - (i % 3));
			assert.ok(id > last);
			last = id;
		}
	});
});
