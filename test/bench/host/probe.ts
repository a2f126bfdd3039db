/**
 * Runs in VS Code's extension host, beside the extension, and prints what it measures as lines of JSON for
 * `host.bench.ts`. VS Code calls `run`.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { callmeter, completedCalls, drain, StreamingHandler } from '../../host/support.ts';
import { type Measured, mark } from './measured.ts';

/** Nothing is measured while VS Code and its other extensions are still starting. */
const settleMs = 4000;
const tickerCalls = 12;
const windowMs = 4000;
const rounds = 3;
const eventsPerSecond = 1000;
/** What each event brings that was not seen before. */
const newText = 3000;

type Api = Awaited<ReturnType<typeof callmeter>>;

export async function run(): Promise<void> {
	const api = await callmeter();
	const [activation] = performance.getEntriesByName('callmeter.activate');
	assert.ok(activation !== undefined);
	report({ kind: 'activation', ms: activation.duration });
	const { CALLMETER_BENCH_GO: go } = process.env;
	if (go === undefined) return;
	while (!existsSync(go)) await sleep(50);
	await sleep(settleMs);
	await measureTicker(api);
	await measureDelay(api);
}

/** Ends one call at a time and says when: the window sees when the status bar shows it. */
async function measureTicker(api: Api): Promise<void> {
	const chunks = [{ type: 'usage', inputTokens: 100_000, outputTokens: 10_000 }] as const;
	for (let call = 0; call < tickerCalls; call++) {
		const taskId = randomUUID();
		const completed = completedCalls(api, 1, ({ sessionId }) => sessionId === taskId);
		const handler = api.wrapApiHandler(new StreamingHandler(chunks), { agentId: 'bench', taskId });
		await drain(handler.createMessage());
		report({ kind: 'callEnded', atMs: Date.now() });
		await completed;
		await sleep(400);
	}
}

/** 99th percentile of the event loop's delay, idle and loaded by turns, so that other load on the machine meets both. */
async function measureDelay(api: Api): Promise<void> {
	for (let round = 0; round < rounds; round++) {
		const idleMs = await delayDuring(() => sleep(windowMs));
		let events = 0;
		const loadedMs = await delayDuring(async () => {
			events = await load(api);
		});
		report({ kind: 'delay', idleMs, loadedMs, events });
	}
}

async function delayDuring(work: () => Promise<unknown>): Promise<number> {
	const histogram = monitorEventLoopDelay({ resolution: 1 });
	histogram.enable();
	await work();
	histogram.disable();
	return histogram.percentile(99) / 1e6;
}

/** Hands in calls at an even pace, each event by itself, as agents do. Gives how many events were stored. */
async function load(api: Api): Promise<number> {
	const pending: Promise<unknown>[] = [];
	const sessionId = randomUUID();
	const startMs = performance.now();
	while (performance.now() - startMs < windowMs) {
		const due = Math.floor(((performance.now() - startMs) / 1000) * eventsPerSecond);
		for (let event = pending.length; event < due; event += 2) pending.push(...oneCall(api, sessionId));
		await sleep(1);
	}
	await Promise.all(pending);
	return pending.length;
}

function oneCall(api: Api, sessionId: string): Promise<unknown>[] {
	const callId = randomUUID();
	const identity = { callId, sessionId, agentId: 'bench', provider: 'openai', model: 'gpt-4o' };
	const origin = { source: 'bench', live: true };
	const startedAtMs = Date.now();
	const text = `${callId} ${'lorem ipsum '.repeat(newText / 12)}`;
	return [
		api.record([
			{ ...identity, origin, eventType: 'llm_call', startedAtMs, messages: [{ role: 'user', content: text }] },
		]),
		api.record([
			{
				...identity,
				origin,
				eventType: 'llm_response',
				endedAtMs: startedAtMs + 1,
				protocol: 'openai',
				state: 'ok',
				completion: text,
				usage: {
					inputTotal: 700,
					uncachedInput: 700,
					cacheRead: 0,
					cacheWrite5m: 0,
					cacheWrite1h: 0,
					cacheWriteUnknownTtl: 0,
					output: 700,
					reasoning: 0,
				},
			},
		]),
	];
}

function report(measured: Measured): void {
	console.log(`${mark}${JSON.stringify(measured)}`);
}
