import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { DraftInput } from '../../core/draft.ts';
import { stampOfFile } from '../jsonl/file-stamp.ts';
import { outsideStamp } from '../jsonl/walk-files.ts';
import type { ReadOptions, RecordUnit, SkipReason, UnitReading } from '../source.ts';
import type { Chat } from './chat.ts';

/** The CLI itself reads such a file whole; one beyond this was not written by it. Bytes. */
const maxBytes = 64 << 20;
/** Calls of which is remembered what was handed over. */
const maxRemembered = 5_000;

const cursorSchema = z.object({
	version: z.literal(1),
	/** Digests of what was handed over, by call. */
	calls: z.record(z.string(), z.string()),
	skipped: z.record(z.string(), z.number()),
});
type Cursor = z.infer<typeof cursorSchema>;

/** Reads a chat that is one JSON object, and is written anew with each message: hands over the calls that are not as before. */
export async function readWholeChat(chat: Chat, unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
	const { key } = unit;
	const left = (reason: SkipReason, stamp: string): UnitReading => {
		return { drafts: [], skipped: { [reason]: 1 }, cursor: options.cursor, stamp };
	};
	if (unit.stamp === outsideStamp) return { ...left('outsideAgentFolder', unit.stamp), cursor: null };
	const seen = stampOfFile(key);
	if (seen === null) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
	const value = await contentOf(key, seen.stamp);
	// Half written, most likely: with the rest its stamp changes.
	if (value === undefined) return left('unreadable', seen.stamp);
	chat.take(value);
	const verdict = chat.lastVerdict(options);
	if (verdict !== 'yes') return { ...left(verdict, seen.stamp), cursor: null };
	const before = parseCursor(options.cursor);
	const calls: Record<string, string> = {};
	const drafts = [...pairs(chat.drain())].flatMap(([callId, pair]) => {
		const digest = createHash('sha1')
			.update(JSON.stringify(pair.map(withoutPrompt)))
			.digest('base64')
			.slice(0, 12);
		calls[callId] = digest;
		return before?.calls[callId] === digest ? [] : pair;
	});
	const cursor: Cursor = {
		version: 1,
		calls: Object.fromEntries(Object.entries(calls).slice(-maxRemembered)),
		skipped: { ...chat.skipped },
	};
	const tooOld = (cursor.skipped.tooOld ?? 0) - (before?.skipped.tooOld ?? 0);
	return {
		drafts,
		skipped: tooOld > 0 ? { tooOld } : {},
		cursor: JSON.stringify(cursor),
		stamp: seen.stamp,
	};
}

/** `undefined` for what is no JSON, or too large. */
async function contentOf(path: string, stamp: string): Promise<unknown> {
	if (Number.parseInt(stamp, 10) > maxBytes) return undefined;
	try {
		return JSON.parse(await readFile(path, 'utf8'));
	} catch {
		return undefined;
	}
}

/** A prompt is known by its length: it is what was said before, and made from the same messages. */
function withoutPrompt(draft: DraftInput): object {
	return draft.eventType === 'llm_call' ? { ...draft, messages: draft.messages?.length } : draft;
}

/** A call and its response, by call. */
function pairs(drafts: readonly DraftInput[]): Map<string, DraftInput[]> {
	const byCall = new Map<string, DraftInput[]>();
	for (const draft of drafts) {
		const callId = draft.callId ?? '';
		byCall.set(callId, [...(byCall.get(callId) ?? []), draft]);
	}
	return byCall;
}

function parseCursor(text: string | null): Cursor | null {
	try {
		return text === null ? null : (cursorSchema.safeParse(JSON.parse(text)).data ?? null);
	} catch {
		return null;
	}
}
