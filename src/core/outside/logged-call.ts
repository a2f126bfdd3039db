import * as z from 'zod';
import { callKindSchema } from '../draft.ts';
import { llmCallPayloadSchema, llmResponsePayloadSchema } from '../ingress.ts';
import type { EventInput } from './event-input.ts';

/**
 * A whole call in one piece, as the SDK and the MCP tool take it: request and answer, which become two events.
 * Field names are the specification's.
 */
export const loggedCallSchema = z.object({
	...llmCallPayloadSchema.omit({ callId: true, redacted: true }).shape,
	...llmResponsePayloadSchema.omit({ callId: true, redacted: true, provider: true, model: true }).shape,
	/** Absent or `null`: the price table is asked. */
	costUsd: llmResponsePayloadSchema.shape.costUsd.default(null),
	/** The model that answered, where it is another one than was asked for. */
	responseModel: z.string().min(1).optional(),
	/** Which agent made the call. */
	agentId: z.string().min(1).optional(),
	/** Takes out all content before anything is sent or stored: texts, arguments, results and definitions. */
	redact: z.boolean().optional(),
	/** When the answer had come, ISO 8601 with a zone. Absent: now. */
	endedAt: z.iso.datetime({ offset: true }).optional(),
	title: z.string().optional(),
	mode: z.string().optional(),
	/** Absolute working directory of the agent. */
	folder: z.string().optional(),
	parentSessionId: z.string().min(1).optional(),
	kind: callKindSchema.optional(),
	billing: z.enum(['api', 'subscription']).optional(),
});
/** A call before defaults are filled in: what a program writes. */
export type LoggedCallInput = z.input<typeof loggedCallSchema>;
export type LoggedCall = z.output<typeof loggedCallSchema>;

/** Ids and the moment of a call, which its sender makes up. */
export interface LoggedCallIdentity {
	callId: string;
	sessionId: string;
	/** Stands for an absent `endedAt`, epoch milliseconds. */
	nowMs: number;
	/** Stands for an absent `agentId`. */
	agentId: string;
}

/** The two events of a call: `llm_call` and `llm_response`, in this order, with one `callId`. */
export function eventsOfLoggedCall(
	call: LoggedCall,
	{ callId, sessionId, nowMs, agentId }: LoggedCallIdentity,
): [EventInput, EventInput] {
	const endedMs = call.endedAt === undefined ? nowMs : Date.parse(call.endedAt);
	const redacted = call.redact === true;
	const { title, mode, folder, parentSessionId, kind, billing } = call;
	const sender = {
		sessionId,
		agentId: call.agentId ?? agentId,
		metadata: defined({ title: redacted ? undefined : title, mode, folder, parentSessionId, kind, billing }),
	};
	const request = {
		callId,
		provider: call.provider,
		model: call.model,
		messages: call.messages,
		...defined({ systemPrompt: call.systemPrompt, parameters: call.parameters, tools: call.tools }),
	};
	const response = {
		callId,
		provider: call.provider,
		model: call.responseModel ?? call.model,
		completion: call.completion,
		finishReason: call.finishReason,
		usage: call.usage,
		costUsd: call.costUsd,
		latencyMs: call.latencyMs,
		...defined({ toolCalls: call.toolCalls, timeToFirstTokenMs: call.timeToFirstTokenMs, error: call.error }),
	};
	return [
		{
			...sender,
			id: `${callId}:llm_call`,
			timestamp: new Date(Math.max(0, endedMs - call.latencyMs)).toISOString(),
			eventType: 'llm_call',
			payload: redacted ? redactedRequest(request) : request,
		},
		{
			...sender,
			id: `${callId}:llm_response`,
			timestamp: new Date(endedMs).toISOString(),
			eventType: 'llm_response',
			payload: redacted ? redactedResponse(response) : response,
		},
	];
}

type Request = Pick<LoggedCall, 'messages' | 'systemPrompt' | 'parameters' | 'tools'>;
type Response = Pick<LoggedCall, 'completion' | 'toolCalls' | 'error'>;

/** Roles and counts stay; texts, arguments, results and definitions go. Numbers and switches among the parameters stay. */
function redactedRequest<T extends Request>({ systemPrompt: _s, tools: _t, ...request }: T): Record<string, unknown> {
	const parameters = Object.entries(request.parameters ?? {}).filter(
		([, value]) => typeof value === 'number' || typeof value === 'boolean',
	);
	return {
		...request,
		messages: request.messages.map(({ role }) => ({ role, content: '' })),
		...(parameters.length > 0 ? { parameters: Object.fromEntries(parameters) } : { parameters: undefined }),
		redacted: true,
	};
}

function redactedResponse<T extends Response>({ toolCalls: _t, error, ...response }: T): Record<string, unknown> {
	return {
		...response,
		completion: null,
		...(error !== undefined && { error: defined({ message: '', status: error.status, code: error.code }) }),
		redacted: true,
	};
}

/** Without what is undefined: JSON has no such thing. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
