import type { TimeRange } from '../core/views.ts';

const QUARTER_MS = 15 * 60_000;

/** Widths of the rollup's buckets, narrowest first: 15 minutes, 1 hour, 1 day, 32 days, all in UTC. Each divides the next. */
export const LEVEL_WIDTHS_MS = [QUARTER_MS, 4 * QUARTER_MS, 96 * QUARTER_MS, 32 * 96 * QUARTER_MS] as const;

const TOP = LEVEL_WIDTHS_MS.length - 1;

/** Buckets `[from, to)` of one level. */
export interface Piece {
	level: number;
	from: number;
	to: number;
}

export interface Cover {
	pieces: Piece[];
	/** What no bucket covers: less than 15 minutes at each end, to be taken from the calls themselves. */
	edges: TimeRange[];
}

/** Every bucket there is. */
export const everything: Cover = { pieces: [{ level: TOP, from: 0, to: Number.MAX_SAFE_INTEGER }], edges: [] };

/** Covers `[fromMs, toMs)` exactly with as few buckets as there can be: at most two runs a level. */
export function coverRange({ fromMs, toMs }: TimeRange): Cover {
	if (fromMs >= toMs) return { pieces: [], edges: [] };
	const first = Math.ceil(fromMs / QUARTER_MS);
	const end = Math.floor(toMs / QUARTER_MS);
	if (first >= end) return { pieces: [], edges: [{ fromMs, toMs }] };
	const edges: TimeRange[] = [];
	if (fromMs < first * QUARTER_MS) edges.push({ fromMs, toMs: first * QUARTER_MS });
	if (end * QUARTER_MS < toMs) edges.push({ fromMs: end * QUARTER_MS, toMs });
	const pieces: Piece[] = [];
	coverBuckets(0, first, end, pieces);
	return { pieces, edges };
}

/** `[from, to)` of a piece in epoch milliseconds. */
export function pieceBoundsMs({ level, from, to }: Piece): readonly [number, number] {
	const width = LEVEL_WIDTHS_MS[level] ?? 0;
	return [from * width, Math.min(to * width, Number.MAX_SAFE_INTEGER)];
}

function coverBuckets(level: number, from: number, to: number, pieces: Piece[]): void {
	const width = LEVEL_WIDTHS_MS[level];
	const wider = LEVEL_WIDTHS_MS[level + 1];
	if (from >= to) return;
	if (width === undefined || wider === undefined) {
		pieces.push({ level, from, to });
		return;
	}
	const ratio = wider / width;
	const up = Math.ceil(from / ratio);
	const down = Math.floor(to / ratio);
	if (up >= down) {
		pieces.push({ level, from, to });
		return;
	}
	if (from < up * ratio) pieces.push({ level, from, to: up * ratio });
	if (down * ratio < to) pieces.push({ level, from: down * ratio, to });
	coverBuckets(level + 1, up, down, pieces);
}
