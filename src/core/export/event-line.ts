import * as z from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { type EventType, envelopeSchema } from '../events.ts';
import {
	type StoredPayload,
	storedCallPayloadSchema,
	storedCostPayloadSchema,
	storedResponsePayloadSchema,
} from '../stored-events.ts';

/**
 * A line of an exported ledger (JSONL): the envelope of an event, as it is hashed, and beside it what the ledger knows
 * of it. Lines stand in the order in which the events were recorded.
 */

/** Of an earlier line, the request of the same session before this one: what the two have in common stands there only. */
const extendsSchema = z.object({
	/** `id` of that event. */
	event: z.string().min(1),
	/** Leading messages that are the same. */
	messages: z.int().min(0),
	/** The system prompt is the same. */
	systemPrompt: z.boolean(),
	tools: z.boolean(),
});

const salt = z.string().min(1).max(200);

/** What was sent. Texts were masked when they were recorded. */
const requestContentSchema = z.object({
	/** Goes into the digests of the payload, which can be checked with it. It never leaves without the content. */
	salt,
	title: z.string().optional(),
	extends: extendsSchema.optional(),
	/** Those after the shared ones. */
	messages: z.array(z.unknown()),
	systemPrompt: z.string().nullable(),
	tools: z.array(z.unknown()).nullable(),
	/** `null`: the payload has them all. */
	parameters: z.record(z.string(), z.unknown()).nullable(),
});
export type RequestContent = z.infer<typeof requestContentSchema>;

/** What came back. */
const responseContentSchema = z.object({
	salt,
	/** The completion as the next request sends it back: `role`, `content`, `toolCalls`. */
	message: z
		.looseObject({
			role: z.literal('assistant'),
			content: z.string(),
			toolCalls: z.array(z.unknown()).optional(),
		})
		.nullable(),
	reasoning: z.string().nullable(),
	error: z.string().nullable(),
});
export type ResponseContent = z.infer<typeof responseContentSchema>;

/** What stands beside the envelope, and is not hashed. Absent: nothing to say. */
const besideSchema = z.object({
	/** The call that the event tells of now, where its payload names another that turned out to be the same. */
	call: z.string().min(1).optional(),
	/** On the latest event of each type of a call whose content was erased: whether there was any. */
	erased: z.boolean().optional(),
	/** On the latest event of a call: its other names, as far as its payload does not have them. */
	names: z.array(z.string().min(1)).optional(),
	/** On the latest event of a call: another that may be the same. */
	duplicateOf: z.string().min(1).optional(),
	/** On a `cost_tracked`: the response of its call counts in its place. */
	covered: z.boolean().optional(),
	/** On the last event of a task, with content: its title, where no request of it can vouch for that any more. */
	title: z.string().optional(),
});

const lineSchema = z.object({
	...envelopeSchema.shape,
	// Each type has a schema of its own.
	payload: z.unknown(),
	...besideSchema.shape,
	content: z.unknown().optional(),
});
type AnyLine = z.infer<typeof lineSchema>;

type LineOf<Type extends EventType, Payload, Content> = Omit<AnyLine, 'eventType' | 'payload' | 'content'> & {
	eventType: Type;
	payload: Payload;
	content?: Content;
};

/** A line that was read and is in good shape. Whether its hashes are right is another matter. */
export type EventLine =
	| LineOf<'llm_call', z.infer<typeof storedCallPayloadSchema>, RequestContent>
	| LineOf<'llm_response', z.infer<typeof storedResponsePayloadSchema>, ResponseContent>
	| LineOf<'cost_tracked', z.infer<typeof storedCostPayloadSchema>, never>;

const payloadSchemas = {
	llm_call: storedCallPayloadSchema,
	llm_response: storedResponsePayloadSchema,
	cost_tracked: storedCostPayloadSchema,
} as const satisfies Record<EventType, z.ZodType<StoredPayload>>;

const contentSchemas = {
	llm_call: requestContentSchema,
	llm_response: responseContentSchema,
	cost_tracked: z.never('a cost_tracked has no content'),
} as const;

/**
 * What the object of a line says.
 *
 * @throws {z.ZodError} with the path of what is wrong.
 */
export function parseEventLine(value: unknown): EventLine {
	const line = lineSchema.parse(value);
	const payload = payloadSchemas[line.eventType].parse(line.payload);
	if (line.content === undefined) return { ...line, payload } as EventLine;
	contentSchemas[line.eventType].parse(line.content);
	// Content as it was read: a schema may leave out what it does not know, and it is hashed.
	return { ...line, payload } as EventLine;
}

/** The payload of an event with every field of its kind, however it is stored; and as canonical JSON. */
export function wholePayload(type: EventType, stored: string): { payload: StoredPayload; text: string } {
	const raw = JSON.parse(stored) as Record<string, unknown>;
	const payload = payloadSchemas[type].parse(raw);
	return { payload, text: canonicalJson({ ...raw, ...payload }) };
}

/** The parts of a line that are text already. `payload`, `metadata` and `content` are JSON. */
export interface EventLineParts {
	id: string;
	timestamp: string;
	sessionId: string;
	agentId: string;
	eventType: EventType;
	severity: string;
	payload: string;
	metadata: string;
	prevHash: string | null;
	hash: string;
	call: string | null;
	erased: boolean | null;
	names: readonly string[];
	duplicateOf: string | null;
	covered: boolean | null;
	title: string | null;
	content: string | null;
}

/** An event as a line, with its line feed. */
export function eventLine(parts: EventLineParts): string {
	const { id, timestamp, sessionId, agentId, eventType, severity, payload, metadata, prevHash, hash } = parts;
	const { call, erased, names, duplicateOf, covered, title, content } = parts;
	return `{"id":"${id}","timestamp":"${timestamp}","sessionId":${JSON.stringify(sessionId)},"agentId":${JSON.stringify(
		agentId,
	)},"eventType":"${eventType}","severity":"${severity}","payload":${payload},"metadata":${metadata},"prevHash":${
		prevHash === null ? 'null' : `"${prevHash}"`
	},"hash":"${hash}"${call === null ? '' : `,"call":${JSON.stringify(call)}`}${
		erased === null ? '' : `,"erased":${erased}`
	}${names.length === 0 ? '' : `,"names":${JSON.stringify(names)}`}${duplicateOf === null ? '' : `,"duplicateOf":${JSON.stringify(duplicateOf)}`}${covered === null ? '' : `,"covered":${covered}`}${title === null ? '' : `,"title":${JSON.stringify(title)}`}${
		content === null ? '' : `,"content":${content}`
	}}\n`;
}
