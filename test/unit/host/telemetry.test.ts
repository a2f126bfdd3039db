import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import type { Settings } from '../../../src/host/settings.ts';
import type * as telemetryModule from '../../../src/host/telemetry.ts';
import { EventSpool } from '../../../src/telemetry/event-spool.ts';
import { callDraft, responseDraft } from '../core/drafts.ts';

/** VS Code's logger does the rest in `test/package/telemetry.test.ts`. */
describe('telemetry of a window', () => {
	let module: typeof telemetryModule;
	let stub: Record<'window' | 'env', Record<string, unknown>> & Pick<typeof vscode, 'TelemetryTrustedValue'>;
	let folder: string;
	let level: { isUsageEnabled: boolean; changed: () => void };
	let settings: { telemetryEnabled: boolean; telemetryEndpoint: string; changed: () => void };
	let log: string[];
	let told: string[];
	let telemetry: telemetryModule.Telemetry;

	before(async () => {
		module = await import('../../../src/host/telemetry.ts');
		stub = (await import('vscode')) as unknown as typeof stub;
	});

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-telemetry-'));
		[log, told] = [[], []];
		level = { isUsageEnabled: true, changed: () => undefined };
		settings = {
			telemetryEnabled: true,
			// Nobody listens there: what is taken stays in the queue.
			telemetryEndpoint: 'http://127.0.0.1:9',
			changed: () => undefined,
		};
		Object.assign(stub.window, { showWarningMessage: async (text: string) => void told.push(text) });
		Object.assign(stub.env, { appName: 'Visual Studio Code', createTelemetryLogger });
		telemetry = open();
	});
	afterEach(async () => {
		mock.timers.reset();
		await telemetry.close();
		telemetry.dispose();
		await rm(folder, { recursive: true, force: true });
	});

	/** Hands on as VS Code does: with the name of the extension in front, and what is trusted taken out of its wrap. */
	function createTelemetryLogger(sender: vscode.TelemetrySender): unknown {
		return {
			get isUsageEnabled() {
				return level.isUsageEnabled;
			},
			onDidChangeEnableStates: (listener: () => void) => {
				level.changed = listener;
				return { dispose: () => undefined };
			},
			logUsage: (name: string, data: Record<string, unknown>) => {
				const plain = Object.entries(data).map(([key, value]) => [
					key,
					value instanceof stub.TelemetryTrustedValue ? value.value : value,
				]);
				sender.sendEventData(`callmeter.callmeter/${name}`, { ...Object.fromEntries(plain), 'common.machine': 'm-1' });
			},
			dispose: () => undefined,
		};
	}

	function open(): telemetryModule.Telemetry {
		const context = {
			extension: { id: 'callmeter.callmeter', packageJSON: { version: '1.2.3' } },
			globalStorageUri: { fsPath: folder },
			secrets: { get: async () => undefined, onDidChange: () => ({ dispose: () => undefined }) },
		};
		const onDidChange = (_names: string[], listener: () => void) => {
			settings.changed = listener;
			return { dispose: () => undefined };
		};
		const write = (text: string) => void log.push(text);
		return new module.Telemetry(
			context as unknown as vscode.ExtensionContext,
			Object.assign(settings, { onDidChange }) as unknown as Settings,
			{ info: write, warn: write, debug: write } as unknown as vscode.LogOutputChannel,
		);
	}

	/** A call that begins, ends and is stored. */
	function call(callId: string, model = 'anthropic/claude-sonnet-4-6'): void {
		telemetry.reporter.began(callDraft({ callId, model }));
		telemetry.reporter.ended(responseDraft({ callId, model }));
		telemetry.reporter.notStored(callId);
	}
	/** Once what is under way is on disk or deleted. */
	async function waiting(): Promise<string[]> {
		await telemetry.close();
		const batch = await new EventSpool(join(folder, 'telemetry')).oldest(100);
		return batch?.records.map(({ properties }) => properties.modelId) ?? [];
	}

	it('puts an event into the log and the queue, without what VS Code adds to it', async () => {
		call('call-1');
		assert.equal(log.filter((line) => /^Telemetry event: LLM Completion \{"taskId":"task-1"/.test(line)).length, 1);
		assert.equal(log.join().includes('m-1'), false);
		assert.deepEqual(await waiting(), ['anthropic/claude-sonnet-4-6']);
	});

	it('withholds a model that is a path, in the log as well', async () => {
		call('call-1', '/home/someone/models/secret-project.gguf');
		assert.equal(log.join().includes('secret-project'), false);
		assert.deepEqual(await waiting(), ['<withheld>']);
	});

	it('puts it into the log alone where no receiver is set', async () => {
		settings.telemetryEndpoint = '';
		call('call-1');
		assert.match(log.join(), /Telemetry event/);
		assert.deepEqual(await waiting(), []);
	});

	for (const which of ['its own switch', "VS Code's level"]) {
		it(`makes none while ${which} is off, and deletes what waits`, async () => {
			call('call-1');
			settings.telemetryEnabled = which !== 'its own switch';
			level.isUsageEnabled = which === 'its own switch';
			(which === 'its own switch' ? settings : level).changed();
			call('call-2');
			assert.equal(log.filter((line) => line.startsWith('Telemetry event')).length, 1);
			assert.deepEqual(await waiting(), []);
		});
	}

	it('says what is wrong with the receiver once it has been left so for a while', () => {
		mock.timers.enable({ apis: ['setTimeout'] });
		for (const address of ['https:/', 'http://collector.example.com', 'https://user:secret@collector.example.com']) {
			settings.telemetryEndpoint = address;
			settings.changed();
			mock.timers.tick(1_000);
		}
		assert.deepEqual(told, []);
		mock.timers.tick(3_000);
		assert.equal(told.length, 1);
		assert.match(told[0] ?? '', /no user name, password or query/);
		assert.equal([...told, ...log].join().includes('user:secret'), false);
	});

	it('asks for headers only where there is a receiver', async () => {
		settings.telemetryEndpoint = '';
		await assert.rejects(telemetry.setHeaders(), /Set the receiver first/);
		settings.telemetryEndpoint = 'http://collector.example.com';
		await assert.rejects(telemetry.setHeaders(), /must begin with https/);
	});
});
