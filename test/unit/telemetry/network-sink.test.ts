import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { EventSpool } from '../../../src/telemetry/event-spool.ts';
import { Lease } from '../../../src/telemetry/lease.ts';
import { NetworkSink, type NetworkSinkOptions } from '../../../src/telemetry/network-sink.ts';
import { OtlpSender } from '../../../src/telemetry/otlp-sender.ts';
import { OtlpEndpoint } from '../../harness/otlp-endpoint.ts';
import { completionProperties } from './completion-properties.ts';

const key = 'the-key-of-the-receiver';

describe('the network sink', () => {
	let folder: string;
	let directory: string;
	let endpoint: OtlpEndpoint;
	let url: string;
	let log: string[];
	let sinks: NetworkSink[];

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-sink-'));
		directory = join(folder, 'telemetry');
		endpoint = await OtlpEndpoint.start();
		url = `${endpoint.url}/v1/logs`;
		[log, sinks] = [[], []];
	});
	afterEach(async () => {
		await Promise.all(sinks.map((sink) => sink.close()));
		await endpoint.close();
		await rm(folder, { recursive: true, force: true });
	});

	/** A window: its batches go after 20 ms, and it tries again after a few more. */
	function open(more: Partial<NetworkSinkOptions> & { timeoutMs?: number } = {}): NetworkSink {
		const { timeoutMs = 10_000, limits, ...rest } = more;
		const sink = new NetworkSink({
			spool: new EventSpool(directory),
			sender: async () => new OtlpSender({ url, headers: { 'api-key': key }, userAgent: 'callmeter/1', timeoutMs }),
			log: { debug: (text) => log.push(text), info: (text) => log.push(text), warn: (text) => log.push(text) },
			backoff: { firstMs: 4, maxMs: 20 },
			limits: { batchDelayMs: 20, leaseRetryMs: 20, ...limits },
			...rest,
		});
		sinks.push(sink);
		return sink;
	}

	/** Adds events that can be told apart by their input tokens. */
	function add(sink: NetworkSink, from: number, to = from): void {
		for (let n = from; n <= to; n++) sink.add(completionProperties({ inputTokens: n }));
	}
	const numbers = (records = endpoint.records) => records.map(({ inputTokens }) => inputTokens);
	const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
	const waiting = () => new EventSpool(directory).count();
	async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
		for (const end = Date.now() + 5_000; !(await holds()); await pause(5)) {
			assert.ok(Date.now() < end, 'What was waited for has not come');
		}
	}
	const whenWaiting = (count: number) => until(async () => (await waiting()) === count);
	const whenRecords = (count: number) => endpoint.when(() => endpoint.records.length >= count);

	it('sends an event as an OTLP log record with the properties of the event and an id of its own', async () => {
		const startMs = Date.now();
		open().add(completionProperties());
		await whenRecords(1);
		const [{ 'log.record.uid': uid, ...properties } = {}] = endpoint.records;
		assert.deepEqual(properties, completionProperties());
		assert.match(String(uid), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
		const request = JSON.parse(endpoint.arrived[0]?.text ?? '');
		const [record] = request.resourceLogs[0].scopeLogs[0].logRecords;
		assert.equal(record.eventName, 'LLM Completion');
		assert.equal('body' in record, false);
		// As whole numbers: nanoseconds since 1970 are beyond what a double tells apart.
		assert.ok(BigInt(record.timeUnixNano) >= BigInt(startMs) * 1_000_000n);
		const types = record.attributes.map((each: { key: string; value: object }) => [
			each.key,
			Object.keys(each.value)[0],
		]);
		// A cost and a duration have the same type also when they happen to be whole.
		assert.deepEqual(
			types.filter(([, type]: [string, string]) => type !== 'stringValue'),
			[
				['inputTokens', 'intValue'],
				['outputTokens', 'intValue'],
				['cacheWriteTokens', 'intValue'],
				['cacheReadTokens', 'intValue'],
				['cost', 'doubleValue'],
				['completionTime', 'doubleValue'],
			],
		);
	});

	it('sends in batches: what comes within a time in one request, and a full batch at once', async () => {
		const sink = open({ limits: { batchDelayMs: 100, batchRecords: 10 } });
		add(sink, 1, 4);
		await pause(30);
		assert.equal(endpoint.arrived.length, 0);
		add(sink, 5, 6);
		await whenRecords(6);
		assert.equal(endpoint.arrived.length, 1);
		const slow = open({ limits: { batchDelayMs: 60_000, batchRecords: 10 } });
		add(slow, 7, 31);
		await whenRecords(31);
		assert.deepEqual(numbers(), upTo(31));
		assert.ok(endpoint.arrived.every(({ records }) => records.length <= 10));
		await whenWaiting(0);
	});

	for (const failure of [{ status: 503 }, { status: 429 }, { status: 502 }, { status: 504 }, 'reset'] as const) {
		it(`sends again, in order, after ${JSON.stringify(failure)}`, async () => {
			endpoint.answers.push(failure, failure, failure);
			const sink = open();
			add(sink, 1, 3);
			await endpoint.when(() => endpoint.arrived.length >= 2);
			add(sink, 4);
			await endpoint.when(() => endpoint.arrived.length >= 4 && numbers().at(-1) === 4);
			await whenWaiting(0);
			assert.deepEqual(numbers(endpoint.arrived.slice(3).flatMap(({ records }) => records)), upTo(4));
			const ids = endpoint.arrived.map(({ records }) => records[0]?.['log.record.uid']);
			assert.equal(new Set(ids.slice(0, 4)).size, 1, 'A receiver can tell what came twice');
			assert.equal(sink.counts.delivered, 4);
			assert.equal(log.filter((line) => line.includes('cannot be delivered')).length, 3);
		});
	}

	it('sends again after no answer within its time', async () => {
		endpoint.answers.push('hang');
		add(open({ timeoutMs: 60 }), 1);
		await endpoint.when(() => endpoint.arrived.length === 2);
		assert.equal(endpoint.aborted, 1);
		await whenWaiting(0);
	});

	it('waits as long as Retry-After says', async () => {
		endpoint.answers.push({ status: 429, headers: { 'retry-after': '1' } });
		add(open(), 1);
		await endpoint.when(() => endpoint.arrived.length === 2);
		const [first, second] = endpoint.arrived;
		assert.ok(first && second && second.atMs - first.atMs >= 995);
	});

	it('drops and counts what the receiver refuses, and goes on with the next', async () => {
		endpoint.answers.push({ status: 400 });
		const sink = open();
		add(sink, 1, 2);
		await until(() => sink.counts.refused === 2);
		add(sink, 3);
		await until(() => sink.counts.delivered === 1);
		await whenWaiting(0);
		assert.deepEqual(numbers(endpoint.arrived[1]?.records), [3]);
		assert.match(log.join('\n'), /refused 2 events \(HTTP 400\), which are dropped/);
	});

	it('tells what a receiver says it did not take, and does not send it again', async () => {
		const partialSuccess = { rejectedLogRecords: '1', errorMessage: 'too old' };
		endpoint.answers.push({ status: 200, body: JSON.stringify({ partialSuccess }) });
		const sink = open();
		add(sink, 1, 3);
		await until(() => sink.counts.delivered === 2);
		assert.deepEqual(sink.counts, { delivered: 2, rejected: 1, refused: 0, dropped: 0 });
		await whenWaiting(0);
		assert.equal(endpoint.arrived.length, 1);
		assert.match(log.join('\n'), /did not take 1 of 3 events\. It says: too old/);
	});

	it('keeps what waits over a restart, and sends it first', async () => {
		url = 'http://127.0.0.1:9/v1/logs';
		const before = open();
		add(before, 1, 3);
		await before.close();
		assert.equal(await waiting(), 3);
		url = `${endpoint.url}/v1/logs`;
		const after = open();
		after.wake();
		add(after, 4);
		await whenRecords(4);
		assert.deepEqual(numbers(), upTo(4));
	});

	it('keeps what is on its way when the window closes, and waits for it a moment only', async () => {
		endpoint.answers.push('hang');
		const sink = open({ limits: { closeMs: 20 } });
		add(sink, 1);
		await whenRecords(1);
		const startMs = performance.now();
		await sink.close();
		assert.ok(performance.now() - startMs < 1_000);
		assert.equal(await waiting(), 1);
	});

	it('keeps nothing but the events on disk, where only their owner can read them', async () => {
		endpoint.answers.push('hang');
		const sink = open();
		add(sink, 1);
		await whenRecords(1);
		for (const name of await readdir(directory)) {
			const text = await readFile(join(directory, name), 'utf8');
			assert.equal(text.includes(key) || text.includes('127.0.0.1'), false);
			if (process.platform !== 'win32') assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600);
		}
		if (process.platform !== 'win32') assert.equal((await stat(directory)).mode & 0o777, 0o700);
		assert.equal(log.join().includes(key), false);
	});

	it('sends each event of several windows once, in order, one request at a time', async () => {
		const windows = Array.from({ length: 4 }, () => open({ limits: { batchRecords: 7 } }));
		for (let n = 1; n <= 100; n++) {
			const sink = windows[n % windows.length];
			assert.ok(sink);
			add(sink, n);
			if (n % 10 === 0) await pause(5);
		}
		await whenRecords(100);
		await whenWaiting(0);
		assert.deepEqual([...new Set(numbers())].length, 100);
		assert.equal(endpoint.records.length, 100);
		assert.equal(endpoint.mostAtOnce, 1);
		for (const index of windows.keys()) {
			const own = numbers().filter((n) => Number(n) % windows.length === index);
			assert.deepEqual(
				own,
				upTo(100).filter((n) => n % windows.length === index),
			);
		}
	});

	it('lets no other window send while one waits as the receiver asked', async () => {
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '1' } });
		add(open(), 1);
		await endpoint.when(() => endpoint.arrived.length === 1);
		add(open(), 2);
		await whenRecords(3);
		const [first, second] = endpoint.arrived;
		assert.ok(first && second && second.atMs - first.atMs >= 995);
		assert.deepEqual(numbers(second.records), [1, 2]);
	});

	it('takes over from a window that is gone', async () => {
		const gone = await Lease.take(directory);
		const sink = open();
		add(sink, 1);
		await whenWaiting(1);
		await pause(100);
		assert.equal(endpoint.arrived.length, 0);
		const past = new Date(Date.now() - 120_000);
		await utimes(join(directory, 'lease-1'), past, past);
		await whenRecords(1);
		await gone?.release();
	});

	it('deletes everything at once when telemetry goes off: what is on its way, in memory and on disk', async () => {
		endpoint.answers.push('hang');
		const sink = open();
		add(sink, 1);
		await whenRecords(1);
		add(sink, 2, 3);
		const off = sink.discard();
		await endpoint.when(() => endpoint.aborted === 1);
		await off;
		assert.equal(existsSync(directory), false);
		await pause(100);
		assert.equal(existsSync(directory), false);
		assert.equal(endpoint.arrived.length, 1);
	});

	it('deletes what waits for another attempt, and what another window has on disk', async () => {
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
		const sink = open();
		add(sink, 1);
		await endpoint.when(() => endpoint.arrived.length === 1);
		const other = open();
		add(other, 2);
		await whenWaiting(2);
		await Promise.all([sink.discard(), other.discard()]);
		assert.equal(existsSync(directory), false);
		await pause(100);
		assert.equal(endpoint.arrived.length, 1);
		add(sink, 3);
		await endpoint.when(() => endpoint.arrived.length === 2);
		assert.deepEqual(numbers(endpoint.arrived[1]?.records), [3], 'Switched on again it begins anew');
	});

	it('deletes also what it writes in that very moment', async () => {
		for (let n = 0; n < 20; n++) {
			const sink = open();
			add(sink, 1, 5);
			if (n % 2 === 0) await pause(n / 10);
			await sink.discard();
			assert.equal(existsSync(directory), false);
		}
		await pause(60);
		assert.equal(endpoint.arrived.length, 0);
	});

	it('drops and counts the oldest when too many wait on disk', async () => {
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '1' } });
		const sink = open({ spool: new EventSpool(directory, 10) });
		for (let n = 1; n <= 25; n++) {
			add(sink, n);
			await pause(2);
		}
		await whenWaiting(10);
		assert.equal(sink.counts.dropped, 15);
		await until(() => sink.counts.delivered === 10);
		assert.deepEqual(numbers(endpoint.arrived.slice(1).flatMap(({ records }) => records)), upTo(25).slice(15));
		assert.match(log.join('\n'), /the oldest are dropped/);
	});

	it('sends from memory, bounded, where there can be no folder', async () => {
		await writeFile(directory, 'a file is in its place');
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '1' } });
		const sink = open({ limits: { memoryRecords: 10, batchRecords: 3, batchDelayMs: 20 } });
		add(sink, 1, 15);
		await until(() => sink.counts.delivered === 10);
		assert.equal(sink.counts.dropped, 5);
		assert.deepEqual(numbers(endpoint.arrived.slice(1).flatMap(({ records }) => records)), upTo(15).slice(5));
		assert.match(log.join('\n'), /cannot be kept on disk \(E\w+\)/);
		await sink.discard();
	});

	it('keeps events in order while the disk is full, and writes them when it has room again', async () => {
		const spool = new EventSpool(directory);
		const write = spool.write.bind(spool);
		let full = false;
		spool.write = async (records) => {
			if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
			return write(records);
		};
		const down = async () => null;
		const sink = open({ spool, sender: down });
		add(sink, 1, 2);
		await whenWaiting(2);
		full = true;
		add(sink, 3, 4);
		await pause(50);
		assert.equal(await waiting(), 2);
		full = false;
		add(sink, 5);
		await sink.close();
		open().wake();
		await whenRecords(5);
		assert.deepEqual(numbers(), upTo(5));
		assert.equal(log.filter((line) => line.includes('ENOSPC')).length, 1, 'Said once');
	});

	it('passes over what is no queue of its own', async () => {
		await mkdir(directory);
		await writeFile(join(directory, '000001700000000-00000000-1.json'), '[{"id":1}]');
		await writeFile(join(directory, '000001700000001-00000000-1.json'), 'half a fi');
		await writeFile(join(directory, '000001700000002-00000000-1.tmp'), 'half');
		await writeFile(join(directory, 'notes.txt'), 'of someone');
		add(open(), 1);
		await whenRecords(1);
		await whenWaiting(0);
		assert.deepEqual(
			(await readdir(directory)).filter((name) => !name.startsWith('lease')),
			['notes.txt'],
		);
	});

	it('goes on waiting when the headers cannot be read', async () => {
		let locked = true;
		const sender = async () => {
			if (locked) throw new Error(`locked: ${key}`);
			return new OtlpSender({ url, headers: {}, userAgent: 'callmeter/1' });
		};
		add(open({ sender }), 1);
		await until(() => log.length > 0);
		locked = false;
		await whenRecords(1);
		assert.equal(log.join().includes(key), false);
	});

	it('asks again for headers that do not come, and waits for none when the window closes', async () => {
		let asked = 0;
		const sender = () => {
			asked++;
			return new Promise<never>(() => undefined);
		};
		const sink = open({ sender, limits: { senderMs: 20, closeMs: 20 } });
		add(sink, 1);
		await until(() => asked >= 2);
		const slow = open({ sender, limits: { closeMs: 20 } });
		await sink.close();
		asked = 0;
		slow.wake();
		await until(() => asked === 1);
		await slow.close();
		assert.equal(await waiting(), 1);
	});

	it('takes 10,000 events in a moment, without waiting for disk or network', async () => {
		endpoint.answers.push('hang');
		const sink = open();
		const properties = completionProperties();
		const startMs = performance.now();
		for (let n = 0; n < 10_000; n++) sink.add(properties);
		const tookMs = performance.now() - startMs;
		assert.ok(tookMs < 500, `${tookMs} ms`);
		await sink.discard();
	});
});
