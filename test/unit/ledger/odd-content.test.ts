import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FromLedgerPort } from '../../../src/core/import-port.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { serveImportPort } from '../../../src/ledger/serve-import-port.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, everything, openStore, parsed, responseDraft, temporaryFolder, workerPath } from './support.ts';

/** Deeper than JSON text can be written by recursion. */
function nested(levels: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < levels; i++) value = [value];
	return value;
}

const odd = {
	infinite: { n: JSON.parse('1e999') as unknown, path: 'a' },
	deep: { tree: nested(2_000), path: 'a' },
};

describe('Content that JSON cannot say', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		folder.make();
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});

	for (const [name, args] of Object.entries(odd)) {
		const toolCalls = [{ id: 't', name: 'read', arguments: args }];
		const drafts = [
			callDraft('good'),
			responseDraft('odd', { toolCalls }),
			callDraft('odd', {
				messages: [{ role: 'assistant', content: '', toolCalls }],
				tools: [{ name: 'read', parameters: args }],
				parameters: args,
			}),
			responseDraft('good'),
		];

		it(`is made sayable (${name}): the call is kept, and so are those around it`, () => {
			const { receipts } = store.record(drafts);
			assert.deepEqual(
				receipts.map(({ outcome }) => outcome),
				['appended', 'appended', 'appended', 'appended'],
			);
			const kept = store.call('odd')?.toolCalls[0]?.arguments as { path: string };
			assert.equal(kept.path, 'a');
			assert.equal(store.verify().ok, true);
			assert.deepEqual(store.record(drafts).receipts[1]?.outcome, 'unchanged');
		});

		it(`holds up no import (${name})`, async () => {
			const { port1, port2 } = new MessageChannel();
			serveImportPort(port1, {
				record: (all) => store.record(all).receipts,
				sourceState: () => [],
				saveSourceState() {},
			});
			const reply = new Promise<FromLedgerPort>((resolve) => port2.once('message', resolve));
			port2.postMessage({ id: 1, request: { kind: 'record', drafts: parsed(drafts) } });
			const answer = await reply;
			port2.close();
			assert.deepEqual(answer.ok && answer.value, Array(4).fill({ outcome: 'appended' }));
		});
	}

	it('is cut where it is too deep to be sent to another thread', async () => {
		const ledger = openLedger({ directory: `${folder.path}/client`, workerPath });
		const toolCalls = [{ id: 't', name: 'read', arguments: nested(100_000) }];
		try {
			const receipts = await ledger.record([
				...parsed([callDraft('a')]),
				...parsed([responseDraft('a', { toolCalls })]),
				...parsed([callDraft('b')]),
			]);
			assert.deepEqual(
				receipts.map(({ outcome }) => outcome),
				['appended', 'appended', 'appended'],
			);
		} finally {
			await ledger.close();
		}
	});
});

describe('A draft that our own code fails at', () => {
	const folder = temporaryFolder();
	afterEach(() => folder.clean());

	it('is refused alone, and nothing is tried for ever', () => {
		let store = openStore(folder.file);
		store.record([callDraft('hurt')]);
		store.close();
		const db = new DatabaseSync(folder.file);
		db.exec(`UPDATE event SET payload = '{}'`);
		db.close();
		store = openStore(folder.file);
		const { receipts } = store.record([callDraft('a'), callDraft('hurt', { mode: 'ask' }), responseDraft('a')]);
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['appended', 'rejected', 'appended'],
		);
		assert.equal(store.calls(everything).total, 2);
		store.close();
	});
});
