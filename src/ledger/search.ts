import type { SQLInputValue } from 'node:sqlite';
import type { SearchResult } from '../core/views.ts';
import type { Ledger } from './ledger.ts';
import type { MessageStore, Place } from './message-store.ts';
import { callConditions } from './queries/call-conditions.ts';
import { rowsOf } from './queries/call-rows.ts';
import type { Reader } from './queries/reader.ts';
import { parseSearchQuery, toMatchExpression } from './search-query.ts';
import { searchableText } from './searchable-text.ts';
import { makeSnippet, termPatterns } from './snippet.ts';

/**
 * Texts looked at for one search, at most, those stored last: a word that stands in more of them says little. Under a
 * filter more, since few of them may pass.
 */
const MAX_TEXTS = 25_000;
const MAX_TEXTS_FILTERED = 250_000;
/** Without the index every text is unpacked: this bounds how long that may take. */
const SCAN_BUDGET_MS = 2_000;

export interface SearchSource {
	messages: MessageStore;
	fullText: 'fts5' | 'scan';
}

/** Where a text stands in a call, the most telling first. */
const PLACES = ['prompt', 'completion', 'reasoning', 'system', 'tools'] as const satisfies Place[];
const SEARCHED = PLACES.map((place) => `'${place}'`).join(', ');

/** A call with the texts in it that have all the words. */
interface Found {
	call: number;
	texts: number[];
}

/**
 * Calls whose content has all the words in one text, newest first. A quoted part is a phrase, and the last word may be
 * the beginning of one. A conversation is sent again with each call: a text is a hit of the call that brought it, the
 * first recorded of those that pass the filter.
 */
export function search(
	reader: Reader,
	source: SearchSource,
	{ text, filter, offset = 0, limit }: Parameters<Ledger['search']>[0],
): Awaited<ReturnType<Ledger['search']>> {
	const terms = parseSearchQuery(text);
	if (terms.length === 0) return { hits: [], more: false };
	return reader.snapshot(() => {
		const conditions = callConditions(reader.resolve(filter));
		const most = conditions.where === '' ? MAX_TEXTS : MAX_TEXTS_FILTERED;
		const texts = matching(reader, source, terms, most);
		const found: Found[] = [];
		let skipped = 0;
		let more = false;
		for (const each of callsWith(reader, texts, conditions)) {
			if (skipped++ < offset) continue;
			more = found.length >= limit;
			if (more) break;
			found.push(each);
		}
		return { hits: found.flatMap((each) => toHit(reader, source.messages, each, terms) ?? []), more };
	});
}

/** A list of texts, as SQL that gives their numbers as `n`. */
interface Texts {
	sql: string;
	values: SQLInputValue[];
}

function matching(reader: Reader, source: SearchSource, terms: readonly string[][], most: number): Texts {
	if (source.fullText === 'fts5') {
		return {
			sql: 'SELECT rowid AS n FROM message_text WHERE message_text MATCH ? ORDER BY rowid DESC LIMIT ?',
			values: [toMatchExpression(terms), most],
		};
	}
	return { sql: 'SELECT value AS n FROM json_each(?)', values: [JSON.stringify(scan(reader, source.messages, terms))] };
}

function scan(reader: Reader, messages: MessageStore, terms: readonly string[][]): number[] {
	const deadline = performance.now() + SCAN_BUDGET_MS;
	const patterns = termPatterns(terms);
	const found: number[] = [];
	for (const row of reader.sql('SELECT n FROM message ORDER BY n DESC').iterate()) {
		if (performance.now() > deadline) break;
		const n = Number(row.n);
		const json = messages.get(n);
		if (json === null) continue;
		const text = searchableText(json);
		if (patterns.every((pattern) => pattern.test(text))) found.push(n);
	}
	return found;
}

/** The calls that brought the texts, newest first. */
function* callsWith(
	reader: Reader,
	{ sql, values }: Texts,
	{ where, values: ofFilter }: ReturnType<typeof callConditions>,
): Iterable<Found> {
	const users = where === '' ? 'use u WHERE' : `use u CROSS JOIN call c ON c.n = u.call_n ${where} AND`;
	const rows = reader
		.columns(
			`SELECT call.n, found.text FROM (
				SELECT t.n AS text, (
					SELECT u.call_n FROM ${users} u.message_n = t.n AND u.place IN (${SEARCHED}) ORDER BY u.call_n LIMIT 1
				) AS call_n FROM (${sql}) t
			) found CROSS JOIN call ON call.n = found.call_n
			ORDER BY call.started_ms DESC, call.n DESC, found.text`,
		)
		.iterate(...ofFilter, ...values) as unknown as Iterable<[number, number]>;
	let found: Found | null = null;
	for (const [call, text] of rows) {
		if (found !== null && found.call === call) found.texts.push(text);
		else {
			if (found) yield found;
			found = { call, texts: [text] };
		}
	}
	if (found) yield found;
}

function toHit(
	reader: Reader,
	messages: MessageStore,
	{ call, texts }: Found,
	terms: readonly string[][],
): SearchResult | null {
	const places = reader.sql(`SELECT place FROM use WHERE message_n = ? AND call_n = ? AND place IN (${SEARCHED})`);
	const shown = texts
		.flatMap((n) => places.all(n, call).map(({ place }) => ({ n, rank: PLACES.findIndex((each) => each === place) })))
		.reduce((best, each) => (each.rank < best.rank ? each : best), { n: texts[0] ?? 0, rank: PLACES.length });
	const place = PLACES[shown.rank] ?? 'prompt';
	const json = messages.get(shown.n);
	const [row] = rowsOf(reader, [call]);
	if (!row || json === null) return null;
	return {
		callId: row.callId,
		sessionId: row.sessionId,
		startedAtMs: row.startedAtMs,
		place: place === 'tools' ? 'system' : place,
		...makeSnippet(searchableText(json), terms),
		row,
	};
}
