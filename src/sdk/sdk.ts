/** The published entry `callmeter/sdk`. */
// biome-ignore lint/performance/noBarrelFile: what is published has one door.
export { CallmeterError } from './callmeter-error.ts';
export { CallmeterClient } from './client.ts';
export {
	type AnthropicMessage,
	type AnthropicRequest,
	fromAnthropic,
	fromGemini,
	fromOpenAiChat,
	fromOpenAiResponse,
	type GeminiRequest,
	type GeminiResponse,
	type OpenAiChatCompletion,
	type OpenAiChatRequest,
	type OpenAiResponse,
	type OpenAiResponseRequest,
} from './provider-calls.ts';
export type * from './types.ts';
