import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { APPLICATION_ID, migrations, SCHEMA_VERSION } from '../../../src/ledger/migrations.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from './support.ts';

describe('Opening a ledger', () => {
	const folder = temporaryFolder();
	const { file } = folder;
	beforeEach(() => folder.make());
	afterEach(() => folder.clean());
	const write = () => {
		const store = openStore(file);
		store.record([callDraft('a'), responseDraft('a')]);
		store.close();
	};
	const alter = (sql: string) => {
		const db = new DatabaseSync(file);
		db.exec(sql);
		db.close();
	};

	it('makes folder and file for their owner only', () => {
		const nested = join(folder.path, 'new', 'ledger.db');
		const store = openStore(nested);
		store.record([callDraft('a')]);
		assert.equal(statSync(join(folder.path, 'new')).mode & 0o777, 0o700);
		for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(nested + suffix).mode & 0o777, 0o600, suffix);
		store.close();
	});

	it('takes rights away from others on a file that has them', () => {
		write();
		chmodSync(file, 0o644);
		openStore(file).close();
		assert.equal(statSync(file).mode & 0o777, 0o600);
	});

	it('finds again what it wrote', () => {
		write();
		const store = openStore(file);
		assert.equal(store.setAside, null);
		assert.equal(store.calls(everything).total, 1);
		store.close();
	});

	const putsAside = (why: string, spoil: () => void) => {
		it(`puts a ${why} file aside whole and begins a fresh one`, () => {
			spoil();
			const bytes = readFileSync(file);
			const store = openStore(file);
			assert.equal(store.setAside?.why, why);
			const path = store.setAside?.path ?? '';
			assert.match(path, new RegExp(`ledger\\.${why}-\\d{4}-\\d\\d-\\d\\dT[\\d.-]+Z\\.db$`));
			assert.deepEqual(readFileSync(path), bytes);
			store.record([callDraft('b')]);
			assert.equal(store.calls(everything).total, 1);
			store.close();
			assert.equal(existsSync(`${file}.lock`), false);
		});
	};
	putsAside('damaged', () => writeFileSync(file, randomBytes(50_000)));
	putsAside('foreign', () => alter('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)'));

	describe('of a newer version', () => {
		const newer = (sql = '') => {
			write();
			alter(`${sql}; PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
		};

		it('says so and leaves the file where it is: the window with that version may be writing it', () => {
			newer();
			const before = readdirSync(folder.path);
			assert.throws(() => openStore(file), { name: 'LedgerError', reason: 'newerVersion', message: /Update/ });
			assert.deepEqual(readdirSync(folder.path), before);
		});

		it('can still be read', () => {
			newer('ALTER TABLE call ADD COLUMN later TEXT');
			const store = openStore(file, { readOnly: true });
			assert.equal(store.calls(everything).total, 1);
			assert.throws(() => store.record([callDraft('b')]), { reason: 'readOnly' });
			store.close();
		});

		it('is written no more by a window that had it open when the newer version came', () => {
			const store = openStore(file);
			try {
				store.record([callDraft('b')]);
				newer();
				const refused = { name: 'LedgerError', reason: 'newerVersion', message: /Update/ };
				assert.throws(() => store.record([callDraft('c')]), refused);
				assert.throws(() => store.erase({ what: 'content' }), refused);
				assert.throws(() => store.record([callDraft('c')]), refused);
				assert.equal(store.calls(everything).total, 2);
			} finally {
				store.close();
			}
		});

		it('says so when not even reading works', () => {
			newer('ALTER TABLE call RENAME TO calls');
			assert.throws(() => openStore(file, { readOnly: true }), { name: 'LedgerError', reason: 'newerVersion' });
		});
	});

	it('puts a ledger aside whose pages were overwritten', () => {
		write();
		const bytes = readFileSync(file);
		randomBytes(bytes.length - 4096).copy(bytes, 4096);
		writeFileSync(file, bytes);
		const store = openStore(file);
		assert.equal(store.setAside?.why, 'damaged');
		store.close();
	});

	it('puts a ledger aside that was cut off', () => {
		write();
		truncateSync(file, 8192);
		const store = openStore(file);
		assert.equal(store.setAside?.why, 'damaged');
		store.close();
	});

	it('takes an empty file for a ledger that has not begun', () => {
		writeFileSync(file, '');
		const store = openStore(file);
		assert.equal(store.setAside, null);
		store.close();
	});

	it('never overwrites what it put aside before', () => {
		for (let i = 0; i < 3; i++) {
			writeFileSync(file, randomBytes(100));
			openStore(file).close();
		}
		assert.equal(readdirSync(folder.path).filter((name) => name.includes('.damaged-')).length, 3);
	});

	describe('LLM call tracking, story 2.1', () => {
		it('new columns exist in the sessions table, and old sessions without LLM events show 0', () => {
			alter(`${migrations[0]} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1;
				INSERT INTO session (n, session_id, agent_id, started_ms, last_ms) VALUES (1, 'old', 'agent-0', ${T0}, ${T0})`);
			const store = openStore(file);
			assert.equal(store.setAside, null);
			const [session] = store.sessions({ filter: {}, offset: 0, limit: 10 }).rows;
			assert.deepEqual(
				[session?.sessionId, session?.calls, session?.inputTokens, session?.outputTokens, session?.costNanoUsd],
				['old', 0, 0, 0, 0],
			);
			store.record([callDraft('a', { sessionId: 'old' }), responseDraft('a', { sessionId: 'old' })]);
			assert.equal(store.sessions({ filter: {}, offset: 0, limit: 10 }).rows[0]?.calls, 1);
			store.close();
			const db = new DatabaseSync(file);
			const columns = db
				.prepare(`SELECT name FROM pragma_table_info('session')`)
				.all()
				.map(({ name }) => name);
			db.close();
			for (const name of ['llm_call_count', 'total_input_tokens', 'total_output_tokens', 'total_cost_nano_usd']) {
				assert.ok(columns.includes(name), name);
			}
		});
	});

	/** The ledger as an earlier version left it. */
	const stepBack = () =>
		alter(`DROP INDEX call_cost; DROP INDEX call_latency; DROP INDEX call_tokens; DROP INDEX call_orphan;
			DROP INDEX call_unmetered; DROP INDEX call_unpriced; DROP INDEX session_cost; DROP INDEX session_parent;
			DROP INDEX call_started; CREATE INDEX call_started ON call (started_ms, dim_n);
			DROP INDEX call_session; CREATE INDEX call_session ON call (session_n, started_ms);
			DROP TABLE sent; DROP TABLE source_day; DELETE FROM meta WHERE key = 'removed';
			ALTER TABLE rollup DROP COLUMN cache_told; PRAGMA user_version = 3`);
	const answers = (store: LedgerStore) => {
		const filters = [{}, { orphan: true }, { source: 'source-1' }, { minCostNanoUsd: 1 }, { event: 'paired' }] as const;
		const range = { fromMs: T0 - 86_400_000, toMs: T0 + 86_400_000 };
		return filters.map((filter) => [
			(['newest', 'cost', 'latency', 'tokens'] as const).map((sort) => {
				const { rows, total } = store.calls({ filter, sort, offset: 0, limit: 50 });
				const positions = rows.map(({ callId }) => store.positionOf({ filter, sort, callId }));
				return [total, rows, positions];
			}),
			store.totals(filter),
			store.facets(filter),
			store.sessions({ filter, sort: 'cost', offset: 0, limit: 5 }),
			store.timeline({ filter, sort: 'newest', closed: [], limit: 50, from: { offset: 0 } }).items,
			store.analytics({ range, granularity: 'hour', timeZone: 'UTC', filter }).buckets,
		]);
	};

	it('brings a ledger of an earlier version up to date, and answers the same as before', () => {
		const store = openStore(file);
		for (let i = 0; i < 12; i++) {
			const about = { sessionId: `s${i % 3}`, origin: { source: `source-${i % 2}` } };
			if (i % 5 !== 0) store.record([callDraft(`c${i}`, { ...about, startedAtMs: T0 + i * 1_000 })]);
			if (i % 4 !== 0) store.record([responseDraft(`c${i}`, { ...about, endedAtMs: T0 + i * 2_000, latencyMs: i })]);
		}
		const before = answers(store);
		store.close();
		stepBack();
		const looking = openStore(file, { readOnly: true });
		assert.deepEqual(answers(looking), before);
		assert.equal(looking.verify().ok, true);
		looking.close();
		const migrated = openStore(file);
		assert.equal(migrated.setAside, null);
		assert.deepEqual(answers(migrated), before);
		assert.equal(migrated.verify().ok, true);
		migrated.record([callDraft('new', { origin: { source: 'source-1' } })]);
		assert.equal(migrated.verify().ok, true);
		migrated.close();
	});

	it('tells of an earlier version, too, of how much input a cache is known', () => {
		const store = openStore(file);
		for (let i = 0; i < 40; i++) {
			const at = T0 + i * 7 * 3_600_000;
			const counts = usage({ inputTotal: 1_000 + i, cacheRead: i % 3 === 0 ? null : 10 });
			store.record([
				callDraft(`c${i}`, { startedAtMs: at, agentId: `agent-${i % 2}` }),
				responseDraft(`c${i}`, { endedAtMs: at + 1_000, agentId: `agent-${i % 2}`, usage: counts }),
			]);
		}
		const told = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 0 : 1_000 + i)).reduce(
			(sum, input) => sum + input,
		);
		assert.equal(store.totals({}).cacheToldTokens, told);
		store.close();
		alter('DROP TABLE sent; ALTER TABLE rollup DROP COLUMN cache_told; PRAGMA user_version = 4');
		const migrated = openStore(file);
		assert.equal(migrated.totals({}).cacheToldTokens, told);
		assert.equal(migrated.verify().ok, true);
		migrated.close();
	});

	it('brings an empty ledger of version 0 up to date', () => {
		alter(`PRAGMA application_id = ${APPLICATION_ID}`);
		const store = openStore(file);
		assert.equal(store.setAside, null);
		store.record([callDraft('a')]);
		store.close();
	});

	it('reads without writing when it is opened read-only', () => {
		write();
		const store = openStore(file, { readOnly: true });
		assert.equal(store.calls(everything).total, 1);
		assert.throws(() => store.record([callDraft('b')]), { name: 'LedgerError', reason: 'readOnly' });
		store.close();
	});

	it('says what is wrong in words when the place cannot be written', () => {
		writeFileSync(join(folder.path, 'a-file'), '');
		assert.throws(() => openStore(join(folder.path, 'a-file', 'ledger.db')), { name: 'LedgerError', reason: 'io' });
	});
});
