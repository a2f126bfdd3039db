import type { CallDraftInput, CallKind, DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { isUniqueId } from '../unique-id.ts';
import type { CliEvent } from './events.ts';
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
	/** Its counts came in a line of their own. */
	isRecorded: boolean;
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
	/** Text of calls that started before this is not wanted. Epoch milliseconds. */
	contentSinceMs: number;
}

const agentId = 'copilot-cli';

/** A call of which nothing is known but that it was made. */
export function newCall(id: string, event: CliEvent, thread: Thread, target: Target): CliCall {
	return {
		callId: `${agentId}:${id}`,
		aliases: new Set(),
		eventId: event.id,
		thread,
		kind: thread.agent === null ? 'chat' : 'subagent',
		target,
		startedAtMs: event.timestamp,
		prompt: null,
		folder: null,
		branch: null,
		commit: null,
		reasoningEffort: null,
		answer: { texts: [], reasoning: [], toolCalls: [] },
		isRecorded: false,
		end: null,
		wasSent: false,
		wasLeftOut: false,
	};
}

/** Names the call by ids that no other has. */
export function addAliases(call: CliCall, ids: readonly (string | undefined)[]): void {
	for (const id of ids) if (id !== undefined && isUniqueId(id)) call.aliases.add(id);
}

/** What is to be handed over of a call: its request, unless that was before, and its response, once it has one. */
export function draftsOf(call: CliCall, context: DraftContext): DraftInput[] {
	const drafts: DraftInput[] = call.wasSent ? [] : [requestDraft(call, context)];
	if (call.end !== null) drafts.push(responseDraft(call, call.end, context));
	call.wasSent = true;
	return drafts;
}

function requestDraft(call: CliCall, { sessionId, path, contentSinceMs }: DraftContext): CallDraftInput {
	const { thread, prompt, reasoningEffort } = call;
	const isWanted = call.startedAtMs >= contentSinceMs;
	const isHeld = prompt !== null && prompt.forgotten === 0;
	const withContent = isWanted && isHeld;
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
		contentState: withContent ? 'full' : isWanted ? 'none' : 'off',
	};
}

function responseDraft(call: CliCall, end: CallEnd, context: DraftContext): ResponseDraftInput {
	const { texts, reasoning, toolCalls } = call.answer;
	const withContent = call.startedAtMs >= context.contentSinceMs;
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
		contentState: withContent ? 'full' : 'off',
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
