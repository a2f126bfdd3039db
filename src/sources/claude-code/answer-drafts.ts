import type { CallDraftInput, CallKind, DraftInput, Origin, ResponseDraftInput } from '../../core/draft.ts';
import type { Answer } from './answer.ts';
import { answerUsage } from './answer-usage.ts';
import { completionOf } from './blocks.ts';
import { sourceId } from './places.ts';
import { providerOfAnswer } from './target.ts';

/** To whom an answer was given. */
export interface Attribution {
	sessionId: string;
	parentSessionId: string | null;
	kind: CallKind;
}

export interface DraftContext extends Attribution {
	/** The transcript that it was read from. */
	path: string;
	title: string | null;
	/** How the account that is signed in pays. */
	billing: Origin['billing'];
	withContent: boolean;
	/** Usage that another transcript has of this answer, from after its last line was written. */
	final: unknown;
}

/** One call: its request and its response. */
export function draftsOfAnswer(answer: Answer, context: DraftContext): DraftInput[] {
	const { first, prompt } = answer;
	const model = first.message?.model || 'unknown';
	const provider = providerOfAnswer(first.message?.id ?? null, model);
	const identity = {
		callId: `${sourceId}:${answer.key}`,
		sessionId: context.sessionId,
		agentId: sourceId,
		aliases: [first.message?.id, answer.requestId].flatMap((id) => id || []),
		origin: {
			source: sourceId,
			record: `${context.path}#${answer.key}`,
			billing: provider === 'anthropic' ? context.billing : 'api',
		},
		provider,
		model,
		protocol: 'anthropic',
	} as const;
	const kept = context.withContent && prompt !== null;
	const call: CallDraftInput = {
		eventType: 'llm_call',
		...identity,
		startedAtMs: answer.startedAtMs,
		kind: context.kind,
		parentSessionId: context.parentSessionId,
		title: context.title,
		mode: first.attributionAgent ?? null,
		folder: first.cwd || null,
		gitBranch: first.gitBranch && first.gitBranch !== 'HEAD' ? first.gitBranch : null,
		messages: kept ? prompt : [],
		messageCount: kept ? prompt.length : null,
		contentState: kept ? 'full' : 'off',
	};
	return [call, { eventType: 'llm_response', ...identity, ...responseOf(answer, context) }];
}

function responseOf(
	answer: Answer,
	{ final, withContent }: DraftContext,
): Omit<ResponseDraftInput, 'eventType' | 'callId' | 'sessionId' | 'agentId' | 'origin' | 'provider' | 'model'> {
	const { usage, notes, fees, serviceTier } = answerUsage(final ?? answer.usage);
	const isBound = final === undefined && answer.mayLackOutput;
	if (final !== undefined) notes.push('Its final counts are from the record of the session that started it.');
	else if (isBound) notes.push(boundNote(answer));
	const completion = withContent ? completionOf(answer.blocks) : null;
	return {
		endedAtMs: answer.endedAtMs,
		state: answer.error === null ? (answer.cancelled ? 'cancelled' : 'ok') : 'error',
		finishReason: answer.error === null && !answer.cancelled ? answer.stopReason : null,
		completion: completion?.text ?? null,
		reasoning: completion?.reasoning ?? null,
		toolCalls: completion?.toolCalls ?? [],
		usage,
		usageMissing: usage === null,
		usageBound: isBound && usage !== null ? 'atLeast' : 'exact',
		usageNotes: notes,
		unpricedFees: fees,
		// From the line that was answered to the last line of the answer: what the agent did between is in it.
		latencyMs: answer.isTimed ? answer.endedAtMs - answer.startedAtMs : null,
		serviceTier,
		error: answer.error,
		contentState: withContent ? 'full' : 'off',
	};
}

function boundNote({ error, cancelled }: Answer): string {
	if (error !== null) return 'The stream was cut: the record has only the first of the output tokens.';
	if (cancelled) return 'The answer was stopped: the record has only the first of the output tokens.';
	return 'The record was written before the answer was complete: it has only the first of the output tokens.';
}
