import type { CallDraft, Draft, ResponseDraft } from '../core/draft.ts';
import { jsonValue } from '../core/snapshot-value.ts';

/**
 * The draft with ids that are well-formed and content that JSON can say. Records and tool arguments are foreign: a `1e999` is an infinity once it is
 * parsed, and a call must not be lost for it. What is in order, which is nearly everything, is not copied.
 */
export function withJsonContent(draft: Draft): Draft {
	switch (draft.eventType) {
		case 'llm_call':
			return {
				...draft,
				...wellFormed(draft),
				messages: jsonValue(draft.messages) as CallDraft['messages'],
				tools: jsonValue(draft.tools) as CallDraft['tools'],
				parameters: jsonValue(draft.parameters) as CallDraft['parameters'],
			};
		case 'llm_response':
			return {
				...draft,
				...wellFormed(draft),
				toolCalls: jsonValue(draft.toolCalls) as ResponseDraft['toolCalls'],
			};
		case 'cost_tracked':
			return {
				...draft,
				callId: draft.callId?.toWellFormed() ?? null,
				sessionId: draft.sessionId.toWellFormed(),
			};
	}
}

/** Ids as the database keeps them. Two that differ in half a character alone would be one there, and two before it. */
function wellFormed(draft: CallDraft | ResponseDraft): Pick<CallDraft, 'callId' | 'sessionId' | 'aliases'> {
	const { callId, sessionId, aliases } = draft;
	return {
		callId: callId.toWellFormed(),
		sessionId: sessionId.toWellFormed(),
		aliases: aliases.every((alias) => alias.isWellFormed()) ? aliases : aliases.map((alias) => alias.toWellFormed()),
	};
}
