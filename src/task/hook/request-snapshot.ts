import { ask, firstText, peek } from '../../core/foreign.ts';
import type { Message, ToolDefinition } from '../../core/message.ts';
import { normaliseMessages } from '../../core/normalise-messages.ts';
import { snapshotRecord } from '../../core/snapshot-value.ts';
import { normaliseTools } from '../normalise-tools.ts';
import type { CallContext } from './call-context.ts';
import { guarded } from './call-context.ts';

/** What was asked, as it stood when the request started. Later changes by the agent do not reach it. */
export interface RequestSnapshot {
	systemPrompt: string | null;
	/** `null` when the prompt could not be read; `messageCount` then still tells its length, if anything does. */
	messages: Message[] | null;
	messageCount: number | null;
	tools: ToolDefinition[];
	parameters: Record<string, unknown>;
	taskId: string | null;
	mode: string | null;
	/** The signal that aborts the request, if one came with it. */
	signal: AbortSignal | null;
}

/** Reads the arguments of `createMessage(systemPrompt, messages, metadata | tools)`. Never throws. */
export function snapshotRequest(args: readonly unknown[], handler: unknown, context: CallContext): RequestSnapshot {
	const [systemPrompt, messages, third] = args;
	const metadata = Array.isArray(third) ? undefined : third;
	const tools = Array.isArray(third) ? third : peek(metadata, 'tools');
	const read = <T>(what: string, work: () => T): T | undefined => guarded(context.log, what, work);
	const length = peek(messages, 'length');
	return {
		systemPrompt: read('The system prompt could not be read', () => systemText(systemPrompt)) ?? null,
		messages: read('The prompt could not be read', () => normaliseMessages(messages)) ?? null,
		messageCount: typeof length === 'number' && Number.isInteger(length) && length >= 0 ? length : null,
		tools: read('The tool definitions could not be read', () => normaliseTools(tools)) ?? [],
		parameters: read('The parameters could not be read', () => parametersOf(handler, context)) ?? {},
		taskId: firstText(context.taskId, peek(metadata, 'taskId')),
		mode: firstText(peek(metadata, 'mode'), context.mode),
		signal: [peek(metadata, 'signal'), peek(metadata, 'abortSignal')].find(isSignal) ?? null,
	};
}

function systemText(prompt: unknown): string | null {
	if (typeof prompt === 'string') return prompt;
	if (!Array.isArray(prompt)) return null;
	return prompt.map((block) => firstText(block, peek(block, 'text')) ?? '').join('\n');
}

function parametersOf(handler: unknown, context: CallContext): Record<string, unknown> {
	const told = ask(handler, 'getParameters');
	return {
		...(typeof told === 'object' && told !== null ? snapshotRecord(told) : {}),
		...(context.parameters === undefined ? {} : snapshotRecord(context.parameters)),
	};
}

function isSignal(value: unknown): value is AbortSignal {
	return typeof peek(value, 'addEventListener') === 'function' && typeof peek(value, 'aborted') === 'boolean';
}
