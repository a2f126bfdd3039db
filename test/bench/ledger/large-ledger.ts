import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DraftInput } from '../../../src/core/draft.ts';
import { LedgerStore } from '../../../src/ledger/store.ts';
import { LEVEL_WIDTHS_MS } from '../../../src/ledger/time-cover.ts';

/** Ledgers to measure with, the same in every run. */

const T0 = Date.UTC(2026, 0, 5);
export const DAY = 86_400_000;
export const MODELS = [
	['anthropic', 'claude-sonnet-4-5'],
	['anthropic', 'claude-opus-4-6'],
	['openai', 'gpt-4o'],
	['google', 'gemini-2.5-pro'],
] as const;
/** Days that the copied ledger repeats: the widest bucket, so that sums can be copied with the calls. */
const PERIOD_MS = LEVEL_WIDTHS_MS[3];
const COPIES = 20;
const CALLS_IN_PERIOD = 50_000;
export const LARGE_CALLS = COPIES * CALLS_IN_PERIOD;

export function openStore(file: string): LedgerStore {
	const options = { readOnly: false, content: 'full', prices: undefined, fullText: 'auto', codec: 'auto' } as const;
	return new LedgerStore({ file, ...options, maxPages: null });
}

/** A million calls in tasks of 50 over twenty months. */
export function makeLargeLedger(folder: string): { file: string; endMs: number } {
	const file = join(folder, 'large.db');
	const store = openStore(file);
	const start = Math.ceil(T0 / PERIOD_MS) * PERIOD_MS;
	const step = Math.floor(PERIOD_MS / CALLS_IN_PERIOD);
	for (let i = 0; i < CALLS_IN_PERIOD; i += 1_000) {
		store.record(Array.from({ length: 1_000 }, (_, k) => pair(i + k, null, start + (i + k) * step)).flat());
	}
	store.close();
	copyPeriod(file, start);
	return { file, endMs: start + COPIES * PERIOD_MS };
}

/** Twenty times the same month: recording a million calls would take minutes and show nothing more. */
function copyPeriod(file: string, start: number): void {
	const db = new DatabaseSync(file);
	db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
	const others = (table: string, ...but: string[]) =>
		db
			.prepare('SELECT name FROM pragma_table_info(?)')
			.all(table)
			.map(({ name }) => String(name))
			.filter((name) => !but.includes(name))
			.join(', ');
	const sessions = Number(db.prepare('SELECT max(n) AS n FROM session').get()?.n);
	const ofCall = others('call', 'n', 'call_id', 'session_n', 'started_ms', 'ended_ms');
	const calls = db.prepare(
		`INSERT INTO call (n, call_id, session_n, started_ms, ended_ms, ${ofCall})
		SELECT n + ?1 * ?2, call_id || '/' || ?1, session_n + ?1 * ?4, started_ms + ?1 * ?3, ended_ms + ?1 * ?3, ${ofCall}
		FROM call WHERE n <= ?2`,
	);
	const ofSession = others('session', 'n', 'session_id', 'started_ms', 'last_ms');
	const tasks = db.prepare(
		`INSERT INTO session (n, session_id, started_ms, last_ms, ${ofSession})
		SELECT n + ?1 * ?2, session_id || '/' || ?1, started_ms + ?1 * ?3, last_ms + ?1 * ?3, ${ofSession}
		FROM session WHERE n <= ?2`,
	);
	const ofRollup = others('rollup', 'level', 'bucket');
	const rollup = db.prepare(
		`INSERT INTO rollup (level, bucket, ${ofRollup}) SELECT level, bucket + ?1, ${ofRollup} FROM rollup
		WHERE level = ?2 AND bucket * ?3 < ?4`,
	);
	const sources = db.prepare(
		`INSERT INTO source_day (day, source_n, calls) SELECT day + ?1, source_n, calls FROM source_day
		WHERE day * ?2 < ?3`,
	);
	for (let copy = 1; copy < COPIES; copy++) {
		calls.run(copy, CALLS_IN_PERIOD, PERIOD_MS, sessions);
		tasks.run(copy, sessions, PERIOD_MS);
		LEVEL_WIDTHS_MS.forEach((width, level) => {
			rollup.run((copy * PERIOD_MS) / width, level, width, start + PERIOD_MS);
		});
		sources.run((copy * PERIOD_MS) / DAY, DAY, start + PERIOD_MS);
	}
	db.exec('COMMIT; PRAGMA journal_mode = WAL');
	db.close();
}

/** Request and response of a call; 50 in a row are a task. */
export function pair(
	i: number,
	prompt: string | null,
	at = T0 + i * 20_000,
	completion = prompt,
	sessionId = `session-${Math.floor(i / 50)}`,
): [DraftInput, DraftInput] {
	const [provider, model] = MODELS[i % 4] ?? MODELS[0];
	const common = {
		callId: `claude-code:msg_${i}`,
		sessionId,
		agentId: 'claude-code',
		origin: { source: 'claude-code', record: '/home/someone/.claude/projects/work/session.jsonl' },
		provider,
		model,
		contentState: prompt === null ? ('none' as const) : ('full' as const),
	};
	const uncachedInput = 200 + ((i * 7_919) % 50_000);
	return [
		{
			eventType: 'llm_call',
			...common,
			startedAtMs: at,
			folder: '/home/someone/work',
			messages: prompt === null ? [] : [{ role: 'user', content: prompt }],
			messageCount: 12,
		},
		{
			eventType: 'llm_response',
			...common,
			aliases: [`req_${i}`],
			endedAtMs: at + 4_000,
			state: 'ok',
			finishReason: 'end_turn',
			completion: completion === null ? null : `${completion} ${i}`,
			usage: {
				inputTotal: uncachedInput + 800,
				uncachedInput,
				cacheRead: 600,
				cacheWrite5m: 200,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 300 + ((i * 31) % 4_000),
				reasoning: 0,
			},
			latencyMs: 1_000 + ((i * 613) % 60_000),
			timeToFirstTokenMs: 300,
		},
	];
}

let seed = 42;

/** A whole number below `below`, the same sequence in every run. */
export function random(below: number): number {
	seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
	return Math.floor((seed / 2 ** 32) * below);
}

const VOCABULARY = Array.from({ length: 20_000 }, (_, i) => `${(i * 7_919 + 11).toString(36)}${'aeiou'[i % 5]}n`);

/** A word of the most frequent `among`, the frequent ones oftener, as in a language. */
export function word(among = VOCABULARY.length): string {
	return VOCABULARY[Math.floor((random(among) * random(among)) / among)] ?? '';
}

export function prose(length: number): string {
	let text = '';
	while (text.length < length) text += `${word()} `;
	return text;
}

/** The time in milliseconds that 95 of 100 queries are done within. */
export function p95(times: number, query: (i: number) => void): number {
	const ms: number[] = [];
	for (let i = 0; i < times; i++) {
		const startedAt = performance.now();
		query(i);
		ms.push(performance.now() - startedAt);
	}
	return ms.sort((a, b) => a - b)[Math.floor(times * 0.95)] ?? Number.NaN;
}

export function thousands(value: number): string {
	return Math.round(value).toLocaleString('en');
}
