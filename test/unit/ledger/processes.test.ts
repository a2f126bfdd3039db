import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { openStore, temporaryFolder } from './support.ts';

const source = fileURLToPath(new URL('writing-process.mjs', import.meta.url));
const KILLS = 50;

describe('Processes that write one ledger', () => {
	const folder = temporaryFolder();
	const { file } = folder;
	const children: ChildProcess[] = [];
	/** Bundled, a process starts five times as fast. */
	const bundle = temporaryFolder();
	const program = join(bundle.path, 'writing-process.mjs');
	before(async () => {
		await build({
			entryPoints: [source],
			outfile: program,
			bundle: true,
			platform: 'node',
			format: 'esm',
			logLevel: 'error',
		});
	});
	after(() => bundle.clean());
	beforeEach(() => folder.make());
	afterEach(() => {
		for (const child of children.splice(0)) child.kill('SIGKILL');
		folder.clean();
	});

	/** Starts a writer. `acknowledged` fills with the ids it has printed in whole lines. */
	const write = (prefix: string, count: number) => {
		const child = spawn(process.execPath, [program, file, prefix, String(count)], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		children.push(child);
		let text = '';
		let errors = '';
		child.stdout.on('data', (chunk: Buffer) => {
			text += chunk.toString();
		});
		child.stderr.on('data', (chunk: Buffer) => {
			errors += chunk.toString();
		});
		return { child, acknowledged: () => text.split('\n').slice(0, -1), errors: () => errors };
	};

	it(`loses nothing acknowledged and keeps a chain that verifies, ${KILLS} times killed`, async () => {
		const acknowledged: string[] = [];
		for (let i = 0; i < KILLS; i++) {
			const writer = write(`run${i}`, 0);
			await once(writer.child.stdout, 'data');
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
			writer.child.kill('SIGKILL');
			await once(writer.child, 'close');
			acknowledged.push(...writer.acknowledged());
			const store = openStore(file);
			assert.equal(store.setAside, null);
			assert.deepEqual(store.verify().firstBroken, null);
			store.close();
		}
		const store = openStore(file);
		for (const callId of acknowledged) assert.ok(store.call(callId)?.completion, callId);
		const { calls } = store.totals({});
		assert.ok(acknowledged.length >= KILLS && calls >= acknowledged.length);
		store.close();
		assert.equal(integrity(file), 'ok');
	}).timeout(300_000);

	it('write at the same time without losing or mixing up anything', async () => {
		const writers = ['left', 'right'].map((prefix) => write(prefix, 150));
		await Promise.all(writers.map(({ child }) => once(child, 'close')));
		assert.deepEqual(
			writers.map(({ errors }) => errors()),
			['', ''],
		);
		const store = openStore(file);
		assert.equal(store.totals({}).calls, 300);
		assert.equal(store.totals({}).inputTokens, 3_000);
		assert.equal(store.verify().ok, true);
		assert.equal(store.verify().events, 600);
		for (const prefix of ['left', 'right']) {
			const detail = store.call(`${prefix}-6`);
			assert.equal(detail?.messages.length, 7);
			assert.equal(detail?.completion, `Answer 6 of ${prefix}`);
		}
		store.close();
		assert.equal(integrity(file), 'ok');
	}).timeout(60_000);

	it('make it together, whoever is first', async () => {
		const opener = new URL('opening-thread.mjs', import.meta.url);
		const threads = Array.from({ length: 4 }, () => new Worker(opener));
		try {
			for (let i = 0; i < 60; i++) {
				const outcomes = threads.map(async (thread) => {
					const said = once(thread, 'message');
					thread.postMessage(join(folder.path, `${i}.db`));
					return (await said)[0];
				});
				assert.deepEqual(await Promise.all(outcomes), ['ok', 'ok', 'ok', 'ok']);
			}
		} finally {
			await Promise.all(threads.map((thread) => thread.terminate()));
		}
	}).timeout(60_000);
});

function integrity(file: string): unknown {
	const db = new DatabaseSync(file);
	const verdict = db.prepare('PRAGMA integrity_check').get()?.integrity_check;
	db.close();
	return verdict;
}
