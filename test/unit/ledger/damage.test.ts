import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { LedgerService } from '../../../src/ledger/service.ts';
import type { FromWorker, Method, Operations, ToWorker } from '../../../src/ledger/worker-protocol.ts';
import {
	callDraft,
	everything,
	openStore,
	parsed,
	responseDraft,
	T0,
	temporaryFolder,
	workerOptions,
} from './support.ts';

describe('Damage that is found in use', () => {
	const folder = temporaryFolder();
	const { file } = folder;
	let service: LedgerService | null = null;
	beforeEach(() => folder.make());
	afterEach(() => {
		service?.handle({ id: 0, method: 'close', args: [] });
		service = null;
		folder.clean();
	});

	const ask = <M extends Method>(method: M, ...args: Parameters<Operations[M]>): ReturnType<Operations[M]> => {
		const replies: FromWorker[] = [];
		service ??= new LedgerService(workerOptions(file), (message) => sink(message));
		sink = (message) => replies.push(message);
		service.handle({ id: 1, method, args } as unknown as ToWorker);
		const reply = replies.find(({ type }) => type === 'reply');
		assert.ok(reply?.type === 'reply');
		if (!reply.ok) throw new Error(`${reply.error.reason}: ${reply.error.message}`);
		return reply.value as ReturnType<Operations[M]>;
	};
	let sink: (message: FromWorker) => void = () => {};
	const asides = () => readdirSync(folder.path).filter((name) => name.includes('.damaged-'));

	it('in the full-text index costs nothing: the index is made anew', () => {
		const store = openStore(file);
		for (let i = 0; i < 200; i++) {
			store.record([
				callDraft(`c${i}`, { startedAtMs: T0 + i, messages: [{ role: 'user', content: `zebra number ${i} runs` }] }),
			]);
		}
		store.close();
		const db = new DatabaseSync(file);
		db.enableDefensive(false);
		db.exec('DELETE FROM message_text_data WHERE id > 10');
		db.close();
		assert.equal(ask('search', { text: 'zebra', limit: 300, filter: {} }).hits.length, 200);
		assert.deepEqual(asides(), []);
		assert.equal(ask('calls', everything).total, 200);
	});

	it('in a large file puts it aside, and what was to be recorded goes into a fresh one', () => {
		const store = openStore(file, { codec: 'gzip' });
		for (let i = 0; i < 24; i++) {
			const content = randomBytes(750_000).toString('base64');
			store.record([
				callDraft(`c${i}`, { startedAtMs: T0 + i, messages: [{ role: 'user', content }] }),
				responseDraft(`c${i}`),
			]);
		}
		store.close();
		const { size } = statSync(file);
		assert.ok(size > 16 * 1024 * 1024);
		const fd = openSync(file, 'r+');
		for (let at = 4096; at < size; at += 65_536) writeSync(fd, randomBytes(65_536), 0, Math.min(65_536, size - at), at);
		closeSync(fd);
		const receipts = ask('record', parsed([callDraft('new')]));
		assert.equal(receipts[0]?.outcome, 'appended');
		assert.equal(ask('calls', everything).total, 1);
		assert.equal(asides().length, 1);
		assert.match(ask('health').setAside ?? '', /damaged/);
		assert.equal(ask('health').state, 'ready');
	}).timeout(20_000);
});
