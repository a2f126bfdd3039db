import type { LlmCallPayload, LlmResponsePayload } from '../ingress.ts';

/**
 * A call without its content, before it leaves the process that made it. Roles, counts, figures and the names of models
 * stay; texts, arguments, results, definitions and the ids of tool calls go. What is not content but any text at all
 * (a finish reason, an error's code, the name of a parameter) stays where it is a name, and goes where it is a sentence.
 */
export function redactedRequest<T extends Omit<LlmCallPayload, 'redacted'>>({
	systemPrompt: _s,
	tools: _t,
	parameters = {},
	...request
}: T): Record<string, unknown> {
	// A number or a switch says how it was asked, a text may be what was asked.
	const plain = Object.entries(parameters).filter(
		([name, value]) => isName(name) && (typeof value === 'number' || typeof value === 'boolean'),
	);
	return {
		...request,
		messages: request.messages.map(({ role }) => ({ role, content: '' })),
		...(plain.length > 0 && { parameters: Object.fromEntries(plain) }),
		redacted: true,
	};
}

/** The same for its answer. */
export function redactedResponse<T extends Omit<LlmResponsePayload, 'redacted'>>({
	toolCalls: _t,
	reasoning: _r,
	unpricedFees,
	error,
	...response
}: T): Record<string, unknown> {
	return {
		...response,
		completion: null,
		finishReason: isName(response.finishReason) ? response.finishReason : 'unknown',
		// That there were fees makes the cost a lower bound; what for may be said in any words.
		...(unpricedFees !== undefined && { unpricedFees: unpricedFees.map((fee) => (isName(fee) ? fee : 'a service')) }),
		...(error !== undefined && { error: errorWithoutWords(error) }),
		redacted: true,
	};
}

function errorWithoutWords({ status, code }: NonNullable<LlmResponsePayload['error']>) {
	return {
		message: '',
		...(status !== undefined && { status }),
		...(code !== undefined && isName(code) && { code }),
	};
}

/** Such as `max_tokens`, `ECONNRESET`, `azure.content-filter`. */
function isName(text: string): boolean {
	return /^[\w.:/-]{1,64}$/.test(text);
}
