import type { SearchHit, SearchResult } from '../views.ts';
import { type CallJson, callJson } from './call-json.ts';

/** A call whose content has the words that were looked for. */
export interface SearchHitJson {
	callId: string;
	sessionId: string;
	/** ISO 8601. */
	startedAt: string;
	/** Where in the call the text stands. */
	place: SearchHit['place'];
	/** The text around the first match. */
	snippet: string;
	/** The matches in the snippet, `[start, end)` in UTF-16 code units. */
	matches: [number, number][];
	call: CallJson;
}

/** What HTTP and `callmeter search --json` answer, newest first. */
export interface SearchJson {
	hits: SearchHitJson[];
	/** There are others after these. */
	more: boolean;
}

export function searchJson({ hits, more }: { hits: readonly SearchResult[]; more: boolean }): SearchJson {
	return {
		hits: hits.map(({ callId, sessionId, startedAtMs, place, snippet, matches, row }) => {
			const startedAt = new Date(startedAtMs).toISOString();
			return { callId, sessionId, startedAt, place, snippet, matches, call: callJson(row) };
		}),
		more,
	};
}
