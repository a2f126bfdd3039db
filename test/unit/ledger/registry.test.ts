import assert from 'node:assert/strict';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { listLedger } from '../../../src/ledger/agree-on-ledger.ts';
import { LedgerRegistry } from '../../../src/ledger/registry.ts';
import { temporaryFolder } from './support.ts';

describe('LedgerRegistry', () => {
	const folder = temporaryFolder();
	let registry: LedgerRegistry;
	beforeEach(() => {
		registry = new LedgerRegistry(join(folder.path, 'registry'));
	});
	afterEach(() => folder.clean());
	const entry = (ledger: string, folders: string[], registeredAtMs = 1) => ({
		ledger,
		folders,
		name: 'Work',
		registeredAtMs,
	});

	it('finds the ledger of the same folders, in any order', () => {
		registry.register(entry('/storage/one/ledger.db', ['/a', '/b']));
		assert.equal(registry.find(['/b', '/a'])?.ledger, '/storage/one/ledger.db');
		assert.equal(registry.find(['/a']), null);
	});

	it('keeps to the ledger that was there first', () => {
		registry.register(entry('/storage/two/ledger.db', ['/a'], 20));
		registry.register(entry('/storage/one/ledger.db', ['/a'], 10));
		assert.equal(registry.find(['/a'])?.ledger, '/storage/one/ledger.db');
	});

	it('says by which settings a ledger is kept, once a window has said so, and by any name of the file', () => {
		const file = join(folder.path, 'ledger.db');
		folder.make();
		registry.register(entry(file, ['/a']));
		assert.equal(registry.settingsOf(file), null);
		const settings = { content: 'redacted' as const, prices: { 'a-model': { input: 1 } } };
		registry.keepSettings(file, settings);
		assert.deepEqual(registry.settingsOf(file), settings);
		symlinkSync(folder.path, join(folder.path, 'link'));
		assert.deepEqual(registry.settingsOf(join(folder.path, 'link', 'ledger.db')), settings);
		// Nobody has put this one on the list: a ledger of no window has no settings.
		registry.keepSettings('/elsewhere', settings);
		assert.equal(registry.settingsOf('/elsewhere'), null);
		assert.equal(registry.all().length, 1);
	});

	it('keeps them when another workspace comes to share the ledger', () => {
		const claim = { ledger: '/team/ledger.db', folders: ['/a'], name: 'a', nowMs: 1, chosen: true };
		listLedger(registry, claim);
		registry.keepSettings(claim.ledger, { content: 'off', prices: {} });
		listLedger(registry, { ...claim, folders: ['/b'] });
		assert.deepEqual(registry.settingsOf(claim.ledger), { content: 'off', prices: {} });
	});

	it('renews an entry and forgets one', () => {
		registry.register(entry('/l', ['/a']));
		registry.register(entry('/l', ['/b']));
		assert.deepEqual(
			registry.all().map(({ folders }) => folders),
			[['/b']],
		);
		registry.forget('/l');
		assert.deepEqual(registry.all(), []);
	});

	it('is for its owner only', () => {
		registry.register(entry('/l', ['/a']));
		const directory = join(folder.path, 'registry');
		assert.equal(statSync(directory).mode & 0o777, 0o700);
		writeFileSync(join(directory, 'broken.json'), '{"ledger":');
		assert.equal(registry.all().length, 1);
	});
});
