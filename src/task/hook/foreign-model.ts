import type { Protocol } from '../../core/draft.ts';
import { ask, firstText, peek } from '../../core/foreign.ts';

/** Which model a request went to, fixed when the request starts. */
export interface ModelSnapshot {
	/** `unknown` when the handler does not tell. */
	model: string;
	provider: string;
	protocol: Protocol;
}

/** What the one who hooks knows about the model, and which then counts more than what the handler says. */
export interface StatedModel {
	provider?: string | undefined;
	protocol?: Protocol | undefined;
	agentProvider?: string | undefined;
}

/**
 * Reads `handler.getModel()` now. Kilo-style handlers answer `{ id, info }` without a provider; what the
 * task's own settings name counts then.
 */
export function snapshotModel(handler: unknown, stated: StatedModel): ModelSnapshot {
	const found = ask(handler, 'getModel');
	const model = firstText(peek(found, 'id'), peek(found, 'model')) ?? 'unknown';
	const provider = firstText(stated.provider, peek(found, 'provider'), stated.agentProvider) ?? 'unknown';
	const protocol = stated.protocol ?? knownProtocol(peek(found, 'protocol')) ?? protocolOfProvider(provider, model);
	return { model, provider, protocol };
}

function knownProtocol(value: unknown): Protocol {
	return value === 'anthropic' || value === 'openai' || value === 'gemini' ? value : null;
}

const anthropicStyle = new Set(['anthropic', 'claude-code', 'bedrock', 'minimax']);
const openAiStyle = new Set([
	'openai',
	'openai-native',
	'openai-codex',
	'azure',
	'openrouter',
	'kilocode',
	'roo',
	'deepseek',
	'groq',
	'mistral',
	'xai',
	'ollama',
	'lmstudio',
	'litellm',
	'requesty',
	'fireworks',
	'cerebras',
	'moonshot',
	'zai',
	'glama',
	'unbound',
]);
const geminiStyle = new Set(['gemini', 'google', 'gemini-cli']);

/**
 * How the handlers of Kilo-style agents count input, by provider: those that speak Anthropic's protocol leave cache
 * tokens out of `inputTokens`, the others count them in. `null` for a provider that is not known here: then nobody
 * can say, and nothing is guessed.
 */
export function protocolOfProvider(provider: string, model: string): Protocol {
	const claude = model.toLowerCase().includes('claude');
	if (anthropicStyle.has(provider)) return 'anthropic';
	if (provider === 'vertex') return claude ? 'anthropic' : 'gemini';
	if (provider === 'vercel-ai-gateway') return model.startsWith('anthropic/') ? 'anthropic' : 'openai';
	if (openAiStyle.has(provider)) return 'openai';
	if (geminiStyle.has(provider)) return 'gemini';
	return null;
}
