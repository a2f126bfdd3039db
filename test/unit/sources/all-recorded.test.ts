import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerClient } from '../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { ImportClient } from '../../../src/sources/import-client.ts';
import type { SourceStatus } from '../../../src/sources/import-protocol.ts';
import { LogBuilder } from './copilot-chat/log-builder.ts';
import { settingsWith } from './import/memory-ledger.ts';
import { copyRecorded, placesAt, remove, temporaryFolder } from './kilo-db/agent-database.ts';
import { JsonStorage } from './opencode-json/json-storage.ts';
import { readServed } from './served-truth.ts';

const importWorker = new URL('../../../src/sources/import-worker.ts', import.meta.url);
const ledgerWorker = join(import.meta.dirname, '../../../src/ledger/worker.ts');

describe('Cline, both Copilots and the JSON files of Kilo 7.0, from worker to worker', () => {
	let home: string;
	let ledger: LedgerClient;
	let client: ImportClient;

	beforeEach(() => {
		home = temporaryFolder();
		open();
	});
	afterEach(async () => {
		await close();
		remove(home);
	});

	function open(): void {
		ledger = openLedger({ directory: join(home, 'ledger'), workerPath: ledgerWorker });
		const globalStorage = [join(home, 'User/globalStorage')];
		const settings = settingsWith({
			places: { ...placesAt(home), globalStorage },
			metadataDays: null,
			contentDays: null,
		});
		client = new ImportClient({
			workerFile: importWorker,
			settings,
			live: () => ({}),
			connectLedger: () => ledger.importPort(),
			log: () => {},
		});
	}

	async function close(): Promise<void> {
		await client.dispose();
		await ledger.close();
	}

	/** Resolves when everything that is there was read. */
	function everythingRead(): Promise<SourceStatus[]> {
		return new Promise((resolve) => {
			const stop = client.onStatus((list) => {
				if (!list.every(({ state }) => state === 'following' || state === 'notFound')) return;
				stop();
				resolve(list.filter(({ state }) => state === 'following'));
			});
			client.start();
		});
	}

	it('has what was served, once, with its content, and nothing more after a restart', async () => {
		const served = ['cline-3.0.65', 'cline-3.0.65-anthropic', 'copilot-1.0.102', 'copilot-1.0.102-anthropic'];
		for (const folder of served) copyRecorded(folder, home);
		copyRecorded('kilo-7.0.33', home);
		const database = join(home, '.local/share/kilo/kilo.db');
		new JsonStorage(join(home, '.local/share/kilo')).copyDatabase(database);
		for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
		mkdirSync(join(home, 'User/globalStorage'), { recursive: true });
		const chat = new LogBuilder(join(home, 'User/workspaceStorage/hash1'), 's1').start().user('Do it');
		chat.request({ inputTokens: 1000, outputTokens: 50 });
		chat.write();

		const sources = await everythingRead();
		assert.deepEqual(sources.map(({ id, calls, skipped }) => [id, calls, skipped]).sort(), [
			['cline', 6, {}],
			['copilot-chat', 1, {}],
			['copilot-cli', 6, {}],
			['kilo-db', 3, {}],
		]);
		const all = [...served, 'kilo-7.0.33'].flatMap(readServed).filter(({ kind }) => kind !== 'aux');
		const sum = (count: (of: (typeof all)[number]['canonical']) => number): number =>
			all.reduce((total, { canonical }) => total + count(canonical), 0);
		const totals = await ledger.totals({});
		assert.deepEqual([totals.calls, totals.pending], [16, 0]);
		assert.equal(totals.outputTokens, sum(({ output }) => output) + 50);
		assert.equal(
			totals.inputTokens,
			sum((of) => of.uncachedInput + of.cacheRead + of.cacheWrite5m + of.cacheWrite1h) + 1000,
		);
		assert.ok((await ledger.verify()).ok);
		const { rows } = await ledger.calls({ filter: {}, sort: 'newest', offset: 0, limit: 100 });
		for (const { callId } of rows) assert.ok((await ledger.call(callId))?.messages.length, callId);

		await close();
		open();
		await everythingRead();
		assert.deepEqual(await ledger.totals({}), totals);
	}).timeout(30_000);
});
