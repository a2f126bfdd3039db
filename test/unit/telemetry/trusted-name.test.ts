import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isTrustedName } from '../../../src/telemetry/trusted-name.ts';

describe('names that telemetry may carry as they are', () => {
	for (const name of [
		'gpt-4o',
		'anthropic/claude-sonnet-4-6',
		'openrouter/anthropic/claude-sonnet-4.6',
		'llama3.1:8b-instruct-q4_K_M',
		'@cf/meta/llama-3-8b-instruct',
		'publishers/anthropic/models/claude-sonnet-4@20250514',
		'ft:gpt-4o-mini:acme::9abc',
	]) {
		it(`trusts ${name}`, () => assert.equal(isTrustedName(name), true));
	}

	for (const text of [
		'/home/someone/models/llama.gguf',
		'C:\\models\\llama.gguf',
		'https://internal.example.com/v1',
		'file:///home/someone/model',
		'~/models/llama',
		'some.one@example.com',
		'two words',
		'../models/llama',
		'',
		'a'.repeat(201),
	]) {
		it(`leaves ${JSON.stringify(text.slice(0, 40))} to VS Code`, () => assert.equal(isTrustedName(text), false));
	}
});
