import type { CallDraftInput, CallKind, ResponseDraftInput } from '../../core/draft.ts';
import type { Target } from './targets.ts';
import type { Answer, Prompt, Thread } from './thread.ts';

/** One call as far as the lines tell of it. */
export interface CliCall {
	callId: string;
	aliases: Set<string>;
	/** The line that told of it first, for "why this number?". */
	eventId: string;
	thread: Thread;
	kind: CallKind;
	target: Target;
	startedAtMs: number;
	/** What was sent; `null` where the record does not tell. */
	prompt: Prompt | null;
	/** Where the agent worked when the call was made. */
	folder: string | null;
	branch: string | null;
	commit: string | null;
	reasoningEffort: string | null;
	answer: Answer;
	/** `null` while it has not ended. */
	end: CallEnd | null;
	/** The request was handed over as it stands. */
	wasSent: boolean;
	/** It was counted as too old. */
	wasLeftOut: boolean;
}

export interface CallEnd {
	atMs: number;
	state: 'ok' | 'error' | 'cancelled';
	error: { message: string; code: string; status?: number } | null;
	finishReason: string | null;
	firstTokenMs: number | null;
	counts: Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageNotes' | 'reportedCostUsd' | 'reportedBy'>;
}

interface DraftContext {
	sessionId: string;
	path: string;
	/** This call's text is wanted. */
	content: 'full' | 'off';
}

const agentId = 'copilot-cli';

export function requestDraft(call: CliCall, { sessionId, path, content }: DraftContext): CallDraftInput {
	const { thread, prompt, reasoningEffort } = call;
	const isHeld = prompt !== null && prompt.forgotten === 0;
	const withContent = content === 'full' && isHeld;
	const systemCount = thread.systemPrompt === null ? 0 : 1;
	return {
		...identityOf(call, sessionId, path),
		eventType: 'llm_call',
		startedAtMs: call.startedAtMs,
		kind: call.kind,
		parentSessionId: thread.agent === null ? null : sessionId,
		title: thread.title,
		folder: call.folder,
		gitBranch: call.branch,
		gitCommit: call.commit,
		systemPrompt: withContent ? thread.systemPrompt : null,
		messages: withContent ? prompt.messages.slice(0, prompt.length) : [],
		parameters: reasoningEffort === null ? {} : { reasoning_effort: reasoningEffort },
		messageCount: prompt === null ? null : prompt.forgotten + prompt.length + systemCount,
		contentState: content === 'off' || isHeld ? content : 'none',
	};
}

export function responseDraft(call: CliCall, end: CallEnd, context: DraftContext): ResponseDraftInput {
	const { texts, reasoning, toolCalls } = call.answer;
	const withContent = context.content === 'full';
	return {
		...identityOf(call, context.sessionId, context.path),
		eventType: 'llm_response',
		endedAtMs: end.atMs,
		state: end.state,
		finishReason: end.finishReason,
		completion: withContent && texts.length > 0 ? texts.join('\n') : null,
		reasoning: withContent && reasoning.length > 0 ? reasoning.join('\n') : null,
		toolCalls: withContent ? toolCalls : [],
		...end.counts,
		latencyMs: Math.max(0, end.atMs - call.startedAtMs),
		timeToFirstTokenMs: end.firstTokenMs,
		error: end.error === null ? null : { ...end.error, message: withContent ? end.error.message : '' },
		contentState: context.content,
	};
}

function identityOf(call: CliCall, sessionId: string, path: string) {
	const { provider, model, protocol, billing } = call.target;
	const { agent } = call.thread;
	return {
		callId: call.callId,
		sessionId: agent === null ? sessionId : `${sessionId}:${agent}`,
		agentId,
		aliases: [...call.aliases],
		origin: { source: agentId, record: `${path}#${call.eventId}`, billing },
		provider,
		model,
		protocol,
	};
}
