import type { AgentError, AssistantData, MessageRow, PartRow } from './rows.ts';

/** An assistant's message with its data narrowed. */
export type AssistantRow = MessageRow & { data: AssistantData };

export function isAssistant(row: MessageRow): row is AssistantRow {
	return row.data.role === 'assistant';
}

type PartOf<T extends PartRow['data']['type']> = PartRow & { data: Extract<PartRow['data'], { type: T }> };

/** One request within a message. A message has several when a stream was cut and the agent asked again. */
export interface Step {
	/** Position within the message, from 0. */
	ordinal: number;
	start: PartOf<'step-start'> | null;
	finish: PartOf<'step-finish'> | null;
	/** Text, reasoning and tool calls that came back, in order. */
	parts: PartRow[];
	/** What the agent noted when it asked again. */
	retryError: AgentError | null;
}

/** How a step ended. `null` in `endOfStep`: it has not. */
export interface StepEnd {
	state: 'ok' | 'error' | 'cancelled';
	finishReason: string | null;
	error: { message: string; status?: number; code?: string } | null;
	endedAtMs: number;
}

/** A message not touched for this long, and still open, belongs to a process that is gone. */
export const abandonedAfterMs = 60 * 60_000;

/**
 * The requests of one assistant message: each `step-start` begins one, each `step-finish` ends one. A message without
 * either still stands for the one request that it was written for.
 */
export function stepsOf(parts: readonly PartRow[]): Step[] {
	const steps: Step[] = [];
	let current: Step | null = null;
	const open = (): Step => {
		const step: Step = { ordinal: steps.length, start: null, finish: null, parts: [], retryError: null };
		steps.push(step);
		return step;
	};
	for (const part of parts) {
		if (isPart(part, 'step-start')) {
			current = open();
			current.start = part;
		} else if (isPart(part, 'step-finish')) {
			current ??= open();
			current.finish = part;
			current = null;
		} else if (part.data.type === 'retry') {
			if (current !== null) current.retryError = part.data.error ?? null;
		} else if (current !== null) {
			current.parts.push(part);
		} else if (steps.length === 0) {
			current = open();
			current.parts.push(part);
		}
	}
	if (steps.length === 0) open();
	return steps;
}

/** The request starts after the agent has prepared it: the message's own time is the nearest that the record has. */
export function startOfStep(message: AssistantRow, step: Step): number {
	if (step.ordinal === 0 || step.start === null) return message.data.time.created;
	return Math.max(message.data.time.created, step.start.data.time?.start ?? step.start.createdAtMs);
}

/** When the first token was seen, epoch milliseconds; `null` when nothing came. */
export function firstTokenOfStep(step: Step): number | null {
	const times = step.parts.map((part) => Math.min(part.createdAtMs, contentTime(part)?.start ?? part.createdAtMs));
	return times.length === 0 ? null : Math.min(...times);
}

/** How the step ended, or `null` while it may still go on. */
export function endOfStep(
	message: AssistantRow,
	step: Step,
	context: { steps: readonly Step[]; followed: boolean; nowMs: number },
): StepEnd | null {
	const { data } = message;
	const endedAtMs = streamEnd(message, step);
	if (step.finish !== null) {
		const finishReason = step.finish.data.reason ?? null;
		if (finishReason !== 'error') return { state: 'ok', finishReason, error: null, endedAtMs };
		const error = describe(data.error, 'The provider ended the answer with an error.');
		return { state: 'error', finishReason, error, endedAtMs };
	}
	if (step.ordinal < context.steps.length - 1) {
		const error = describe(step.retryError ?? undefined, 'The stream was cut and the agent asked again.');
		return { state: 'error', finishReason: null, error, endedAtMs };
	}
	if (data.error !== undefined) {
		const state = data.error.name === 'MessageAbortedError' ? 'cancelled' : 'error';
		return { state, finishReason: null, error: describe(data.error, 'The call failed.'), endedAtMs };
	}
	if (data.finish !== undefined) return { state: 'ok', finishReason: data.finish, error: null, endedAtMs };
	const touchedAtMs = Math.max(message.updatedAtMs, ...step.parts.map((part) => part.updatedAtMs));
	const abandoned = context.nowMs - touchedAtMs > abandonedAfterMs;
	if (data.time.completed === undefined && !context.followed && !abandoned) return null;
	const error = { message: 'The agent stopped before the answer was complete.', code: 'interrupted' };
	return { state: 'error', finishReason: null, error, endedAtMs };
}

/**
 * When the answer was complete. `step-finish` is written only after the tools of the step have run (7.7), so the end of
 * the last text, and the moment the last tool call was handed over, are nearer.
 */
function streamEnd(message: AssistantRow, step: Step): number {
	const started = startOfStep(message, step);
	const limit = step.finish?.createdAtMs ?? message.data.time.completed ?? message.updatedAtMs;
	const ends = step.parts.map((part) => {
		const time = contentTime(part);
		if (part.data.type === 'tool') return time?.start ?? part.createdAtMs;
		return time?.end ?? part.updatedAtMs;
	});
	const last = ends.length === 0 ? limit : Math.min(limit, Math.max(...ends));
	return Math.max(started, last);
}

function contentTime(part: PartRow): { start?: number | undefined; end?: number | undefined } | undefined {
	const { data } = part;
	if (data.type === 'text' || data.type === 'reasoning') return data.time;
	return data.type === 'tool' ? data.state.time : undefined;
}

function describe(error: AgentError | undefined, otherwise: string): NonNullable<StepEnd['error']> {
	if (error === undefined) return { message: otherwise };
	const status = error.data?.statusCode;
	return {
		message: error.data?.message ?? error.name,
		code: error.name,
		...(status !== undefined && Number.isInteger(status) ? { status } : {}),
	};
}

function isPart<T extends PartRow['data']['type']>(part: PartRow, type: T): part is PartOf<T> {
	return part.data.type === type;
}
