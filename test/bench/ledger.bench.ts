import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { DraftInput } from '../../src/core/draft.ts';
import { draftSchema } from '../../src/core/draft.ts';
import type { Message } from '../../src/core/message.ts';
import type { CallFilter } from '../../src/core/views.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { LedgerStore } from '../../src/ledger/store.ts';
import { LEVEL_WIDTHS_MS } from '../../src/ledger/time-cover.ts';
import type { Figure } from '../run/bench.ts';

/** What recording costs, how much room it takes, and how fast a large ledger answers. */
export const name = 'ledger';

const workerPath = fileURLToPath(new URL('../../src/ledger/worker.ts', import.meta.url));
const T0 = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const MODELS = [
	['anthropic', 'claude-sonnet-4-5'],
	['anthropic', 'claude-opus-4-6'],
	['openai', 'gpt-4o'],
	['google', 'gemini-2.5-pro'],
] as const;

export async function run(): Promise<Figure[]> {
	const folder = mkdtempSync(join(tmpdir(), 'callmeter-bench-'));
	try {
		return [
			await metadataRate(folder),
			await contentRate(folder),
			await diskOfTask(folder),
			...largeLedger(folder),
			...fullText(folder),
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function metadataRate(folder: string): Promise<Figure> {
	const rate = await bestRate(folder, 'metadata', 15_000, () => null);
	return {
		figure: 'ledger: metadata only, all sums and the chain',
		measured: `${thousands(rate)} events/s`,
		budget: '≥ 20,000 events/s',
		ok: rate >= 20_000,
	};
}

async function contentRate(folder: string): Promise<Figure> {
	const rate = await bestRate(folder, 'content', 3_000, () => prose(3_000));
	return {
		figure: 'ledger: 3 KB new content in each event, compressed and indexed',
		measured: `${thousands(rate)} events/s`,
		budget: '≥ 3,000 events/s',
		ok: rate >= 3_000,
	};
}

/** Events a second through the worker, the best of three runs on a fresh ledger each. */
async function bestRate(folder: string, kind: string, calls: number, text: () => string | null): Promise<number> {
	let best = 0;
	for (let round = 0; round < 3; round++) {
		const ledger = openLedger({ file: join(folder, `${kind}-${round}.db`), workerPath });
		await ledger.totals({});
		const drafts = pairs(calls, text).map((draft) => draftSchema.parse(draft));
		const startedAt = performance.now();
		await ledger.record(drafts);
		best = Math.max(best, (drafts.length / (performance.now() - startedAt)) * 1000);
		await ledger.close();
	}
	return best;
}

/** A task of 200 calls, each with the whole conversation, which grows to 600 KB. */
async function diskOfTask(folder: string): Promise<Figure> {
	const file = join(folder, 'task.db');
	const ledger = openLedger({ file, workerPath });
	const messages: Message[] = [];
	let rawBytes = 0;
	for (let i = 0; i < 200; i++) {
		messages.push({ role: 'user', content: prose(2_400) });
		const completion = prose(600);
		rawBytes += JSON.stringify(messages).length;
		const drafts = pair(i, null);
		const [call, response] = drafts;
		await ledger.record([
			draftSchema.parse({ ...call, sessionId: 'task', messages, contentState: 'full' }),
			draftSchema.parse({ ...response, sessionId: 'task', completion, contentState: 'full' }),
		]);
		messages.push({ role: 'assistant', content: completion });
	}
	await ledger.close();
	const part = statSync(file).size / rawBytes;
	return {
		figure: `ledger: disk for a task of 200 calls, ${(rawBytes / 1e6).toFixed(0)} MB of prompts`,
		measured: `${(part * 100).toFixed(2)} %`,
		budget: '≤ 5 %',
		ok: part <= 0.05,
	};
}

/** Days that the copied ledger repeats: the widest bucket, so that sums can be copied with the calls. */
const PERIOD_MS = LEVEL_WIDTHS_MS[3];
const COPIES = 20;
const CALLS_IN_PERIOD = 50_000;

function largeLedger(folder: string): Figure[] {
	const file = join(folder, 'large.db');
	let store = openStore(file);
	const start = Math.ceil(T0 / PERIOD_MS) * PERIOD_MS;
	const step = Math.floor(PERIOD_MS / CALLS_IN_PERIOD);
	for (let i = 0; i < CALLS_IN_PERIOD; i += 1_000) {
		store.record(Array.from({ length: 1_000 }, (_, k) => pair(i + k, null, start + (i + k) * step)).flat());
	}
	store.close();
	copyPeriod(file);
	store = openStore(file);
	const calls = store.totals({}).calls;
	const end = start + COPIES * PERIOD_MS;
	const zones = ['Europe/Berlin', 'Asia/Kathmandu', 'UTC', 'America/New_York'];
	const anyRange = () => {
		const days = [1, 7, 30, 90, 365][random(5)] ?? 1;
		const toMs = end - random(200 * DAY);
		return { fromMs: Math.max(0, toMs - days * DAY - random(DAY)), toMs };
	};
	const filters = (): CallFilter => {
		const [provider, model] = MODELS[random(4)] ?? MODELS[0];
		return (
			[{}, { range: anyRange() }, { range: anyRange(), model }, { provider, kind: 'chat' as const }][random(4)] ?? {}
		);
	};
	const series = () => {
		const range = anyRange();
		const days = (range.toMs - range.fromMs) / DAY;
		const granularity = days <= 8 ? 'hour' : days <= 100 ? 'day' : 'week';
		return { range, granularity, timeZone: zones[random(4)] ?? 'UTC', filter: {} } as const;
	};
	const analyticsMs = p95(300, (i) => {
		if (i % 3 === 0) store.totals(filters());
		else if (i % 3 === 1) store.byModel(filters());
		else store.series(series());
	});
	const pageMs = p95(200, (i) => {
		const filter = i % 4 === 0 ? filters() : {};
		store.calls({ filter, sort: i % 2 ? 'newest' : 'oldest', offset: random(calls), limit: 100 });
	});
	store.close();
	return [
		{
			figure: `ledger: analytics query over ${thousands(calls)} calls (p95)`,
			measured: `${analyticsMs.toFixed(1)} ms`,
			budget: '≤ 50 ms',
			ok: analyticsMs <= 50 && calls === COPIES * CALLS_IN_PERIOD,
		},
		{
			figure: `ledger: 100 rows at any place of ${thousands(calls)} calls (p95)`,
			measured: `${pageMs.toFixed(1)} ms`,
			budget: '≤ 50 ms',
			ok: pageMs <= 50,
		},
	];
}

/** Twenty times the same month: recording a million calls would take minutes and show nothing more. */
function copyPeriod(file: string): void {
	const db = new DatabaseSync(file);
	db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
	const columns = db
		.prepare(`SELECT name FROM pragma_table_info('call') WHERE name NOT IN ('n', 'call_id', 'started_ms', 'ended_ms')`)
		.all()
		.map(({ name: column }) => column)
		.join(', ');
	const calls = db.prepare(
		`INSERT INTO call (n, call_id, started_ms, ended_ms, ${columns})
		SELECT n + ?1 * ?2, call_id || '/' || ?1, started_ms + ?1 * ?3, ended_ms + ?1 * ?3, ${columns} FROM call WHERE n <= ?2`,
	);
	const sums = db
		.prepare(`SELECT name FROM pragma_table_info('rollup') WHERE name NOT IN ('level', 'bucket')`)
		.all()
		.map(({ name: column }) => column)
		.join(', ');
	const rollup = db.prepare(
		`INSERT INTO rollup (level, bucket, ${sums}) SELECT level, bucket + ?1, ${sums} FROM rollup
		WHERE level = ?2 AND bucket * ?3 < ?4`,
	);
	const start = Math.ceil(T0 / PERIOD_MS) * PERIOD_MS;
	for (let copy = 1; copy < COPIES; copy++) {
		calls.run(copy, CALLS_IN_PERIOD, PERIOD_MS);
		LEVEL_WIDTHS_MS.forEach((width, level) => {
			rollup.run((copy * PERIOD_MS) / width, level, width, start + PERIOD_MS);
		});
	}
	db.exec('COMMIT; PRAGMA journal_mode = WAL');
	db.close();
}

function fullText(folder: string): Figure[] {
	const store = openStore(join(folder, 'text.db'));
	const messages = 100_000;
	for (let i = 0; i < messages / 2; i += 500) {
		store.record(Array.from({ length: 500 }, (_, k) => pair(i + k, prose(500))).flat());
	}
	const searchMs = p95(200, (i) => {
		const words = Array.from({ length: 1 + (i % 3) }, () => word(i % 2 ? 30 : 5_000)).join(' ');
		store.search({ text: i % 5 === 0 ? `"${words}"` : words, limit: 50, filter: {} });
	});
	store.close();
	return [
		{
			figure: `ledger: full-text search over ${thousands(messages)} messages (p95)`,
			measured: `${searchMs.toFixed(1)} ms`,
			budget: '≤ 50 ms',
			ok: searchMs <= 50,
		},
	];
}

function openStore(file: string): LedgerStore {
	const options = { readOnly: false, content: 'full', prices: undefined, fullText: 'auto', codec: 'auto' } as const;
	return new LedgerStore({ file, ...options, maxPages: null });
}

function pairs(calls: number, text: () => string | null): DraftInput[] {
	return Array.from({ length: calls }, (_, i) => pair(i, text(), T0 + i * 20_000, text())).flat();
}

function pair(i: number, prompt: string | null, at = T0 + i * 20_000, completion = prompt): [DraftInput, DraftInput] {
	const [provider, model] = MODELS[i % 4] ?? MODELS[0];
	const common = {
		callId: `claude-code:msg_${i}`,
		sessionId: `session-${Math.floor(i / 50)}`,
		agentId: 'claude-code',
		origin: { source: 'claude-code', record: '/home/someone/.claude/projects/work/session.jsonl' },
		provider,
		model,
		contentState: prompt === null ? ('none' as const) : ('full' as const),
	};
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
				inputTotal: 1_000 + (i % 100),
				uncachedInput: 200 + (i % 100),
				cacheRead: 600,
				cacheWrite5m: 200,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 300 + (i % 77),
				reasoning: 0,
			},
			latencyMs: 4_000 + (i % 500),
			timeToFirstTokenMs: 300,
		},
	];
}

let seed = 42;

/** A whole number below `below`, the same sequence in every run. */
function random(below: number): number {
	seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
	return Math.floor((seed / 2 ** 32) * below);
}

const VOCABULARY = Array.from({ length: 20_000 }, (_, i) => `${(i * 7_919 + 11).toString(36)}${'aeiou'[i % 5]}n`);

/** A word of the most frequent `among`, the frequent ones oftener, as in a language. */
function word(among = VOCABULARY.length): string {
	return VOCABULARY[Math.floor((random(among) * random(among)) / among)] ?? '';
}

function prose(length: number): string {
	let text = '';
	while (text.length < length) text += `${word()} `;
	return text;
}

function p95(times: number, query: (i: number) => void): number {
	const ms: number[] = [];
	for (let i = 0; i < times; i++) {
		const startedAt = performance.now();
		query(i);
		ms.push(performance.now() - startedAt);
	}
	return ms.sort((a, b) => a - b)[Math.floor(times * 0.95)] ?? Number.NaN;
}

function thousands(value: number): string {
	return Math.round(value).toLocaleString('en');
}
