import type { CallFilter, SearchHit } from '../core/views.ts';
import type { MessageStore, Place } from './message-store.ts';
import { callConditions } from './queries/call-conditions.ts';
import type { Reader } from './queries/reader.ts';
import { parseSearchQuery, toMatchExpression } from './search-query.ts';
import { searchableText } from './searchable-text.ts';
import { makeSnippet, termPatterns } from './snippet.ts';

/** Texts looked at for one search, at most: enough for any list that a person reads. */
const MAX_CANDIDATES = 2_000;
/** Without the index every text is unpacked: this bounds how long that may take. */
const SCAN_BUDGET_MS = 2_000;

export interface SearchSource {
	messages: MessageStore;
	fullText: 'fts5' | 'scan';
}

interface UseRow {
	call_id: string;
	session_id: string;
	started_ms: number;
	place: Place;
}

/**
 * Calls whose content has all the words, newest text first. A quoted part is a phrase, and the last word may be the
 * beginning of one. A text that many calls sent is one hit: the first call that passes the filter.
 */
export function search(
	reader: Reader,
	source: SearchSource,
	query: { text: string; limit: number; filter: CallFilter },
): SearchHit[] {
	const terms = parseSearchQuery(query.text);
	if (terms.length === 0) return [];
	return reader.snapshot(() => {
		const filter = reader.resolve(query.filter);
		const { where, values } = callConditions(filter);
		const users = reader.sql(
			`SELECT c.call_id, s.session_id, c.started_ms, use.place
			FROM use JOIN call c ON c.n = use.call_n JOIN session s ON s.n = c.session_n
			${where === '' ? 'WHERE' : `${where} AND`} use.message_n = ?
			AND use.place IN ('prompt', 'system', 'tools', 'completion', 'reasoning')
			ORDER BY c.started_ms, use.place LIMIT 1`,
		);
		const hits: SearchHit[] = [];
		for (const { n, text } of candidates(reader, source, terms)) {
			const user = users.get(...values, n) as UseRow | undefined;
			if (!user) continue;
			const json = text === null ? source.messages.get(n) : null;
			const words = text ?? (json === null ? '' : searchableText(json));
			hits.push({
				callId: user.call_id,
				sessionId: user.session_id,
				startedAtMs: user.started_ms,
				place: user.place === 'tools' ? 'system' : (user.place as SearchHit['place']),
				...makeSnippet(words, terms),
			});
			if (hits.length >= query.limit) break;
		}
		return hits;
	});
}

function* candidates(
	reader: Reader,
	source: SearchSource,
	terms: readonly string[][],
): Iterable<{ n: number; text: string | null }> {
	if (source.fullText === 'scan') {
		yield* scan(reader, source.messages, terms);
		return;
	}
	const rows = reader
		.sql('SELECT rowid AS n FROM message_text WHERE message_text MATCH ? ORDER BY rowid DESC LIMIT ?')
		.iterate(toMatchExpression(terms), MAX_CANDIDATES);
	for (const row of rows) yield { n: Number(row.n), text: null };
}

function* scan(
	reader: Reader,
	messages: MessageStore,
	terms: readonly string[][],
): Iterable<{ n: number; text: string }> {
	const deadline = performance.now() + SCAN_BUDGET_MS;
	const patterns = termPatterns(terms);
	for (const row of reader.sql('SELECT n FROM message ORDER BY n DESC').iterate()) {
		if (performance.now() > deadline) return;
		const n = Number(row.n);
		const json = messages.get(n);
		if (json === null) continue;
		const text = searchableText(json);
		if (patterns.every((pattern) => pattern.test(text))) yield { n, text };
	}
}
