import { once } from 'node:events';
import { cpSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rooCode } from '../../src/sources/kilo-task/dialects.ts';
import { listRates } from '../../src/sources/kilo-task/list-rates.ts';
import { taskFolderSource } from '../../src/sources/kilo-task/task-folder-source.ts';
import type { Places, ReadOptions, RecordUnit } from '../../src/sources/source.ts';
import type { Figure } from '../run/bench.ts';

/** Task folders of Kilo Code, Roo Code and their relatives: reading, listing again, and the memory a large one takes. */
export const name = 'sources-kilo-task';

const fixtures = join(import.meta.dirname, '../fixtures/recorded');
const taskFolders = 1000;
const largeBytes = 200 * 1024 * 1024;
const idleMb = 150;

/** Reads 1,000 task folders made of the recorded ones, lists them again unchanged, and reads one of 200 MB. */
export async function run(): Promise<Figure[]> {
	const home = mkdtempSync(join(tmpdir(), 'callmeter-bench-'));
	try {
		const tasks = join(home, rooCode.storageFolder, 'tasks');
		copyTasks(tasks);
		const places: Places = { home, env: {}, platform: process.platform, globalStorage: [home], customPlaces: {} };
		const source = taskFolderSource(rooCode, { rates: listRates });

		const units: RecordUnit[] = [];
		for await (const unit of source.units(places)) units.push(unit);
		const began = performance.now();
		let calls = 0;
		for (const unit of units) {
			const { drafts } = await source.read(unit, readAll());
			calls += drafts.filter(({ eventType }) => eventType === 'llm_response').length;
		}
		const readMs = performance.now() - began;

		const scanMs = await fastest(5, async () => {
			const stamps = new Map(units.map(({ key, stamp }) => [key, stamp]));
			for await (const { key, stamp } of source.units(places)) if (stamps.get(key) !== stamp) throw new Error(key);
		});

		const large = join(tasks, 'large');
		await writeLargeTask(large);
		const { peakMb, ms } = await peakMemory(async () => {
			await source.read({ key: large, changedAtMs: 0, stamp: '' }, readAll());
		});
		return [
			{
				figure: `${units.length} task folders, ${calls} calls: read all`,
				measured: `${readMs.toFixed(0)} ms`,
				budget: '≤ 10,000 ms',
				ok: readMs <= 10_000 && units.length === taskFolders,
			},
			{
				figure: `${units.length} task folders: scan again, nothing changed`,
				measured: `${scanMs.toFixed(0)} ms`,
				budget: '≤ 150 ms',
				ok: scanMs <= 150,
			},
			{
				figure: `ui_messages.json of 200 MB: memory above idle (${ms.toFixed(0)} ms)`,
				measured: `${peakMb.toFixed(0)} MB`,
				budget: `≤ ${idleMb} MB`,
				ok: peakMb <= idleMb,
			},
		];
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
}

function readAll(): ReadOptions {
	const signal = new AbortController().signal;
	return { accepts: () => 'yes', metadataSinceMs: 0, contentSinceMs: 0, cursor: null, signal };
}

function copyTasks(tasks: string): void {
	const recorded = [
		'roo-3.52.1',
		'roo-3.52.1-responses-gemini',
		'roo-3.52.1-disconnect-anthropic',
		'roo-3.52.1-nousage',
	];
	const folders = recorded.flatMap((folder) => {
		const calls: { task: string }[] = JSON.parse(readFileSync(join(fixtures, folder, 'calls.json'), 'utf8'));
		return calls.map(({ task }) => join(fixtures, folder, 'tasks', task));
	});
	mkdirSync(tasks, { recursive: true });
	for (let index = 0; index < taskFolders; index++) {
		cpSync(folders[index % folders.length] ?? '', join(tasks, `task-${index}`), { recursive: true });
	}
}

/** Calls among rows of tool output, as a task of a month would have it. */
async function writeLargeTask(folder: string): Promise<void> {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'api_conversation_history.json'), '[]');
	const file = createWriteStream(join(folder, 'ui_messages.json'));
	const info = { apiProtocol: 'openai', tokensIn: 900, tokensOut: 50, cacheWrites: 0, cacheReads: 9, cost: 0.01 };
	const output = JSON.stringify('tool output "quoted"\n'.repeat(4000));
	let bytes = 0;
	for (let ts = 1; bytes < largeBytes; ts++) {
		const rows = `${ts === 1 ? '[' : ','}{"ts":${ts * 10},"type":"say","say":"api_req_started","text":${JSON.stringify(JSON.stringify(info))}},{"ts":${ts * 10 + 5},"type":"ask","ask":"tool","text":${output}}`;
		bytes += rows.length;
		if (!file.write(rows)) await once(file, 'drain');
	}
	file.end(']');
	await once(file, 'finish');
}

async function fastest(times: number, work: () => Promise<void>): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	for (let time = 0; time < times; time++) {
		const began = performance.now();
		await work();
		best = Math.min(best, performance.now() - began);
	}
	return best;
}

/** The highest resident memory during some work, above that before it. */
async function peakMemory(work: () => Promise<void>): Promise<{ peakMb: number; ms: number }> {
	const idle = process.memoryUsage.rss();
	let peak = idle;
	const sampling = setInterval(() => {
		peak = Math.max(peak, process.memoryUsage.rss());
	}, 5);
	const began = performance.now();
	await work();
	clearInterval(sampling);
	peak = Math.max(peak, process.memoryUsage.rss());
	return { peakMb: (peak - idle) / 1024 / 1024, ms: performance.now() - began };
}
