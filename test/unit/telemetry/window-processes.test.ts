import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { EventSpool } from '../../../src/telemetry/event-spool.ts';
import { OtlpEndpoint } from '../../harness/otlp-endpoint.ts';

describe('the network sinks of several processes', () => {
	let directory: string;
	let endpoint: OtlpEndpoint;
	let windows: Map<string, ChildProcess>;

	beforeEach(async () => {
		directory = await mkdtemp(join(tmpdir(), 'callmeter-windows-'));
		endpoint = await OtlpEndpoint.start();
		windows = new Map();
	});
	afterEach(async () => {
		for (const window of windows.values()) window.kill('SIGKILL');
		await endpoint.close();
		await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
	});

	function open(name: string, first: number, last: number): void {
		const args = [join(import.meta.dirname, 'window-process.ts'), directory, `${endpoint.url}/v1/logs`, name];
		const window = spawn(process.execPath, [...args, String(first), String(last)], {
			stdio: ['pipe', 'inherit', 'inherit'],
		});
		windows.set(name, window);
	}
	async function whenWaiting(count: number): Promise<void> {
		const spool = new EventSpool(directory);
		for (const end = Date.now() + 10_000; (await spool.count()) !== count; await pause(10)) assert.ok(Date.now() < end);
	}

	it('go on when the one that sends is killed, in order, and send twice only what it never heard of', async () => {
		endpoint.answers.push('hang');
		for (let n = 0; n < 3; n++) open(`window-${n}`, n * 20 + 1, n * 20 + 20);
		await endpoint.when(() => endpoint.arrived.length === 1);
		await whenWaiting(60);
		const [first = assert.fail()] = endpoint.arrived;
		const sender = windows.get(String(first.headers['user-agent']));
		assert.ok(sender);
		sender.kill('SIGKILL');
		await once(sender, 'exit');
		assert.equal(endpoint.arrived.length, 1);
		// As if a minute had passed.
		const past = new Date(Date.now() - 120_000);
		for (const name of await readdir(directory)) {
			if (name.startsWith('lease-')) await utimes(join(directory, name), past, past);
		}
		await whenWaiting(0);
		const [again = assert.fail()] = endpoint.arrived.slice(1);
		assert.deepEqual(again.records, first.records);
		const ids = endpoint.arrived.slice(1).flatMap(({ records }) => records.map((each) => each['log.record.uid']));
		assert.equal(ids.length, 60);
		assert.equal(new Set(ids).size, 60);
	});
});
