import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { CallmeterApi } from '../../src/api.ts';
import type { Message } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { LmHandler } from '../../src/host/lm-handler.ts';
import type { ApiStreamChunk } from '../../src/task/api-handler.ts';
import { handlerReason } from '../../src/task/handlers/handler-error.ts';
import { callmeter, completedCalls, eventually } from './support.ts';

const asked: Message[] = [{ role: 'user', content: 'When is high water?' }];
const tools = [{ name: 'read_file', description: 'Reads', parameters: { type: 'object', properties: {} } }];

describe("the handler of VS Code's language models", () => {
	let api: CallmeterApi;

	before(async () => {
		api = await callmeter();
	});

	async function modelNamed(id: string): Promise<vscode.LanguageModelChat> {
		return eventually(`the model ${id} is offered`, async () => {
			const [model] = await vscode.lm.selectChatModels({ vendor: 'stand-in', id });
			return model;
		});
	}

	/** Makes one call; gives what the handler streamed, what it threw, and what the ledger keeps of it. */
	async function call(
		id: string,
		messages = asked,
		signal?: AbortSignal,
	): Promise<{ chunks: ApiStreamChunk[]; error: unknown; detail: CallDetail }> {
		const taskId = randomUUID();
		const completed = completedCalls(api, 1, ({ sessionId }) => sessionId === taskId);
		const handler = api.wrapApiHandler(new LmHandler(await modelNamed(id)), { agentId: 'lm-test', taskId });
		const chunks: ApiStreamChunk[] = [];
		let error: unknown;
		try {
			const metadata = { taskId, tools, ...(signal !== undefined && { signal }) };
			for await (const chunk of handler.createMessage('You know the tides.', messages, metadata)) chunks.push(chunk);
		} catch (thrown) {
			error = thrown;
		}
		const [row] = await completed;
		const detail = row === undefined ? null : await api.analytics.call(row.callId);
		assert.ok(detail !== null);
		return { chunks, error, detail };
	}

	it('streams text, tool calls and thoughts, and records them with the usage that the provider adds', async () => {
		const { chunks, error, detail } = await call('telling');
		assert.equal(error, undefined);
		assert.deepEqual(
			chunks.filter(({ type }) => type !== 'reasoning'),
			[
				{ type: 'text', text: 'High water ' },
				{ type: 'text', text: 'is at noon.' },
				{ type: 'tool_call', id: 'call-1', name: 'read_file', arguments: '{"path":"README.md"}' },
				{ type: 'usage', inputTokens: 1000, outputTokens: 100, cacheReadTokens: 400 },
			],
		);
		const { row, completion, toolCalls, usage, systemPrompt } = detail;
		assert.deepEqual(
			[row.state, row.provider, row.model, row.usageMissing, row.finishReason],
			['ok', 'stand-in', 'telling', false, null],
		);
		assert.deepEqual([completion, systemPrompt], ['High water is at noon.', 'You know the tides.']);
		assert.deepEqual(toolCalls, [{ id: 'call-1', name: 'read_file', arguments: { path: 'README.md' } }]);
		assert.deepEqual([usage?.inputTotal, usage?.cacheRead, usage?.output], [1000, 400, 100]);
	});

	it('leaves the usage unknown where the provider does not tell it, and the call unpriced', async () => {
		const { detail } = await call('echo');
		assert.deepEqual([detail.row.state, detail.row.usageMissing, detail.usage], ['ok', true, null]);
		assert.deepEqual([detail.row.inputTokens, detail.row.outputTokens], [null, null]);
		assert.equal(detail.row.cost?.nanoUsd ?? null, null);
	});

	it('sends the conversation in the two roles that VS Code has, with tool results together', async () => {
		const { chunks } = await call('echo', [
			...asked,
			{
				role: 'assistant',
				content: 'looking',
				toolCalls: [
					{ id: 'c1', name: 'read_file', arguments: { path: 'a' } },
					{ id: 'c2', name: 'read_file', arguments: '{"broken' },
				],
			},
			{ role: 'tool', toolCallId: 'c1', content: 'content of a' },
			{ role: 'tool', toolCallId: 'c2', content: 'Error: arguments' },
			{ role: 'user', content: 'go on' },
		]);
		const text = chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('');
		assert.deepEqual(JSON.parse(text), {
			said: [
				{ role: 'user', parts: ['You know the tides.'] },
				{ role: 'user', parts: ['When is high water?'] },
				{
					role: 'assistant',
					parts: [
						'looking',
						{ call: 'c1', name: 'read_file', input: { path: 'a' } },
						{ call: 'c2', name: 'read_file', input: { text: '{"broken' } },
					],
				},
				{
					role: 'user',
					parts: [{ result: 'c1', text: 'content of a' }, { result: 'c2', text: 'Error: arguments' }, 'go on'],
				},
			],
			tools: ['read_file'],
		});
	});

	it("gives VS Code's errors their reason", async () => {
		const blocked = await call('blocked');
		assert.equal(handlerReason(blocked.error), 'quota');
		assert.match(blocked.error instanceof Error ? blocked.error.message : '', /used up your quota/);
		assert.deepEqual([blocked.detail.row.state, blocked.detail.row.usageMissing], ['error', false]);
		const failing = await call('failing');
		assert.equal(handlerReason(failing.error), 'unknown');
		assert.match(failing.error instanceof Error ? failing.error.message : '', /The model fell over/);
	});

	it('takes a tool call without arguments for one with none, whatever its type says', async () => {
		const bare = new vscode.LanguageModelToolCallPart('call-1', 'list_files', undefined as unknown as object);
		async function* stream() {
			yield bare;
		}
		const sendRequest = async () => ({ stream: stream(), text: stream() as never });
		const handler = new LmHandler({ ...(await modelNamed('echo')), sendRequest });
		const chunks: ApiStreamChunk[] = [];
		for await (const chunk of handler.createMessage('', asked)) chunks.push(chunk);
		assert.deepEqual(chunks, [{ type: 'tool_call', id: 'call-1', name: 'list_files', arguments: '{}' }]);
	});

	it('a cancel reaches the provider at once, and the call is cancelled', async () => {
		const standIn = vscode.extensions.getExtension<{ stopped: () => number }>('test.lm-stand-in');
		const before = standIn?.exports.stopped() ?? 0;
		const aborter = new AbortController();
		setTimeout(() => aborter.abort(), 200);
		const { error, detail } = await call('endless', asked, aborter.signal);
		assert.equal(handlerReason(error), 'aborted');
		assert.deepEqual([detail.row.state, detail.completion], ['cancelled', 'On and on']);
		await eventually('the provider was told', () => standIn?.exports.stopped() === before + 1 || undefined);
	});

	it("takes GitHub Copilot's models for part of a plan, by the name that other sources give it", async () => {
		const copilot = { id: 'gpt-4.1', vendor: 'copilot', family: 'gpt-4.1', version: '1' };
		const handler = new LmHandler({ ...(await modelNamed('echo')), ...copilot });
		assert.equal(handler.billing, 'subscription');
		assert.deepEqual([handler.getModel().id, handler.getModel().provider], ['gpt-4.1', 'github-copilot']);
		assert.equal(new LmHandler(await modelNamed('echo')).billing, 'api');
	});
});
