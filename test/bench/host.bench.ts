/** What the extension costs VS Code's extension host, and how soon the status bar knows, in a real VS Code. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { root } from '../run/setup.mjs';
import { type Measured, mark } from './host/measured.ts';

export const name = 'host';

const activationBudgetMs = 50;
const delayBudgetMs = 10;
const tickerBudgetMs = 200;
/** VS Code is opened this often; the median activation counts. */
const openings = 5;
const limitMs = 180_000;

export async function run(): Promise<{ figure: string; measured: string; budget: string; ok: boolean }[]> {
	const testsPath = await buildProbe();
	const activations: number[] = [];
	for (let opening = 1; opening < openings; opening++) {
		const { measured } = await probe(testsPath);
		activations.push(...activationsOf(measured));
	}
	const { measured, shownAtMs } = await probe(testsPath, { whole: true });
	activations.push(...activationsOf(measured));
	const activationMs = percentile(activations, 50);

	const delays = measured.filter((each) => each.kind === 'delay');
	const aboveIdleMs = percentile(
		delays.map(({ idleMs, loadedMs }) => loadedMs - idleMs),
		50,
	);
	const spread = delays.map(({ idleMs, loadedMs }) => `${idleMs.toFixed(1)} → ${loadedMs.toFixed(1)}`).join(', ');
	const events = delays.reduce((sum, delay) => sum + delay.events, 0);

	const ends = measured.filter((each) => each.kind === 'callEnded').map(({ atMs }) => atMs);
	const tickerMs = ends.map((endMs) => (shownAtMs.find((atMs) => atMs >= endMs) ?? Number.NaN) - endMs);
	const slowestMs = Math.max(...tickerMs);
	return [
		{
			figure: 'activate(), median',
			measured: `${activationMs.toFixed(1)} ms (${activations.map((ms) => ms.toFixed(0)).join(', ')})`,
			budget: `≤ ${activationBudgetMs} ms`,
			ok: activations.length === openings && activationMs <= activationBudgetMs,
		},
		{
			figure: `event-loop delay of the host at 1,000 events/s (${events} stored), p99 above idle`,
			measured: `${aboveIdleMs.toFixed(1)} ms (${spread})`,
			budget: `≤ ${delayBudgetMs} ms`,
			ok: delays.length > 0 && aboveIdleMs <= delayBudgetMs,
		},
		{
			figure: `end of a call → status bar shows it, slowest of ${ends.length}`,
			measured: `${slowestMs} ms (median ${percentile(tickerMs, 50)} ms)`,
			budget: `≤ ${tickerBudgetMs} ms`,
			ok: ends.length > 0 && slowestMs <= tickerBudgetMs,
		},
	];
}

/** Runs the probe in a fresh VS Code. `shownAtMs`: when the text of the status bar changed. */
async function probe(
	testsPath: string,
	{ whole = false } = {},
): Promise<{ measured: Measured[]; shownAtMs: number[] }> {
	const folder = await mkdtemp(join(tmpdir(), 'callmeter-bench-'));
	const go = join(folder, 'go');
	const measured: Measured[] = [];
	let vscode: VsCode | undefined;
	try {
		vscode = await openVsCode({
			testsPath,
			env: whole ? { CALLMETER_BENCH_GO: go } : {},
			onTestOutput: (text) => {
				if (text.startsWith(mark)) measured.push(JSON.parse(text.slice(mark.length)));
			},
		});
		if (whole) await watchTicker(vscode);
		await writeFile(go, '');
		const code = await Promise.race([vscode.testsExit, timeout()]);
		if (code !== 0) throw new Error(`The probe failed:\n${vscode.logs.slice(-20).join('\n')}`);
		return { measured, shownAtMs: whole ? await tickerChanges(vscode) : [] };
	} finally {
		await vscode?.close();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Notes when the text of the status bar item changes, in the window itself. */
async function watchTicker(vscode: VsCode): Promise<void> {
	const item = vscode.statusItem('cost');
	await item.waitFor();
	await item.evaluate((element) => {
		const changes: number[] = [];
		Object.assign(window, { callmeterTickerChanges: changes });
		let before = element.textContent;
		new MutationObserver(() => {
			if (element.textContent === before) return;
			before = element.textContent;
			changes.push(Date.now());
		}).observe(element, { childList: true, characterData: true, subtree: true });
	});
}

function tickerChanges(vscode: VsCode): Promise<number[]> {
	return vscode.page.evaluate('window.callmeterTickerChanges');
}

async function buildProbe(): Promise<string> {
	const outfile = join(root, 'out/host-probe.cjs');
	await build({
		entryPoints: [join(root, 'test/bench/host/probe.ts')],
		outfile,
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		external: ['vscode'],
		logLevel: 'warning',
	});
	return outfile;
}

function activationsOf(measured: readonly Measured[]): number[] {
	return measured.flatMap((each) => (each.kind === 'activation' ? each.ms : []));
}

function timeout(): Promise<number> {
	return new Promise((resolve) => setTimeout(resolve, limitMs, 1).unref());
}

function percentile(values: readonly number[], percent: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
