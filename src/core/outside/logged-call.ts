import * as z from 'zod';
import { callKindSchema } from '../draft.ts';
import { llmCallPayloadSchema, llmResponsePayloadSchema } from '../ingress.ts';
import type { EventInput } from './event-input.ts';
import { redactedRequest, redactedResponse } from './redact-logged-call.ts';

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
	const identity = { callId, sessionId, agentId };
	return [
		requestEventOf(call, { ...identity, atMs: Math.max(0, endedMs - call.latencyMs) }),
		responseEventOf(call, call, { ...identity, atMs: endedMs }),
	];
}

/** The half of a call that is known when it begins. */
export const loggedRequestSchema = loggedCallSchema.pick({
	provider: true,
	model: true,
	messages: true,
	systemPrompt: true,
	parameters: true,
	tools: true,
	protocol: true,
	agentId: true,
	redact: true,
	title: true,
	mode: true,
	folder: true,
	parentSessionId: true,
	kind: true,
	billing: true,
});
export type LoggedRequest = z.output<typeof loggedRequestSchema>;

/** The half that is known when it ends. */
export const loggedResponseSchema = loggedCallSchema.pick({
	completion: true,
	reasoning: true,
	toolCalls: true,
	finishReason: true,
	usage: true,
	usageBound: true,
	unpricedFees: true,
	costUsd: true,
	costReportedBy: true,
	latencyMs: true,
	timeToFirstTokenMs: true,
	responseId: true,
	requestId: true,
	serviceTier: true,
	inferenceProvider: true,
	responseModel: true,
	error: true,
});
export type LoggedResponse = z.output<typeof loggedResponseSchema>;

/** Ids and the moment of one of a call's events; `atMs` in epoch milliseconds. */
export interface LoggedEventIdentity extends Pick<LoggedCallIdentity, 'callId' | 'sessionId' | 'agentId'> {
	atMs: number;
}

/** The `llm_call` of a call. */
export function requestEventOf(call: LoggedRequest, identity: LoggedEventIdentity): EventInput {
	const { callId } = identity;
	const { provider, model, messages, systemPrompt, parameters, tools, protocol } = call;
	const request = {
		callId,
		provider,
		model,
		messages,
		...defined({ systemPrompt, parameters, tools, protocol }),
	};
	return {
		...senderOf(call, identity),
		id: `${callId}:llm_call`,
		eventType: 'llm_call',
		payload: call.redact === true ? redactedRequest(request) : request,
	};
}

/** The `llm_response` of a call. */
export function responseEventOf(
	call: LoggedRequest,
	answer: LoggedResponse,
	identity: LoggedEventIdentity,
): EventInput {
	const { callId } = identity;
	const { responseModel, completion, finishReason, usage, costUsd, latencyMs, ...rest } = answer;
	const { reasoning, toolCalls, usageBound, unpricedFees, costReportedBy, timeToFirstTokenMs } = rest;
	const { responseId, requestId, serviceTier, inferenceProvider, error } = rest;
	const response = {
		callId,
		provider: call.provider,
		model: responseModel ?? call.model,
		completion,
		finishReason,
		usage,
		costUsd,
		latencyMs,
		...defined({ reasoning, toolCalls, usageBound, unpricedFees, costReportedBy, timeToFirstTokenMs, error }),
		...defined({ responseId, requestId, serviceTier, inferenceProvider, protocol: call.protocol }),
	};
	return {
		...senderOf(call, identity),
		id: `${callId}:llm_response`,
		eventType: 'llm_response',
		payload: call.redact === true ? redactedResponse(response) : response,
	};
}

/** The end of the year 9999, the last that ISO 8601 writes with four digits. */
const latestMs = Date.UTC(10_000, 0) - 1;

function senderOf(call: LoggedRequest, { sessionId, agentId, atMs }: LoggedEventIdentity) {
	const { redact, title, mode, folder, parentSessionId, kind, billing } = call;
	return {
		sessionId,
		agentId: call.agentId ?? agentId,
		timestamp: new Date(Math.min(Math.max(0, atMs), latestMs)).toISOString(),
		metadata: defined({ title: redact === true ? undefined : title, mode, folder, parentSessionId, kind, billing }),
	};
}

/** Without what is undefined: JSON has no such thing. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
