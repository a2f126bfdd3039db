import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { ImportClient } from '../../../../src/sources/import-client.ts';
import type { SourceStatus } from '../../../../src/sources/import-protocol.ts';
import {
	AgentDatabase,
	copyRecorded,
	kiloDatabaseIn,
	placesAt,
	remove,
	temporaryFolder,
} from '../kilo-db/agent-database.ts';
import { settingsWith } from './memory-ledger.ts';

const importWorker = new URL('../../../../src/sources/import-worker.ts', import.meta.url);
const ledgerWorker = join(import.meta.dirname, '../../../../src/ledger/worker.ts');

describe('importing into the ledger, from worker to worker', () => {
	let home: string;
	let ledger: LedgerClient;
	let client: ImportClient;

	beforeEach(() => {
		home = temporaryFolder();
		open();
	});
	afterEach(async () => {
		await client.dispose();
		await ledger.close();
		remove(home);
	});

	function open(): void {
		ledger = openLedger({ directory: join(home, 'ledger'), workerPath: ledgerWorker });
		client = new ImportClient({
			workerFile: importWorker,
			settings: settingsWith({ places: placesAt(home), metadataDays: null, contentDays: null }),
			live: () => ({}),
			connectLedger: () => ledger.importPort(),
			log: () => {},
		});
	}

	async function close(): Promise<void> {
		await client.dispose();
		await ledger.close();
	}

	function until(passes: (kilo: SourceStatus) => boolean): Promise<SourceStatus> {
		return new Promise((resolve) => {
			const stop = client.onStatus((list) => {
				const kilo = list.find(({ id }) => id === 'kilo-db');
				if (kilo === undefined || !passes(kilo)) return;
				stop();
				resolve(kilo);
			});
			client.start();
		});
	}

	const following = ({ state }: SourceStatus): boolean => state === 'following';

	it('has every call once, with its tokens, and its content to be read', async () => {
		copyRecorded('kilo-7.7.7-subagent', home);
		await until(following);
		const totals = await ledger.totals({});
		assert.deepEqual([totals.calls, totals.pending, totals.unpriced], [5, 0, 0]);
		assert.deepEqual([totals.inputTokens, totals.outputTokens], [29890, 690]);
		const { rows } = await ledger.calls({ filter: {}, sort: 'newest', offset: 0, limit: 1 });
		const detail = await ledger.call(rows[0]?.callId ?? '');
		assert.equal(detail?.messages.length, 6);
		assert.ok((await ledger.verify()).ok);
	});

	it('changes nothing when it is started again', async () => {
		copyRecorded('kilo-7.7.7-subagent', home);
		await until(following);
		const before = await ledger.totals({});
		await close();
		open();
		const status = await until(following);
		assert.deepEqual(await ledger.totals({}), before);
		assert.equal(status.calls, 5);
	});

	it('does not bring back what was erased', async () => {
		copyRecorded('kilo-7.7.7', home);
		await until(following);
		await ledger.erase({ what: 'all' });
		await close();
		open();
		await until(following);
		assert.equal((await ledger.totals({})).calls, 0);
	});

	it('goes on by itself with another ledger worker, and misses nothing', async () => {
		const agent = new AgentDatabase(kiloDatabaseIn(home));
		const session = agent.session();
		agent.call(session);
		await until(following);
		const left = ledger;
		await left.close();
		ledger = openLedger({ directory: join(home, 'ledger'), workerPath: ledgerWorker });
		agent.call(session);
		const status = await until(({ calls, state }) => calls === 2 && state === 'following');
		agent.close();
		assert.equal(status.calls, 2);
		assert.equal((await ledger.totals({})).calls, 2);
	});

	it('counts a fork of a deleted session under the call that it was copied from', async () => {
		const agent = new AgentDatabase(kiloDatabaseIn(home));
		const session = agent.session();
		agent.call(session);
		await until(({ calls }) => calls === 1);
		agent.fork(session);
		agent.exec(`DELETE FROM part WHERE session_id = '${session}'; DELETE FROM message WHERE session_id = '${session}'`);
		agent.call(agent.session());
		await until(({ calls }) => calls >= 2);
		agent.close();
		assert.equal((await ledger.totals({})).calls, 2);
	});
});
