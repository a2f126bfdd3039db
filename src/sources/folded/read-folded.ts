import { setImmediate as turn } from 'node:timers/promises';
import { outsideStamp } from '../jsonl/walk-files.ts';
import type { ReadOptions, RecordUnit, SkipReason, UnitReading } from '../source.ts';
import { canDecompress } from './compressed-lines.ts';
import type { Fold } from './fold.ts';
import { type FoldedCursor, parseFoldedCursor } from './folded-cursor.ts';
import type { HeldFolds } from './held-folds.ts';
import { CompressedPages, PlainPages } from './pages.ts';

/** After this long without a line, an answer that is still open will not end. */
const abandonedAfterMs = 60 * 60_000;

/** How the records of one source are read. */
export interface FoldReader {
	now(): number;
	held: HeldFolds;
	/** A record of which no line was taken. */
	start(): Fold;
}

/**
 * Reads the next page of one record, plain or compressed (`.zst`). What lies before the page decides what is in it, so
 * after a restart the lines up to it are taken once more, without their calls being handed over.
 */
export async function readFolded(reader: FoldReader, unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
	const { key } = unit;
	const isCompressed = key.endsWith('.zst');
	if (unit.stamp === outsideStamp) return leftOut(unit, 'outsideAgentFolder');
	if (isCompressed && !canDecompress) return leftOut(unit, 'unknownVersion');
	const before = parseFoldedCursor(options.cursor);
	if (before?.refused) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: unit.stamp };
	// No call of a file is later than its last change.
	const withoutText = options.contentSinceMs > unit.changedAtMs;
	const held = before === null ? null : reader.held.take(key, heldAs(options.cursor ?? '', withoutText));
	const pages = held?.pages ?? (isCompressed ? new CompressedPages(unit) : new PlainPages(unit, withoutText));
	let fold = held?.fold ?? reader.start();
	const fresh = (): Fold => {
		fold = reader.start();
		return fold;
	};
	if (before !== null && held === null) {
		for await (const _ of pages.upTo(before.at, fold, options.signal)) await turn();
		fold.drain();
	}
	const page = await pages.next(before?.at ?? null, { fold, fresh }, options);
	if (page === null) {
		pages.close();
		return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
	}
	const isEmpty = page.lines === 0 && before === null;
	const verdict = isEmpty ? null : fold.lastVerdict(options);
	if (verdict !== null && verdict !== 'yes') {
		pages.close();
		return refused(page.at, verdict, page.stamp);
	}
	const malformed = page.bad + (fold.skipped.malformed ?? 0);
	const skipped = { ...fold.skipped, ...(malformed > 0 ? { malformed } : {}) };
	const openSinceMs = page.more ? null : fold.openSinceMs;
	const overAtMs = Math.max(page.changedAtMs, openSinceMs ?? 0) + abandonedAfterMs;
	const isAbandoned = openSinceMs !== null && reader.now() >= overAtMs;
	if (isAbandoned) fold.giveUp();
	const drafts = fold.drain();
	const cursor = JSON.stringify({ version: 1, at: page.at, skipped, refused: false } satisfies FoldedCursor);
	if (isAbandoned) pages.close();
	else reader.held.put(key, heldAs(cursor, withoutText), { fold, pages });
	return {
		drafts,
		skipped: added(skipped, before?.skipped ?? {}),
		cursor,
		stamp: page.stamp,
		...(page.more ? { more: true } : {}),
		...(openSinceMs === null || isAbandoned ? {} : { recheckAtMs: overAtMs + 1 }),
	};
}

/** One that was read without its text is of no use once the text is wanted. */
function heldAs(cursor: string, withoutText: boolean): string {
	return withoutText ? `${cursor} without text` : cursor;
}

function leftOut(unit: RecordUnit, reason: SkipReason): UnitReading {
	return { drafts: [], skipped: { [reason]: 1 }, cursor: null, stamp: unit.stamp };
}

function refused(at: FoldedCursor['at'], reason: SkipReason, stamp: string): UnitReading {
	const skipped = { [reason]: 1 };
	const cursor: FoldedCursor = { version: 1, at, skipped, refused: true };
	return { drafts: [], skipped, cursor: JSON.stringify(cursor), stamp };
}

/** A reading counts only what those before did not. */
function added(now: Partial<Record<SkipReason, number>>, before: Record<string, number>): UnitReading['skipped'] {
	const difference: UnitReading['skipped'] = {};
	for (const reason of Object.keys(now) as SkipReason[]) {
		const more = (now[reason] ?? 0) - (before[reason] ?? 0);
		if (more > 0) difference[reason] = more;
	}
	return difference;
}
