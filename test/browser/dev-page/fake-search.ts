import type { CallDetail, CallPreview, CallRow, SearchResult } from '../../../src/core/views.ts';
import type { Replies, Request } from '../../../src/protocol/messages.ts';

type DetailOf = (row: CallRow) => CallDetail | null;

/** Searches calls, newest first, in the texts of their details: plain words, whatever their case. */
export function searchIn(
	rows: CallRow[],
	{ text, offset, limit }: Pick<Extract<Request, { kind: 'search' }>, 'text' | 'offset' | 'limit'>,
	detailOf: DetailOf,
): Replies['search'] {
	const wanted = text.toLowerCase();
	const hits: SearchResult[] = [];
	let passed = 0;
	for (const row of rows.toReversed()) {
		const hit = hitIn(row, wanted, detailOf);
		if (hit === null || passed++ < offset) continue;
		if (hits.length === limit) return { hits, more: true };
		hits.push(hit);
	}
	return { hits, more: false };
}

function hitIn(row: CallRow, wanted: string, detailOf: DetailOf): SearchResult | null {
	const detail = detailOf(row);
	if (detail === null) return null;
	const places: [SearchResult['place'], string | null][] = [
		...detail.messages
			.slice(detail.sharedPrefix)
			.map(({ content }): [SearchResult['place'], string | null] => [
				'prompt',
				typeof content === 'string' ? content : null,
			]),
		['completion', detail.completion],
		['reasoning', detail.reasoning],
	];
	for (const [place, whole] of places) {
		const at = whole?.toLowerCase().indexOf(wanted) ?? -1;
		if (whole === null || at < 0) continue;
		const start = Math.max(0, at - 60);
		const snippet = whole.slice(start, start + 240);
		const matches: [number, number][] = [];
		for (let from = snippet.toLowerCase().indexOf(wanted); from >= 0; ) {
			matches.push([from, from + wanted.length]);
			from = snippet.toLowerCase().indexOf(wanted, from + wanted.length);
		}
		const { callId, sessionId, startedAtMs } = row;
		return { callId, sessionId, startedAtMs, place, snippet, matches, row };
	}
	return null;
}

/** The start of a call's texts. */
export function previewOf(detail: CallDetail, length: number): CallPreview {
	const start = (text: string) => ({ text: text.slice(0, length).toWellFormed(), length: text.length });
	const last = detail.messages.at(-1);
	const said = last === undefined ? '' : typeof last.content === 'string' ? last.content : JSON.stringify(last.content);
	const full = detail.row.contentState === 'full';
	return {
		callId: detail.row.callId,
		contentState: detail.row.contentState,
		prompt: full && last !== undefined ? { ...start(said), role: last.role } : null,
		completion: full && detail.completion !== null ? start(detail.completion) : null,
		toolCalls: detail.toolCalls.map(({ name }) => name),
		error: detail.error?.message ?? null,
	};
}
