import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { VerifyJson } from '../../../src/core/outside/verify-json.ts';
import { callDraft, responseDraft } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';

describe('callmeter verify', () => {
	const shell = new CommandLine();
	after(() => shell.remove());

	const ledger = (name: string) =>
		shell.ledger(name, [
			...['a', 'b'].flatMap((call) => [callDraft(call), responseDraft(call)]),
			callDraft('c', { sessionId: 'session-2' }),
		]);

	it('says that all is well, of all tasks or of one, and what it cannot see', async () => {
		const file = ledger('whole.db');
		const { code, out } = await shell.run(['verify', '--ledger', file]);
		assert.equal(code, 0);
		assert.match(out, /^The ledger is intact: 5 events in 2 tasks\.\n\nChecked: [^\n]*Not visible to this check/);
		const one = await shell.json<VerifyJson>(['verify', 'session-1', '--ledger', file]);
		assert.deepEqual([one.ok, one.sessions, one.events, one.firstBroken], [true, 1, 4, null]);
	});

	it('ends with a code of its own when something was changed, and names the first such thing', async () => {
		const file = ledger('changed.db');
		const database = new DatabaseSync(file);
		database.exec(`UPDATE event SET payload = replace(payload, 'anthropic', 'elsewhere') WHERE seq = 3`);
		database.close();
		const told = await shell.run(['verify', '--ledger', file]);
		assert.equal(told.code, 3);
		assert.equal(told.err, '');
		assert.match(told.out, /changed from outside\.\nTask {3}session-1\nEvent {2}3 \(\w+\) is not what was recorded/);
		const { code, out } = await shell.run(['verify', '--ledger', file, '--json']);
		assert.equal(code, 3);
		const { ok, firstBroken } = JSON.parse(out) as VerifyJson;
		assert.deepEqual(
			[ok, firstBroken?.sessionId, firstBroken?.seq, firstBroken?.problem],
			[false, 'session-1', 3, 'hash'],
		);
		assert.equal((await shell.run(['verify', 'session-2', '--ledger', file])).code, 0);
	});

	it('tells of sums over time that they are of no task', async () => {
		const file = ledger('sums.db');
		const database = new DatabaseSync(file);
		database.exec('UPDATE rollup SET calls = calls + 1');
		database.close();
		const { code, out } = await shell.run(['verify', '--ledger', file, '--json']);
		assert.equal(code, 3);
		assert.deepEqual((JSON.parse(out) as VerifyJson).firstBroken, {
			sessionId: null,
			seq: null,
			eventId: null,
			problem: 'sums',
		});
		assert.match((await shell.run(['verify', '--ledger', file])).out, /Sums over time are not those of the calls/);
	});

	it('knows no task by a name that none has', async () => {
		const { code, err, out } = await shell.run(['verify', 'nobody', '--ledger', ledger('named.db')]);
		assert.deepEqual([code, out], [1, '']);
		assert.match(err, /There is no task "nobody"/);
	});
});
