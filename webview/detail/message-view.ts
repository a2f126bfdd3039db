import type { ContentPart, Message } from '../../src/core/message.ts';
import { append, el } from '../dom.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { partView } from './content-part.ts';
import { copyIcon } from './copy-button.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { messageAsText } from './prompt-text.ts';
import { toolCallView } from './tool-call-view.ts';
import { appendVisible } from './visible-text.ts';

/** What a bubble needs to know beside its message. */
export interface MessageContext {
	/** The name of a tool by the id of its call, for its result. */
	toolName(toolCallId: string): string | null;
	/** Texts were left out on purpose: an empty message is not an empty text. */
	withheld: boolean;
	/** Texts stand as they were written, not read as Markdown. */
	asWritten: boolean;
}

/** One message as a chat bubble: user on the left, assistant on the right, tools monospaced. */
export function messageView(ui: Ui, message: Message, context: MessageContext): HTMLElement {
	const bubble = el('article', { class: 'bubble', 'data-role': message.role });
	const who = el('h4', { class: 'bubble-role' });
	appendVisible(who, roleLabel(message, context));
	const head = el('div', { class: 'bubble-head' }, who);
	append(head, failed(message) && el('span', { class: 'badge failed', text: text('tool.failed') }));
	bubble.append(head);
	if (!context.withheld) head.append(copyIcon(ui, text('detail.copyMessage'), () => messageAsText(message)));
	const { content } = message;
	const calls = message.toolCalls ?? [];
	const style = context.asWritten || message.role === 'tool' ? 'plain' : 'markdown';
	if (typeof content === 'string') {
		if (content === '' && context.withheld)
			bubble.append(el('div', { class: 'subtle', text: text('content.withheld') }));
		else if (content !== '' || calls.length === 0) bubble.append(foldedText(ui, content, messageFold, style));
	} else {
		for (const part of content) bubble.append(partView(ui, part, style));
	}
	append(bubble, ...calls.map((call) => toolCallView(ui, call)));
	return bubble;
}

function roleLabel(message: Message, context: MessageContext): string {
	if (message.role !== 'tool' || message.toolCallId === undefined) return text(`role.${message.role}`);
	const name = context.toolName(message.toolCallId);
	return name === null ? text('role.tool') : text('role.toolNamed', { name: name.slice(0, 200) });
}

/** A tool that failed says so in the parts of its result. */
function failed({ role, content }: Message): boolean {
	return role === 'tool' && typeof content !== 'string' && content.some((part: ContentPart) => part.isError === true);
}
