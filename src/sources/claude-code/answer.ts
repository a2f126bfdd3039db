import type { Message } from '../../core/message.ts';
import { totalOf } from './answer-usage.ts';
import type { TranscriptLine } from './transcript-line.ts';

/** Who an answer was given to, as far as lines of one file can be told apart. */
export type Track = 'main' | 'side';

/** Times of the latest line of each track, epoch milliseconds. */
export type TrackTimes = { [track in Track]?: number | undefined };

/** How a call ended that did not end well. */
export interface AnswerError {
	message: string;
	status: number | null;
	code: string | null;
}

/**
 * One answer of the model: the lines with the same `message.id`, one for each block of content. Its counts are those of
 * the line with the largest total, since lines that are written while the answer streams have but the first few tokens.
 */
export class Answer {
	/** The provider's id of the message, or where there is none another name that stays the same. */
	readonly key: string;
	readonly first: TranscriptLine;
	/** Where its first line begins in the file. */
	readonly start: number;
	readonly track: Track;
	/** What was known of time before its first line. */
	readonly before: TrackTimes;
	readonly startedAtMs: number;
	/** The record has the line that the request answers, so that its start is known. */
	readonly isTimed: boolean;
	endedAtMs: number;
	lines = 0;
	/** Content blocks, in order. */
	readonly blocks: unknown[] = [];
	readonly uuids = new Set<string>();
	usage: unknown;
	stopReason: string | null = null;
	requestId: string | null = null;
	/** Only a subagent's, and only told by the session's transcript. */
	echoed = true;
	sidechain = true;
	error: AnswerError | null = null;
	cancelled = false;
	/** What was sent; `null`: not known, or not wanted. */
	prompt: Message[] | null = null;
	/** Tokens of the line that counts most. */
	total = 0;

	constructor(key: string, line: TranscriptLine, at: { start: number; track: Track; times: TrackTimes }) {
		this.key = key;
		this.first = line;
		this.start = at.start;
		this.track = at.track;
		this.before = { ...at.times };
		const asked = at.times[at.track];
		const answeredAtMs = line.atMs ?? asked ?? 0;
		this.isTimed = asked !== undefined;
		this.startedAtMs = Math.min(asked ?? answeredAtMs, answeredAtMs);
		this.endedAtMs = answeredAtMs;
	}

	add(line: TranscriptLine): void {
		if (line.uuid != null && this.uuids.has(line.uuid)) return;
		if (line.uuid != null) this.uuids.add(line.uuid);
		const { message } = line;
		this.lines++;
		if (line.atMs !== null) this.endedAtMs = Math.max(this.endedAtMs, line.atMs);
		if (Array.isArray(message?.content)) this.blocks.push(...message.content);
		else if (typeof message?.content === 'string') this.blocks.push({ type: 'text', text: message.content });
		this.stopReason = message?.stop_reason ?? this.stopReason;
		this.requestId = line.requestId ?? this.requestId;
		this.echoed &&= line.echoed;
		this.sidechain &&= line.isSidechain === true;
		const total = totalOf(message?.usage);
		if (total >= this.total) {
			this.total = total;
			this.usage = message?.usage;
		}
	}

	/** The final count may not be there: the answer was still streaming, or was cut, when its lines were written. */
	get mayLackOutput(): boolean {
		return this.stopReason === null || this.error !== null || this.cancelled;
	}

	/** Differs when there is something new to tell. */
	get signature(): string {
		return [this.lines, this.total, this.stopReason, this.error?.message.length, this.cancelled].join(' ');
	}
}

/** Stands for the model in lines that the agent wrote itself. */
const synthetic = '<synthetic>';

/** Whether a line is part of a model's answer. */
export function isAnswerLine({ type, message }: TranscriptLine): boolean {
	return type === 'assistant' && message != null && message.model !== synthetic;
}

/** What a line that the agent wrote in place of an answer says of the request before it; `null` for other lines. */
export function errorIn({ type, message, isApiErrorMessage, error }: TranscriptLine): AnswerError | null {
	if (type !== 'assistant' || message?.model !== synthetic || isApiErrorMessage !== true) return null;
	const text = textOf(message.content);
	const status = /\bAPI Error: (?:\D{0,20}\s)?([45]\d\d)\b/.exec(text)?.[1];
	return {
		message: text === '' ? 'The request failed.' : text,
		status: status === undefined ? null : Number(status),
		code: typeof error === 'string' && error !== '' ? error : null,
	};
}

/** Whether the user stopped the answer before this line. Refusing a tool comes after the answer, which is whole then. */
export function tellsInterrupt({ type, message }: TranscriptLine): boolean {
	return type === 'user' && textOf(message?.content).startsWith('[Request interrupted by user');
}

export function keyOf({ message, requestId, uuid }: TranscriptLine): string | null {
	return message?.id || requestId || uuid || null;
}

function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return content
		.flatMap((block: unknown) => {
			if (typeof block !== 'object' || block === null || !('text' in block)) return [];
			return typeof block.text === 'string' ? [block.text] : [];
		})
		.join('\n');
}
