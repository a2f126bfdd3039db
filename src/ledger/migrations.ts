import type { DatabaseSync } from 'node:sqlite';

/** Marks a file as a Callmeter ledger ("CMLG"), in SQLite's `application_id`. */
export const APPLICATION_ID = 0x434d4c47;

/**
 * The schema, step by step: `migrations[n]` leads from `user_version` n to n + 1. Steps that were released never change.
 *
 * Numbered rows (`n`) keep the tables narrow; text ids stand once. Content is only in `message` and `session.title`.
 */
export const migrations: readonly string[] = [
	// 1: the event log, one hash chain a session.
	`
	CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	INSERT INTO meta VALUES ('revision', 0);

	CREATE TABLE session (
		n INTEGER PRIMARY KEY,
		session_id TEXT NOT NULL UNIQUE,
		agent_id TEXT NOT NULL,
		parent_session_id TEXT,
		title TEXT,
		folder TEXT,
		started_ms INTEGER NOT NULL,
		last_ms INTEGER NOT NULL,
		event_count INTEGER NOT NULL DEFAULT 0,
		call_seq INTEGER NOT NULL DEFAULT 0,
		head_hash BLOB
	) STRICT;

	CREATE TABLE event (
		n INTEGER PRIMARY KEY,
		id TEXT NOT NULL,
		session_n INTEGER NOT NULL,
		seq INTEGER NOT NULL,
		call_n INTEGER,
		type TEXT NOT NULL,
		at_ms INTEGER NOT NULL,
		agent_id TEXT NOT NULL,
		severity TEXT NOT NULL,
		payload TEXT NOT NULL,
		metadata TEXT NOT NULL,
		prev_hash BLOB,
		hash BLOB NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX event_chain ON event (session_n, seq);
	CREATE INDEX event_call ON event (call_n) WHERE call_n IS NOT NULL;
	`,
	// 2: what is derived from the log, and the content.
	`
	ALTER TABLE session ADD COLUMN llm_call_count INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN pending_count INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN unpriced_count INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN total_input_tokens INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN total_output_tokens INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN total_cache_read_tokens INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN total_cache_write_tokens INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN total_cost_nano_usd INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN at_least_count INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE session ADD COLUMN at_most_count INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX session_last ON session (last_ms);

	CREATE TABLE dim (
		n INTEGER PRIMARY KEY,
		agent_id TEXT NOT NULL,
		provider TEXT NOT NULL,
		model TEXT NOT NULL,
		kind TEXT NOT NULL,
		folder TEXT NOT NULL,
		state TEXT NOT NULL,
		billing TEXT NOT NULL,
		UNIQUE (agent_id, provider, model, kind, folder, state, billing)
	) STRICT;

	CREATE TABLE source (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

	CREATE TABLE writer (
		n INTEGER PRIMARY KEY,
		host TEXT NOT NULL,
		pid INTEGER NOT NULL,
		start_token TEXT NOT NULL,
		lease_ms INTEGER NOT NULL,
		UNIQUE (host, pid, start_token)
	) STRICT;

	CREATE TABLE call (
		n INTEGER PRIMARY KEY,
		call_id TEXT NOT NULL UNIQUE,
		session_n INTEGER NOT NULL,
		seq INTEGER NOT NULL,
		dim_n INTEGER NOT NULL,
		source_n INTEGER NOT NULL,
		started_ms INTEGER NOT NULL,
		ended_ms INTEGER,
		latency_us INTEGER,
		ttft_us INTEGER,
		message_count INTEGER,
		input INTEGER,
		output INTEGER,
		cache_read INTEGER,
		cache_write INTEGER,
		reasoning INTEGER,
		cost_nano INTEGER,
		cost_basis TEXT,
		cost_bound TEXT,
		flags INTEGER NOT NULL,
		actual_model TEXT,
		finish_reason TEXT,
		call_content TEXT NOT NULL,
		response_content TEXT,
		duplicate_of INTEGER,
		writer_n INTEGER,
		salt TEXT,
		call_event INTEGER,
		response_event INTEGER
	) STRICT;
	CREATE INDEX call_started ON call (started_ms, dim_n);
	CREATE INDEX call_dim ON call (dim_n, started_ms);
	CREATE INDEX call_session ON call (session_n, started_ms);
	CREATE INDEX call_duplicate ON call (duplicate_of) WHERE duplicate_of IS NOT NULL;
	CREATE INDEX call_pending ON call (writer_n) WHERE writer_n IS NOT NULL;

	CREATE TABLE alias (alias TEXT PRIMARY KEY, call_n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE INDEX alias_call ON alias (call_n);

	CREATE TABLE seen (call_n INTEGER NOT NULL, print BLOB NOT NULL, PRIMARY KEY (call_n, print)) STRICT, WITHOUT ROWID;

	CREATE TABLE tracked (
		n INTEGER PRIMARY KEY,
		session_n INTEGER NOT NULL,
		call_id TEXT,
		dim_n INTEGER NOT NULL,
		at_ms INTEGER NOT NULL,
		cost_nano INTEGER NOT NULL,
		counted INTEGER NOT NULL,
		print BLOB NOT NULL UNIQUE
	) STRICT;
	CREATE INDEX tracked_call_id ON tracked (call_id) WHERE call_id IS NOT NULL;
	CREATE INDEX tracked_at ON tracked (at_ms);
	CREATE INDEX tracked_session ON tracked (session_n);

	CREATE TABLE rollup (
		level INTEGER NOT NULL,
		bucket INTEGER NOT NULL,
		dim_n INTEGER NOT NULL,
		calls INTEGER NOT NULL,
		unpriced INTEGER NOT NULL,
		usage_missing INTEGER NOT NULL,
		input INTEGER NOT NULL,
		output INTEGER NOT NULL,
		cache_read INTEGER NOT NULL,
		cache_write INTEGER NOT NULL,
		reasoning INTEGER NOT NULL,
		cost_nano INTEGER NOT NULL,
		at_least INTEGER NOT NULL,
		at_most INTEGER NOT NULL,
		latency_count INTEGER NOT NULL,
		latency_us INTEGER NOT NULL,
		histogram BLOB,
		PRIMARY KEY (level, bucket, dim_n)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE message (
		n INTEGER PRIMARY KEY,
		digest BLOB NOT NULL UNIQUE,
		codec INTEGER NOT NULL,
		size INTEGER NOT NULL,
		indexed INTEGER NOT NULL,
		body BLOB NOT NULL
	) STRICT;
	CREATE INDEX message_unindexed ON message (n) WHERE indexed = 0;

	CREATE TABLE use (
		message_n INTEGER NOT NULL,
		call_n INTEGER NOT NULL,
		place TEXT NOT NULL,
		PRIMARY KEY (message_n, call_n, place)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX use_call ON use (call_n);

	CREATE TABLE prompt (
		call_n INTEGER PRIMARY KEY,
		base_n INTEGER,
		depth INTEGER NOT NULL,
		shared INTEGER NOT NULL,
		added TEXT NOT NULL,
		system_n INTEGER,
		tools_n INTEGER,
		parameters_n INTEGER
	) STRICT;
	CREATE INDEX prompt_base ON prompt (base_n) WHERE base_n IS NOT NULL;

	CREATE TABLE answer (
		call_n INTEGER PRIMARY KEY,
		message_n INTEGER,
		reasoning_n INTEGER,
		error_n INTEGER
	) STRICT;
	`,
	// 3: how far the agents' records were read. Outlives erasing: what was erased is not imported again.
	`
	CREATE TABLE source_state (
		source TEXT NOT NULL,
		key TEXT NOT NULL,
		value TEXT NOT NULL,
		calls INTEGER NOT NULL,
		PRIMARY KEY (source, key)
	) STRICT, WITHOUT ROWID;
	`,
	// 4: what the panel sorts and filters by. Columns behind the time let a list be walked without its rows.
	`
	DROP INDEX call_started;
	CREATE INDEX call_started ON call (started_ms, dim_n, source_n);
	DROP INDEX call_session;
	CREATE INDEX call_session ON call (session_n, started_ms, dim_n);
	CREATE INDEX call_cost ON call (cost_nano, started_ms, dim_n);
	CREATE INDEX call_latency ON call (latency_us, started_ms, dim_n);
	CREATE INDEX call_tokens ON call (coalesce(input + output, input, output), started_ms, dim_n);
	CREATE INDEX call_orphan ON call (started_ms, dim_n) WHERE call_event IS NULL;
	CREATE INDEX call_unmetered ON call (started_ms, dim_n) WHERE flags & 1;
	CREATE INDEX call_unpriced ON call (started_ms, dim_n)
		WHERE response_event IS NOT NULL AND cost_nano IS NULL AND cost_basis IS NOT 'refused';
	CREATE INDEX session_cost ON session (total_cost_nano_usd, last_ms);
	CREATE INDEX session_parent ON session (parent_session_id) WHERE parent_session_id IS NOT NULL;

	CREATE TABLE source_day (
		day INTEGER NOT NULL,
		source_n INTEGER NOT NULL,
		calls INTEGER NOT NULL,
		PRIMARY KEY (day, source_n)
	) STRICT, WITHOUT ROWID;
	INSERT INTO source_day SELECT started_ms / 86400000, source_n, count(*) FROM call GROUP BY 1, 2;

	INSERT INTO meta VALUES ('removed', 0);
	`,
	// 5: the input of which it is known how much came from a cache. Of the rest no hit rate can be told.
	`
	ALTER TABLE rollup ADD COLUMN cache_told INTEGER NOT NULL DEFAULT 0;
	WITH
		told AS MATERIALIZED (
			SELECT started_ms / 900000 AS quarter, dim_n, sum(input) AS input FROM call
			WHERE cache_read IS NOT NULL AND input IS NOT NULL GROUP BY 1, 2
		),
		width (level, quarters) AS (VALUES (0, 1), (1, 4), (2, 96), (3, 3072)),
		sums AS (
			SELECT level, quarter / quarters AS bucket, dim_n, sum(input) AS input FROM told, width GROUP BY 1, 2, 3
		)
	UPDATE rollup SET cache_told = sums.input FROM sums
	WHERE rollup.level = sums.level AND rollup.bucket = sums.bucket AND rollup.dim_n = sums.dim_n;
	`,
	// 6: no other tables, but events without what is the default (`storedText`), which an earlier version cannot read.
	'',
	// 7: the events that programs outside sent with an id of their own.
	`
	CREATE TABLE sent (
		session_n INTEGER NOT NULL,
		id_hash BLOB NOT NULL,
		event_n INTEGER,
		said BLOB,
		PRIMARY KEY (session_n, id_hash)
	) STRICT, WITHOUT ROWID;
	`,
];

/** `user_version` of a ledger that this program writes. */
export const SCHEMA_VERSION = migrations.length;

/** `user_version` from which on a ledger has every table, column and index. */
export const TABLES_VERSION = 5;

/** Brings a ledger to `SCHEMA_VERSION`, in one transaction: another window sees the old schema or the new one. */
export function migrate(db: DatabaseSync): void {
	if (userVersion(db) >= SCHEMA_VERSION) return;
	db.exec('BEGIN IMMEDIATE');
	try {
		for (let version = userVersion(db); version < SCHEMA_VERSION; version++) db.exec(migrations[version] ?? '');
		db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
		db.exec('COMMIT');
	} catch (error) {
		if (db.isTransaction) db.exec('ROLLBACK');
		throw error;
	}
}

export function userVersion(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
