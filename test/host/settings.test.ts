import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { CallmeterApi } from '../../src/api.ts';
import { callmeter, completedCalls, drain, eventually, StreamingHandler } from './support.ts';

const words = 'words of the user';
const chunks = [
	{ type: 'text', text: words },
	{ type: 'usage', inputTokens: 1000, outputTokens: 100 },
] as const;

describe('settings', () => {
	let api: CallmeterApi;

	before(async () => {
		api = await callmeter();
	});

	afterEach(async () => {
		await set('content', undefined);
		await set('prices', undefined);
	});

	function set(name: string, value: unknown): Thenable<void> {
		return vscode.workspace.getConfiguration('callmeter').update(name, value, vscode.ConfigurationTarget.Global);
	}

	/** Makes one call and gives what is kept of it. */
	async function call() {
		const taskId = randomUUID();
		const completed = completedCalls(api, 1, ({ sessionId }) => sessionId === taskId);
		const handler = api.wrapApiHandler(new StreamingHandler(chunks), { agentId: 'test-agent', taskId });
		await drain(handler.createMessage());
		const [row] = await completed;
		assert.ok(row !== undefined);
		const detail = await api.analytics.call(row.callId);
		assert.ok(detail !== null);
		return detail;
	}

	it('keeps a completion by default', async () => {
		const detail = await call();
		assert.equal(detail.row.contentState, 'full');
		assert.equal(detail.completion, words);
	});

	for (const content of ['redacted', 'off'] as const) {
		it(`applies content "${content}" to the calls that follow, without a reload`, async () => {
			await set('content', content);
			const detail = await eventually(content, async () => {
				const kept = await call();
				return kept.row.contentState === content ? kept : undefined;
			});
			assert.equal(JSON.stringify(detail).includes(words), false);
			assert.equal(detail.row.outputTokens, 100);
		});
	}

	it("prices calls by the user's own prices, without a reload", async () => {
		await set('prices', { 'openai/gpt-4o': { input: 1, output: 2 } });
		const detail = await eventually('the own price', async () => {
			const kept = await call();
			return kept.cost?.price?.from === 'override' ? kept : undefined;
		});
		assert.equal(detail.cost?.shownNanoUsd, 1000 * 1000 + 100 * 2000);
	});
});
