/**
 * Why an answer ended, in the words of `finishReason`, whatever Anthropic or OpenAI call it; one that has no such word
 * stays as it is.
 */
export function finishReasonOf(reason: string): string {
	switch (reason) {
		case 'end_turn':
		case 'stop_sequence':
		case 'completed':
			return 'stop';
		case 'max_tokens':
		case 'max_output_tokens':
			return 'length';
		case 'tool_calls':
		case 'function_call':
			return 'tool_use';
		case 'refusal':
			return 'content_filter';
		default:
			return reason;
	}
}

/** The same for Gemini, which has no word of its own for an answer that asks for tools: `called` says that it does. */
export function geminiFinishReasonOf(reason: string, called: boolean): string {
	if (reason === 'STOP') return called ? 'tool_use' : 'stop';
	if (reason === 'MAX_TOKENS') return 'length';
	return blockedOutput.has(reason) ? 'content_filter' : reason;
}

/** Gemini API reference, `FinishReason`: those by which content is held back. */
const blockedOutput = new Set([
	'SAFETY',
	'RECITATION',
	'LANGUAGE',
	'BLOCKLIST',
	'PROHIBITED_CONTENT',
	'SPII',
	'IMAGE_SAFETY',
	'IMAGE_PROHIBITED_CONTENT',
	'IMAGE_RECITATION',
]);
