import type { Origin, Protocol } from '../../core/draft.ts';
import { billingOfProvider, providerOf } from '../agent-providers.ts';

/** How the provider's client in these agents treats the counts that it was given. */
export type UsageRule =
	/** `anthropic`: adds the output count of `message_start` to that of `message_delta`; cost without the latter. */
	| 'anthropicStream'
	/** Passes counts on as they came; a zero means zero. */
	| 'asReported'
	/** A zero cache count may mean that the count was dropped. */
	| 'cacheMayBeDropped'
	/** Thinking is left out of `tokensOut`, but not out of `cost`. */
	| 'gemini';

/** Which provider and model a call went to, as far as it can be told. */
export interface Target {
	/** The agent's own name of the provider (`openai-native`), `null` if the records do not tell. */
	agentProvider: string | null;
	/** The name under which prices know it. */
	provider: string;
	model: string;
}

/** Where the settings of a provider keep its model. Everything else keeps it in `apiModelId`. */
const modelKeys: ReadonlyMap<string, string> = new Map(
	Object.entries({
		openai: 'openAiModelId',
		openrouter: 'openRouterModelId',
		kilocode: 'kilocodeModel',
		ollama: 'ollamaModelId',
		lmstudio: 'lmStudioModelId',
		glama: 'glamaModelId',
		unbound: 'unboundModelId',
		requesty: 'requestyModelId',
		litellm: 'litellmModelId',
		huggingface: 'huggingFaceModelId',
		deepinfra: 'deepInfraModelId',
		'io-intelligence': 'ioIntelligenceModelId',
		'vercel-ai-gateway': 'vercelAiGatewayModelId',
	}),
);

/** Providers whose client hands on the provider's cache count, so that a zero is a zero. */
const passesCacheOn = new Set([
	'anthropic',
	'bedrock',
	'openai-native',
	'openai-codex',
	'gemini',
	'openrouter',
	'kilocode',
	'deepseek',
]);

/**
 * Provider and model out of `getConfiguration()`. Keys of a former provider stay in it, so the model's key goes by
 * `apiProvider`. Reads those two keys and the mode, and keeps nothing else of it.
 */
export function targetOfConfiguration(configuration: unknown): { target: Target | null; mode: string | null } {
	if (typeof configuration !== 'object' || configuration === null) return { target: null, mode: null };
	const mode = text(configuration, 'mode');
	const agentProvider = text(configuration, 'apiProvider');
	if (agentProvider === null) return { target: null, mode };
	const model = text(configuration, modelKeys.get(agentProvider) ?? 'apiModelId') ?? 'unknown';
	return { target: targetOf(agentProvider, model), mode };
}

export function targetOf(agentProvider: string, model: string): Target {
	return { agentProvider, provider: providerOf(agentProvider), model };
}

/** What the records of one call tell of its provider. */
export interface Evidence {
	/** `apiProtocol` of its row. */
	protocol: string | null;
	model: string | null;
	/** `id` of the assistant message, which some clients keep. */
	responseId: string | null;
	/** The assistant message has a block with a signature of Gemini's. */
	thoughtSignature: boolean;
}

/**
 * Task folders do not name the provider. This takes it from what only one provider's client leaves behind; where
 * nothing does, `agentProvider` is `null` and the price goes by the family of the model.
 */
export function targetOfEvidence(evidence: Evidence): Target {
	const model = evidence.model ?? 'unknown';
	const agentProvider = agentProviderOf(evidence, model);
	return agentProvider === null ? { agentProvider, provider: familyOf(model), model } : targetOf(agentProvider, model);
}

function agentProviderOf({ protocol, responseId, thoughtSignature }: Evidence, model: string): string | null {
	if (protocol === 'anthropic') {
		if (/(^|\.)anthropic\./.test(model)) return 'bedrock';
		if (/^minimax/i.test(model)) return 'minimax';
		if (!/^claude-/.test(model)) return null;
		return model.includes('@') ? 'vertex' : 'anthropic';
	}
	// Rows of versions that did not name the protocol yet.
	if (protocol === null && /^claude-/.test(model)) return 'anthropic';
	if (responseId?.startsWith('resp_') === true) return 'openai-native';
	if (thoughtSignature || /^gemini-/.test(model)) return 'gemini';
	return null;
}

function familyOf(model: string): string {
	if (model.includes('/')) return 'openrouter';
	if (/^(gpt-|o\d|chatgpt|codex)/.test(model)) return 'openai';
	if (/^claude-/.test(model)) return 'anthropic';
	if (/^gemini-/.test(model)) return 'google';
	if (/^grok-/.test(model)) return 'x-ai';
	if (/^deepseek-/.test(model)) return 'deepseek';
	return 'unknown';
}

/** How to read this provider's counts. `dropsCache`: the agent's generic `openai` provider drops cache counts. */
export function usageRuleOf(target: Target, protocol: string | null, dropsCache: boolean): UsageRule {
	const { agentProvider, model } = target;
	if (agentProvider === 'anthropic' || agentProvider === 'minimax') return 'anthropicStream';
	if (agentProvider === 'gemini' || agentProvider === 'gemini-cli') return 'gemini';
	if (agentProvider === 'vertex') return /claude/i.test(model) ? 'anthropicStream' : 'gemini';
	if (agentProvider !== null && passesCacheOn.has(agentProvider)) return 'asReported';
	if (protocol === 'anthropic') return 'anthropicStream';
	return dropsCache ? 'cacheMayBeDropped' : 'asReported';
}

export function protocolOf(target: Target, protocol: string | null): Protocol {
	if (protocol === 'anthropic') return 'anthropic';
	if (target.agentProvider?.startsWith('gemini') === true) return 'gemini';
	if (protocol === 'openai') return 'openai';
	return target.agentProvider === 'anthropic' ? 'anthropic' : null;
}

export function billingOf(target: Target): Origin['billing'] {
	return target.agentProvider === null ? 'api' : billingOfProvider(target.agentProvider);
}

function text(object: object, key: string): string | null {
	const value: unknown = Reflect.get(object, key);
	return typeof value === 'string' && value !== '' ? value : null;
}
