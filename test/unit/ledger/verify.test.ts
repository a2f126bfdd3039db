import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { createEvent } from '../../../src/core/events.ts';
import { storedCallPayloadSchema, storedResponsePayloadSchema } from '../../../src/core/stored-events.ts';
import { sha256 } from '../../../src/ledger/event-log.ts';
import type { VerifyReport } from '../../../src/ledger/ledger.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

describe('verify', () => {
	const folder = temporaryFolder();
	beforeEach(() => {
		folder.make();
		const store = openStore(folder.file);
		for (const session of ['s1', 's2']) {
			for (let i = 0; i < 3; i++) {
				const at = T0 + i * 1000;
				store.record([
					callDraft(`${session}-${i}`, {
						sessionId: session,
						startedAtMs: at,
						title: `title of ${session}`,
						parameters: { stop: ['END'] },
						messages: [{ role: 'user', content: `${session} ${i}` }],
					}),
					responseDraft(`${session}-${i}`, {
						sessionId: session,
						endedAtMs: at + 10,
						completion: 'Yes.',
						reasoning: `why ${i}`,
						state: 'error',
						error: { message: 'Cut off.' },
					}),
				]);
			}
		}
		store.close();
	});
	afterEach(() => folder.clean());

	/** What verify says after someone has been at the file. */
	const verdictAfter = (sql: string, sessionId?: string): VerifyReport => {
		const db = new DatabaseSync(folder.file);
		db.exec(sql);
		db.close();
		const store = openStore(folder.file);
		try {
			return store.verify(sessionId);
		} finally {
			store.close();
		}
	};
	const event = (session: number, seq: number) => `(SELECT n FROM event WHERE session_n = ${session} AND seq = ${seq})`;

	it('finds nothing wrong with what was recorded', () => {
		const report = verdictAfter('');
		assert.deepEqual([report.ok, report.sessions, report.events, report.firstBroken], [true, 2, 12, null]);
		assert.match(report.note, /cut off at the end/);
	});

	it('finds nothing wrong with events of an earlier version, which were stored with every member', () => {
		const db = new DatabaseSync(folder.file);
		const rows = db.prepare('SELECT e.*, s.session_id FROM event e JOIN session s ON s.n = e.session_n ORDER BY e.n');
		const update = db.prepare('UPDATE event SET payload = ?, prev_hash = ?, hash = ? WHERE n = ?');
		const heads = new Map<unknown, string>();
		let grown = 0;
		for (const row of rows.all() as Record<string, string & number>[]) {
			const schema = row.type === 'llm_call' ? storedCallPayloadSchema : storedResponsePayloadSchema;
			const payload = schema.parse(JSON.parse(row.payload ?? ''));
			const event = createEvent(
				{
					id: row.id ?? '',
					atMs: row.at_ms ?? 0,
					sessionId: row.session_id ?? '',
					agentId: row.agent_id ?? '',
					eventType: row.type as never,
					severity: row.severity as never,
					payload,
					prevHash: heads.get(row.session_n) ?? null,
				},
				sha256,
			);
			heads.set(row.session_n, event.hash);
			const text = canonicalJson(payload);
			if (text.length > (row.payload ?? '').length) grown++;
			const prevHash = event.prevHash === null ? null : Buffer.from(event.prevHash, 'hex');
			update.run(text, prevHash, Buffer.from(event.hash, 'hex'), row.n ?? 0);
		}
		const head = db.prepare('UPDATE session SET head_hash = ? WHERE n = ?');
		for (const [session, hash] of heads) head.run(Buffer.from(hash, 'hex'), Number(session));
		db.close();
		const report = verdictAfter('DROP TABLE sent; PRAGMA user_version = 5');
		assert.deepEqual([grown, report.ok, report.events, report.firstBroken], [12, true, 12, null]);
		const store = openStore(folder.file);
		const again = responseDraft('s1-0', { sessionId: 's1', endedAtMs: T0 + 10, completion: 'No.' });
		assert.equal(store.record([again]).receipts[0]?.outcome, 'superseded');
		assert.equal(store.verify().ok, true);
		assert.equal(store.call('s1-1')?.reasoning, 'why 1');
		store.close();
	});

	it('checks one session when asked to', () => {
		assert.deepEqual([verdictAfter('', 's2').sessions, verdictAfter('', 's2').events], [1, 6]);
	});

	it('names an event whose payload was changed', () => {
		const report =
			verdictAfter(`UPDATE event SET payload = replace(payload, '"input', '"inputt') WHERE n = ${event(2, 4)};
			UPDATE event SET payload = replace(payload, '"shownNanoUsd":600000', '"shownNanoUsd":1') WHERE n = ${event(2, 4)}`);
		assert.deepEqual([report.ok, report.firstBroken?.sessionId, report.firstBroken?.seq], [false, 's2', 4]);
		assert.equal(report.firstBroken?.problem, 'hash');
	});

	it('names an event whose time or agent was changed', () => {
		assert.equal(verdictAfter(`UPDATE event SET at_ms = at_ms + 1 WHERE n = ${event(1, 3)}`).firstBroken?.seq, 3);
	});

	it('names the event after one that was taken out', () => {
		const report = verdictAfter(`DELETE FROM event WHERE n = ${event(1, 3)}`);
		assert.deepEqual([report.firstBroken?.seq, report.firstBroken?.problem], [4, 'missing']);
	});

	it('names an event that was put in place of another with a hash of its own', () => {
		const report = verdictAfter(`UPDATE event SET hash = randomblob(32) WHERE n = ${event(1, 2)}`);
		assert.deepEqual([report.firstBroken?.seq, report.firstBroken?.problem], [2, 'hash']);
	});

	it('names a message that was changed', () => {
		const report = verdictAfter(
			`UPDATE message SET body = CAST(replace(CAST(body AS TEXT), 's1 1', 's1 9') AS BLOB) WHERE codec = 0`,
		);
		assert.deepEqual([report.firstBroken?.seq, report.firstBroken?.problem], [3, 'content']);
	});

	it('names a completion that was exchanged', () => {
		const report = verdictAfter(
			`UPDATE answer SET reasoning_n = (SELECT reasoning_n FROM answer WHERE call_n = 3) WHERE call_n = 1`,
		);
		assert.deepEqual([report.firstBroken?.seq, report.firstBroken?.problem], [2, 'content']);
	});

	const said = (was: string, is: string) =>
		`UPDATE message SET body = CAST(replace(CAST(body AS TEXT), '${was}', '${is}') AS BLOB) WHERE codec = 0`;
	for (const [what, sql, problem] of [
		['the cost of a call', 'UPDATE call SET cost_nano = 1 WHERE n = 2', 'row'],
		['the tokens of a call', 'UPDATE call SET input = input + 1 WHERE n = 2', 'row'],
		['the state of a call', `UPDATE dim SET state = 'ok' WHERE state = 'error'`, 'row'],
		['the model of a call', `UPDATE dim SET model = 'other'`, 'row'],
		['the cost of a session', 'UPDATE session SET total_cost_nano_usd = 1 WHERE n = 1', 'sums'],
		['the calls of a session', 'UPDATE session SET llm_call_count = 9 WHERE n = 1', 'sums'],
		['the cost of a quarter of an hour', 'UPDATE rollup SET cost_nano = 1 WHERE level = 0', 'sums'],
		['the calls of a month', 'UPDATE rollup SET calls = calls + 1 WHERE level = 3', 'sums'],
		['sums of a time without calls', 'UPDATE rollup SET bucket = bucket + 5000 WHERE level = 0', 'sums'],
		['sums that are gone', 'DELETE FROM rollup WHERE level = 1', 'sums'],
		['the calls of a source', 'UPDATE source_day SET calls = calls + 1', 'sums'],
		['a title', `UPDATE session SET title = 'another' WHERE n = 1`, 'content'],
		['the text of an error', said('Cut off.', 'All fine'), 'content'],
		['parameters', said('END', 'FIN'), 'content'],
	] as const) {
		it(`sees that someone changed ${what}`, () => {
			assert.equal(verdictAfter(sql).firstBroken?.problem, problem);
		});
	}

	it('sees a cut-off tail only where the session still counts it', () => {
		const cut = `DELETE FROM event WHERE n = ${event(1, 6)}`;
		assert.equal(verdictAfter(cut).firstBroken?.problem, 'missing');
	});
});
