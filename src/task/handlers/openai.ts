import type { ApiHandler } from '../api-handler.ts';
import { OpenAiChatHandler } from './openai-chat.ts';
import type { OpenAiOptions } from './openai-client.ts';
import { OpenAiResponsesHandler } from './openai-responses.ts';

/** A handler for OpenAI or a compatible service. The entry of a bundle of its own, with the client library inside. */
export function createOpenAiHandler(options: OpenAiOptions): ApiHandler {
	return options.api === 'responses' ? new OpenAiResponsesHandler(options) : new OpenAiChatHandler(options);
}
