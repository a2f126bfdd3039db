import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { draftSchema } from '../../src/core/draft.ts';
import type { Message } from '../../src/core/message.ts';
import type { CallFilter } from '../../src/core/views.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import type { Figure } from '../run/bench.ts';
import {
	DAY,
	LARGE_CALLS,
	MODELS,
	makeLargeLedger,
	openStore,
	p95,
	pair,
	prose,
	random,
	thousands,
	word,
} from './ledger/large-ledger.ts';

/** What recording costs, how much room it takes, and how fast a large ledger answers. */
export const name = 'ledger';

const workerPath = fileURLToPath(new URL('../../src/ledger/worker.ts', import.meta.url));
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
		const drafts = Array.from({ length: calls }, (_, i) => pair(i, text()))
			.flat()
			.map((draft) => draftSchema.parse(draft));
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

function largeLedger(folder: string): Figure[] {
	const { file, endMs: end } = makeLargeLedger(folder);
	const store = openStore(file);
	const calls = store.totals({}).calls;
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
			ok: analyticsMs <= 50 && calls === LARGE_CALLS,
		},
		{
			figure: `ledger: 100 rows at any place of ${thousands(calls)} calls (p95)`,
			measured: `${pageMs.toFixed(1)} ms`,
			budget: '≤ 50 ms',
			ok: pageMs <= 50,
		},
	];
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
