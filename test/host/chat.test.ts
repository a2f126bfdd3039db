import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import * as vscode from 'vscode';
import { toolNames } from '../../src/host/language-model-tools.ts';
import { McpProvider } from '../../src/host/mcp-provider.ts';
import { Settings } from '../../src/host/settings.ts';
import { LedgerRegistry } from '../../src/ledger/registry.ts';
import { registryDirectory } from '../../src/ledger/registry-place.ts';
import { callmeter, completedCalls, drain, extensionId, StreamingHandler } from './support.ts';

const chunks = [
	{ type: 'text', text: 'By the harbour.' },
	{ type: 'usage', inputTokens: 1000, outputTokens: 100, cacheReadTokens: 500 },
] as const;

describe('chats in VS Code', () => {
	const taskId = randomUUID();
	let callId: string;

	before(async () => {
		const api = await callmeter();
		const completed = completedCalls(api, 1, ({ sessionId }) => sessionId === taskId);
		await drain(api.wrapApiHandler(new StreamingHandler(chunks), { agentId: 'test-agent', taskId }).createMessage());
		[{ callId } = { callId: '' }] = await completed;
	});

	async function ask(tool: string, input: object): Promise<string> {
		const { content } = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined });
		const [part] = content;
		assert.ok(part instanceof vscode.LanguageModelTextPart);
		return part.value;
	}

	it('know the tools of the manifest, as they are registered', () => {
		const known = vscode.lm.tools.filter(({ name }) => name.startsWith('callmeter_'));
		assert.deepEqual(known.map(({ name }) => name).sort(), Object.values(toolNames).sort());
		for (const { description, inputSchema } of known) {
			assert.ok(description.length > 100);
			assert.equal(Object(inputSchema).type, 'object');
		}
	});

	it('are told what today cost, and why', async () => {
		assert.match(await ask(toolNames.usageSummary, { agentId: 'test-agent' }), /openai\/gpt-4o: \$/);
		const recent = await ask(toolNames.recentCalls, { sessionId: taskId });
		assert.ok(recent.includes(callId));
		assert.ok(!recent.includes('harbour'));
		assert.match(await ask(toolNames.explainCost, {}), /Where the money went, today/);
		const why = await ask(toolNames.explainCost, { callId });
		assert.match(why, /500 tokens × \$1\.25 a million = \$0\.000625/);
	});

	it('hear what is wrong with a question', async () => {
		await assert.rejects(ask(toolNames.explainCost, { callId: 'nobody' }), /There is no call nobody/);
	});

	it('are given an MCP server that VS Code can start, on the ledger of this window', async () => {
		const extension = vscode.extensions.getExtension(extensionId);
		assert.ok(extension);
		const definition = await definitionIn(extension.extensionPath);
		assert.equal(definition.command, process.execPath);
		const client = new Client({ name: 'test', version: '1.0.0' });
		const env = Object.fromEntries(
			Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
		);
		await client.connect(
			new StdioClientTransport({
				command: definition.command,
				args: definition.args,
				env: { ...env, ELECTRON_RUN_AS_NODE: String(definition.env.ELECTRON_RUN_AS_NODE) },
			}),
		);
		try {
			const { structuredContent } = await client.callTool({ name: 'recent_calls', arguments: { sessionId: taskId } });
			const { calls } = structuredContent as { calls: { callId: string }[] };
			assert.deepEqual(
				calls.map((call) => call.callId),
				[callId],
			);
		} finally {
			await client.close();
		}
	});
});

/** What the extension offers: from the same class, since VS Code does not tell extensions what others offered. */
async function definitionIn(extensionPath: string): Promise<vscode.McpStdioServerDefinition> {
	const surroundings = { platform: process.platform, home: homedir(), env: process.env };
	const [own] = new LedgerRegistry(registryDirectory(surroundings)).all();
	assert.ok(own, 'the window is on the list of ledgers');
	const provider = new McpProvider({
		settings: new Settings(),
		place: async () => ({ directory: dirname(own.ledger), holds: 'workspace' }),
		programPath: join(extensionPath, 'dist', 'callmeter.cjs'),
		version: '1.0.0',
	});
	try {
		const [definition] = await provider.provideMcpServerDefinitions();
		assert.ok(definition);
		return definition;
	} finally {
		provider.dispose();
	}
}
