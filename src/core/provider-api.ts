import type { Protocol } from './draft.ts';

/** The APIs whose requests and answers can be read: Messages, Chat Completions, Responses, `generateContent`. */
export type ProviderApi = 'anthropic' | 'chat' | 'responses' | 'gemini';

/** How each of them counts input. */
export const protocolOfApi: Readonly<Record<ProviderApi, NonNullable<Protocol>>> = {
	anthropic: 'anthropic',
	chat: 'openai',
	responses: 'openai',
	gemini: 'gemini',
};
