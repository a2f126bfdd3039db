import type { CallDraftInput, CallKind, DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import type { Message } from '../../core/message.ts';
import type { CallEnd } from './call-ends.ts';
import type { CallSetting } from './call-setting.ts';
import type { Stretch } from './stretch.ts';
import type { ThreadMeta } from './thread-meta.ts';
import { type TokenCounts, usageOfCounts } from './token-counts.ts';

/** One call, with all that its drafts are made from. */
export interface FoundCall {
	callId: string;
	aliases: string[];
	/** Where it is told of, for "why this number?". */
	record: string;
	startedAtMs: number;
	endedAtMs: number;
	firstTokenAtMs: number | null;
	kind: CallKind;
	setting: CallSetting;
	title: string | null;
	/** Paid with a ChatGPT plan. */
	onPlan: boolean;
	counts: TokenCounts | null;
	end: CallEnd;
	/** `null`: the record has not got all of it, or it is not to be kept. */
	prompt: Message[] | null;
	messageCount: number | null;
	answers: readonly Stretch[];
	/** In place of the answers: the summary that a compaction made. */
	summary: string | null;
}

/** The two drafts of a call. */
export function draftsOfCall(call: FoundCall, meta: ThreadMeta, path: string): DraftInput[] {
	const withContent = call.prompt !== null;
	const identity = {
		callId: call.callId,
		sessionId: meta.id,
		agentId: 'codex',
		aliases: call.aliases,
		origin: {
			source: 'codex',
			record: `${path}#${call.record}`,
			billing: call.onPlan ? ('subscription' as const) : ('api' as const),
		},
		provider: meta.provider ?? 'openai',
		model: call.setting.model,
		protocol: 'openai' as const,
		contentState: withContent ? ('full' as const) : ('off' as const),
	};
	const { reasoningEffort, serviceTier } = call.setting;
	const request: CallDraftInput = {
		eventType: 'llm_call',
		...identity,
		startedAtMs: call.startedAtMs,
		kind: call.kind,
		parentSessionId: meta.parentId === meta.id ? null : meta.parentId,
		title: call.title,
		mode: call.setting.mode,
		folder: call.setting.folder ?? meta.folders[0] ?? null,
		gitBranch: meta.gitBranch,
		gitCommit: meta.gitCommit,
		systemPrompt: withContent ? meta.instructions : null,
		messages: call.prompt ?? [],
		parameters: {
			...(reasoningEffort === null ? {} : { reasoning_effort: reasoningEffort }),
			...(serviceTier === null ? {} : { service_tier: serviceTier }),
		},
		messageCount: call.messageCount === null ? null : call.messageCount + (meta.instructions === null ? 0 : 1),
	};
	const response: ResponseDraftInput = {
		eventType: 'llm_response',
		...identity,
		endedAtMs: call.endedAtMs,
		state: call.end.state,
		...(withContent ? answerOf(call) : {}),
		...usageOfCounts(call.counts),
		latencyMs: Math.max(0, call.endedAtMs - call.startedAtMs),
		timeToFirstTokenMs: timeToFirstToken(call),
		serviceTier: serviceTier === 'default' ? null : serviceTier,
		error: call.end.error,
	};
	return [request, response];
}

function answerOf({ answers, summary }: FoundCall): Pick<ResponseDraftInput, 'completion' | 'reasoning' | 'toolCalls'> {
	const texts = answers.flatMap((answer) => answer.texts);
	const reasoning = answers.flatMap((answer) => answer.reasoning);
	return {
		completion: texts.length > 0 ? texts.join('\n') : summary,
		reasoning: reasoning.length === 0 ? null : reasoning.join('\n\n'),
		toolCalls: answers.flatMap((answer) => answer.toolCalls),
	};
}

function timeToFirstToken({ firstTokenAtMs, startedAtMs, endedAtMs }: FoundCall): number | null {
	if (firstTokenAtMs === null || firstTokenAtMs < startedAtMs || firstTokenAtMs > endedAtMs) return null;
	return firstTokenAtMs - startedAtMs;
}
