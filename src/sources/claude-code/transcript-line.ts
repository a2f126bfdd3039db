import * as z from 'zod';

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const foreign = z.unknown().optional();

const messageSchema = z.object({
	id: text,
	model: text,
	content: foreign,
	stop_reason: text,
	usage: foreign,
});

/** One line of a transcript, as far as it is used. What is missing or of another type is `null`. */
const lineSchema = z.object({
	type: z.string(),
	uuid: text,
	parentUuid: text,
	sessionId: text,
	timestamp: text,
	cwd: text,
	gitBranch: text,
	requestId: text,
	agentId: text,
	attributionAgent: text,
	isSidechain: flag,
	isMeta: flag,
	isVisibleInTranscriptOnly: flag,
	isApiErrorMessage: flag,
	error: foreign,
	forkedFrom: z.object({ sessionId: text }).nullish().catch(null),
	message: messageSchema.nullish().catch(null),
	toolUseResult: foreign,
	data: foreign,
});

export interface TranscriptLine extends z.infer<typeof lineSchema> {
	/** `timestamp`, epoch milliseconds. */
	atMs: number | null;
	/** A subagent's message that the session's transcript repeats to tell of its progress. */
	echoed: boolean;
}

/** `null`: not a line of a transcript. */
export function transcriptLine(value: unknown): TranscriptLine | null {
	const parsed = lineSchema.safeParse(value);
	if (!parsed.success) return null;
	const line = parsed.data;
	return line.type === 'progress' ? echoedLine(line) : { ...line, atMs: timeOf(line.timestamp), echoed: false };
}

/** The session that a line says it was copied from; `null`: it is of the session in whose transcript it stands. */
export function copiedFrom(
	{ forkedFrom, sessionId }: TranscriptLine,
	place: { agentId: string | null; sessionId: string | null },
): string | null {
	if (place.agentId !== null) return null;
	return forkedFrom?.sessionId || (sessionId && sessionId !== place.sessionId ? sessionId : null);
}

const progressSchema = z.object({ agentId: text, message: lineSchema });

function echoedLine(line: z.infer<typeof lineSchema>): TranscriptLine | null {
	const progress = progressSchema.safeParse(line.data);
	if (!progress.success) return null;
	const { agentId, message } = progress.data;
	const { sessionId, cwd, gitBranch, forkedFrom } = line;
	const timestamp = message.timestamp ?? line.timestamp;
	return {
		...message,
		...{ sessionId, cwd, gitBranch, forkedFrom, timestamp, isSidechain: true, echoed: true },
		agentId: agentId ?? message.agentId,
		parentUuid: null,
		atMs: timeOf(timestamp),
	};
}

function timeOf(timestamp: string | null | undefined): number | null {
	const time = Date.parse(timestamp ?? '');
	return Number.isNaN(time) ? null : time;
}

const assistantMark = Buffer.from('"assistant"');
const userMark = Buffer.from('"user"');
const interruptMark = Buffer.from('[Request interrupted by user');
const timestampMark = Buffer.from('","timestamp":"');
const uuidMark = Buffer.from('"uuid":"');
const uuidLength = 36;
const timestampLength = '2026-01-01T00:00:00.000Z'.length;

/** What a line begins with says what it is, whatever long text comes after. Bytes. */
const headBytes = 400;
/** A line that tells of an interruption says little else. Bytes. */
const maxInterruptBytes = 4_096;

/** What can be told of a line without parsing it. */
export interface LineSketch {
	/** `other`: neither a model's answer nor a user's line is in it. */
	kind: 'answer' | 'user' | 'other';
	isSidechain: boolean;
	/** It may say that the user stopped the answer before it. */
	mayInterrupt: boolean;
}

/** Within JSON text a quoted word is a key or a value of its own: in a longer text its quotes are escaped. */
export function sketchOf(line: Buffer): LineSketch {
	const head = line.toString('latin1', 0, headBytes);
	const isUser = head.includes('"type":"user"') && !head.includes('"assistant"') && !head.includes('"progress"');
	const kind =
		!isUser && line.includes(assistantMark) ? 'answer' : isUser || line.includes(userMark) ? 'user' : 'other';
	return {
		kind,
		isSidechain: head.includes('"isSidechain":true'),
		mayInterrupt: kind === 'user' && line.length <= maxInterruptBytes && line.includes(interruptMark),
	};
}

/**
 * When a line was written, without parsing it: `timestamp` follows the line's own `uuid`. `undefined`: not written that
 * way, so that only parsing tells.
 */
export function timestampIn(line: Buffer): number | undefined {
	for (let at = line.indexOf(timestampMark); at >= 0; at = line.indexOf(timestampMark, at + 1)) {
		const uuidAt = at - uuidLength - uuidMark.length;
		if (uuidAt < 0 || line.compare(uuidMark, 0, uuidMark.length, uuidAt, uuidAt + uuidMark.length) !== 0) continue;
		const from = at + timestampMark.length;
		const time = Date.parse(line.toString('latin1', from, from + timestampLength));
		return Number.isNaN(time) ? undefined : time;
	}
	return undefined;
}
