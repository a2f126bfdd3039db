import assert from 'node:assert/strict';
import {
	billingOf,
	type Evidence,
	protocolOf,
	targetOf,
	targetOfConfiguration,
	targetOfEvidence,
	usageRuleOf,
} from '../../../../src/sources/kilo-task/providers.ts';

const nothing = { protocol: 'openai', model: null, responseId: null, thoughtSignature: false };

describe('targetOfConfiguration', () => {
	it('takes the model from the key of the provider in use, not from one left behind', () => {
		const { target, mode } = targetOfConfiguration({
			mode: 'ask',
			apiProvider: 'anthropic',
			apiModelId: 'claude-sonnet-4-5',
			openAiModelId: 'gpt-5',
		});
		assert.deepEqual(target, { agentProvider: 'anthropic', provider: 'anthropic', model: 'claude-sonnet-4-5' });
		assert.equal(mode, 'ask');
	});

	it('says that a model is unknown rather than take another', () => {
		const { target } = targetOfConfiguration({ apiProvider: 'openrouter', apiModelId: 'gpt-5' });
		assert.equal(target?.model, 'unknown');
	});

	it('takes any word for the name of a provider, also one that objects have a meaning for', () => {
		const { target } = targetOfConfiguration({ apiProvider: 'constructor', apiModelId: 'gpt-5' });
		assert.deepEqual(target, { agentProvider: 'constructor', provider: 'constructor', model: 'gpt-5' });
	});

	it('takes nothing from what is no configuration', () => {
		assert.deepEqual(targetOfConfiguration('x'), { target: null, mode: null });
	});
});

describe('targetOfEvidence', () => {
	const cases: [string, Partial<Evidence>, string | null, string][] = [
		['an id of the Responses API', { model: 'gpt-5', responseId: 'resp_1' }, 'openai-native', 'openai'],
		["Gemini's signature", { model: 'gemini-2.5-pro', thoughtSignature: true }, 'gemini', 'google'],
		[
			'the anthropic protocol with a model of its own',
			{ protocol: 'anthropic', model: 'claude-opus-4-5' },
			'anthropic',
			'anthropic',
		],
		['a Bedrock name', { protocol: 'anthropic', model: 'us.anthropic.claude-x' }, 'bedrock', 'aws'],
		['a Vertex name', { protocol: 'anthropic', model: 'claude-x@20250101' }, 'vertex', 'google'],
		['no mark at all', { model: 'gpt-5' }, null, 'openai'],
		["a gateway's name of a model", { model: 'z-ai/glm-5' }, null, 'openrouter'],
		['a model that nobody knows', { model: 'house-model' }, null, 'unknown'],
	];
	for (const [what, evidence, agentProvider, provider] of cases) {
		it(`tells the provider by ${what}`, () => {
			const target = targetOfEvidence({ ...nothing, ...evidence });
			assert.deepEqual([target.agentProvider, target.provider], [agentProvider, provider]);
		});
	}
});

describe('usageRuleOf', () => {
	it('doubts a zero of the generic provider, and of one that is not told', () => {
		assert.equal(usageRuleOf(targetOf('openai', 'gpt-5'), 'openai', true), 'cacheMayBeDropped');
		assert.equal(usageRuleOf(targetOfEvidence({ ...nothing, model: 'gpt-5' }), 'openai', true), 'cacheMayBeDropped');
		assert.equal(usageRuleOf(targetOf('openai-native', 'gpt-5'), 'openai', true), 'asReported');
	});

	it('knows Claude on Vertex from Gemini on Vertex', () => {
		assert.equal(usageRuleOf(targetOf('vertex', 'claude-x@1'), 'anthropic', true), 'anthropicStream');
		assert.equal(usageRuleOf(targetOf('vertex', 'gemini-2.5-pro'), 'openai', true), 'gemini');
	});
});

it('protocolOf calls Gemini by its name, which the agents call openai', () => {
	assert.equal(protocolOf(targetOf('gemini', 'gemini-2.5-pro'), 'openai'), 'gemini');
});

it('billingOf tells a subscription from an API key', () => {
	assert.equal(billingOf(targetOf('claude-code', 'claude-sonnet-4-5')), 'subscription');
	assert.equal(billingOf(targetOf('anthropic', 'claude-sonnet-4-5')), 'api');
});
