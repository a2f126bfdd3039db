import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LedgerError } from '../../../src/ledger/ledger.ts';
import { toLedgerError } from '../../../src/ledger/sqlite-error.ts';

describe('toLedgerError', () => {
	const cases: [object, string][] = [
		[{ errcode: 13 }, 'diskFull'],
		[{ errcode: 4874 }, 'diskFull'],
		[{ errcode: 8 }, 'readOnly'],
		[{ errcode: 1032 }, 'readOnly'],
		[{ errcode: 5 }, 'locked'],
		[{ errcode: 517 }, 'locked'],
		[{ errcode: 11 }, 'damaged'],
		[{ errcode: 267 }, 'damaged'],
		[{ errcode: 26 }, 'damaged'],
		[{ errcode: 778 }, 'io'],
		[{ code: 'ENOSPC' }, 'diskFull'],
		[{ code: 'EROFS' }, 'readOnly'],
		[{ code: 'EACCES' }, 'readOnly'],
		[{ code: 'EIO' }, 'io'],
		[{ code: 'ERR_INVALID_ARG_TYPE' }, 'internal'],
		[new TypeError('anything'), 'internal'],
	];
	for (const [error, reason] of cases) {
		it(`takes ${JSON.stringify(error)} for ${reason}`, () => {
			const typed = toLedgerError(error, '/path/ledger.db');
			assert.equal(typed.reason, reason);
			assert.equal(typed.cause, error);
			assert.match(typed.message, /^[A-Z].*\. \(\/path\/ledger\.db\)$/);
		});
	}

	it('leaves a LedgerError as it is', () => {
		const error = new LedgerError('closed', 'The ledger is closed.');
		assert.equal(toLedgerError(error), error);
	});
});
