import { peek } from './foreign.ts';
import type { ProviderApi } from './provider-api.ts';

/** Tools that run at OpenAI and are billed by use, beside the tokens: https://platform.openai.com/docs/pricing */
const openAiTools: Readonly<Record<string, string>> = {
	web_search_call: 'web search',
	file_search_call: 'file search',
	code_interpreter_call: 'the code interpreter',
	image_generation_call: 'image generation',
};

/**
 * What an event of a stream, or a whole answer, tells of fees beyond its tokens, in words that complete "the fees for".
 * The price table has rates of tokens alone: with such a fee their sum is a lower bound.
 */
export function feesIn(api: ProviderApi, event: unknown): string[] {
	switch (api) {
		case 'anthropic':
			return [event, peek(event, 'message')].flatMap((message) => anthropicFees(peek(message, 'usage')));
		case 'chat':
			return listOf(peek(event, 'choices')).flatMap((choice) =>
				[peek(choice, 'delta'), peek(choice, 'message')].flatMap((said) =>
					listOf(peek(said, 'annotations')).some((each) => peek(each, 'type') === 'url_citation') ? ['web search'] : [],
				),
			);
		case 'responses':
			return [
				peek(event, 'item'),
				...listOf(peek(event, 'output')),
				...listOf(peek(peek(event, 'response'), 'output')),
			].flatMap((item) => openAiTools[String(peek(item, 'type'))] ?? []);
		case 'gemini':
			return (Array.isArray(event) ? event : [event])
				.flatMap((each) => listOf(peek(each, 'candidates')))
				.flatMap((candidate) =>
					listOf(peek(peek(candidate, 'groundingMetadata'), 'webSearchQueries')).length > 0
						? ['grounding with Google Search']
						: [],
				);
	}
}

/** The same of Anthropic's usage: searches are billed by request, and inference in one country at a surcharge. */
export function anthropicFees(usage: unknown): string[] {
	const searches = peek(peek(usage, 'server_tool_use'), 'web_search_requests');
	return [
		...(typeof searches === 'number' && searches > 0 ? ['web search'] : []),
		...(peek(usage, 'inference_geo') === 'us' ? ['inference in the US only'] : []),
	];
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}
