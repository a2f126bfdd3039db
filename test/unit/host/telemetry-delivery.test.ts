import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import { TelemetryDelivery } from '../../../src/host/telemetry-delivery.ts';
import type * as headersModule from '../../../src/host/telemetry-headers.ts';
import { EventSpool } from '../../../src/telemetry/event-spool.ts';
import { OtlpEndpoint } from '../../harness/otlp-endpoint.ts';
import { completionProperties } from '../telemetry/completion-properties.ts';

describe('telemetry on its way out', () => {
	let folder: string;
	let directory: string;
	let receiver: OtlpEndpoint;
	let on: boolean;
	let endpoint: string;
	let headers: Record<string, Record<string, string>>;
	let delivery: TelemetryDelivery;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-delivery-'));
		directory = join(folder, 'telemetry');
		receiver = await OtlpEndpoint.start();
		[on, endpoint, headers] = [true, receiver.url, {}];
		delivery = open();
	});
	afterEach(async () => {
		await delivery.close();
		await receiver.close();
		await rm(folder, { recursive: true, force: true });
	});

	const open = () =>
		new TelemetryDelivery({
			directory,
			version: '1.2.3',
			isOn: () => on,
			endpoint: () => endpoint,
			headers: async (origin) => headers[origin] ?? {},
			log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
			limits: { batchDelayMs: 20 },
		});
	const add = (inputTokens: number) => delivery.add(completionProperties({ inputTokens }));
	const waiting = () => new EventSpool(directory).count();
	async function whenWaiting(count: number): Promise<void> {
		for (const end = Date.now() + 5_000; (await waiting()) !== count; await pause(5)) assert.ok(Date.now() < end);
	}

	it('goes to the receiver of the settings, with its headers', async () => {
		headers = { [receiver.url]: { 'api-key': 'secret' } };
		add(1);
		await receiver.when(() => receiver.records.length === 1);
		const [{ headers: sent, path } = assert.fail()] = receiver.arrived;
		assert.equal(sent['api-key'], 'secret');
		assert.equal(sent['user-agent'], 'callmeter/1.2.3');
		assert.equal(path, '/v1/logs');
	});

	it('takes headers to the receiver that they are for, and to no other', async () => {
		headers = { 'https://collector.example.com': { 'api-key': 'secret' } };
		add(1);
		await receiver.when(() => receiver.records.length === 1);
		assert.equal(receiver.arrived[0]?.headers['api-key'], undefined);
	});

	for (const why of ['a switch goes off', 'there is no receiver any more']) {
		it(`stops, and deletes what waits, when ${why}`, async () => {
			receiver.answers.push('hang');
			add(1);
			await receiver.when(() => receiver.arrived.length === 1);
			if (why === 'a switch goes off') on = false;
			else endpoint = ' ';
			await delivery.renew();
			await receiver.when(() => receiver.aborted === 1);
			assert.equal(existsSync(directory), false);
			add(2);
			await pause(60);
			assert.equal(existsSync(directory), false);
			assert.equal(receiver.arrived.length, 1);
		});
	}

	it('deletes at start what was left from when it was on', async () => {
		receiver.answers.push({ status: 503, headers: { 'retry-after': '60' } });
		add(1);
		await receiver.when(() => receiver.arrived.length === 1);
		await delivery.close();
		assert.equal(await waiting(), 1);
		on = false;
		delivery = open();
		await delivery.renew();
		assert.equal(existsSync(directory), false);
	});

	it('sends at start what was left', async () => {
		receiver.answers.push({ status: 503, headers: { 'retry-after': '60' } });
		add(1);
		await receiver.when(() => receiver.arrived.length === 1);
		await delivery.close();
		delivery = open();
		await delivery.renew();
		await receiver.when(() => receiver.arrived.length === 2);
		await whenWaiting(0);
	});

	it('sends nothing to an address that is none, and keeps what waits until it is mended', async () => {
		receiver.answers.push({ status: 503, headers: { 'retry-after': '60' } });
		add(1);
		await receiver.when(() => receiver.arrived.length === 1);
		endpoint = 'http://collector.example.com';
		await delivery.renew();
		assert.equal(delivery.problem, 'notHttps');
		assert.equal(delivery.origin, null);
		add(2);
		await pause(60);
		assert.equal(receiver.arrived.length, 1);
		assert.equal(await waiting(), 1);
		endpoint = `${receiver.url}/v1/logs`;
		await delivery.renew();
		await receiver.when(() => receiver.arrived.length === 2);
		assert.deepEqual(
			receiver.arrived[1]?.records.map(({ inputTokens }) => inputTokens),
			[1],
		);
	});
});

describe('the headers of a telemetry receiver', () => {
	let TelemetryHeaders: typeof headersModule.TelemetryHeaders;
	let window: Record<string, unknown>;
	let kept: Map<string, string>;
	let answer: string | undefined;
	let options: vscode.InputBoxOptions;
	let told: string[];
	let headers: headersModule.TelemetryHeaders;
	const origin = 'https://collector.example.com';

	before(async () => {
		({ TelemetryHeaders } = await import('../../../src/host/telemetry-headers.ts'));
		({ window } = (await import('vscode')) as unknown as { window: Record<string, unknown> });
	});

	beforeEach(() => {
		[kept, told] = [new Map(), []];
		Object.assign(window, {
			showInputBox: async (asked: vscode.InputBoxOptions) => {
				options = asked;
				return answer;
			},
			showInformationMessage: async (text: string) => void told.push(text),
		});
		headers = new TelemetryHeaders({
			get: async (name: string) => kept.get(name),
			store: async (name: string, value: string) => void kept.set(name, value),
			delete: async (name: string) => void kept.delete(name),
		} as unknown as vscode.SecretStorage);
	});

	it('are kept for one receiver in the secret storage, and never shown', async () => {
		answer = ' api-key=top-secret,x-team=blue ';
		await headers.ask(origin);
		assert.equal(options.password, true);
		assert.deepEqual(await headers.get(origin), { 'api-key': 'top-secret', 'x-team': 'blue' });
		assert.deepEqual(await headers.get('https://collector.example.com:4318'), {});
		assert.equal(told.length, 1);
		assert.equal(told.join().includes('top-secret'), false);
	});

	it('are refused while they are none', async () => {
		answer = undefined;
		await headers.ask(origin);
		const problems = ['top-secret', 'host=evil', 'api-key=1', ''].map((text) => options.validateInput?.(text) ?? null);
		assert.deepEqual(
			problems.map((problem) => problem === null),
			[false, false, true, true],
		);
	});

	it('go when the text is left empty, and stay when the person gives up', async () => {
		answer = 'api-key=1';
		await headers.ask(origin);
		answer = undefined;
		await headers.ask(origin);
		assert.deepEqual(await headers.get(origin), { 'api-key': '1' });
		answer = '';
		await headers.ask(origin);
		assert.deepEqual([...kept], []);
	});
});
