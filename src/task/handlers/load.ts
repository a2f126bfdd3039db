import type { ApiHandler } from '../api-handler.ts';
import type { AnthropicOptions } from './anthropic.ts';
import type { GeminiOptions } from './gemini.ts';
import type { OpenAiOptions } from './openai-client.ts';
import { ScriptedHandler, type ScriptedOptions } from './scripted.ts';

/** Which model to use, and how to reach it. */
export type HandlerSettings =
	| ({ kind: 'scripted' } & ScriptedOptions)
	| ({ kind: 'anthropic' } & AnthropicOptions)
	| ({ kind: 'openai' } & OpenAiOptions)
	| ({ kind: 'gemini' } & GeminiOptions);

/** Gives the handler for these settings. A provider's client library is read from disk only now, if it is wanted. */
export async function loadHandler(settings: HandlerSettings): Promise<ApiHandler> {
	switch (settings.kind) {
		case 'scripted':
			return new ScriptedHandler(settings);
		case 'anthropic': {
			const { AnthropicHandler } = await import('./anthropic.ts');
			return new AnthropicHandler(settings);
		}
		case 'openai': {
			const { createOpenAiHandler } = await import('./openai.ts');
			return createOpenAiHandler(settings);
		}
		case 'gemini': {
			const { GeminiHandler } = await import('./gemini.ts');
			return new GeminiHandler(settings);
		}
	}
}
