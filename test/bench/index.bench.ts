import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inputTotal, type TrueSums } from '../corpus/corpus-truth.ts';
import { type Corpus, makeCorpus } from '../corpus/make-corpus.ts';
import type { Figure } from '../run/bench.ts';
import { type CcusageMeasured, installCcusage, runCcusage } from './index/ccusage.ts';
import { type ImportMeasured, importMeasuredSchema } from './index/import-measured.ts';

/** A gigabyte of records: how soon they are in the ledger, beside the peer, and whether what is there is true. */
export const name = 'index';

const claudeBytes = 1_050_000_000;
const probe = join(import.meta.dirname, 'index/import-probe.ts');
const corpora = join(tmpdir(), 'callmeter-corpus');

export async function run(): Promise<Figure[]> {
	const corpus = corpusOfToday();
	const folder = mkdtempSync(join(tmpdir(), 'callmeter-bench-'));
	try {
		const peer = installCcusage();
		const theirs = peer && (await runCcusage(peer, corpus.home, 3));
		const ours = await measure(corpus, folder);
		const load = loadavg()[0]?.toFixed(1);
		console.error(`• load of this machine: ${load}; its file cache is warm for both tools`);
		return [...figures(corpus, ours, theirs, peer?.version ?? ''), ...truth(corpus, ours, theirs)];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Its last day is today. Made once a day, and kept: a gigabyte takes a while. */
function corpusOfToday(): Corpus {
	const nowMs = Date.now();
	const day = new Date(nowMs - new Date(nowMs).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
	const name = `v2-${day}-${claudeBytes}`;
	try {
		for (const other of readdirSync(corpora)) {
			if (other !== name) rmSync(join(corpora, other), { recursive: true, force: true });
		}
	} catch {
		// None was made yet.
	}
	return makeCorpus({ folder: join(corpora, name), bytes: claudeBytes, seed: 7, nowMs, days: 120 });
}

async function measure({ home, truth }: Corpus, folder: string): Promise<ImportMeasured> {
	const todayMs = new Date().setHours(0, 0, 0, 0);
	const args = ['--expose-gc', probe, home, folder, String(todayMs), String(Math.round(truth.today.costUsd * 1e9))];
	const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 240_000 });
	return importMeasuredSchema.parse(JSON.parse(stdout));
}

function figures({ truth }: Corpus, ours: ImportMeasured, theirs: CcusageMeasured | null, version: string): Figure[] {
	const size = `${(truth.bytes / 1e9).toFixed(2)} GB in ${whole(truth.files)} files, ${whole(truth.all.calls)} calls`;
	const limitMs = 3 * (theirs?.wallMs ?? Number.NaN);
	return [
		atMost("index: cold, until today's cost is right", ours.todayMs ?? Number.NaN, 1_000),
		{
			figure: `index: cold, until all metadata is in the ledger (${size})`,
			measured: shownMs(ours.allMs),
			budget: theirs === null ? 'no ccusage runs here' : `≤ ${shownMs(limitMs)} = 3 × ccusage ${version}`,
			ok: ours.allMs <= limitMs,
		},
		{
			figure: 'index: memory above idle meanwhile, all threads (ccusage beside it)',
			measured: `${ours.aboveIdleMb.toFixed(0)} MB (${theirs?.peakMb.toFixed(0) ?? '?'} MB)`,
			budget: '≤ 300 MB',
			ok: ours.aboveIdleMb <= 300,
		},
		atMost('index: event-loop delay of the host meanwhile, p99 above idle', ours.delayAboveIdleMs, 10),
		atMost('index: nothing changed', ours.unchangedMs, 150),
		atMost('index: answer appended to a transcript → the ledger tells of it, p95', ours.appendP95Ms, 200),
	];
}

/** Counts of both tools beside the truth. Only ours are held to it. */
function truth({ truth: { all } }: Corpus, ours: ImportMeasured, theirs: CcusageMeasured | null): Figure[] {
	const row = (what: string, is: number, their: number | undefined, shown: (value: number) => string): Figure => ({
		figure: `index: ${what} (truth: ${shown(of(all, what))})`,
		measured: `${shown(is)} (ccusage: ${their === undefined ? '?' : shown(their)})`,
		budget: shown(of(all, what)),
		ok: Math.abs(is - of(all, what)) < 1e-4,
	});
	return [
		row('calls', ours.calls, undefined, whole),
		row('input tokens', ours.inputTokens, theirs?.inputTokens, whole),
		row('output tokens', ours.outputTokens, theirs?.outputTokens, whole),
		row('cost', ours.costUsd, theirs?.costUsd, usd),
	];
}

function of(sums: TrueSums, what: string): number {
	if (what === 'calls') return sums.calls;
	if (what === 'input tokens') return inputTotal(sums);
	return what === 'output tokens' ? sums.output : sums.costUsd;
}

function atMost(what: string, ms: number, budgetMs: number): Figure {
	return { figure: what, measured: shownMs(ms), budget: `≤ ${shownMs(budgetMs)}`, ok: ms <= budgetMs };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const shownMs = (ms: number): string => (Math.abs(ms) < 20 ? `${ms.toFixed(1)} ms` : `${whole(ms)} ms`);
const usd = (value: number): string => `$${value.toFixed(6)}`;
