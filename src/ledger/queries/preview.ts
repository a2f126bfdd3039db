import * as z from 'zod';
import type { ContentState } from '../../core/draft.ts';
import { type Message, messageSchema } from '../../core/message.ts';
import type { CallPreview, TextStart } from '../../core/views.ts';
import { contentStateOf } from '../call-record.ts';
import { type ContentStores, parseStored } from './call-detail.ts';
import type { Reader } from './reader.ts';

/**
 * The start of what a call said last and of what came back: two texts are unpacked, however long the conversation is.
 * `null`: no such call.
 */
export function preview(reader: Reader, stores: ContentStores, callId: string, length: number): CallPreview | null {
	return reader.snapshot(() => {
		const n = reader.callNumber(callId);
		const call =
			n === null
				? undefined
				: reader.sql('SELECT call_id, call_content, response_content FROM call WHERE n = ?').get(n);
		if (n === null || !call) return null;
		const states = {
			call_content: call.call_content as ContentState,
			response_content: call.response_content as ContentState | null,
		};
		const answer = stores.answers.get(n);
		const text = (number: number | null | undefined) => (number == null ? null : stores.messages.get(number));
		const asked = hasText(states.call_content) ? parseStored(text(stores.prompts.lastMessage(n)), messageSchema) : null;
		const answered = hasText(states.response_content) ? parseStored(text(answer?.message), messageSchema) : null;
		const said = answered && textOf(answered);
		const error = parseStored(text(answer?.error), z.string());
		return {
			callId: String(call.call_id),
			contentState: contentStateOf(states),
			prompt: asked && { ...startOf(textOf(asked), length), role: asked.role },
			completion: said ? startOf(said, length) : null,
			toolCalls: (answered?.toolCalls ?? []).map(({ name }) => name),
			error: error ? startOf(error, length).text : null,
		};
	});
}

/** A redacted message is kept as its role alone. What else there is of content, the stores know. */
function hasText(state: ContentState | null): boolean {
	return state !== 'redacted' && state !== 'off';
}

function textOf({ content }: Message): string {
	if (typeof content === 'string') return content;
	return content.flatMap(({ text }) => text ?? []).join('\n');
}

/** Never half a character: one that would be cut is left out. */
function startOf(text: string, length: number): TextStart {
	const last = text.charCodeAt(length - 1);
	const isCut = text.length > length && last >= 0xd800 && last <= 0xdbff;
	return { text: text.slice(0, isCut ? length - 1 : length), length: text.length };
}
