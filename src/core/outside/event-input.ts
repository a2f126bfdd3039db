import * as z from 'zod';
import { describeIssues } from '../describe-issues.ts';
import { callKindSchema, type Draft } from '../draft.ts';
import { eventTypeSchema, severitySchema } from '../events.ts';
import { payloadSchemasByEventType } from '../ingress.ts';
import { draftFromIngress } from '../ingress-drafts.ts';

/**
 * What a program outside VS Code hands in: the envelope of an event without what the ledger adds (order, hashes).
 * HTTP, SDK and MCP take the same.
 */
export const eventInputSchema = z.object({
	/** The sender's own id of this event, unique within its session. Sent again, it changes nothing. */
	id: z.string().min(1).max(200).optional(),
	/**
	 * ISO 8601 with a zone: of `llm_call` when the request began, of `llm_response` when its answer had come. Absent: now, or
	 * of an `llm_call` whose answer comes with it, as long before that as it took.
	 */
	timestamp: z.iso
		.datetime({ offset: true, error: 'timestamp must be ISO 8601 with a zone' })
		.refine((text) => Date.parse(text) >= 0, 'timestamp lies before 1970')
		.optional(),
	sessionId: z.string('sessionId is required: the task that the call belongs to').min(1, 'sessionId is empty').max(500),
	/** Which agent made the call. Absent: the way by which it came, `http` or `sdk`. */
	agentId: z.string().min(1, 'agentId is empty').max(200).optional(),
	eventType: eventTypeSchema,
	severity: severitySchema.optional(),
	payload: z.record(z.string(), z.unknown(), 'payload is required'),
	/** What the payload has no field for. Anything else in it is not kept. */
	metadata: z
		.object({
			/** The task's title: content. */
			title: z.string().optional(),
			mode: z.string().optional(),
			/** Absolute working directory of the agent. */
			folder: z.string().optional(),
			parentSessionId: z.string().min(1).optional(),
			kind: callKindSchema.optional(),
			billing: z.enum(['api', 'subscription']).optional(),
		})
		.optional(),
});
/** An event before defaults are filled in: what a client writes. */
export type EventInput = z.input<typeof eventInputSchema>;

export const maxEventsAtOnce = 1_000;

/** `POST /api/events`. Each event is checked on its own, so that one bad event does not lose the others. */
export const eventBatchSchema = z.object({
	events: z
		.array(z.unknown(), 'events is required: a list of 1 to 1,000 events')
		.min(1, 'events is empty')
		.max(maxEventsAtOnce, 'at most 1,000 events at once'),
});

/** What became of one event, at the same place in the list. */
export const eventReceiptSchema = z.object({
	/** Of the event in the ledger; `null`: not recorded. */
	id: z.string().nullable(),
	/** SHA-256 of the event in its session's chain, hex. */
	hash: z.string().nullable(),
	callId: z.string().nullable(),
	outcome: z.enum(['appended', 'superseded', 'unchanged', 'rejected']),
	/** Why it was rejected, with the path of the offending field. */
	error: z.string().nullable(),
});
export type EventReceipt = z.infer<typeof eventReceiptSchema>;

export const eventReceiptsSchema = z.object({
	events: z.array(eventReceiptSchema),
	/** Events of this request that were rejected. */
	rejected: z.int().min(0),
});
export type EventReceipts = z.infer<typeof eventReceiptsSchema>;

/**
 * One event of a batch as a draft for the Recorder.
 *
 * @param source the id of the origin, which stands for an absent `agentId` too: `http`, `sdk`, `mcp`
 * @param nowMs stands for an absent timestamp
 * @returns the draft, the sender's id, and whether the event's time is its own; or what is wrong with it in words, each
 *   problem with its path
 */
export function draftOfEvent(
	input: unknown,
	{ source, nowMs }: { source: string; nowMs: number },
): { draft: Draft; id: string | null; timed: boolean } | { problem: string } {
	const envelope = eventInputSchema.safeParse(input);
	if (!envelope.success) return { problem: describeIssues(envelope.error) };
	const { id = null, timestamp, sessionId, agentId = source, eventType, payload, metadata = {} } = envelope.data;
	const checked = payloadSchemasByEventType[eventType].safeParse(payload);
	if (!checked.success) return { problem: describeIssues(checked.error, ['payload']) };
	const { billing, ...context } = metadata;
	const event = {
		sessionId,
		agentId,
		atMs: timestamp === undefined ? nowMs : Date.parse(timestamp),
		origin: { source, live: true, ...(billing !== undefined && { billing }) },
		context,
		eventType,
		payload: checked.data,
	};
	try {
		const draft = draftFromIngress(event as Parameters<typeof draftFromIngress>[0]);
		const timed = timestamp !== undefined;
		return { draft: id === null ? draft : { ...draft, sent: { id, timed } }, id, timed };
	} catch (error) {
		if (error instanceof z.ZodError) return { problem: describeIssues(error) };
		throw error;
	}
}
