import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { serveImportPort } from '../../../../src/ledger/serve-import-port.ts';
import { ImportClient } from '../../../../src/sources/import-client.ts';
import type { SourceStatus } from '../../../../src/sources/import-protocol.ts';
import { copyRecorded, placesAt, remove, temporaryFolder } from '../kilo-db/agent-database.ts';
import { MemoryLedger, settingsWith } from './memory-ledger.ts';

const worker = new URL('../../../../src/sources/import-worker.ts', import.meta.url);

describe('ImportClient', () => {
	let home: string;
	let ledger: MemoryLedger;
	let client: ImportClient;
	let ports: MessagePort[];
	let logs: string[];

	beforeEach(() => {
		home = temporaryFolder();
		ledger = new MemoryLedger();
		ports = [];
		logs = [];
	});
	afterEach(async () => {
		await client.dispose();
		for (const port of ports) port.close();
		remove(home);
	});

	function clientOf(workerFile: URL): ImportClient {
		client = new ImportClient({
			workerFile,
			settings: settingsWith({ places: placesAt(home), metadataDays: null, contentDays: null }),
			connectLedger: () => {
				const { port1, port2 } = new MessageChannel();
				serveImportPort(port1, ledger);
				ports.push(port1);
				return port2;
			},
			live: () => ({}),
			log: (_level, message) => void logs.push(message),
		});
		return client;
	}

	function until(passes: (sources: Map<string, SourceStatus>) => boolean): Promise<Map<string, SourceStatus>> {
		return new Promise((resolve) => {
			const stop = client.onStatus((list) => {
				const sources = new Map(list.map((source) => [source.id, source]));
				if (!passes(sources)) return;
				stop();
				resolve(sources);
			});
		});
	}

	it('imports in a thread of its own, straight into the ledger, and tells of each source', async () => {
		copyRecorded('kilo-7.7.7-subagent', home);
		copyRecorded('opencode-1.18.33', home);
		clientOf(worker).start();
		const sources = await until((list) => list.get('opencode')?.calls === 3 && list.get('kilo-db')?.calls === 5);
		assert.deepEqual(sources.get('kilo-db')?.places, [join(home, '.local/share/kilo/kilo.db')]);
		assert.equal(ledger.calls(), 8);
		assert.deepEqual(logs, []);
	});

	it('switches a source off and on', async () => {
		copyRecorded('kilo-7.7.7', home);
		clientOf(worker).start();
		client.setSource('kilo-db', false);
		await until((list) => list.get('kilo-db')?.state === 'off');
		client.setSource('kilo-db', true);
		await until((list) => list.get('kilo-db')?.calls === 3);
	});

	it('takes settings and what was seen live while the records are still being listed', async () => {
		copyRecorded('kilo-7.7.7', home);
		const listed = Promise.withResolvers<void>();
		const sourceState = ledger.sourceState.bind(ledger);
		ledger.sourceState = async (source) => {
			const entries = await sourceState(source);
			await listed.promise;
			return entries;
		};
		clientOf(worker).start();
		client.seenLive('roo-code', {}, 2);
		client.setSource('kilo-db', false);
		await until((list) => list.get('kilo-db')?.state === 'off');
		assert.equal(ledger.states.get('roo-code')?.get('live')?.calls, 2);
		listed.resolve();
		await until((list) => list.get('roo-code')?.state === 'notFound');
		assert.equal(ledger.calls(), 0, 'nothing of the agent that was switched off');
	});

	it('starts a worker that dies once more, and then says that it failed', async () => {
		const crashing = join(home, 'crashing.mjs');
		writeFileSync(crashing, 'setImmediate(() => { throw new TypeError("with content"); });');
		const failed = new Promise<void>((resolve) => clientOf(pathToFileURL(crashing)).onFailed(resolve));
		client.start();
		await failed;
		assert.equal(ports.length, 2, 'with a new port for the second');
		assert.equal(logs.filter((line) => line.includes('TypeError')).length, 2);
		assert.ok(!logs.join().includes('with content'));
	});

	it('ends its worker when it is disposed of', async () => {
		copyRecorded('kilo-7.7.7', home);
		clientOf(worker).start();
		await until((list) => list.get('kilo-db')?.calls === 3);
		const began = performance.now();
		await client.dispose();
		assert.ok(performance.now() - began < 1500, 'without having to be ended by force');
	});
});
