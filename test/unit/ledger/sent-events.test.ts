import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { DraftInput } from '../../../src/core/draft.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

describe('Events with an id of their sender', () => {
	let folder: ReturnType<typeof temporaryFolder>;
	let store: LedgerStore;
	const sent = (id: string, timed = true) => ({ sent: { id, timed } });
	const cost = (id: string | null, more: object = {}): DraftInput => ({
		eventType: 'cost_tracked',
		sessionId: 'session-1',
		agentId: 'agent-1',
		origin: { source: 'source-1' },
		atMs: T0,
		costUsd: 0.5,
		...(id !== null && sent(id)),
		...more,
	});
	const record = (...drafts: DraftInput[]) => store.record(drafts).receipts;
	const spent = () => store.sessions({ filter: {}, offset: 0, limit: 1 }).rows[0]?.costNanoUsd;

	beforeEach(() => {
		folder = temporaryFolder();
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});

	it('change nothing when they are sent again, and are answered with the same id and hash', () => {
		const drafts = [callDraft('a', sent('1')), responseDraft('a', sent('2')), cost('3')];
		const first = record(...drafts);
		const revision = store.calls({ filter: {}, sort: 'newest', offset: 0, limit: 1 }).rows;
		const again = record(...drafts);
		assert.deepEqual(
			again,
			first.map((receipt) => ({ ...receipt, outcome: 'unchanged' })),
		);
		assert.deepEqual(store.calls({ filter: {}, sort: 'newest', offset: 0, limit: 1 }).rows, revision);
		assert.equal(store.verify().events, 3);
	});

	it('are refused with something else to say, and what was recorded stays', () => {
		record(callDraft('a', { ...sent('1'), messages: [{ role: 'user', content: 'one' }] }), cost('2'));
		const [call, other] = record(
			callDraft('a', { ...sent('1'), messages: [{ role: 'user', content: 'two' }] }),
			cost('2', { costUsd: 7 }),
		);
		assert.deepEqual([call?.outcome, other?.outcome], ['rejected', 'rejected']);
		assert.match(call?.reason ?? '', /^id: .*another content/);
		assert.equal(store.call('a')?.messages[0]?.content, 'one');
		assert.equal(spent(), 500_000_000);
	});

	it('are compared by the digest that comes with them, but for one of content that is not kept', () => {
		const drafts = (digest: string): DraftInput => ({ ...cost('1'), sent: { id: '1', timed: true, digest } });
		record(drafts('one'));
		assert.equal(record(drafts('one'))[0]?.outcome, 'unchanged');
		assert.equal(record(drafts('two'))[0]?.outcome, 'rejected');
		store.setContent('off');
		const say = (content: string, digest: string) => ({
			...callDraft('a', { messages: [{ role: 'user', content }] }),
			sent: { id: '2', timed: true, digest },
		});
		record(say('yes', 'digest of yes'));
		assert.equal(record(say('no', 'digest of no'))[0]?.outcome, 'unchanged');
	});

	it('are the same at another time of coming, unless the time is their own', () => {
		record(callDraft('a', sent('1', false)), cost('2'));
		const [untimed, timed] = record(
			callDraft('a', { ...sent('1', false), startedAtMs: T0 + 9_000 }),
			cost('2', { atMs: T0 + 9_000 }),
		);
		assert.deepEqual([untimed?.outcome, timed?.outcome], ['unchanged', 'rejected']);
	});

	it('count as two costs when two ids say the same', () => {
		record(cost('1'), cost('2'), cost('2'));
		assert.equal(spent(), 1_000_000_000);
	});

	it('are told apart by session: another sender may count from 1, too', () => {
		record(cost('1'));
		const [other] = record(cost('1', { sessionId: 'session-2', costUsd: 3 }));
		assert.equal(other?.outcome, 'appended');
	});

	it('leave nothing behind that confirms a guess once their content is erased, and go with their session', () => {
		record(callDraft('a', { ...sent('1'), messages: [{ role: 'user', content: 'secret' }] }));
		store.erase({ what: 'content' });
		const rows = (): unknown => {
			const db = new DatabaseSync(folder.file, { readOnly: true });
			try {
				return db
					.prepare('SELECT said FROM sent')
					.all()
					.map((row) => ({ ...row }));
			} finally {
				db.close();
			}
		};
		assert.deepEqual(rows(), [{ said: null }]);
		const again = callDraft('a', { ...sent('1'), messages: [{ role: 'user', content: 'secret' }] });
		assert.equal(record(again)[0]?.outcome, 'unchanged');
		store.erase({ what: 'all' });
		assert.deepEqual(rows(), []);
	});
});
