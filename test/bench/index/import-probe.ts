/**
 * Imports a corpus as the extension does, in a process of its own so that its memory is nobody else's, and prints what
 * it measured as one line of JSON: `node import-probe.ts HOME LEDGER_FOLDER TODAY_MS TODAY_NANO_USD`.
 */
import { appendFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { sources } from '../../../src/sources/catalog.ts';
import { claudeCode } from '../../../src/sources/claude-code/claude-code.ts';
import { ImportClient } from '../../../src/sources/import-client.ts';
import type { ImportSettings } from '../../../src/sources/import-protocol.ts';
import { Importer } from '../../../src/sources/importer.ts';
import { LedgerPort } from '../../../src/sources/ledger-port.ts';
import type { RecordUnit } from '../../../src/sources/source.ts';
import { assistant, user } from '../../unit/sources/claude-code/transcripts.ts';
import type { ImportMeasured } from './import-measured.ts';

const dist = join(import.meta.dirname, '../../../dist');
const appends = 60;
/** How often the sum of today is asked for, as a status bar might: milliseconds. */
const askEveryMs = 25;
const megabyte = 2 ** 20;

const [home = '', folder = '', today = '', todayNanoUsd = ''] = process.argv.slice(2);
const settings: ImportSettings = {
	scope: { projects: 'all', folders: [] },
	places: { home, env: {}, platform: process.platform, globalStorage: [], customPlaces: {} },
	off: [],
	metadataDays: null,
	contentDays: 0,
	heldSinceMs: null,
};

const delays = monitorEventLoopDelay({ resolution: 1 });
const p99 = (): number => delays.percentile(99) / 1e6;

delays.enable();
await wait(1_500);
const idleDelayMs = p99();
globalThis.gc?.();
const idleMb = process.memoryUsage.rss() / megabyte;
let peakMb = idleMb;
const sampler = setInterval(() => {
	peakMb = Math.max(peakMb, process.memoryUsage.rss() / megabyte);
}, 20);

delays.reset();
const startedAt = performance.now();
const ledger = openLedger({ directory: folder, workerPath: join(dist, 'ledger-worker.cjs') });
const range = { fromMs: Number(today), toMs: Number(today) + 2 * 86_400_000 };
const todayRight = untilToday();
await importAll();
const allMs = performance.now() - startedAt;
const loadedDelayMs = p99();
clearInterval(sampler);
// Not right by now: it will never be.
const todayMs = await Promise.race([todayRight, wait(1_000, Number.NaN)]);
const { calls, usageMissing, inputTokens, outputTokens, costNanoUsd, subscriptionNanoUsd } = await ledger.totals({});
const unchangedMs = await unchanged();
const appendP95Ms = await appended();
await ledger.close();
const result: ImportMeasured = {
	todayMs,
	allMs,
	unchangedMs,
	appendP95Ms,
	aboveIdleMb: peakMb - idleMb,
	delayAboveIdleMs: loadedDelayMs - idleDelayMs,
	calls: calls - usageMissing,
	inputTokens,
	outputTokens,
	costUsd: (costNanoUsd + subscriptionNanoUsd) / 1e9,
};
console.log(JSON.stringify(result));
process.exit(0);

/** Resolves with when today's cost was first what it is in the end. */
async function untilToday(): Promise<number> {
	for (;;) {
		const totals = await ledger.totals({ range });
		const nanoUsd = totals.costNanoUsd + totals.subscriptionNanoUsd;
		if (Math.abs(nanoUsd - Number(todayNanoUsd)) < 1_000) return performance.now() - startedAt;
		await wait(askEveryMs);
	}
}

function clientOf(once: boolean): ImportClient {
	return new ImportClient({
		workerFile: join(dist, 'import-worker.cjs'),
		settings: once ? { ...settings, once: { within: null } } : settings,
		live: () => ({}),
		connectLedger: () => ledger.importPort(),
		log: (_level, message) => console.error(message),
	});
}

async function importAll(): Promise<void> {
	const client = clientOf(true);
	const done = new Promise<void>((resolve) => client.onIdle(resolve));
	client.start();
	await done;
	await client.dispose();
}

/** Looks at everything again, without the start of a thread. */
async function unchanged(): Promise<number> {
	const port = new LedgerPort(ledger.importPort(), () => {});
	const importer = new Importer(sources, port, settings, { status: () => {}, log: () => {}, recorded: () => {} });
	const began = performance.now();
	await importer.start();
	await importer.idle();
	const tookMs = performance.now() - began;
	await importer.stop();
	port.close();
	return tookMs;
}

/** From an answer appended to a transcript, of its own so that the corpus stays as it is, to the moment at which the ledger tells of it and has it. */
async function appended(): Promise<number> {
	const client = clientOf(false);
	const following = new Promise<void>((resolve) => {
		client.onStatus((list) => {
			if (list.some(({ id, state }) => id === 'claude-code' && state === 'following')) resolve();
		});
	});
	client.start();
	await following;
	await wait(500);
	const path = join(dirname(await newestTranscript()), 'appended.jsonl');
	rmSync(path, { force: true });
	let news: (() => void) | null = null;
	const stop = ledger.onNews(() => news?.());
	const delayed: number[] = [];
	for (let index = 0; index < appends; index++) {
		await wait(50 + ((index * 37) % 200));
		const before = (await ledger.totals({})).calls;
		const atMs = Date.now();
		const lines = [user('Go on.', { atMs }), assistant({ id: `msg_bench_${index}`, atMs: atMs + 1 })];
		appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
		const written = performance.now();
		do {
			await new Promise<void>((resolve) => {
				news = resolve;
			});
		} while ((await ledger.totals({})).calls === before);
		delayed.push(performance.now() - written);
	}
	stop();
	await client.dispose();
	rmSync(path);
	delayed.sort((one, other) => one - other);
	return delayed[Math.ceil(appends * 0.95) - 1] ?? Number.NaN;
}

async function newestTranscript(): Promise<string> {
	let newest: RecordUnit | null = null;
	for await (const unit of claudeCode.units(settings.places)) {
		if (!unit.key.includes('subagents') && unit.changedAtMs > (newest?.changedAtMs ?? 0)) newest = unit;
	}
	if (newest === null) throw new Error('The corpus has no transcript.');
	return newest.key;
}
