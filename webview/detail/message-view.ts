import type { ContentPart, Message } from '../../src/core/message.ts';
import { append, el } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { jsonView, toolCallView } from './tool-call-view.ts';
import { appendVisible } from './visible-text.ts';

/** What a bubble needs to know beside its message. */
export interface MessageContext {
	/** The name of a tool by the id of its call, for its result. */
	toolName(toolCallId: string): string | null;
	/** Texts were left out on purpose: an empty message is not an empty text. */
	withheld: boolean;
}

/** One message as a chat bubble: user on the left, assistant on the right, tools monospaced. */
export function messageView(ui: Ui, message: Message, context: MessageContext): HTMLElement {
	const bubble = el('article', { class: 'bubble', 'data-role': message.role });
	const who = el('div', { class: 'bubble-role' });
	appendVisible(who, roleLabel(message, context));
	bubble.append(who);
	const { content } = message;
	const calls = message.toolCalls ?? [];
	if (typeof content === 'string') {
		if (content === '' && context.withheld)
			bubble.append(el('div', { class: 'subtle', text: text('content.withheld') }));
		else if (content !== '' || calls.length === 0) {
			bubble.append(foldedText(ui, content, messageFold, message.role === 'tool'));
		}
	} else {
		for (const part of content) bubble.append(partView(ui, part, message.role === 'tool'));
	}
	append(bubble, ...calls.map((call) => toolCallView(ui, call)));
	return bubble;
}

function roleLabel(message: Message, context: MessageContext): string {
	if (message.role !== 'tool' || message.toolCallId === undefined) return text(`role.${message.role}`);
	const name = context.toolName(message.toolCallId);
	return name === null ? text('role.tool') : text('role.toolNamed', { name: name.slice(0, 200) });
}

function partView(ui: Ui, part: ContentPart, monospaced: boolean): HTMLElement {
	if (part.type === 'text' && part.text !== undefined) return foldedText(ui, part.text, messageFold, monospaced);
	return placeholder(ui, part);
}

/** A part that is not text: what it is and how big, with what it holds one click away. */
function placeholder(ui: Ui, part: ContentPart): HTMLElement {
	const { kind, label } = describe(part);
	const details = el('details', { class: 'part' });
	const summary = el('summary', {}, icon(kind));
	const name = el('bdi');
	appendVisible(name, label);
	summary.append(name);
	const data = longestText(part, 0);
	if (data > 1000) {
		// Base64 takes four characters for three bytes.
		summary.append(el('span', { class: 'subtle', text: text('part.size', { size: ui.format.bytes(data * 0.75) }) }));
	}
	details.append(summary);
	details.addEventListener('toggle', () => {
		if (details.open && details.childElementCount === 1) details.append(jsonView(part));
	});
	return details;
}

function describe(part: ContentPart): { kind: IconName; label: string } {
	const type = part.type.slice(0, 100);
	if (/image/i.test(type)) return { kind: 'image', label: `${text('part.image')} · ${mediaType(part) ?? type}` };
	if (/file|document|pdf|audio/i.test(type))
		return { kind: 'file', label: `${text('part.file')} · ${mediaType(part) ?? type}` };
	return { kind: 'question', label: text('part.placeholder', { type }) };
}

/** The media type as Anthropic (`source.media_type`), Gemini (`mimeType`) and data URLs (`image_url.url`) write it. */
function mediaType(part: ContentPart): string | null {
	const json = jsonHead(part, 0);
	return /\b(?:image|audio|application|text|video)\/[\w.+-]{1,60}/.exec(json)?.[0] ?? null;
}

/** The first characters of each text in a value. */
function jsonHead(value: unknown, depth: number): string {
	if (typeof value === 'string') return `${value.slice(0, 100)} `;
	if (typeof value !== 'object' || value === null || depth > 4) return '';
	return Object.values(value)
		.slice(0, 20)
		.map((member) => jsonHead(member, depth + 1))
		.join('');
}

function longestText(value: unknown, depth: number): number {
	if (typeof value === 'string') return value.length;
	if (typeof value !== 'object' || value === null || depth > 4) return 0;
	return Math.max(
		0,
		...Object.values(value)
			.slice(0, 100)
			.map((member) => longestText(member, depth + 1)),
	);
}
