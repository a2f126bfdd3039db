import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { kiloDb, opencodeDb } from '../../../../src/sources/kilo-db/kilo-db.ts';
import { JsonSessionSource } from '../../../../src/sources/opencode-json/json-session-source.ts';
import { kiloJson, opencodeJson } from '../../../../src/sources/opencode-json/sources.ts';
import { opencodeFlavour } from '../../../../src/sources/opencode-session/places.ts';
import type { ReadOptions, Source, UnitReading } from '../../../../src/sources/source.ts';
import {
	AgentDatabase,
	copyRecorded,
	parsed,
	placesAt,
	readAll,
	remove,
	temporaryFolder,
	unitsOf,
} from '../kilo-db/agent-database.ts';
import { JsonStorage } from './json-storage.ts';

const tokens = { input: 10, output: 20, reasoning: 0, cache: { read: 30, write: 40 } };

async function readEverything(
	source: Source,
	home: string,
): Promise<{ calls: CallDraft[]; responses: ResponseDraft[] }> {
	const drafts: UnitReading['drafts'] = [];
	for (const unit of await unitsOf(source, placesAt(home))) {
		for (let cursor: string | null = null, more = true; more; ) {
			const page: UnitReading = await source.read(unit, { ...readAll, cursor });
			drafts.push(...page.drafts);
			cursor = page.cursor;
			more = page.more === true;
		}
	}
	const { calls, responses } = parsed({ drafts });
	const byId = (one: { callId: string }, other: { callId: string }): number => (one.callId < other.callId ? -1 : 1);
	return { calls: calls.sort(byId), responses: responses.sort(byId) };
}

describe('opencode and Kilo 7.0 with JSON files', () => {
	for (const [folder, database, json, file] of [
		['kilo-7.0.33', kiloDb, kiloJson, 'kilo/kilo.db'],
		['kilo-7.7.7-subagent', kiloDb, kiloJson, 'kilo/kilo.db'],
		['kilo-7.7.7-anthropic', kiloDb, kiloJson, 'kilo/kilo.db'],
		['opencode-1.18.33', opencodeDb, opencodeJson, 'opencode/opencode.db'],
	] as const) {
		it(`gives the same calls as the database of ${folder}, under the same ids`, async () => {
			const home = temporaryFolder();
			copyRecorded(folder, home);
			const path = join(home, '.local/share', file);
			new JsonStorage(join(path, '..')).copyDatabase(path);
			const expected = await readEverything(database, home);
			assert.ok(expected.calls.length >= 3);
			for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
			const found = await readEverything(json, home);
			for (const kind of ['calls', 'responses'] as const) {
				assert.equal(found[kind].length, expected[kind].length);
				for (const [nth, call] of expected[kind].entries()) {
					const other = found[kind][nth];
					assert.ok(other);
					// The times of parts are in the database's columns alone; the JSON files have them in their ids.
					const { origin, ...rest } = { ...call, timeToFirstTokenMs: 0, latencyMs: 0, endedAtMs: 0 };
					const { origin: otherOrigin, ...otherRest } = { ...other, timeToFirstTokenMs: 0, latencyMs: 0, endedAtMs: 0 };
					assert.deepEqual(otherRest, rest);
					assert.deepEqual({ ...otherOrigin, record: '' }, { ...origin, record: '' });
				}
			}
			for (const [nth, { endedAtMs }] of expected.responses.entries()) {
				assert.ok(Math.abs((found.responses[nth]?.endedAtMs ?? 0) - endedAtMs) <= 50);
			}
			remove(home);
		});
	}
});

describe('a session in JSON files', () => {
	let home: string;
	let storage: JsonStorage;
	let source: JsonSessionSource;
	const startMs = Date.UTC(2025, 8, 1, 12);
	let nowMs: number;

	beforeEach(() => {
		home = temporaryFolder();
		storage = new JsonStorage(join(home, '.local/share/opencode'));
		nowMs = startMs + 24 * 60 * 60_000;
		source = new JsonSessionSource(opencodeFlavour, () => nowMs);
	});
	afterEach(() => remove(home));

	function session(id: string, data: object = {}): string {
		const time = { created: startMs, updated: startMs };
		return storage.session(id, { directory: '/home/dev/project', title: 'A task', version: '0.9.1', time, ...data });
	}

	async function read(path: string, options: Partial<ReadOptions> = {}): Promise<UnitReading> {
		const unit = await source.unitAt(path, placesAt(home));
		assert.ok(unit);
		return source.read(unit, { ...readAll, ...options });
	}

	it('has its calls with disjoint counts, and the cost that the agent reported', async () => {
		const path = session('ses_b');
		const answer = storage.exchange('ses_b', startMs, tokens);
		const { calls, responses } = parsed(await read(path));
		assert.deepEqual(
			calls.map(({ callId, sessionId, agentId, model, title, folder, startedAtMs }) => [
				callId,
				sessionId,
				agentId,
				model,
				title,
				folder,
				startedAtMs,
			]),
			[[`opencode:${answer}`, 'ses_b', 'opencode', 'claude-sonnet-4-5', 'A task', '/home/dev/project', startMs + 100]],
		);
		const [response] = responses;
		assert.deepEqual(
			[
				response?.usage?.inputTotal,
				response?.usage?.uncachedInput,
				response?.usage?.cacheRead,
				response?.usage?.output,
			],
			[80, 10, 30, 20],
		);
		assert.deepEqual([response?.reportedCostUsd, response?.reportedBy], [0.01, 'agent']);
		assert.deepEqual([response?.endedAtMs, response?.timeToFirstTokenMs], [startMs + 800, 2]);
		assert.deepEqual(calls[0]?.messages, [{ role: 'user', content: 'Do it' }]);
	});

	it('hands over only what is new, and notices it by the path of any of its files', async () => {
		const path = session('ses_b');
		storage.exchange('ses_b', startMs, tokens);
		const first = await read(path);
		assert.equal(first.drafts.length, 2);
		const again = await read(path, { cursor: first.cursor });
		assert.deepEqual([again.drafts, again.skipped, again.stamp], [[], {}, first.stamp]);
		const answer = storage.exchange('ses_b', startMs + 10_000, tokens);
		const places = placesAt(home);
		const message = await source.unitAt(join(storage.path, 'message/ses_b', `${answer}.json`), places);
		assert.equal(message?.key, path);
		assert.notEqual(message?.stamp, first.stamp);
		const part = storage.part(answer, 'prt_zz', 'ses_b', { type: 'snapshot' });
		assert.equal((await source.unitAt(part, places))?.key, path);
		assert.equal((await read(path, { cursor: first.cursor })).drafts.length, 2);
	});

	it('shows a call that goes on as pending, and ends it with its record', async () => {
		const path = session('ses_b');
		const asked = storage.id('msg', startMs);
		storage.message('ses_b', asked, { role: 'user', time: { created: startMs } });
		const id = storage.id('msg', startMs + 100);
		const data = { role: 'assistant', time: { created: startMs + 100 }, modelID: 'm', providerID: 'p' };
		storage.message('ses_b', id, data);
		storage.part(id, storage.id('prt', startMs + 101), 'ses_b', { type: 'step-start' });
		nowMs = Date.now();
		const first = await read(path);
		assert.deepEqual([parsed(first).calls.length, parsed(first).responses.length], [1, 0]);
		assert.equal(first.recheckAtMs, nowMs + 60 * 60_000 + 1);
		storage.part(id, storage.id('prt', startMs + 900), 'ses_b', { type: 'step-finish', tokens, cost: 0 });
		const second = await read(path, { cursor: first.cursor });
		assert.equal(parsed(second).responses[0]?.state, 'ok');
		assert.equal((await read(path, { cursor: second.cursor })).drafts.length, 0);
	});

	it('ends a call whose message was taken back', async () => {
		const path = session('ses_b');
		const id = storage.id('msg', startMs);
		const data = { role: 'assistant', time: { created: startMs }, modelID: 'm', providerID: 'p' };
		const message = storage.message('ses_b', id, data);
		nowMs = Date.now();
		const first = await read(path);
		rmSync(message);
		const { responses } = parsed(await read(path, { cursor: first.cursor }));
		assert.deepEqual(
			responses.map(({ callId, state }) => [callId, state]),
			[[`opencode:${id}`, 'cancelled']],
		);
	});

	it('leaves to the database what was moved there, and only that', async () => {
		const path = session('ses_b');
		const moved = storage.exchange('ses_b', startMs, tokens);
		const kept = storage.exchange('ses_b', startMs + 10_000, tokens);
		const database = new AgentDatabase(join(home, '.local/share/opencode/opencode.db'));
		database.exec(`INSERT INTO message VALUES ('${moved}', 'ses_b', ${startMs}, ${startMs}, '{}')`);
		database.close();
		const reading = await read(path);
		assert.deepEqual(
			parsed(reading).calls.map(({ callId }) => callId),
			[`opencode:${kept}`],
		);
		assert.deepEqual(reading.skipped, { inherited: 1 });
		assert.deepEqual((await read(path, { cursor: reading.cursor })).skipped, {});
	});

	it('waits for a database that is locked', async () => {
		const path = session('ses_b');
		storage.exchange('ses_b', startMs, tokens);
		const databasePath = join(home, '.local/share/opencode/opencode.db');
		new AgentDatabase(databasePath).close();
		const other = new DatabaseSync(databasePath);
		other.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
		const reading = await read(path);
		assert.deepEqual([reading.drafts, reading.recheckAtMs], [[], nowMs + 500]);
		other.exec('COMMIT');
		other.close();
		assert.equal((await read(path)).drafts.length, 2);
	});

	it('reads on beside a database that is none', async () => {
		const path = session('ses_b');
		storage.exchange('ses_b', startMs, tokens);
		writeFileSync(join(home, '.local/share/opencode/opencode.db'), 'not a database');
		assert.equal((await read(path)).drafts.length, 2);
	});

	it('counts the messages that a fork copied in the session that they are from', async () => {
		// Ids of sessions descend: the fork, made later, comes first.
		const original = session('ses_b');
		const fork = session('ses_a');
		storage.exchange('ses_b', startMs, tokens);
		storage.exchange('ses_a', startMs, tokens, startMs + 3_600_000);
		const own = storage.exchange('ses_a', startMs + 3_700_000, tokens);
		const ofFork = await read(fork);
		assert.deepEqual(
			parsed(ofFork).calls.map(({ callId }) => callId),
			[`opencode:${own}`],
		);
		assert.deepEqual(ofFork.skipped, { inherited: 1 });
		assert.equal(parsed(await read(original)).calls.length, 1);
		// Once the original is gone, the copies are all there is; a mark tells the ledger that they are the same calls.
		const before = parsed(await read(original)).calls[0]?.aliases.find((alias) => alias.includes(':same:'));
		rmSync(original);
		assert.ok(before !== undefined && parsed(await read(fork)).calls[0]?.aliases.includes(before));
	});

	it('leaves out and counts what is of another workspace, too old, damaged, or led outside', async () => {
		const path = session('ses_b');
		storage.exchange('ses_b', startMs, tokens);
		const last = storage.exchange('ses_b', startMs + 10_000, tokens);
		assert.deepEqual((await read(path, { accepts: () => 'otherWorkspace' })).skipped, { otherWorkspace: 1 });
		assert.deepEqual((await read(path, { metadataSinceMs: startMs + 5_000 })).skipped, { tooOld: 1 });
		writeFileSync(join(storage.path, 'message/ses_b', `${last}.json`), '{"role":');
		const damaged = await read(path);
		assert.deepEqual([parsed(damaged).calls.length, damaged.skipped, damaged.cursor], [1, { malformed: 1 }, null]);
		writeFileSync(path, 'nonsense');
		assert.deepEqual((await read(path)).skipped, { malformed: 1 });
		if (process.platform === 'win32') return;
		session('ses_b');
		const outside = temporaryFolder();
		renameSync(join(storage.path, 'message/ses_b'), join(outside, 'ses_b'));
		symlinkSync(join(outside, 'ses_b'), join(storage.path, 'message/ses_b'));
		assert.deepEqual((await read(path)).skipped, { outsideAgentFolder: 1 });
		remove(outside);
	});

	it('takes the folder of the project where the session names none', async () => {
		const path = session('ses_b', { directory: undefined });
		storage.exchange('ses_b', startMs, tokens);
		const asked: (string | null)[] = [];
		const accepts = (folder: string | null) => {
			asked.push(folder);
			return 'yes' as const;
		};
		await read(path, { accepts });
		storage.write(['project', 'proj1'], { id: 'proj1', worktree: '/home/dev/other' });
		await read(path, { accepts });
		assert.deepEqual(asked, [null, '/home/dev/other']);
	});

	it('is no crash, whatever its files hold', async () => {
		const path = session('ses_b');
		const answer = storage.exchange('ses_b', startMs, tokens);
		const folder = join(storage.path, 'part', answer);
		for (const [nth, content] of ['', '[]', 'null', '5', '{"type":5}', '{"type":"tool"}'].entries()) {
			writeFileSync(join(folder, `prt_x${nth}.json`), content);
		}
		mkdirSync(join(folder, 'prt_y.json'));
		mkdirSync(join(storage.path, 'message/ses_b/msg_z.json'));
		const reading = await read(path);
		assert.equal(parsed(reading).calls.length, 1);
		assert.equal(reading.skipped.malformed, 6);
	});

	it('is found where XDG_DATA_HOME says', async () => {
		const elsewhere = new JsonStorage(join(home, 'data/opencode'));
		elsewhere.session('ses_c', { directory: '/x' });
		const units = await unitsOf(source, placesAt(home, { XDG_DATA_HOME: join(home, 'data') }));
		assert.deepEqual(
			units.map(({ key }) => key),
			[join(elsewhere.path, 'session/proj1/ses_c.json')],
		);
		assert.equal((await source.detect(placesAt(home))) === null, true);
	});
});
