import { canonicalJson } from '../../core/canonical-json.ts';
import type { RequestContent, ResponseContent } from '../../core/export/event-line.ts';
import { messageSchema } from '../../core/message.ts';
import type { StoredCallPayload, StoredResponsePayload } from '../../core/stored-events.ts';
import { sha256 } from '../event-log.ts';
import { type CallContent, type Prepared, prepare, promptDigest, salted } from '../prepared-content.ts';

/** The content of a request with the salt that its digests were made with. */
export interface CheckedRequest extends CallContent {
	salt: string;
	/** Of the event that brought it. */
	event: string;
}

export interface CheckedResponse {
	salt: string;
	message: Prepared | null;
	reasoning: Prepared | null;
	error: Prepared | null;
}

/**
 * The content of a request, put together with that of the one it extends.
 *
 * @returns `null`: it is not what the event was recorded with.
 */
export function checkedRequest(
	event: string,
	payload: StoredCallPayload,
	content: RequestContent,
	before: CheckedRequest | null,
): CheckedRequest | null {
	const { salt, title = null, extends: extended } = content;
	if (extended !== undefined && (before?.event !== extended.event || before.messages.length < extended.messages)) {
		return null;
	}
	const shared = extended === undefined ? [] : (before?.messages.slice(0, extended.messages) ?? []);
	const system = extended?.systemPrompt ? (before?.system ?? null) : textOf(content.systemPrompt);
	const tools = extended?.tools ? (before?.tools ?? null) : textOf(content.tools);
	const parameters = textOf(content.parameters);
	const messages = [...shared, ...content.messages.map(prepare)];
	if (!content.messages.every((message) => messageSchema.safeParse(message).success)) return null;
	const isTrue =
		promptDigest(
			salt,
			messages.map(({ digest }) => digest),
		) === payload.promptDigest &&
		salted(salt, system) === payload.systemPromptDigest &&
		salted(salt, tools) === payload.toolsDigest &&
		(parameters === null || salted(salt, parameters) === payload.parametersDigest) &&
		(title === null || salted(salt, prepare(title)) === payload.titleDigest);
	return isTrue ? { event, salt, title, messages, system, tools, parameters } : null;
}

/** @returns `null`: it is not what the event was recorded with. */
export function checkedResponse(payload: StoredResponsePayload, content: ResponseContent): CheckedResponse | null {
	const { salt } = content;
	const [message, reasoning, error] = [textOf(content.message), textOf(content.reasoning), textOf(content.error)];
	const said = content.message;
	if (said !== null && !messageSchema.safeParse(said).success) return null;
	const isTrue =
		(payload.completionDigest === null
			? (said?.content ?? '') === ''
			: said !== null && salted(salt, prepare(said.content)) === payload.completionDigest) &&
		(said?.toolCalls ? salted(salt, prepare(said.toolCalls)) : null) === payload.toolCallsDigest &&
		salted(salt, reasoning) === payload.reasoningDigest &&
		salted(salt, error) === (payload.error?.messageDigest ?? null);
	return isTrue ? { salt, message, reasoning, error } : null;
}

function textOf(value: unknown): Prepared | null {
	if (value === null) return null;
	const json = canonicalJson(value);
	return { json, digest: sha256(json) };
}
