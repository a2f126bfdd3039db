import { createHash } from 'node:crypto';
import type { CallDraftInput, DraftInput, Protocol, ResponseDraftInput } from '../../core/draft.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { Conversation, completionOf } from './conversation.ts';
import type { Flavour } from './places.ts';
import type { MessageRow, PartRow, SessionRow, Tokens } from './rows.ts';
import {
	type AssistantRow,
	endOfStep,
	firstTokenOfStep,
	isAssistant,
	type Step,
	type StepEnd,
	startOfStep,
	stepsOf,
} from './steps.ts';
import { usageOfStep } from './usage.ts';

/** One session as the database has it. */
export interface SessionRecord {
	session: SessionRow;
	messages: readonly MessageRow[];
	parts: ReadonlyMap<string, PartRow[]>;
}

/** A call that had not ended when it was read, with what is needed to end it should its message vanish. */
export interface OpenCall {
	callId: string;
	sessionId: string;
	provider: string;
	model: string;
}

export interface SessionDrafts {
	drafts: DraftInput[];
	skipped: Partial<Record<SkipReason, number>>;
	/** By message id. */
	open: Map<string, OpenCall>;
}

interface DraftContext {
	flavour: Flavour;
	/** The database, for "why this number?". */
	path: string;
	options: ReadOptions;
	nowMs: number;
	/** Only these messages; `null` = all. */
	wanted: ReadonlySet<string> | null;
	/** Calls that were handed over before and had not ended: not repeated as long as they have not. */
	announced: ReadonlySet<string>;
	/** Whether a message was copied from another session, where its calls are counted. */
	isInherited(message: AssistantRow): boolean;
}

/** Gateways whose calls are paid with a plan, not by the token. */
const subscriptions: ReadonlySet<string> = new Set(['github-copilot', 'github-copilot-enterprise']);

const protocols: Readonly<Record<string, Protocol>> = { anthropic: 'anthropic', openai: 'openai', google: 'gemini' };

/** A title that the agent made up from the time, before it had one. */
const placeholderTitle = /^(New|Child) session - \d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/**
 * The calls of one session as drafts, in the order in which they were made.
 *
 * `message.cost` and `message.tokens` are left alone: the first also has the cost of subagents, the second only the
 * last step. The agents' calls for a session's title are billed but leave no trace in the record, so they are missing.
 */
export function draftsOfSession(record: SessionRecord, context: DraftContext): SessionDrafts {
	const result: SessionDrafts = { drafts: [], skipped: {}, open: new Map() };
	const skip = (reason: SkipReason): void => {
		result.skipped[reason] = (result.skipped[reason] ?? 0) + 1;
	};
	const conversation = new Conversation(record.messages, record.parts);
	const title = placeholderTitle.test(record.session.title) ? conversation.firstLine() : record.session.title;
	for (const [index, message] of record.messages.entries()) {
		if (!isAssistant(message) || (context.wanted !== null && !context.wanted.has(message.id))) continue;
		if (message.data.time.created < context.options.metadataSinceMs) {
			skip('tooOld');
			continue;
		}
		if (context.isInherited(message)) {
			skip('inherited');
			continue;
		}
		const steps = stepsOf(record.parts.get(message.id) ?? []);
		const followed = index < record.messages.length - 1;
		for (const step of steps) {
			const end = endOfStep(message, step, { steps, followed, nowMs: context.nowMs });
			const tokens = tokensOf(message, step, steps);
			if (message.data.providerID === 'legacy' && (tokens === null || usageOfStep(tokens).usage === null)) {
				skip('noUsage');
				continue;
			}
			const callId = callIdOf(context.flavour, message, step);
			if (end === null) {
				const { providerID: provider, modelID: model } = message.data;
				result.open.set(message.id, { callId, sessionId: message.sessionId, provider, model });
				if (context.announced.has(callId)) continue;
			}
			const call = callDraft({ record, context, conversation, title, index, message, step });
			result.drafts.push(call);
			if (end !== null) result.drafts.push(responseDraft(call, { step, end, tokens }));
		}
	}
	return result;
}

/** Ends a call whose message was removed from the record while it was open. */
export function removedResponse(flavour: Flavour, path: string, call: OpenCall, nowMs: number): ResponseDraftInput {
	const { callId, sessionId, provider, model } = call;
	return {
		eventType: 'llm_response',
		callId,
		sessionId,
		provider,
		model,
		agentId: flavour.agentId,
		origin: { source: flavour.id, record: path },
		endedAtMs: nowMs,
		state: 'cancelled',
		usage: null,
		usageMissing: true,
		error: { message: 'The agent removed this call from its record.', code: 'removed' },
		contentState: 'none',
	};
}

interface CallContext {
	record: SessionRecord;
	context: DraftContext;
	conversation: Conversation;
	title: string | null;
	index: number;
	message: AssistantRow;
	step: Step;
}

function callDraft(call: CallContext): CallDraftInput {
	const { record, context, conversation, index, message, step } = call;
	const { session } = record;
	const { data } = message;
	const startedAtMs = startOfStep(message, step);
	const prompt = conversation.promptOf(index, step, startedAtMs);
	const withContent = startedAtMs >= context.options.contentSinceMs;
	const systemPrompt = conversation.systemPromptOf(message);
	return {
		eventType: 'llm_call',
		callId: callIdOf(context.flavour, message, step),
		sessionId: session.id,
		agentId: context.flavour.agentId,
		aliases: aliasesOf(context.flavour, message, step),
		origin: {
			source: context.flavour.id,
			record: `${context.path}#${step.finish?.id ?? step.start?.id ?? message.id}`,
			billing: subscriptions.has(data.providerID) ? 'subscription' : 'api',
		},
		startedAtMs,
		provider: data.providerID,
		model: data.modelID,
		protocol: protocols[data.providerID] ?? null,
		kind: data.summary ? 'condense' : session.parentId === null ? 'chat' : 'subagent',
		parentSessionId: session.parentId,
		title: call.title || null,
		mode: data.mode ?? null,
		folder: data.path?.cwd || session.directory || null,
		gitBranch: session.branch,
		systemPrompt: withContent ? systemPrompt : null,
		messages: withContent ? prompt : [],
		parameters: data.variant === undefined ? {} : { variant: data.variant },
		contentState: withContent ? 'full' : 'off',
		messageCount: prompt.length + (systemPrompt === null ? 0 : 1),
	};
}

interface ResponseContext {
	step: Step;
	end: StepEnd;
	tokens: Tokens | null;
}

function responseDraft(call: CallDraftInput, response: ResponseContext): ResponseDraftInput {
	const { step, end, tokens } = response;
	const withContent = call.contentState === 'full';
	const completion = completionOf(step);
	const firstToken = firstTokenOfStep(step);
	// What began to stream is billed, also when its usage never came; a request that was refused is not known to be.
	const counted =
		tokens === null ? { usage: null, usageMissing: step.start !== null || end.state === 'ok' } : usageOfStep(tokens);
	const cost = step.finish?.data.cost ?? 0;
	return {
		eventType: 'llm_response',
		callId: call.callId,
		sessionId: call.sessionId,
		agentId: call.agentId,
		aliases: call.aliases ?? [],
		origin: call.origin,
		endedAtMs: end.endedAtMs,
		provider: call.provider,
		model: call.model,
		protocol: call.protocol ?? null,
		state: end.state,
		finishReason: end.finishReason,
		completion: withContent ? completion.text : null,
		reasoning: withContent ? completion.reasoning : null,
		toolCalls: withContent ? completion.toolCalls : [],
		...counted,
		// The agent writes 0 also where it has no price, so that 0 says nothing.
		...(cost > 0 ? { reportedCostUsd: cost, reportedBy: 'agent' } : {}),
		latencyMs: Math.max(0, end.endedAtMs - call.startedAtMs),
		timeToFirstTokenMs:
			firstToken === null ? null : Math.max(0, Math.min(firstToken, end.endedAtMs) - call.startedAtMs),
		error: withContent ? end.error : end.error && { ...end.error, message: '' },
		contentState: withContent ? 'full' : 'off',
	};
}

/** A finished message without any step part (early versions) has only its own counts: those of its one step. */
function tokensOf(message: AssistantRow, step: Step, steps: readonly Step[]): Tokens | null {
	if (step.finish !== null) return step.finish.data.tokens;
	const only = steps.length === 1 && step.start === null && message.data.finish !== undefined;
	return only ? (message.data.tokens ?? null) : null;
}

function callIdOf(flavour: Flavour, message: AssistantRow, step: Step): string {
	return `${flavour.id}:${message.id}${step.ordinal === 0 ? '' : `#${step.ordinal}`}`;
}

/**
 * The step's own id, and a mark of what a fork copies unchanged under new ids (times, counts, tool call ids): with it a
 * copy is known for the same call also when the session it was copied from has been deleted.
 */
function aliasesOf(flavour: Flavour, message: AssistantRow, step: Step): string[] {
	if (step.finish === null) return [];
	const { data } = message;
	const toolCalls = step.parts.map((part) => (part.data.type === 'tool' ? part.data.callID : ''));
	const { tokens } = step.finish.data;
	const mark = JSON.stringify([
		data.time.created,
		data.providerID,
		data.modelID,
		step.ordinal,
		[tokens.input, tokens.output, tokens.reasoning, tokens.cache.read, tokens.cache.write],
		toolCalls.filter((id) => id !== ''),
	]);
	const digest = createHash('sha256').update(mark).digest('hex').slice(0, 32);
	return [`${flavour.id}:${step.finish.id}`, `${flavour.id}:same:${digest}`];
}
