import { providerOf } from '../agent-providers.ts';

/** Who makes models of a name, for endpoints that speak Anthropic's protocol for others. First match. */
const makers: readonly [RegExp, string][] = [
	[/^(?:claude|anthropic)/, 'anthropic'],
	[/^(?:gpt|chatgpt|codex|o\d)/, 'openai'],
	[/^gemini/, 'google'],
	[/^glm/, 'zai'],
	[/^(?:kimi|moonshot)/, 'moonshotai'],
	[/^deepseek/, 'deepseek'],
	[/^minimax/, 'minimax'],
	[/^grok/, 'x-ai'],
	[/^(?:mistral|devstral|codestral|magistral)/, 'mistral'],
	[/^qwen/, 'qwen'],
];

/** `[region.]anthropic.claude-…`, or the name of a resource on AWS. */
const bedrockModel = /^(?:arn:aws|(?:[a-z-]{2,6}\.)?anthropic\.)/;

/**
 * Under which name prices know who served an answer. Its id says so on Amazon Bedrock (`msg_bdrk_…`) and Google Vertex
 * (`msg_vrtx_…`); a gateway's model names it (`openrouter/anthropic/claude-…`); else it is who makes the model.
 */
export function providerOfAnswer(messageId: string | null, model: string): string {
	const name = model.toLowerCase();
	if (messageId?.startsWith('msg_bdrk_') || bedrockModel.test(name)) return providerOf('bedrock');
	if (messageId?.startsWith('msg_vrtx_') || /^claude-.*@\d/.test(name)) return providerOf('vertex');
	const slash = name.indexOf('/');
	if (slash > 0) return providerOf(name.slice(0, slash));
	return makers.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}
