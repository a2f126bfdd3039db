import { cpSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { serveImportPort } from '../../src/ledger/serve-import-port.ts';
import { sources } from '../../src/sources/catalog.ts';
import { ImportClient } from '../../src/sources/import-client.ts';
import type { ImportSettings, SourceStatus } from '../../src/sources/import-protocol.ts';
import { Importer } from '../../src/sources/importer.ts';
import { LedgerPort } from '../../src/sources/ledger-port.ts';
import type { Figure } from '../run/bench.ts';
import { MemoryLedger, settingsWith } from '../unit/sources/import/memory-ledger.ts';
import {
	AgentDatabase,
	kiloDatabaseIn,
	placesAt,
	remove,
	temporaryFolder,
} from '../unit/sources/kilo-db/agent-database.ts';

/** Reading the agents' records: how long, how soon, how much memory. */
export const name = 'sources-import';

const worker = new URL('../../src/sources/import-worker.ts', import.meta.url);
const ledgerWorker = join(import.meta.dirname, '../../src/ledger/worker.ts');
const recorded = join(import.meta.dirname, '../fixtures/recorded');
const taskFolders = 1_000;
const appends = 60;
const sessions = 300;
const callsEach = 40;

export async function run(): Promise<Figure[]> {
	return [...(await tasks()), ...(await database()), await appendedCalls()];
}

async function tasks(): Promise<Figure[]> {
	const home = temporaryFolder();
	try {
		const settings = taskSettings(home);
		const ledger = openLedger({ directory: join(home, 'ledger'), workerPath: ledgerWorker });
		await ledger.totals({});
		const [backfillMs, aboveMb] = await measured(() => importOnce(() => ledger.importPort(), settings));
		const { calls } = await ledger.totals({});
		const rescanMs = await rescan(ledger.importPort(), settings);
		await ledger.close();
		return [
			figure(`${taskFolders} task folders (${calls} calls), first import into the ledger`, backfillMs, 10_000),
			figure(`${taskFolders} task folders, nothing changed`, rescanMs, 150),
			memoryFigure('memory above idle while importing them, import and ledger workers together', aboveMb),
		];
	} finally {
		remove(home);
	}
}

/** Copies of real tasks, each with its own id, all of today. */
function taskSettings(home: string): ImportSettings {
	const storage = join(home, 'globalStorage');
	const tasksOf = join(recorded, 'kilo-legacy-5.10.4', 'tasks');
	const originals = readdirSync(tasksOf).filter((entry) => !entry.startsWith('_'));
	const root = join(storage, 'kilocode.kilo-code', 'tasks');
	for (let index = 0; index < taskFolders; index++) {
		const folder = join(root, `task-${index}`);
		mkdirSync(folder, { recursive: true });
		cpSync(join(tasksOf, originals[index % originals.length] ?? ''), folder, { recursive: true });
		const at = Date.now() / 1000 - index;
		for (const file of readdirSync(folder)) utimesSync(join(folder, file), at, at);
	}
	return settingsWith({
		places: { ...placesAt(home), globalStorage: [storage] },
		metadataDays: null,
		contentDays: null,
	});
}

/** A large database of Kilo 7: time for all of it, and memory while it is read. */
async function database(): Promise<Figure[]> {
	const home = temporaryFolder();
	try {
		const agent = new AgentDatabase(kiloDatabaseIn(home));
		const text = 'A line of an answer, or of a file that was read. '.repeat(60);
		agent.transaction(() => {
			for (let session = 0; session < sessions; session++) {
				const id = agent.session();
				agent.user(id, 'Go.');
				for (let call = 0; call < callsEach; call++) {
					const tool = { callId: `call_${session}_${call}`, name: 'read', input: { path: 'a' }, output: text };
					agent.call(id, { text: `${session} ${call}`, tool, reason: 'tool-calls' });
				}
			}
		});
		agent.close();
		const ledger = new CountingLedger();
		const settings = settingsWith({ places: placesAt(home), metadataDays: null, contentDays: null });
		const [tookMs, aboveMb] = await measured(() => importOnce(() => portTo(ledger), settings));
		const rescanMs = await rescan(portTo(ledger), settings);
		return [
			figure(`kilo.db of ${sessions * callsEach} calls with content, first import`, tookMs, 10_000),
			figure('kilo.db, nothing changed', rescanMs, 150),
			memoryFigure('memory above idle while importing it, the import worker and a ledger that keeps nothing', aboveMb),
		];
	} finally {
		remove(home);
	}
}

/** From the moment an agent's write is committed to the moment the ledger's worker has the response. */
async function appendedCalls(): Promise<Figure> {
	const home = temporaryFolder();
	const agent = new AgentDatabase(kiloDatabaseIn(home));
	agent.nowMs = Date.now();
	const session = agent.session();
	agent.call(session);
	const ledger = new MemoryLedger();
	const client = clientOf(() => portTo(ledger), settingsWith({ places: placesAt(home) }));
	try {
		await settled(client, (status) => status.calls === 1);
		const delays: number[] = [];
		for (let index = 0; index < appends; index++) {
			await wait(50 + ((index * 37) % 200));
			const message = agent.assistant(session);
			agent.start(message, session);
			agent.finish(message, session, { text: 'Done.' });
			const written = performance.now();
			while (!ledger.events.has(`llm_response kilo-db:${message}`)) await wait(1);
			delays.push(performance.now() - written);
		}
		delays.sort((one, other) => one - other);
		return figure(
			'call written to kilo.db → draft at the ledger, p95',
			delays[Math.ceil(appends * 0.95) - 1] ?? 0,
			200,
		);
	} finally {
		await client.dispose();
		agent.close();
		remove(home);
	}
}

/** Imports everything through the worker, as the extension does. */
async function importOnce(connect: () => MessagePort, settings: ImportSettings): Promise<void> {
	const client = clientOf(connect, settings);
	await settled(client, (status) => status.unitsTotal > 0 && status.unitsDone === status.unitsTotal);
	await client.dispose();
}

/** Looks at everything again without a new thread's start. */
async function rescan(port: MessagePort, settings: ImportSettings): Promise<number> {
	const ledger = new LedgerPort(port, () => {});
	const importer = new Importer(sources, ledger, settings, { status: () => {}, log: () => {}, recorded: () => {} });
	let recorded = 0;
	const record = ledger.record.bind(ledger);
	ledger.record = (drafts) => {
		recorded += drafts.length;
		return record(drafts);
	};
	const tookMs = await timed(async () => {
		await importer.start();
		await importer.idle();
	});
	await importer.stop();
	ledger.close();
	if (recorded > 0) throw new Error('Something was read although nothing had changed.');
	return tookMs;
}

function portTo(ledger: MemoryLedger): MessagePort {
	const { port1, port2 } = new MessageChannel();
	serveImportPort(port1, ledger);
	return port2;
}

function clientOf(connectLedger: () => MessagePort, settings: ImportSettings): ImportClient {
	const client = new ImportClient({
		workerFile: worker,
		settings,
		live: () => ({}),
		connectLedger,
		log: () => {},
	});
	client.start();
	return client;
}

/** Resolves once some source is as `passes` wants it, and none is still being read. */
function settled(client: ImportClient, passes: (status: SourceStatus) => boolean): Promise<void> {
	return new Promise((resolve) => {
		const stop = client.onStatus((list) => {
			if (!list.some(passes) || list.some(({ state }) => state === 'reading')) return;
			stop();
			resolve();
		});
	});
}

/** How long some work takes, and how far the process, all its threads included, grows above what it was before. */
async function measured(work: () => Promise<unknown>): Promise<[tookMs: number, aboveMb: number]> {
	globalThis.gc?.();
	const idle = process.memoryUsage.rss();
	let peak = idle;
	const sampler = setInterval(() => {
		peak = Math.max(peak, process.memoryUsage.rss());
	}, 10);
	const tookMs = await timed(work);
	clearInterval(sampler);
	return [tookMs, (peak - idle) / 1024 / 1024];
}

function memoryFigure(what: string, aboveMb: number): Figure {
	return { figure: what, measured: `${aboveMb.toFixed(0)} MB`, budget: '≤ 150 MB', ok: aboveMb <= 150 };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

function figure(what: string, ms: number, budgetMs: number): Figure {
	const shown = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;
	return { figure: what, measured: shown(ms), budget: `≤ ${shown(budgetMs)}`, ok: ms <= budgetMs };
}

/** Keeps ids, not contents: the memory that is measured is the importer's. */
class CountingLedger extends MemoryLedger {
	override async record(drafts: { eventType: string; callId?: string | null }[]): ReturnType<MemoryLedger['record']> {
		this.steps.push(`record ${drafts.length}`);
		return drafts.map(({ eventType, callId }) => {
			const key = `${eventType} ${callId}`;
			const known = this.events.has(key);
			this.events.set(key, '');
			return { outcome: known ? 'unchanged' : 'appended' };
		});
	}
}
