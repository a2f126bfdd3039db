import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { Usage } from '../../../../src/core/usage.ts';
import { type FakeProvider, type ProtocolName, startFakeProvider } from '../../../fixtures/providers/fake-provider.ts';
import type { TrueUsage, Turn } from '../../../fixtures/providers/script.ts';
import { Proxied } from './proxied.ts';

const key = 'sk-a-key-that-must-not-be-kept-0123456789';
const question = 'Which of the readings is the highest?';
const usage: TrueUsage = {
	uncachedInput: 812,
	cacheRead: 5_500,
	cacheWrite5m: 0,
	cacheWrite1h: 0,
	output: 143,
	reasoning: 20,
};
const turn: Turn = {
	reasoning: 'The table tells.',
	text: 'The one of noon — 3.4 m.',
	tools: [{ id: 'tool-1', name: 'read_file', arguments: { path: 'README.md' } }],
	usage,
};

interface Sdk {
	protocol: ProtocolName;
	target: string;
	model: string;
	provider: string;
	/** Asks one question through the client of the provider, and gives the text of the answer. */
	ask(baseUrl: string, stream: boolean): Promise<string>;
	/** What of the truth this API has no word for. */
	untold?: Partial<Usage>;
}

const tool = { name: 'read_file', description: 'Reads a file.' };
const schema = { type: 'object' as const, properties: { path: { type: 'string' as const } } };

const sdks: Sdk[] = [
	{
		protocol: 'anthropic',
		target: 'anthropic',
		model: 'claude-sonnet-4-5',
		provider: 'anthropic',
		async ask(baseURL) {
			const client = new Anthropic({ apiKey: key, baseURL, maxRetries: 2 });
			const message = await client.messages
				.stream({
					model: 'claude-sonnet-4-5',
					max_tokens: 1000,
					system: 'Answer briefly.',
					tools: [{ ...tool, input_schema: schema }],
					messages: [{ role: 'user', content: question }],
				})
				.finalMessage();
			return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
		},
	},
	{
		protocol: 'openai-chat',
		target: 'openai',
		model: 'gpt-5',
		provider: 'openai',
		async ask(baseURL) {
			const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 2 });
			let text = '';
			const stream = await client.chat.completions.create({
				model: 'gpt-5',
				stream: true,
				stream_options: { include_usage: true },
				tools: [{ type: 'function', function: { ...tool, parameters: schema } }],
				messages: [
					{ role: 'system', content: 'Answer briefly.' },
					{ role: 'user', content: question },
				],
			});
			for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
			return text;
		},
	},
	{
		protocol: 'openai-responses',
		target: 'openai',
		model: 'gpt-5',
		provider: 'openai',
		async ask(baseURL) {
			const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 2 });
			let text = '';
			const stream = await client.responses.create({
				model: 'gpt-5',
				stream: true,
				instructions: 'Answer briefly.',
				tools: [{ type: 'function', ...tool, parameters: schema, strict: false }],
				input: question,
			});
			for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
			return text;
		},
	},
	{
		protocol: 'gemini',
		target: 'gemini',
		model: 'gemini-2.5-pro',
		provider: 'gemini',
		async ask(baseUrl) {
			const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl } });
			let text = '';
			const stream = await client.models.generateContentStream({
				model: 'gemini-2.5-pro',
				contents: question,
				config: {
					systemInstruction: 'Answer briefly.',
					tools: [{ functionDeclarations: [{ ...tool, parametersJsonSchema: schema }] }],
				},
			});
			for await (const chunk of stream) text += chunk.text ?? '';
			return text;
		},
	},
];

describe('the recording proxy and the official clients', () => {
	let proxied: Proxied;
	let provider: FakeProvider | undefined;
	beforeEach(() => {
		proxied = new Proxied();
	});
	afterEach(async () => {
		await provider?.close();
		await proxied.remove();
	});

	async function serve(sdk: Sdk, turns: Turn[]): Promise<string> {
		provider = await startFakeProvider(sdk.protocol, sdk.model, turns);
		return proxied.to(sdk.target, provider.baseUrl);
	}

	for (const sdk of sdks) {
		describe(sdk.protocol, () => {
			it('passes a stream on, and records what was asked, answered and billed', async () => {
				const baseUrl = await serve(sdk, [turn]);
				assert.equal(await sdk.ask(baseUrl, true), turn.text);
				const [call] = await proxied.calls(1);
				const served = provider?.served[0];
				assert.ok(call !== undefined && served !== undefined);
				assert.equal(served.apiKey, key);
				const { row } = call;
				assert.deepEqual([row.state, row.model, row.kind, call.folder], ['ok', sdk.model, 'chat', '/home/dev/project']);
				assert.equal(call.completion, turn.text);
				assert.match(JSON.stringify([call.systemPrompt, call.messages]), /Answer briefly/);
				assert.match(JSON.stringify(call.messages), /highest/);
				assert.deepEqual(
					call.tools.map(({ name }) => name),
					['read_file'],
				);
				assert.deepEqual(
					call.toolCalls.map(({ name, arguments: args }) => [name, args]),
					[['read_file', { path: 'README.md' }]],
				);
				assert.ok(call.aliases.includes(served.responseId));
				const { uncachedInput, cacheRead, output } = call.usage ?? {};
				assert.deepEqual({ uncachedInput, cacheRead, output }, { uncachedInput: 812, cacheRead: 5_500, output: 143 });
				assert.equal(call.usageBound, 'exact');
				assert.ok((row.timeToFirstTokenMs ?? 0) > 0 && (row.timeToFirstTokenMs ?? 0) <= (row.latencyMs ?? 0));
				assert.ok(row.cost !== null && (row.cost.nanoUsd ?? 0) > 0);
			});

			it('keeps no key', async () => {
				const baseUrl = await serve(sdk, [turn]);
				await sdk.ask(baseUrl, true);
				await proxied.calls(1);
				await proxied.stop();
				const files = globSync(join(proxied.folder, '*')).map((file) => readFileSync(file).toString('latin1'));
				assert.ok(files.length > 0 && files.every((text) => !text.includes(key)));
				assert.deepEqual(proxied.log, []);
			});

			it('says so when the answer had no usage', async () => {
				const baseUrl = await serve(sdk, [{ ...turn, fault: { kind: 'noUsage' } }]);
				// Anthropic's own client takes usage for granted.
				await sdk.ask(baseUrl, true).catch(() => undefined);
				const [call] = await proxied.calls(1);
				assert.deepEqual([call?.row.state, call?.row.usageMissing, call?.usage], ['ok', true, null]);
			});

			it('records a stream that the provider broke off as an error, with what is known', async () => {
				const baseUrl = await serve(sdk, [{ ...turn, fault: { kind: 'cut', afterEvents: 4 } }, turn]);
				await sdk.ask(baseUrl, true).catch(() => undefined);
				const [call] = await proxied.calls(1);
				assert.equal(call?.row.state, 'error');
				if (call?.usage !== null) assert.equal(call?.usageBound, 'atLeast');
			});
		});
	}

	it('records each request that a client repeats after a 429', async () => {
		const [sdk] = sdks;
		assert.ok(sdk !== undefined);
		const baseUrl = await serve(sdk, [{ ...turn, fault: { kind: 'status', status: 429, times: 2 } }]);
		assert.equal(await sdk.ask(baseUrl, true), turn.text);
		const calls = await proxied.calls(3);
		assert.deepEqual(
			calls.map(({ row, error }) => [row.state, error?.status ?? null]),
			[
				['error', 429],
				['error', 429],
				['ok', null],
			],
		);
	});

	it('gives the request up when the client does, and records it as cancelled', async () => {
		provider = await startFakeProvider('anthropic', 'claude-sonnet-4-5', [
			{ ...turn, fault: { kind: 'hang', afterEvents: 5 } },
		]);
		const baseURL = await proxied.to('anthropic', provider.baseUrl);
		const stream = new Anthropic({ apiKey: key, baseURL, maxRetries: 0 }).messages.stream({
			model: 'claude-sonnet-4-5',
			max_tokens: 1000,
			messages: [{ role: 'user', content: question }],
		});
		stream.on('thinking', () => stream.abort());
		await assert.rejects(stream.finalMessage());
		await provider.served[0]?.clientGone;
		const [call] = await proxied.calls(1);
		assert.deepEqual([call?.row.state, call?.usageBound, call?.usage?.cacheRead], ['cancelled', 'atLeast', 5_500]);
	});
});
