import * as z from 'zod';

/** Epoch milliseconds, as these agents stamp everything. */
const timestamp = z.number().int().min(0);

/**
 * One row of `ui_messages.json`, and the `message` of the exported API's event. Only what is used here: rows carry a
 * lot of display state beside it.
 */
export const rowSchema = z.looseObject({
	ts: timestamp,
	type: z.enum(['ask', 'say']),
	say: z.string().optional(),
	ask: z.string().optional(),
	text: z.string().optional(),
	partial: z.boolean().optional(),
});
export type Row = z.infer<typeof rowSchema>;

/** Text of an `api_req_started` row, JSON in a string. */
export const requestInfoSchema = z.looseObject({
	apiProtocol: z.string().optional().catch(undefined),
	tokensIn: z.number().optional().catch(undefined),
	tokensOut: z.number().optional().catch(undefined),
	cacheWrites: z.number().optional().catch(undefined),
	cacheReads: z.number().optional().catch(undefined),
	cost: z.number().optional().catch(undefined),
	usageMissing: z.boolean().optional().catch(undefined),
	inferenceProvider: z.string().optional().catch(undefined),
	cancelReason: z.string().optional().catch(undefined),
	streamingFailedMessage: z.string().optional().catch(undefined),
});
export type RequestInfo = z.infer<typeof requestInfoSchema>;

/** `modelInfo` of Cline's rows. */
export const modelInfoSchema = z.looseObject({
	modelId: z.string().optional(),
	providerId: z.string().optional(),
	mode: z.string().optional(),
});

/** `contextCondense` of a `condense_context` row. */
export const condenseSchema = z.looseObject({
	cost: z.number().min(0).optional().catch(undefined),
	summary: z.string().optional().catch(undefined),
	condenseId: z.string().optional().catch(undefined),
});
export type Condense = z.infer<typeof condenseSchema>;

/** `history_item.json` (Roo from 3.49). */
export const historyItemSchema = z.looseObject({
	task: z.string().optional().catch(undefined),
	title: z.string().optional().catch(undefined),
	workspace: z.string().optional().catch(undefined),
	mode: z.string().optional().catch(undefined),
	parentTaskId: z.string().optional().catch(undefined),
});
export type HistoryItem = z.infer<typeof historyItemSchema>;

/** One message of `api_conversation_history.json`: Anthropic's `MessageParam` and the agent's own marks. */
export const historyMessageSchema = z.looseObject({
	role: z.enum(['user', 'assistant']),
	content: z.union([z.string(), z.array(z.unknown())]),
	ts: timestamp.optional().catch(undefined),
	id: z.string().optional().catch(undefined),
	isSummary: z.boolean().optional().catch(undefined),
	condenseId: z.string().optional().catch(undefined),
	/** The summary that took this message's place. */
	condenseParent: z.string().optional().catch(undefined),
	isTruncationMarker: z.boolean().optional().catch(undefined),
	truncationId: z.string().optional().catch(undefined),
	/** The truncation that left this message out. */
	truncationParent: z.string().optional().catch(undefined),
	reasoning_details: z.unknown().optional(),
});
export type HistoryMessage = z.infer<typeof historyMessageSchema>;

/** Parses the JSON in a row's `text`; `null` when it is none. */
export function requestInfoOf(text: string | undefined): RequestInfo | null {
	return parseText(text, requestInfoSchema);
}

export function parseText<T>(text: string | undefined, schema: z.ZodType<T>): T | null {
	if (text === undefined) return null;
	try {
		return schema.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}
