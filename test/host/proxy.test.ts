import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { callmeter, completedCalls, eventually } from './support.ts';

const answer = {
	id: 'chatcmpl-9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d',
	model: 'gpt-4o',
	choices: [{ index: 0, message: { role: 'assistant', content: 'At noon.' }, finish_reason: 'stop' }],
	usage: { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 500 } },
};

describe('the recording proxy in the extension', () => {
	const configuration = () => vscode.workspace.getConfiguration('callmeter.server');
	let provider: Server;

	before(async () => {
		provider = createServer((request, response) => {
			request.resume().on('end', () => {
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify(answer));
			});
		});
		await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
		const { port } = provider.address() as AddressInfo;
		await configuration().update(
			'proxyTargets',
			{ openai: `http://127.0.0.1:${port}` },
			vscode.ConfigurationTarget.Global,
		);
	});
	after(async () => {
		await vscode.commands.executeCommand('callmeter.stopServer');
		await configuration().update('proxyTargets', undefined, vscode.ConfigurationTarget.Global);
		provider.close();
		provider.closeAllConnections();
	});

	it('hands a request on, and records it live', async () => {
		const api = await callmeter();
		// Commands that only tell something wait for nobody to read it.
		void vscode.commands.executeCommand('callmeter.startServer');
		await vscode.env.clipboard.writeText('');
		const endpoint = await eventually('the local server runs', async () => {
			void vscode.commands.executeCommand('callmeter.copyServerEndpoint');
			const copied = await vscode.env.clipboard.readText();
			return copied.startsWith('http://127.0.0.1:') ? copied : undefined;
		});
		const completed = completedCalls(api, 1, ({ source }) => source === 'proxy');
		const response = await fetch(`${endpoint}/proxy/openai/v1/chat/completions`, {
			method: 'POST',
			headers: { authorization: 'Bearer secret' },
			body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'When is high water?' }] }),
		});
		assert.deepEqual(await response.json(), answer);
		const [row] = await completed;
		assert.deepEqual(
			[row?.state, row?.provider, row?.inputTokens, row?.cacheReadTokens, row?.outputTokens],
			['ok', 'openai', 1000, 500, 100],
		);
		// 500 × $2.50 + 500 × $1.25 + 100 × $10.00 a million tokens.
		assert.equal(row?.cost?.nanoUsd, 2_875_000);
	});
});
