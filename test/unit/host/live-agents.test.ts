import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import type { Extension } from 'vscode';
import type { DraftInput } from '../../../src/core/draft.ts';
import { LiveAgents, type LiveAgentsOptions } from '../../../src/host/live-agents.ts';
import type { Receipt } from '../../../src/ledger/ledger.ts';
import { kiloCode, rooCode } from '../../../src/sources/kilo-task/dialects.ts';
import type { LiveFacts } from '../../../src/sources/source.ts';

/** What Roo Code exports, as far as calls go. */
class Exported extends EventEmitter {
	getConfiguration(): unknown {
		return { apiProvider: 'openai-native', apiModelId: 'gpt-5', apiKey: 'sk-secret', mode: 'code' };
	}

	request(ts: number, info: object = { apiProtocol: 'openai' }): void {
		const message = { ts, type: 'say', say: 'api_req_started', text: JSON.stringify(info) };
		this.emit('message', { taskId: 't', action: 'created', message });
	}

	finish(ts: number): void {
		this.request(ts, { apiProtocol: 'openai', tokensIn: 10, tokensOut: 5, cacheReads: 0, cacheWrites: 0, cost: 0.1 });
	}
}

/** VS Code's extensions, as far as they are looked at. */
class Extensions {
	readonly installed = new Map<string, { isActive: boolean; exports: unknown }>();
	readonly #listeners = new Set<() => void>();
	activations = 0;

	readonly api: LiveAgentsOptions['extensions'] = {
		getExtension: <T>(id: string) => {
			const found = this.installed.get(id);
			if (found === undefined) return undefined;
			const activate = () => {
				this.activations++;
				return Promise.resolve(found.exports as T);
			};
			return { id, ...found, activate, packageJSON: { version: '3.52.1' } } as unknown as Extension<T>;
		},
		onDidChange: (listener) => {
			const tell = () => listener();
			this.#listeners.add(tell);
			return { dispose: () => this.#listeners.delete(tell) };
		},
	};

	set(id: string, extension: { isActive: boolean; exports: unknown } | null): void {
		if (extension === null) this.installed.delete(id);
		else this.installed.set(id, extension);
		for (const tell of this.#listeners) tell();
	}
}

describe('LiveAgents', () => {
	let extensions: Extensions;
	let off: Set<string>;
	let drafts: DraftInput[];
	let ended: string[];
	let seen: { facts: Record<string, LiveFacts>; calls: number }[];
	let known: Set<string>;
	let agents: LiveAgents;
	let logs: string[];
	let rateLoads: number;

	beforeEach(() => {
		mock.timers.enable({ apis: ['setTimeout'] });
		extensions = new Extensions();
		off = new Set();
		drafts = [];
		ended = [];
		seen = [];
		known = new Set();
		logs = [];
		rateLoads = 0;
		agents = new LiveAgents(
			{
				extensions: extensions.api,
				dialects: [kiloCode, rooCode],
				isOn: (source) => !off.has(source),
				folder: () => '/home/dev/project',
				rates: async () => {
					rateLoads++;
					return () => [];
				},
				record: async (given) => {
					drafts.push(...given);
					return given.map((draft): Receipt => {
						const key = `${draft.eventType} ${draft.callId}`;
						const outcome = known.has(key) ? 'superseded' : 'appended';
						known.add(key);
						return { callId: draft.callId ?? null, outcome, eventId: null, hash: null, reason: null };
					});
				},
				log: { info: (text: string) => logs.push(text), warn: (text: string) => logs.push(text) },
			},
			{
				onSeen: (_source, facts, calls) => seen.push({ facts, calls }),
				onDidChange: () => undefined,
				onTaskEnd: (taskId) => ended.push(taskId),
			},
		);
	});
	afterEach(() => {
		agents.dispose();
		mock.timers.reset();
	});

	const told = () =>
		drafts.map((draft) =>
			draft.eventType === 'llm_response' ? `${draft.callId} ${draft.state}` : `${draft.eventType} ${draft.callId}`,
		);
	const counted = () => seen.reduce((sum, { calls }) => sum + calls, 0);

	it('waits for an extension to become active and never activates it', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: false, exports: undefined });
		agents.start();
		assert.equal(agents.condition('roo-code'), 'inactive');
		extensions.installed.set(rooCode.extensionId, { isActive: true, exports: exported });
		assert.equal(exported.listenerCount('message'), 0);
		mock.timers.tick(250);
		assert.deepEqual([agents.condition('roo-code'), exported.listenerCount('message')], ['attached', 1]);
		assert.equal(extensions.activations, 0);
	});

	it('does not look again and again for what is not installed', () => {
		agents.start();
		assert.equal(agents.condition('roo-code'), 'absent');
		const exported = new Exported();
		extensions.installed.set(rooCode.extensionId, { isActive: true, exports: exported });
		mock.timers.tick(60_000);
		assert.equal(agents.condition('roo-code'), 'absent');
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		assert.equal(agents.condition('roo-code'), 'attached');
	});

	it('leaves an extension alone that tells nothing, as Kilo Code 7 does, until it is another one', () => {
		extensions.set(kiloCode.extensionId, { isActive: true, exports: undefined });
		agents.start();
		agents.look();
		assert.equal(agents.condition('kilo-code'), 'noApi');
		assert.equal(logs.filter((line) => line.includes('tells nothing')).length, 1);
		extensions.set(kiloCode.extensionId, { isActive: true, exports: new Exported() });
		assert.equal(agents.condition('kilo-code'), 'attached');
	});

	it('hands on calls as they happen, and what was seen of them first', async () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.request(1_000);
		assert.deepEqual(Object.keys(seen[0]?.facts ?? {}), ['roo-code:t:1000']);
		exported.finish(1_000);
		await Promise.resolve();
		assert.deepEqual(told(), ['llm_call roo-code:t:1000', 'roo-code:t:1000 ok']);
		assert.deepEqual([seen.at(1)?.facts['roo-code:t:1000']?.state, counted(), rateLoads], ['ok', 1, 1]);
		assert.ok(!JSON.stringify([drafts, seen]).includes('sk-secret'));
	});

	it('seed 002 §2.1: tells that a task is done or was given up, while its agent is recorded', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.emit('taskCreated', 't');
		exported.emit('taskCompleted', 't', {}, {});
		exported.emit('taskAborted', 'u');
		exported.emit('taskAborted', { not: 'an id' });
		assert.deepEqual(ended, ['t', 'u']);
	});

	it('does not count a call that its record made known before', async () => {
		known.add('llm_call roo-code:t:1000');
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.request(1_000);
		await Promise.resolve();
		assert.equal(counted(), 0);
	});

	it('closes what ran when the extension goes, and goes on with the same knowledge when it comes back', () => {
		const before = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: before });
		agents.start();
		before.finish(1_000);
		before.request(2_000);
		extensions.set(rooCode.extensionId, null);
		assert.deepEqual([before.listenerCount('message'), agents.condition('roo-code')], [0, 'absent']);
		const after = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: after });
		after.finish(1_000);
		after.finish(2_000);
		after.finish(3_000);
		assert.deepEqual(told(), [
			'llm_call roo-code:t:1000',
			'roo-code:t:1000 ok',
			'llm_call roo-code:t:2000',
			'roo-code:t:2000 error',
			'roo-code:t:2000 ok',
			'llm_call roo-code:t:3000',
			'roo-code:t:3000 ok',
		]);
	});

	it('listens to an extension that was started anew with another API object, and to the old one no more', () => {
		const [old, fresh] = [new Exported(), new Exported()];
		extensions.set(rooCode.extensionId, { isActive: true, exports: old });
		agents.start();
		extensions.set(rooCode.extensionId, { isActive: true, exports: fresh });
		assert.deepEqual([old.listenerCount('message'), fresh.listenerCount('message')], [0, 1]);
	});

	it('stops at a switch and begins again at the next', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		off.add('roo-code');
		agents.look();
		exported.finish(1_000);
		assert.deepEqual([exported.listenerCount('message'), drafts], [0, []]);
		off.delete('roo-code');
		agents.look();
		exported.finish(2_000);
		assert.equal(drafts.length, 2);
	});

	it('records nothing after the switch, not even that a call was interrupted', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.request(1_000);
		off.add('roo-code');
		exported.request(2_000);
		agents.look();
		mock.timers.tick(60_000);
		extensions.set(rooCode.extensionId, null);
		assert.deepEqual(told(), ['llm_call roo-code:t:1000']);
	});

	it('tells the end of a call also when its record was read before', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.request(1_000);
		agents.readFromDisk('roo-code', ['roo-code:t:1000']);
		exported.finish(1_000);
		assert.deepEqual(told(), ['llm_call roo-code:t:1000', 'roo-code:t:1000 ok']);
	});

	it('passes on what it saw of a call whose record said it all', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		agents.start();
		exported.request(1_000);
		agents.readFromDisk('roo-code', ['roo-code:t:1000']);
		exported.emit('taskAborted', 't');
		assert.deepEqual(told(), ['llm_call roo-code:t:1000']);
		assert.equal(seen.at(-1)?.facts['roo-code:t:1000']?.state, 'cancelled');
	});

	it('keeps looking at the others when one of them throws', () => {
		const exported = new Exported();
		extensions.set(rooCode.extensionId, { isActive: true, exports: exported });
		extensions.installed.set(kiloCode.extensionId, {
			isActive: true,
			get exports(): unknown {
				throw new TypeError('a secret');
			},
		});
		assert.doesNotThrow(() => agents.start());
		assert.equal(agents.condition('roo-code'), 'attached');
		assert.ok(logs.some((line) => line.includes('TypeError')) && !logs.join().includes('a secret'));
	});
});
