import * as z from 'zod';
import type { ContentPart, Message, ToolCall } from '../../core/message.ts';

const text = z.string().catch('');

/** A content block of the Messages API, as far as it is kept. */
const blockSchema = z.union([
	z.object({ type: z.literal('text'), text }),
	z.object({ type: z.literal('thinking'), thinking: text }),
	z.object({ type: z.enum(['tool_use', 'server_tool_use', 'mcp_tool_use']), id: text, name: text, input: z.unknown() }),
	z.object({ type: z.literal('tool_result'), tool_use_id: text, content: z.unknown().optional() }),
	z.object({ type: z.enum(['image', 'document']), title: z.string().nullish(), source: z.unknown().optional() }),
	z.object({ type: z.string() }),
]);
type Block = z.infer<typeof blockSchema>;

const sourceSchema = z.object({
	type: z.string().optional(),
	media_type: z.string().optional(),
	data: z.string().optional(),
	url: z.string().optional(),
});

/** What an answer gave back. */
export interface Completion {
	text: string | null;
	reasoning: string | null;
	toolCalls: ToolCall[];
}

export function completionOf(blocks: readonly unknown[]): Completion {
	const texts: string[] = [];
	const thoughts: string[] = [];
	const toolCalls: ToolCall[] = [];
	for (const block of parsed(blocks)) {
		if ('text' in block && block.text !== '') texts.push(block.text);
		else if ('thinking' in block && block.thinking !== '') thoughts.push(block.thinking);
		else if ('input' in block) toolCalls.push({ id: block.id, name: block.name, arguments: block.input });
	}
	return { text: joined(texts), reasoning: joined(thoughts), toolCalls };
}

/** An answer as it is sent again with the next request; `null` when there is nothing of it to send. */
export function answerMessage(blocks: readonly unknown[]): Message | null {
	const parts: ContentPart[] = [];
	const toolCalls: ToolCall[] = [];
	for (const block of parsed(blocks)) {
		if ('input' in block) toolCalls.push({ id: block.id, name: block.name, arguments: block.input });
		else parts.push(...partsOf(block));
	}
	if (parts.length === 0 && toolCalls.length === 0) return null;
	return { role: 'assistant', content: compact(parts), ...(toolCalls.length === 0 ? {} : { toolCalls }) };
}

/** What a user line sends: results of tools, and the user's own words. */
export interface UserContent {
	results: Message[];
	message: Message | null;
}

export function userContent(content: unknown): UserContent {
	if (typeof content === 'string') {
		return { results: [], message: content === '' ? null : { role: 'user', content } };
	}
	const results: Message[] = [];
	const parts: ContentPart[] = [];
	for (const block of parsed(Array.isArray(content) ? content : [])) {
		if ('tool_use_id' in block) {
			results.push({ role: 'tool', toolCallId: block.tool_use_id, content: resultOf(block.content) });
		} else parts.push(...partsOf(block));
	}
	return { results, message: parts.length === 0 ? null : { role: 'user', content: compact(parts) } };
}

function resultOf(content: unknown): Message['content'] {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	const parts = parsed(content).flatMap(partsOf);
	const onlyText = parts.every(({ type }) => type === 'text');
	return onlyText ? parts.map((part) => part.text ?? '').join('\n') : parts;
}

function partsOf(block: Block): ContentPart[] {
	if ('text' in block) return block.text === '' ? [] : [{ type: 'text', text: block.text }];
	if ('thinking' in block) return block.thinking === '' ? [] : [{ type: 'reasoning', text: block.thinking }];
	if ('source' in block) return [placeholder(block)];
	return [{ type: block.type }];
}

/** Kind and size of a picture or file. Its bytes stay where they are: one in each prompt would be all there is. */
function placeholder({ type, title, source }: Extract<Block, { type: 'image' | 'document' }>): ContentPart {
	const { media_type: mime, data, url } = sourceSchema.safeParse(source).data ?? {};
	return {
		type: type === 'image' ? 'image' : 'file',
		...(mime === undefined ? {} : { mime }),
		...(title == null ? {} : { filename: title }),
		...(data === undefined ? {} : { bytes: Math.floor((data.length * 3) / 4) }),
		...(url === undefined ? {} : { url }),
	};
}

function parsed(blocks: readonly unknown[]): Block[] {
	return blocks.flatMap((block) => blockSchema.safeParse(block).data ?? []);
}

function joined(texts: string[]): string | null {
	return texts.length === 0 ? null : texts.join('\n');
}

function compact(parts: ContentPart[]): Message['content'] {
	const [only] = parts;
	if (only === undefined) return '';
	return parts.length === 1 && only.type === 'text' && only.text !== undefined ? only.text : parts;
}
