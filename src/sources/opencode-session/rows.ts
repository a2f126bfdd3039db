import * as z from 'zod';

/**
 * What Kilo 7 and opencode keep in the JSON column `data` of their tables `message` and `part`. Only what is read
 * here is named; everything else is ignored, and a field of another shape counts as absent.
 */

const ms = z.number().min(0);
const count = z.number().min(0).transform(Math.round);
const modelRef = z.looseObject({ providerID: z.string(), modelID: z.string(), variant: z.string().optional() });

export const tokensSchema = z.looseObject({
	/** The provider's own sum, where it gave one. */
	total: count.optional().catch(undefined),
	input: count,
	output: count,
	reasoning: count.default(0),
	cache: z.looseObject({ read: count.default(0), write: count.default(0) }).default({ read: 0, write: 0 }),
});
export type Tokens = z.infer<typeof tokensSchema>;

const errorSchema = z.looseObject({
	name: z.string(),
	data: z.looseObject({ message: z.string().optional(), statusCode: z.number().optional() }).optional(),
});
export type AgentError = z.infer<typeof errorSchema>;

const userSchema = z.looseObject({
	role: z.literal('user'),
	time: z.looseObject({ created: ms }),
	model: modelRef.optional().catch(undefined),
	/** A system prompt of this one message, which few clients set. */
	system: z.string().optional().catch(undefined),
});

const assistantSchema = z.looseObject({
	role: z.literal('assistant'),
	time: z.looseObject({ created: ms, completed: ms.optional() }),
	/** The user message that this answers. */
	parentID: z.string().optional().catch(undefined),
	modelID: z.string(),
	providerID: z.string(),
	mode: z.string().optional().catch(undefined),
	path: z.looseObject({ cwd: z.string().optional() }).optional().catch(undefined),
	tokens: tokensSchema.optional().catch(undefined),
	finish: z.string().optional().catch(undefined),
	error: errorSchema.optional().catch(undefined),
	/** Set on the answer to a compaction: the model was asked to sum up the conversation. */
	summary: z.unknown().optional(),
	variant: z.string().optional().catch(undefined),
});
export type AssistantData = z.infer<typeof assistantSchema>;

export const messageDataSchema = z.discriminatedUnion('role', [userSchema, assistantSchema]);

const span = z.looseObject({ start: ms.optional(), end: ms.optional() });

const toolStateSchema = z.looseObject({
	status: z.string(),
	input: z.unknown().optional(),
	output: z.string().optional().catch(undefined),
	error: z.string().optional().catch(undefined),
	time: z
		.looseObject({ start: ms.optional(), end: ms.optional(), compacted: ms.optional() })
		.optional()
		.catch(undefined),
});

const knownPartSchema = z.discriminatedUnion('type', [
	z.looseObject({
		type: z.literal('text'),
		text: z.string(),
		/** Shown to the user only, never sent. */
		ignored: z.boolean().optional().catch(undefined),
		time: span.optional().catch(undefined),
	}),
	z.looseObject({ type: z.literal('reasoning'), text: z.string(), time: span.optional().catch(undefined) }),
	z.looseObject({ type: z.literal('tool'), callID: z.string(), tool: z.string(), state: toolStateSchema }),
	z.looseObject({
		type: z.literal('file'),
		mime: z.string().optional().catch(undefined),
		filename: z.string().optional().catch(undefined),
		url: z.string().optional().catch(undefined),
	}),
	z.looseObject({ type: z.literal('step-start'), time: span.optional().catch(undefined) }),
	z.looseObject({
		type: z.literal('step-finish'),
		reason: z.string().optional().catch(undefined),
		tokens: tokensSchema,
		cost: z.number().min(0).optional().catch(undefined),
		time: span.optional().catch(undefined),
	}),
	z.looseObject({ type: z.literal('retry'), error: errorSchema.optional().catch(undefined) }),
	z.looseObject({ type: z.literal('compaction'), tail_start_id: z.string().optional().catch(undefined) }),
]);
const namedParts: ReadonlySet<string> = new Set(knownPartSchema.options.map((option) => option.shape.type.value));
export type PartData = z.infer<typeof knownPartSchema>;

/** One row of `session`. */
export interface SessionRow {
	id: string;
	parentId: string | null;
	directory: string;
	title: string;
	version: string;
	branch: string | null;
	createdAtMs: number;
	updatedAtMs: number;
}

/** One row of `message`, parsed. */
export interface MessageRow {
	id: string;
	rowid: number;
	sessionId: string;
	updatedAtMs: number;
	data: z.infer<typeof messageDataSchema>;
}

/** One row of `part`, parsed. */
export interface PartRow {
	id: string;
	messageId: string;
	createdAtMs: number;
	updatedAtMs: number;
	data: PartData;
}

/** `'malformed'`: not JSON, or not the shape of a message. */
export function parseMessage(data: string): MessageRow['data'] | 'malformed' {
	const parsed = messageDataSchema.safeParse(parseJson(data));
	return parsed.success ? parsed.data : 'malformed';
}

/** `null`: a part of a kind that says nothing about a call (a patch, a snapshot). `'malformed'`: not readable. */
export function parsePart(data: string): PartData | null | 'malformed' {
	return partDataOf(parseJson(data));
}

/** As `parsePart`, of what was parsed already. */
export function partDataOf(json: unknown): PartData | null | 'malformed' {
	if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string') {
		return 'malformed';
	}
	if (!namedParts.has(json.type)) return null;
	const parsed = knownPartSchema.safeParse(json);
	return parsed.success ? parsed.data : 'malformed';
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
