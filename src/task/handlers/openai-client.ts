import OpenAI from 'openai';
import type { HostedModelOptions } from './handler-options.ts';
import { named } from './usage-chunk.ts';

export interface OpenAiOptions extends HostedModelOptions {
	/** Which API to speak. Default `chat`, which every compatible service has. */
	api?: 'chat' | 'responses' | undefined;
}

/** OpenAI's client, told everything it would otherwise take from the environment. */
export function openAiClient(options: OpenAiOptions): OpenAI {
	return new OpenAI({
		// Local services want none, but the client insists.
		apiKey: options.apiKey === '' ? 'none' : options.apiKey,
		adminAPIKey: null,
		organization: null,
		project: null,
		baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
		maxRetries: options.maxRetries ?? 2,
		...named('timeout', options.timeoutMs),
		// The client logs what it cannot parse, which is content.
		logLevel: 'off',
	});
}
