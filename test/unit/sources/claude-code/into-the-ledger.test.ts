import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { ImportClient } from '../../../../src/sources/import-client.ts';
import type { SourceStatus } from '../../../../src/sources/import-protocol.ts';
import { settingsWith } from '../import/memory-ledger.ts';
import { assistant, Home, usageOf, user } from './transcripts.ts';

const importWorker = new URL('../../../../src/sources/import-worker.ts', import.meta.url);
const ledgerWorker = join(import.meta.dirname, '../../../../src/ledger/worker.ts');

describe('importing Claude Code’s transcripts into the ledger', () => {
	let home: Home;
	let ledger: LedgerClient;
	let client: ImportClient;

	beforeEach(() => {
		home = Home.recorded('claude-2.1.197-subagent');
		open();
	});
	afterEach(async () => {
		await close();
		home.remove();
	});

	function open(): void {
		ledger = openLedger({ directory: join(home.path, 'ledger'), workerPath: ledgerWorker });
		client = new ImportClient({
			workerFile: importWorker,
			settings: settingsWith({ places: home.places(), metadataDays: null, contentDays: null }),
			live: () => ({}),
			connectLedger: () => ledger.importPort(),
			log: () => {},
		});
	}

	async function close(): Promise<void> {
		await client.dispose();
		await ledger.close();
	}

	function until(passes: (claude: SourceStatus) => boolean): Promise<SourceStatus> {
		return new Promise((resolve) => {
			const stop = client.onStatus((list) => {
				const claude = list.find(({ id }) => id === 'claude-code');
				if (claude === undefined || !passes(claude)) return;
				stop();
				resolve(claude);
			});
			client.start();
		});
	}

	const following = ({ state }: SourceStatus): boolean => state === 'following';

	it('has every call once, with tokens and cost as served, and the chain verifies', async () => {
		const status = await until(following);
		assert.deepEqual([status.calls, status.unitsTotal, status.skipped], [5, 2, {}]);
		const totals = await ledger.totals({});
		assert.deepEqual([totals.calls, totals.unpriced], [5, 0]);
		// As served, but for the subagent's first answer, of which 3 of 64 output tokens are in the record.
		assert.deepEqual([totals.inputTokens, totals.outputTokens], [28_322, 594 - 61]);
		assert.equal(totals.costNanoUsd, 66_205_200 - 61 * 15_000);
		const { rows } = await ledger.calls({ filter: {}, sort: 'newest', offset: 0, limit: 1 });
		const detail = await ledger.call(rows[0]?.callId ?? '');
		assert.deepEqual(
			detail?.messages.map(({ role }) => role),
			['user', 'assistant', 'tool', 'assistant', 'tool', 'tool'],
		);
		assert.ok((await ledger.verify()).ok);
	});

	it('keeps them when Claude Code deletes its transcripts, and changes nothing when it is started again', async () => {
		await until(following);
		const before = await ledger.totals({});
		await close();
		open();
		await until(following);
		assert.deepEqual(await ledger.totals({}), before);
		rmSync(home.projects, { recursive: true });
		client.importNow();
		await until(({ unitsTotal }) => unitsTotal === 0);
		assert.deepEqual(await ledger.totals({}), before);
	});

	it('takes what is appended as it comes, and the last count of an answer that was streaming', async () => {
		await until(following);
		const path = '-home-dev-project/live.jsonl';
		const asked = user('go', { sessionId: 'live' });
		const line = (output: number, stop: string | null) =>
			assistant({ id: 'msg_live', sessionId: 'live', parent: asked, usage: usageOf(output), stop });
		home.write(path, [asked, line(2, null)]);
		await until(({ calls }) => calls === 6);
		const outputTokens = async () => (await ledger.totals({})).outputTokens;
		assert.equal(await outputTokens(), 533 + 2);
		await new Promise<void>((resolve) => {
			const stop = ledger.onNews(async () => {
				if ((await outputTokens()) !== 533 + 90) return;
				stop();
				resolve();
			});
			home.append(path, [line(90, 'end_turn')]);
		});
		assert.equal((await ledger.totals({})).calls, 6);
	});
});
