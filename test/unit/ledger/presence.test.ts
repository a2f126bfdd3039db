import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Presence, type ProcessIdentity, thisProcess } from '../../../src/ledger/presence.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

const MINUTE = 60_000;

describe('Pending calls', () => {
	const folder = temporaryFolder();
	const { file } = folder;
	const live = { origin: { source: 'task-loop', live: true } };
	beforeEach(() => folder.make());
	afterEach(() => folder.clean());

	/** Leaves a pending live call in the ledger, watched by the given process. */
	const leave = (identity: ProcessIdentity, leaseMs: number) => {
		const store = openStore(file);
		store.record([callDraft('a', live)]);
		store.close();
		const db = new DatabaseSync(file);
		db.prepare('UPDATE writer SET host = ?, pid = ?, start_token = ?, lease_ms = ?').run(
			identity.host,
			identity.pid,
			identity.startToken,
			leaseMs,
		);
		db.close();
	};
	const endings = (nowMs = Date.now(), ownBeatMs = nowMs) => {
		const db = new DatabaseSync(file);
		try {
			return new Presence(db, thisProcess(), ownBeatMs).interrupted(nowMs).map(({ callId }) => callId);
		} finally {
			db.close();
		}
	};
	const deadPid = async () => {
		const child = spawn(process.execPath, ['-e', '']);
		await once(child, 'exit');
		return child.pid ?? 0;
	};

	it('end as interrupted when their process is gone', async () => {
		leave({ ...thisProcess(), pid: await deadPid(), startToken: 'x' }, T0 + 5_000);
		const store = openStore(file);
		const recorded = store.endInterrupted();
		assert.equal(recorded?.completed.length, 1);
		const detail = store.call('a');
		assert.deepEqual([detail?.row.state, detail?.error?.code], ['error', 'interrupted']);
		assert.equal(detail?.row.endedAtMs, T0 + 5_000);
		assert.equal(store.endInterrupted(), null);
		store.close();
	});

	it('take their real answer when it comes after all', async () => {
		leave({ ...thisProcess(), pid: await deadPid(), startToken: 'x' }, T0);
		const store = openStore(file);
		store.endInterrupted();
		store.record([responseDraft('a', { ...live, completion: 'Here it is.' })]);
		assert.equal(store.call('a')?.row.state, 'ok');
		assert.equal(store.call('a')?.error, null);
		assert.equal(store.totals({}).errors, 0);
		store.close();
	});

	it('of a window that is there are left alone', async () => {
		const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
		try {
			leave({ ...thisProcess(), pid: other.pid ?? 0, startToken: '' }, Date.now());
			assert.deepEqual(endings(), []);
		} finally {
			other.kill();
		}
	});

	it('of this window are left alone', () => {
		leave(thisProcess(), 0);
		assert.deepEqual(endings(), []);
	});

	it('end when another process has the number of theirs', function () {
		if (thisProcess().startToken === '') this.skip();
		leave({ ...thisProcess(), startToken: 'an earlier start' }, Date.now());
		assert.deepEqual(endings(), ['a']);
	});

	it('on another machine end when it gave no sign for ten minutes, unless this one slept', () => {
		const now = Date.now();
		leave({ host: 'elsewhere', pid: 1, startToken: '' }, now - 9 * MINUTE);
		assert.deepEqual(endings(now), []);
		assert.deepEqual(endings(now + 2 * MINUTE), ['a']);
		assert.deepEqual(endings(now + 2 * MINUTE, now), []);
	});
});
