import type { Message, ToolCall } from '../../core/message.ts';
import type { CallDetail } from '../../core/views.ts';
import { type Asker, QuestionProblem } from './answer.ts';
import { explainedCallText } from './explain-call.ts';
import { named, quotationNotice, quoted, withheldNotice } from './foreign-text.ts';
import { sessionUri } from './resource-uris.ts';

/** Characters of content in one document, and of one text in it. */
const maxContent = 60_000;
const maxText = 8_000;
const maxTools = 100;

/**
 * Everything about a call that a model may want to read: cost, metadata, and as far as they are kept and may be handed
 * out prompt and completion, quoted. Long prompts are cut at their beginning: what a call added stands at the end.
 */
export async function callDocument(callId: string, asker: Asker): Promise<string> {
	const detail = await asker.ledger.call(callId);
	if (detail === null) throw new QuestionProblem(`There is no call ${named(callId)}.`);
	const lines = ['# LLM call', '', explainedCallText(detail, asker.timeZone), '', ...metadataLines(detail)];
	if (!asker.showsContent) return [...lines, '', withheldNotice].join('\n');
	const content = contentLines(detail);
	if (content.length === 0) return [...lines, '', withoutContent[detail.row.contentState]].join('\n');
	return [...lines, '', quotationNotice, ...content].join('\n');
}

const withoutContent: Record<CallDetail['row']['contentState'], string> = {
	full: 'The call has neither prompt nor completion.',
	redacted: 'Texts were left out when this call was recorded: the setting callmeter.content was "redacted".',
	off: 'Prompts and completions were not kept when this call was recorded: the setting callmeter.content was "off".',
	none: 'The record that this call was read from holds no prompt or completion.',
	erased: 'Prompt and completion of this call were erased.',
};

function metadataLines({ row, mode, folder, inferenceProvider, extendsCallId, maskedSecrets }: CallDetail): string[] {
	const facts: [string, string | number | null][] = [
		['Task', sessionUri(row.sessionId)],
		['Agent', named(row.agentId)],
		['Kind', row.kind],
		['State', row.state],
		['Finish reason', row.finishReason === null ? null : named(row.finishReason)],
		['Messages', row.messageCount],
		['Mode', mode === null ? null : named(mode)],
		['Folder', folder === null ? null : named(folder)],
		['Inference provider', inferenceProvider === null ? null : named(inferenceProvider)],
		['Goes on from call', extendsCallId === null ? null : named(extendsCallId)],
		['May be the same as call', row.possibleDuplicateOf === null ? null : named(row.possibleDuplicateOf)],
		['Secrets masked', maskedSecrets === 0 ? null : maskedSecrets],
	];
	return facts.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${value}`]));
}

function contentLines(detail: CallDetail): string[] {
	const { systemPrompt, completion, reasoning, toolCalls, error, tools } = detail;
	const room = new Room(maxContent);
	// What came back first: it must not fall to a long prompt.
	const answer = [
		...section('Completion', completion, room),
		...section('Reasoning', reasoning, room),
		...(toolCalls.length > 0 ? section('Tool calls', toolCalls.map(toolCallText).join('\n'), room) : []),
		...section('Error', error?.message ?? null, room),
	];
	const system = section('System prompt', systemPrompt, room);
	const messages = messageLines(detail.messages, room);
	const names = tools.slice(0, maxTools).map(({ name }) => name);
	return [...system, ...messages, ...answer, ...section('Tools that were offered', names.join('\n') || null, room)];
}

function messageLines(messages: readonly Message[], room: Room): string[] {
	const sections: string[][] = [];
	for (const message of messages.toReversed()) {
		const text = messageText(message);
		if (text === '') continue;
		const lines = section(`Message ${messages.length - sections.length}, ${message.role}`, text, room);
		if (lines.length === 0) break;
		sections.push(lines);
	}
	const left = messages.filter((message) => messageText(message) !== '').length - sections.length;
	const cut = left > 0 ? ['', `(${left} earlier messages are left out.)`] : [];
	return [...cut, ...sections.reverse().flat()];
}

function section(title: string, text: string | null, room: Room): string[] {
	if (text === null || text === '') return [];
	const length = room.take(Math.min(text.length, maxText));
	return length === 0 ? [] : ['', `## ${title}`, '', quoted(text, length)];
}

function messageText({ content, toolCalls = [] }: Message): string {
	const text = typeof content === 'string' ? content : content.map(({ type, text }) => text ?? `[${type}]`).join('\n');
	return [text, ...toolCalls.map(toolCallText)].filter((each) => each !== '').join('\n');
}

function toolCallText({ name, arguments: given }: ToolCall): string {
	if (name === '') return '';
	return `${name}(${typeof given === 'string' ? given : JSON.stringify(given)})`;
}

/** Characters that are left. */
class Room {
	#left: number;
	constructor(length: number) {
		this.#left = length;
	}

	/** As many of `wanted` as there are. */
	take(wanted: number): number {
		const taken = Math.min(wanted, this.#left);
		this.#left -= taken;
		return taken;
	}
}
