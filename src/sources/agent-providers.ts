import type { Origin } from '../core/draft.ts';

/** Names that Kilo, Roo and Cline give to providers, which prices know under another. */
const priceNames: ReadonlyMap<string, string> = new Map(
	Object.entries({
		'openai-native': 'openai',
		'openai-codex': 'openai',
		gemini: 'google',
		'gemini-cli': 'google',
		vertex: 'google',
		bedrock: 'aws',
		'claude-code': 'anthropic',
		xai: 'x-ai',
	}),
);

/** Paid by the month: a token's cost is an equivalent. */
const subscriptions: ReadonlySet<string> = new Set([
	'claude-code',
	'openai-codex',
	'gemini-cli',
	'qwen-code',
	'vscode-lm',
	'cline-pass',
]);

/** The name under which prices know a provider that an agent names. */
export function providerOf(agentProvider: string): string {
	return priceNames.get(agentProvider) ?? agentProvider;
}

export function billingOfProvider(agentProvider: string): NonNullable<Origin['billing']> {
	return subscriptions.has(agentProvider) ? 'subscription' : 'api';
}
