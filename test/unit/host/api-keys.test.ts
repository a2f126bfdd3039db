import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import type * as keysModule from '../../../src/host/api-keys.ts';
import { type Endpoint, endpointOf } from '../../../src/host/endpoint.ts';

function openAi(address: string): Endpoint {
	const endpoint = endpointOf('openai', address);
	assert.ok(endpoint !== null, address);
	return endpoint;
}

describe('the endpoint of a task', () => {
	it('is named for who serves it, whichever API it speaks', () => {
		const served = {
			'': 'openai',
			'https://api.openai.com/v1': 'openai',
			'https://openrouter.ai/api/v1': 'openrouter',
			'https://api.groq.com/openai/v1': 'groq',
			'https://api.together.xyz/v1': 'together',
			'https://my-company.openai.azure.com/openai/v1': 'azure',
			'http://localhost:11434/v1': 'local',
			'http://127.0.0.1:1234/v1': 'local',
			'http://[::1]:8080/v1': 'local',
			'https://LLM.Example.com/v1': 'llm.example.com',
			// Only ends like one that is known.
			'https://notgroq.com/v1': 'notgroq.com',
			'https://api.openai.com.example.org/v1': 'api.openai.com.example.org',
		};
		const found = Object.keys(served).map((address) => [address, openAi(address).provider]);
		assert.deepEqual(Object.fromEntries(found), served);
	});

	it("is the provider's own only at its very origin", () => {
		for (const own of ['', 'https://api.openai.com', 'https://api.openai.com:443/v1', 'HTTPS://API.OpenAI.com/v1/']) {
			assert.equal(openAi(own).isOwn, true, own);
		}
		for (const other of [
			'http://api.openai.com/v1',
			'https://api.openai.com:8443/v1',
			'https://eu.api.openai.com/v1',
		]) {
			assert.equal(openAi(other).isOwn, false, other);
		}
		assert.equal(endpointOf('anthropic', 'https://api.openai.com/v1')?.isOwn, false);
		const gemini = endpointOf('gemini', '');
		assert.deepEqual(
			[gemini?.isOwn, gemini?.provider, gemini?.origin],
			[true, 'google', 'https://generativelanguage.googleapis.com'],
		);
	});

	it('is none when the address is none of the web', () => {
		for (const address of ['api.openai.com/v1', 'file:///etc/passwd', 'https://']) {
			assert.equal(endpointOf('openai', address), null, address);
		}
	});
});

describe('API keys', () => {
	const key = 'a key of the user';
	let kept: Map<string, string>;
	let keys: keysModule.ApiKeys;
	let ApiKeys: typeof keysModule.ApiKeys;
	let window: { showInputBox?: () => Promise<string> };

	before(async () => {
		({ ApiKeys } = await import('../../../src/host/api-keys.ts'));
		({ window } = (await import('vscode')) as unknown as { window: typeof window });
	});

	beforeEach(() => {
		kept = new Map();
		keys = new ApiKeys({
			get: async (name: string) => kept.get(name),
			store: async (name: string, value: string) => void kept.set(name, value),
			delete: async (name: string) => void kept.delete(name),
		} as unknown as vscode.SecretStorage);
		window.showInputBox = async () => key;
	});

	it('go to the address that they were given for, and to no other', async () => {
		await keys.ask(openAi('https://openrouter.ai/api/v1'));
		assert.equal(await keys.get(openAi('https://openrouter.ai/api/v2')), key);
		for (const other of [
			'',
			'https://llm.example.com/v1',
			'http://openrouter.ai/api/v1',
			'https://openrouter.ai:444/',
		]) {
			assert.equal(await keys.get(openAi(other)), undefined, other);
		}
	});

	it("that were kept before addresses were told apart are the provider's own", async () => {
		kept.set('callmeter.apiKey.openai', key);
		assert.equal(await keys.get(openAi('')), key);
		assert.equal(await keys.get(openAi('https://llm.example.com/v1')), undefined);
	});

	it('are removed for one address alone', async () => {
		await keys.ask(openAi(''));
		await keys.ask(openAi('https://llm.example.com/v1'));
		window.showInputBox = async () => '';
		await keys.ask(openAi('https://llm.example.com/v1'));
		assert.equal(await keys.get(openAi('https://llm.example.com/v1')), undefined);
		assert.equal(await keys.get(openAi('')), key);
	});
});
