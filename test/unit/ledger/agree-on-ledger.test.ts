import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { agreeOnLedger, listLedger } from '../../../src/ledger/agree-on-ledger.ts';
import { LedgerRegistry } from '../../../src/ledger/registry.ts';

describe('which ledger a window opens', () => {
	const nowMs = 1_800_000_000_000;
	const folders = ['/home/me/project'];
	let folder: string;
	let registry: LedgerRegistry;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-'));
		registry = new LedgerRegistry(join(folder, 'list'));
	});

	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	/** What a window with a storage folder of its own opens. */
	function open(storage: string, over: { folders?: string[]; nowMs?: number } = {}): string {
		return agreeOnLedger(registry, { ledger: join(folder, storage), folders, name: 'project', nowMs, ...over });
	}

	it('is its own when it is the first of its folders', () => {
		assert.equal(open('first'), join(folder, 'first'));
		assert.deepEqual(registry.find(folders)?.ledger, join(folder, 'first'));
	});

	it('is that of the window which had the same folders before', () => {
		writeFileSync(open('first'), '');
		assert.equal(open('second', { nowMs: nowMs + 3_600_000 }), join(folder, 'first'));
	});

	it('is that of a window which has only just begun and made no file yet', () => {
		open('first');
		assert.equal(open('second', { nowMs: nowMs + 1000 }), join(folder, 'first'));
	});

	it('is its own when the ledger on the list is gone', () => {
		open('first');
		const later = nowMs + 3_600_000;
		assert.equal(open('second', { nowMs: later }), join(folder, 'second'));
		assert.deepEqual(
			registry.all().map(({ ledger }) => ledger),
			[join(folder, 'second')],
		);
	});

	it('is its own again after years', () => {
		writeFileSync(open('first'), '');
		assert.equal(open('first', { nowMs: nowMs * 2 }), join(folder, 'first'));
		assert.equal(registry.find(folders)?.registeredAtMs, nowMs);
	});

	it('is not that of other folders', () => {
		writeFileSync(open('first'), '');
		assert.equal(open('second', { folders: ['/home/me/other'] }), join(folder, 'second'));
	});

	it('is on the list with the folders of all who share it, when the user named it', () => {
		const ledger = join(folder, 'shared');
		listLedger(registry, { ledger, folders: ['/a'], name: 'a', nowMs, chosen: true });
		listLedger(registry, { ledger, folders: ['/b'], name: 'b', nowMs: nowMs + 1, chosen: true });
		assert.deepEqual(
			registry.all().map(({ folders }) => folders),
			[['/a', '/b']],
		);
	});

	it('is its own again when the user no longer names one', () => {
		listLedger(registry, { ledger: join(folder, 'named'), folders, name: 'project', nowMs, chosen: true });
		assert.equal(open('own', { nowMs: nowMs + 1 }), join(folder, 'own'));
	});
});
