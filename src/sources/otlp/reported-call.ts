import type { CallDraftInput, CallKind, DraftInput, Origin, Protocol, ResponseDraftInput } from '../../core/draft.ts';
import type { Message, ToolDefinition } from '../../core/message.ts';
import type { Usage } from '../../core/usage.ts';
import type { GenAiAnswer } from '../genai-messages.ts';

/** Origins of calls that were reported over OTLP. Two, so that one call told twice without an id is looked for. */
export type OtlpSource = 'otlp-traces' | 'otlp-logs';

/** What a span, an event, or both tell of one call. `null`: not told. */
export interface ReportedCall {
	callId: string;
	aliases: string[];
	sessionId: string;
	agentId: string;
	/** The name of the span or event, for "why this number?". */
	record: string;
	billing: Origin['billing'];
	startedAtMs: number;
	endedAtMs: number;
	latencyMs: number | null;
	timeToFirstTokenMs: number | null;
	provider: string | null;
	model: string | null;
	/** The model that answered. */
	responseModel: string | null;
	protocol: Protocol;
	kind: CallKind;
	folder: string | null;
	parameters: Record<string, unknown>;
	systemPrompt: string | null;
	messages: Message[] | null;
	tools: ToolDefinition[] | null;
	answer: GenAiAnswer | null;
	state: 'ok' | 'error' | 'cancelled';
	error: { message: string; status: number | null; code: string | null } | null;
	finishReason: string | null;
	usage: Usage | null;
	usageNotes: string[];
	costUsd: number | null;
	/** Who says what it cost. */
	costBy: 'provider' | 'agent';
	serviceTier: string | null;
}

/** A call of which nothing more is known than when it was. */
export const nothingTold = {
	aliases: [],
	billing: 'api',
	latencyMs: null,
	timeToFirstTokenMs: null,
	provider: null,
	model: null,
	responseModel: null,
	protocol: null,
	kind: 'chat',
	folder: null,
	parameters: {},
	systemPrompt: null,
	messages: null,
	tools: null,
	answer: null,
	state: 'ok',
	error: null,
	finishReason: null,
	usage: null,
	usageNotes: [],
	costUsd: null,
	costBy: 'agent',
	serviceTier: null,
} as const satisfies Partial<ReportedCall>;

/** Two reports of one call: what the first does not tell is taken from the other. Counts are taken together. */
export function combine(first: ReportedCall, other: ReportedCall): ReportedCall {
	const counted = first.usage === null ? other : first;
	const failed = first.state === 'ok' && other.state !== 'ok' && first.usage === null ? other : first;
	return {
		...first,
		aliases: [...new Set([...first.aliases, ...other.aliases])],
		latencyMs: first.latencyMs ?? other.latencyMs,
		timeToFirstTokenMs: first.timeToFirstTokenMs ?? other.timeToFirstTokenMs,
		provider: first.provider ?? other.provider,
		model: first.model ?? other.model,
		responseModel: first.responseModel ?? other.responseModel,
		protocol: first.protocol ?? other.protocol,
		folder: first.folder ?? other.folder,
		parameters: { ...other.parameters, ...first.parameters },
		systemPrompt: first.systemPrompt ?? other.systemPrompt,
		messages: first.messages ?? other.messages,
		tools: first.tools ?? other.tools,
		answer: first.answer ?? other.answer,
		state: failed.state,
		error: failed.error,
		finishReason: first.finishReason ?? other.finishReason,
		usage: counted.usage,
		usageNotes: counted.usageNotes,
		costUsd: first.costUsd ?? other.costUsd,
		costBy: first.costUsd === null ? other.costBy : first.costBy,
		serviceTier: first.serviceTier ?? other.serviceTier,
	};
}

/** The two drafts of a call. */
export function draftsOfReported(call: ReportedCall, source: OtlpSource): DraftInput[] {
	const identity = {
		callId: call.callId,
		sessionId: call.sessionId,
		agentId: call.agentId,
		aliases: call.aliases,
		origin: { source, record: call.record, billing: call.billing },
		provider: call.provider ?? 'unknown',
		protocol: call.protocol,
	};
	const asked = call.model ?? call.responseModel ?? 'unknown';
	const hasPrompt = call.messages !== null || call.systemPrompt !== null;
	const request: CallDraftInput = {
		eventType: 'llm_call',
		...identity,
		model: asked,
		startedAtMs: call.startedAtMs,
		kind: call.kind,
		folder: call.folder,
		systemPrompt: call.systemPrompt,
		messages: call.messages ?? [],
		tools: call.tools ?? [],
		parameters: call.parameters,
		contentState: hasPrompt ? 'full' : 'none',
	};
	const response: ResponseDraftInput = {
		eventType: 'llm_response',
		...identity,
		model: call.responseModel ?? asked,
		endedAtMs: call.endedAtMs,
		state: call.state,
		finishReason: call.finishReason,
		...(call.answer ?? {}),
		usage: call.usage,
		usageMissing: call.state === 'ok' && call.usage === null,
		usageNotes: call.usageNotes,
		...(call.costUsd === null ? {} : { reportedCostUsd: call.costUsd, reportedBy: call.costBy }),
		latencyMs: call.latencyMs,
		timeToFirstTokenMs: call.timeToFirstTokenMs,
		serviceTier: call.serviceTier,
		error: call.error,
		contentState: call.answer === null ? 'none' : 'full',
	};
	return [request, response];
}
