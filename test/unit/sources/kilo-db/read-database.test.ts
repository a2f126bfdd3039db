import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { kiloDb } from '../../../../src/sources/kilo-db/kilo-db.ts';
import type { SqliteAgentSource } from '../../../../src/sources/kilo-db/sqlite-agent-source.ts';
import { abandonedAfterMs } from '../../../../src/sources/opencode-session/steps.ts';
import type { ReadOptions, UnitReading } from '../../../../src/sources/source.ts';
import {
	AgentDatabase,
	copyRecorded,
	kiloDatabaseIn,
	kiloSource,
	parsed,
	placesAt,
	readAll,
	remove,
	temporaryFolder,
	unitsOf,
} from './agent-database.ts';
import { startWriter } from './writer-process.ts';

describe('reading a database of Kilo 7', () => {
	let home: string;
	let database: AgentDatabase;
	let source: SqliteAgentSource;

	beforeEach(() => {
		home = temporaryFolder();
		database = new AgentDatabase(kiloDatabaseIn(home));
		source = kiloSource(() => database.nowMs);
	});
	afterEach(() => {
		database.close();
		remove(home);
	});

	async function read(options: Partial<ReadOptions> = {}): Promise<UnitReading> {
		const [unit] = await unitsOf(source, placesAt(home));
		assert.ok(unit);
		return source.read(unit, { ...readAll, ...options });
	}

	describe('one call', () => {
		it('has the prompt as it was sent: what was said before in the session, and tool results', async () => {
			const session = database.session();
			database.user(session, 'Read it.');
			const tool = { callId: 'call_1', name: 'read', input: { path: 'a.md' }, output: 'text of a' };
			database.call(session, { text: 'I will.', tool, reason: 'tool-calls' });
			database.call(session, { text: 'It says a.' });
			const { calls, responses } = parsed(await read());
			assert.deepEqual(calls[1]?.messages, [
				{ role: 'user', content: 'Read it.' },
				{
					role: 'assistant',
					content: 'I will.',
					toolCalls: [{ id: 'call_1', name: 'read', arguments: { path: 'a.md' } }],
				},
				{ role: 'tool', toolCallId: 'call_1', content: 'text of a' },
			]);
			assert.equal(responses[1]?.completion, 'It says a.');
			assert.deepEqual(responses[0]?.toolCalls, [{ id: 'call_1', name: 'read', arguments: { path: 'a.md' } }]);
		});

		it('shows what a compaction left of the conversation, and the compaction itself as one', async () => {
			const session = database.session();
			database.user(session, 'First.');
			database.call(session, { text: 'Done first.' });
			const asked = database.user(session, '');
			database.part(asked, session, { type: 'compaction', auto: true });
			database.call(session, { text: 'A summary.', data: { summary: true, parentID: asked } });
			database.user(session, 'Second.');
			database.call(session, { text: 'Done second.' });
			const { calls } = parsed(await read());
			assert.deepEqual(
				calls.map(({ kind, messages }) => [kind, messages.map(({ content }) => content)]),
				[
					['chat', ['First.']],
					['condense', ['First.', 'Done first.']],
					['chat', ['A summary.', 'Second.']],
				],
			);
		});

		it('shows a tool result as cleared in prompts sent after it was dropped', async () => {
			const session = database.session();
			const message = database.assistant(session);
			database.start(message, session);
			const time = { start: 1, end: 2, compacted: database.nowMs };
			const state = { status: 'completed', input: {}, output: 'long text', time };
			database.part(message, session, { type: 'tool', callID: 'call_1', tool: 'read', state });
			database.finish(message, session);
			database.call(session);
			const { calls } = parsed(await read());
			assert.equal(calls[1]?.messages.at(-1)?.content, '[Old tool result content cleared]');
		});

		it('takes its title from the first request while the session has only a made-up one', async () => {
			const session = database.session({ title: 'New session - 2026-11-21T23:47:43.394Z' });
			database.user(session, 'Rename the module\nand its tests');
			database.call(session);
			assert.equal(parsed(await read()).calls[0]?.title, 'Rename the module');
		});

		it('has mode, folder and git branch where they are recorded', async () => {
			const session = database.session({ branch: 'feature/x', directory: '/home/dev/project' });
			database.call(session, { data: { path: { cwd: '/home/dev/project/src' } } });
			const [call] = parsed(await read()).calls;
			assert.deepEqual([call?.mode, call?.folder, call?.gitBranch], ['code', '/home/dev/project/src', 'feature/x']);
		});

		it('without any token counted is one whose usage is missing, not one of zero tokens', async () => {
			const session = database.session();
			const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
			database.call(session, { tokens, cost: 0 });
			const [response] = parsed(await read()).responses;
			assert.deepEqual(
				[response?.state, response?.usage, response?.usageMissing, response?.reportedCostUsd],
				['ok', null, true, null],
			);
		});

		it('left out of content by age keeps its counts and says that content is off', async () => {
			const session = database.session();
			database.user(session, 'Secret plan.');
			database.call(session, { text: 'Secret answer.' });
			const reading = await read({ contentSinceMs: database.nowMs + 1 });
			const { calls, responses } = parsed(reading);
			assert.equal(calls[0]?.contentState, 'off');
			assert.equal(calls[0]?.messageCount, 1);
			assert.equal(responses[0]?.usage?.inputTotal, 110);
			assert.ok(!JSON.stringify({ ...calls[0], title: null }).includes('Secret'));
			assert.ok(!JSON.stringify(responses).includes('Secret'));
		});
	});

	describe('calls that did not go well', () => {
		it('counts a stream that was cut and asked for again as two calls, the first an error with unknown tokens', async () => {
			const session = database.session();
			const message = database.assistant(session);
			database.start(message, session);
			database.start(message, session);
			database.finish(message, session, { text: 'At last.' });
			const { calls, responses } = parsed(await read());
			assert.equal(calls.length, 2);
			assert.deepEqual(
				responses.map(({ state, usage, usageMissing }) => [state, usage === null, usageMissing]),
				[
					['error', true, true],
					['ok', false, false],
				],
			);
			assert.deepEqual(calls[0]?.messages, calls[1]?.messages);
		});

		it('shows an aborted call as cancelled, its tokens unknown', async () => {
			const session = database.session();
			const message = database.assistant(session);
			database.start(message, session);
			database.part(message, session, { type: 'text', text: 'Half an ans', time: { start: database.nowMs } });
			database.updateMessage(message, { error: { name: 'MessageAbortedError', data: { message: 'Aborted' } } });
			const [response] = parsed(await read()).responses;
			assert.deepEqual([response?.state, response?.usageMissing], ['cancelled', true]);
			assert.equal(response?.completion, 'Half an ans');
		});

		it('shows a refused request as an error with its status, not as one that has lost its usage', async () => {
			const session = database.session();
			const message = database.assistant(session);
			const error = { name: 'APIError', data: { message: 'Invalid key', statusCode: 401, isRetryable: false } };
			database.updateMessage(message, { error });
			const [response] = parsed(await read()).responses;
			assert.deepEqual(response?.error, { message: 'Invalid key', status: 401, code: 'APIError' });
			assert.deepEqual([response?.state, response?.usage, response?.usageMissing], ['error', null, false]);
		});

		it('leaves out what was brought over from an older version without usage', async () => {
			const session = database.session();
			const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
			database.call(session, { tokens, data: { providerID: 'legacy' } });
			database.call(session);
			const reading = await read();
			assert.equal(parsed(reading).calls.length, 1);
			assert.deepEqual(reading.skipped, { noUsage: 1 });
		});
	});

	describe('forks', () => {
		it('counts the calls that a fork copied once, in the session in which they were made', async () => {
			const session = database.session();
			database.user(session, 'Go.');
			database.call(session);
			database.call(session);
			const fork = database.fork(session);
			database.call(fork);
			const second = database.fork(fork);
			database.call(second);
			const reading = await read();
			const bySession = Map.groupBy(parsed(reading).calls, ({ sessionId }) => sessionId);
			assert.deepEqual(
				[bySession.get(session)?.length, bySession.get(fork)?.length, bySession.get(second)?.length],
				[2, 1, 1],
			);
			assert.deepEqual(reading.skipped, { inherited: 5 });
		});

		it('keeps the copied messages in the prompts of the fork', async () => {
			const session = database.session();
			database.user(session, 'Go.');
			database.call(session, { text: 'Gone.' });
			const fork = database.fork(session);
			database.call(fork);
			const call = parsed(await read()).calls.find(({ sessionId }) => sessionId === fork);
			assert.deepEqual(
				call?.messages.map(({ content }) => content),
				['Go.', 'Gone.'],
			);
		});

		it('gives a copy whose original was deleted an alias that the original had', async () => {
			const session = database.session();
			database.call(session);
			const original = parsed(await read()).responses[0];
			const fork = database.fork(session);
			database.exec(
				`DELETE FROM part WHERE session_id = '${session}'; DELETE FROM message WHERE session_id = '${session}'`,
			);
			const copy = parsed(await read()).responses.find(({ sessionId }) => sessionId === fork);
			assert.ok(original && copy);
			assert.notEqual(copy.callId, original.callId);
			assert.equal(copy.aliases.filter((alias) => original.aliases.includes(alias)).length, 1);
		});
	});

	describe('going on from a cursor', () => {
		it('hands over only what was written since', async () => {
			const session = database.session();
			database.call(session);
			const first = await read();
			database.nowMs += 60_000;
			const later = database.call(session);
			const second = parsed(await read({ cursor: first.cursor }));
			assert.deepEqual(
				second.calls.map(({ callId }) => callId),
				[`kilo-db:${later}`],
			);
		});

		it('hands over nothing when nothing was written', async () => {
			database.call(database.session());
			let reading = await read();
			for (let look = 0; look < 2; look++) reading = await read({ cursor: reading.cursor });
			assert.deepEqual(reading.drafts, []);
		});

		it('tells of a call when it begins and of its end when it ends, under one id', async () => {
			const session = database.session();
			database.user(session, 'Go.');
			const before = await read();
			const message = database.assistant(session);
			const begun = await read({ cursor: before.cursor });
			database.start(message, session);
			const streaming = await read({ cursor: begun.cursor });
			database.finish(message, session, { text: 'Gone.' });
			const ended = await read({ cursor: streaming.cursor });
			assert.deepEqual(
				[begun, streaming, ended].map((reading) => reading.drafts.map(({ eventType }) => eventType)),
				[['llm_call'], [], ['llm_call', 'llm_response']],
			);
			assert.equal(parsed(begun).calls[0]?.callId, parsed(ended).responses[0]?.callId);
			assert.ok(begun.recheckAtMs !== undefined && ended.recheckAtMs === undefined);
		});

		it('ends a call as interrupted when the session went on without it, or its agent is gone', async () => {
			const session = database.session();
			const first = database.assistant(session);
			database.start(first, session);
			const begun = await read();
			const second = database.assistant(session);
			const followed = await read({ cursor: begun.cursor });
			database.nowMs += abandonedAfterMs + 1000;
			const gone = await read({ cursor: followed.cursor });
			const ends = [followed, gone].map((reading) => parsed(reading).responses);
			assert.deepEqual(
				ends.map(([response]) => [response?.callId, response?.state, response?.error?.code]),
				[
					[`kilo-db:${first}`, 'error', 'interrupted'],
					[`kilo-db:${second}`, 'error', 'interrupted'],
				],
			);
		});

		it('ends a call that the agent removed from its record', async () => {
			const session = database.session();
			const message = database.assistant(session);
			const begun = await read();
			database.exec(`DELETE FROM message WHERE id = '${message}'`);
			const reading = await read({ cursor: begun.cursor });
			const [response] = parsed(reading).responses;
			assert.deepEqual([response?.callId, response?.state], [`kilo-db:${message}`, 'cancelled']);
			assert.equal(reading.recheckAtMs, undefined);
		});

		it('sees a message that took the row number of a deleted one', async () => {
			const session = database.session();
			database.call(session);
			const doomed = database.user(session, 'Never mind.');
			const first = await read();
			database.exec(`DELETE FROM message WHERE id = '${doomed}'`);
			const later = database.call(session);
			const { calls } = parsed(await read({ cursor: first.cursor }));
			assert.ok(calls.some(({ callId }) => callId === `kilo-db:${later}`));
		});

		it('sees what is written after the clock was set back', async () => {
			const session = database.session();
			database.call(session);
			const first = await read();
			database.nowMs -= 3_600_000;
			const later = database.call(session);
			const { calls } = parsed(await read({ cursor: first.cursor }));
			assert.deepEqual(
				calls.map(({ callId }) => callId),
				[`kilo-db:${later}`],
			);
		});

		it('goes on in a database that was compacted, its rows numbered anew', async () => {
			const session = database.session();
			const dropped = Array.from({ length: 300 }, () => database.user(session, 'x'));
			database.call(session);
			const first = await read();
			for (const id of dropped) database.exec(`DELETE FROM message WHERE id = '${id}'`);
			database.exec('VACUUM');
			database.nowMs += 60_000;
			const later = database.call(session);
			const { calls } = parsed(await read({ cursor: first.cursor }));
			assert.deepEqual(
				calls.map(({ callId }) => callId),
				[`kilo-db:${later}`],
			);
		});

		it('starts anew when another database has taken its place', async () => {
			database.call(database.session());
			const first = await read();
			database.close();
			for (const name of readdirSync(dirname(database.path))) rmSync(join(dirname(database.path), name));
			writeFileSync(join(home, 'takes the inode'), '');
			database = new AgentDatabase(kiloDatabaseIn(home));
			database.call(database.session());
			assert.equal(parsed(await read({ cursor: first.cursor })).calls.length, 1);
		});

		it('comes in pages, newest session first, and each call in one of them', async () => {
			const sessions: string[] = [];
			database.transaction(() => {
				for (let index = 0; index < 400; index++) {
					const session = database.session();
					database.call(session);
					sessions.push(session);
				}
			});
			const seen: string[] = [];
			let pages = 0;
			let reading = await read();
			for (; ; reading = await read({ cursor: reading.cursor })) {
				pages++;
				for (const { sessionId } of parsed(reading).calls) seen.push(sessionId);
				if (!reading.more) break;
			}
			assert.ok(pages > 1);
			assert.deepEqual(seen, sessions.reverse());
		});

		it('catches up in pages when much was written while nobody looked', async () => {
			database.call(database.session());
			const first = await read();
			database.nowMs += 7 * 24 * 3_600_000;
			const session = database.session();
			database.transaction(() => {
				for (let index = 0; index < 600; index++) database.call(database.session());
			});
			database.call(session);
			const seen = new Set<string>();
			let pages = 0;
			for (let reading = await read({ cursor: first.cursor }); ; reading = await read({ cursor: reading.cursor })) {
				pages++;
				for (const { callId } of parsed(reading).calls) seen.add(callId);
				if (!reading.more) break;
			}
			// With the one of the days before, which the ledger knows.
			assert.deepEqual([seen.size, pages > 2], [602, true]);
		});

		it('reads all of an old session that is resumed before history has come to it', async () => {
			const old = database.session();
			database.call(old);
			database.transaction(() => {
				for (let index = 0; index < 200; index++) database.call(database.session());
			});
			const seen = new Set<string>();
			const note = (reading: UnitReading): void => {
				for (const { callId } of parsed(reading).calls) seen.add(callId);
			};
			let reading = await read();
			note(reading);
			assert.equal(reading.more, true);
			database.nowMs += 60_000;
			database.call(old);
			database.exec(`UPDATE session SET time_updated = ${database.nowMs} WHERE id = '${old}'`);
			while (reading.more) {
				reading = await read({ cursor: reading.cursor });
				note(reading);
			}
			assert.equal(seen.size, 202);
		});

		it('takes what is written during the backfill, and also when the rest of it is held back', async () => {
			database.transaction(() => {
				for (let index = 0; index < 200; index++) database.call(database.session());
			});
			const first = await read();
			assert.equal(first.more, true);
			database.nowMs += 60_000;
			const live = database.call(database.session());
			const held = await read({ cursor: first.cursor, held: true });
			assert.deepEqual(
				parsed(held).calls.map(({ callId }) => callId),
				[`kilo-db:${live}`],
			);
			const resumed = await read({ cursor: held.cursor });
			assert.equal(resumed.more ?? false, false);
			assert.equal(parsed(first).calls.length + parsed(resumed).calls.length, 200);
		});
	});

	describe('what is left out', () => {
		it('counts sessions of other workspaces and without a folder, each once', async () => {
			database.call(database.session({ directory: '/elsewhere' }));
			database.call(database.session({ directory: '' }));
			database.call(database.session({ directory: '/home/dev/project' }));
			const accepts: ReadOptions['accepts'] = (folder) =>
				folder === null ? 'noFolder' : folder === '/home/dev/project' ? 'yes' : 'otherWorkspace';
			const first = await read({ accepts });
			const again = await read({ accepts, cursor: first.cursor });
			assert.equal(parsed(first).calls.length, 1);
			assert.deepEqual(first.skipped, { otherWorkspace: 1, noFolder: 1 });
			assert.deepEqual(again.skipped, {});
		});

		it('leaves out sessions and calls that are too old', async () => {
			database.call(database.session());
			const session = database.session();
			database.call(session);
			const sinceMs = database.nowMs + 1;
			database.nowMs += 1000;
			database.call(session);
			database.exec(`UPDATE session SET time_updated = ${database.nowMs} WHERE id = '${session}'`);
			const reading = await read({ metadataSinceMs: sinceMs });
			assert.equal(parsed(reading).calls.length, 1);
			assert.deepEqual(reading.skipped, { tooOld: 2 });
		});

		it('skips rows that are not readable and takes the others', async () => {
			const session = database.session();
			const broken = database.call(session);
			database.call(session);
			database.exec(`UPDATE message SET data = '{"role":' WHERE id = '${broken}'`);
			const reading = await read();
			assert.equal(parsed(reading).calls.length, 1);
			assert.deepEqual(reading.skipped, { malformed: 1 });
		});
	});

	describe('the file', () => {
		it('reads a layout without the newer columns', async () => {
			database.close();
			remove(home);
			database = new AgentDatabase(kiloDatabaseIn(home), { extraColumns: false });
			database.call(database.session());
			assert.equal(parsed(await read()).calls.length, 1);
		});

		it('counts a layout that it does not know and reads nothing from it', async () => {
			database.exec('ALTER TABLE message RENAME COLUMN data TO body');
			const reading = await read();
			assert.deepEqual([reading.drafts, reading.skipped], [[], { unknownVersion: 1 }]);
		});

		it('leaves no file behind when no agent has it open', async () => {
			remove(home);
			copyRecorded('kilo-7.7.7', home);
			const [unit] = await unitsOf(kiloDb, placesAt(home));
			assert.ok(unit);
			assert.equal(parsed(await kiloDb.read(unit, readAll)).calls.length, 3);
			assert.deepEqual(readdirSync(dirname(kiloDatabaseIn(home))), ['kilo.db']);
		});

		it('counts a damaged database and does not look again until it changes', async () => {
			database.close();
			writeFileSync(database.path, 'not a database '.repeat(500));
			const [unit] = await unitsOf(source, placesAt(home));
			const reading = await read();
			assert.deepEqual([reading.skipped, reading.recheckAtMs], [{ unreadable: 1 }, undefined]);
			assert.equal(reading.stamp.split(':', 3).join(), unit?.stamp.split(':', 3).join());
		});

		it('keeps its place when the database is locked, and asks to be called again', async () => {
			database.call(database.session());
			const first = await read();
			database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
			const locked = await read({ cursor: first.cursor });
			database.exec('COMMIT');
			assert.deepEqual([locked.drafts, locked.skipped], [[], {}]);
			assert.equal(locked.cursor, first.cursor);
			assert.ok((locked.recheckAtMs ?? 0) > database.nowMs);
		});

		it('says nothing of a database that is gone', async () => {
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			database.close();
			rmSync(database.path);
			const reading = await source.read(unit, readAll);
			assert.deepEqual([reading.drafts, reading.skipped, reading.stamp], [[], {}, '']);
		});

		it('finds everything in the log of a running agent, which can go on writing', async () => {
			database.close();
			remove(home);
			const writer = await startWriter(kiloDatabaseIn(home));
			try {
				assert.ok(statSync(kiloDatabaseIn(home)).size <= 4096, 'the database itself is nearly empty');
				const first = await read();
				assert.equal(parsed(first).calls.length, 1);
				await writer.write();
				assert.equal(parsed(await read({ cursor: first.cursor })).calls.length >= 1, true);
				assert.equal(await writer.checkpoint(), 'not busy');
			} finally {
				await writer.stop();
			}
			assert.ok(!existsSync(`${kiloDatabaseIn(home)}-wal`), 'the agent could clean up after itself');
			const after = new DatabaseSync(kiloDatabaseIn(home));
			assert.deepEqual({ ...after.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
			after.close();
		});
	});
});
