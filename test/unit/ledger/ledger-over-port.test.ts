import assert from 'node:assert/strict';
import type { Ledger, LedgerNews } from '../../../src/ledger/ledger.ts';
import { LedgerError } from '../../../src/ledger/ledger.ts';
import type { LedgerClient } from '../../../src/ledger/ledger-client.ts';
import { ledgerOverPort } from '../../../src/ledger/ledger-over-port.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { callDraft, parsed, responseDraft, temporaryFolder, workerPath } from './support.ts';

describe('The ledger over a port', () => {
	let folder: ReturnType<typeof temporaryFolder>;
	let host: LedgerClient;
	let other: Ledger;

	beforeEach(() => {
		folder = temporaryFolder();
		host = openLedger({ directory: folder.path, workerPath });
		other = ledgerOverPort(host.clientPort());
	});
	afterEach(async () => {
		await other.close();
		await host.close();
		folder.clean();
	});

	const live = { origin: { source: 'source-1', live: true } };
	const record = (ledger: Ledger, callId: string) =>
		ledger.record(parsed([callDraft(callId, live), responseDraft(callId, live)]));
	const heard = (ledger: Ledger) => {
		const calls: string[] = [];
		const { promise, resolve } = Promise.withResolvers<string[]>();
		const stop = ledger.onNews(({ completed }: LedgerNews) => {
			calls.push(...completed.map(({ callId }) => callId));
			if (calls.includes('last')) resolve(calls);
		});
		return { calls: promise, stop };
	};

	it('records and answers as the one that opened it does', async () => {
		const receipts = await record(other, 'a');
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['appended', 'appended'],
		);
		assert.equal((await host.totals({})).calls, 1);
		assert.deepEqual(await other.call('a'), await host.call('a'));
		assert.equal((await other.verify()).ok, true);
		await assert.rejects(
			other.series({ range: { fromMs: 0, toMs: 1 }, granularity: 'day', timeZone: 'Nowhere', filter: {} }),
			(error) => error instanceof LedgerError && error.reason === 'badInput',
		);
	});

	it('hears of what others record, and they of what it does; one that stops listening stops nobody else', async () => {
		const [here, there] = [heard(host), heard(other)];
		const third = ledgerOverPort(host.clientPort());
		heard(third).stop();
		// Each way in has an order of its own: that they listen is known once they are answered.
		await Promise.all([other.totals({}), third.totals({})]);
		await record(host, 'a');
		await record(other, 'last');
		assert.deepEqual(await here.calls, ['a', 'last']);
		assert.deepEqual(await there.calls, ['a', 'last']);
		await third.close();
	});

	it('closes its port and not the ledger', async () => {
		await record(other, 'a');
		await other.close();
		await assert.rejects(other.totals({}), (error) => error instanceof LedgerError && error.reason === 'closed');
		assert.equal((await host.totals({})).calls, 1);
	});

	it('fails at once when the ledger is gone', async () => {
		await other.totals({});
		await host.close();
		await assert.rejects(
			record(other, 'a'),
			(error) => error instanceof LedgerError && ['workerGone', 'closed'].includes(error.reason),
		);
	});

	it('tells at once of a disk that takes nothing, and keeps nothing for later', async () => {
		await host.close();
		host = openLedger({ directory: folder.path, workerPath, maxPages: 90 });
		other = ledgerOverPort(host.clientPort());
		const text = Array.from({ length: 3_000 }, (_, i) => `word${i * 7919}`).join(' ');
		let refused: unknown = null;
		for (let n = 0; n < 200 && refused === null; n++) {
			const messages = [{ role: 'user' as const, content: `${n} ${text} ${n * 31}` }];
			await other.record(parsed([callDraft(`call-${n}`, { messages })])).catch((error: unknown) => {
				refused = error;
			});
		}
		assert.ok(refused instanceof LedgerError);
		assert.equal(refused.reason, 'diskFull');
	});
});
