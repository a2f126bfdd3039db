/**
 * Names that agents give to providers, where neither the table's ids nor its rules know them: `kilo-code`, Roo and
 * Cline provider settings, opencode and models.dev ids, OpenTelemetry's `gen_ai.provider.name`.
 */
const ALIASES: Readonly<Record<string, string>> = {
	'openai-native': 'openai',
	'openai-codex': 'openai',
	'openai-responses': 'openai',
	codex: 'openai',
	'claude-code': 'anthropic',
	gemini: 'google',
	'gemini-cli': 'google',
	'gcp.gemini': 'google',
	'gcp.gen_ai': 'google',
	'gcp.vertex_ai': 'google',
	'anthropic-vertex': 'google',
	'google-vertex-anthropic': 'google',
	xai: 'x-ai',
	x_ai: 'x-ai',
	moonshot: 'moonshotai',
	'moonshot-ai': 'moonshotai',
	'z-ai': 'zai',
	'z.ai': 'zai',
	zhipu: 'zhipuai',
	bigmodel: 'zhipuai',
	'fireworks-ai': 'fireworks',
	togetherai: 'together',
	'together.ai': 'together',
	'mistral-ai': 'mistral',
	mistral_ai: 'mistral',
	'azure.ai.openai': 'azure',
	'azure.ai.inference': 'azure',
	'azure-openai': 'azure',
	'vscode-lm': 'github-copilot',
	'novita-ai': 'novita',
	kilo: 'openrouter',
	kilocode: 'openrouter',
	'kilo-code': 'openrouter',
	'kilo-gateway': 'openrouter',
	cline: 'openrouter',
	roo: 'openrouter',
};

/** Servers on the user's own machine, and clients that ask no model: their tokens have no price. */
const WITHOUT_PRICE = new Set([
	'ollama',
	'lmstudio',
	'lm-studio',
	'llama.cpp',
	'llamacpp',
	'llama-cpp',
	'vllm',
	'local',
	'localhost',
	'jan',
	'gpt4all',
	'scripted',
	'fake-ai',
	'human-relay',
	'virtual-quota-fallback',
]);

/** The table's name for a provider: in lower case, trimmed, aliases resolved. */
export function providerName(name: string): string {
	const plain = name.toLowerCase().trim();
	return Object.hasOwn(ALIASES, plain) ? (ALIASES[plain] ?? plain) : plain;
}

export function hasNoPrice(provider: string): boolean {
	return WITHOUT_PRICE.has(provider.toLowerCase().trim());
}
