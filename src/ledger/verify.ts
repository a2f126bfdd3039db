import type { ContentState } from '../core/draft.ts';
import { verifyChain } from '../core/hash-chain.ts';
import { storedCallPayloadSchema, storedResponsePayloadSchema } from '../core/stored-events.ts';
import { storedCallDigests, storedResponseDigests } from './content-digests.ts';
import { type EventRow, sha256, toHex } from './event-log.ts';
import type { VerifyReport } from './ledger.ts';
import { prepare, salted } from './prepared-content.ts';
import type { ContentStores } from './queries/call-detail.ts';
import type { Reader } from './queries/reader.ts';
import {
	callRow,
	callRowMatches,
	longBuckets,
	responseRowMatches,
	sessionSumsMatch,
	timeSumsMatch,
} from './verify-rows.ts';

const NOTE =
	'Checked: every event follows the one before it and matches its own hash; calls, sums, titles and the content that is ' +
	'still kept match what the events say. Not visible to this check: events cut off at the end of a session, sessions ' +
	'removed as a whole, latency percentiles, and a ledger that someone wrote anew with all its hashes.';

type CheckedStores = ContentStores & { intact: Set<number> };

interface Session {
	n: number;
	session_id: string;
}

/**
 * Checks the chains of all sessions, or of one, and that all that is shown follows from them: rows, sums, titles, and
 * the content that is still there. Stops at the first thing that is wrong.
 * Yields after each session: a large ledger takes a while, and calls that come meanwhile must not wait.
 */
export function* verify(
	reader: Reader,
	stores: ContentStores,
	sessionId?: string,
): Generator<undefined, VerifyReport, undefined> {
	const where = sessionId === undefined ? '' : 'WHERE session_id = ?';
	const sessions = reader
		.sql(`SELECT n, session_id FROM session ${where} ORDER BY n`)
		.all(...(sessionId === undefined ? [] : [sessionId])) as unknown as Session[];
	const { messages, prompts, answers } = stores;
	const checked: CheckedStores = { messages, prompts, answers, intact: new Set() };
	let events = 0;
	for (const [i, session] of sessions.entries()) {
		const { count, broken } = reader.snapshot(() => verifySession(reader, checked, session));
		events += count;
		if (broken) return { sessions: i + 1, events, ok: false, firstBroken: broken, note: NOTE };
		yield;
	}
	for (const bucket of sessionId === undefined ? longBuckets(reader) : []) {
		if (!reader.snapshot(() => timeSumsMatch(reader, bucket))) {
			const broken = { sessionId: '', seq: 0, eventId: '', problem: 'sums' as const };
			return { sessions: sessions.length, events, ok: false, firstBroken: broken, note: NOTE };
		}
		yield;
	}
	return { sessions: sessions.length, events, ok: true, firstBroken: null, note: NOTE };
}

function verifySession(
	reader: Reader,
	stores: CheckedStores,
	session: Session,
): { count: number; broken: VerifyReport['firstBroken'] } {
	let last: EventRow | null = null;
	let content: VerifyReport['firstBroken'] = null;
	let count = 0;
	const rows = reader.sql('SELECT * FROM event WHERE session_n = ? ORDER BY seq').iterate(session.n);
	function* links() {
		for (const row of rows) {
			const event = row as unknown as EventRow;
			last = event;
			count++;
			yield toLink(session.session_id, event);
			// Reached only when the link itself is good.
			const problem = rowMatches(reader, event) ? (contentMatches(reader, stores, event) ? null : 'content') : 'row';
			if (problem !== null) {
				content = { sessionId: session.session_id, seq: event.seq, eventId: event.id, problem };
				return;
			}
		}
	}
	const report = verifyChain(links(), sha256);
	const at = last as EventRow | null;
	if (report.firstBroken) {
		const { id, problem } = report.firstBroken;
		return { count, broken: { sessionId: session.session_id, seq: at?.seq ?? 0, eventId: id, problem } };
	}
	if (content) return { count, broken: content };
	const head = reader.sql('SELECT event_count FROM session WHERE n = ?').get(session.n);
	// Erased meanwhile: nothing is missing.
	if (head && count !== Number(head.event_count)) {
		const broken = {
			sessionId: session.session_id,
			seq: count + 1,
			eventId: at?.id ?? '',
			problem: 'missing' as const,
		};
		return { count, broken };
	}
	const problem = sessionSumsMatch(reader, session.n) ? (titleMatches(reader, session.n) ? null : 'content') : 'sums';
	if (problem === null) return { count, broken: null };
	return { count, broken: { sessionId: session.session_id, seq: at?.seq ?? 0, eventId: at?.id ?? '', problem } };
}

/** Only the latest events of a call are what its row shows. */
function rowMatches(reader: Reader, event: EventRow): boolean {
	const row = event.call_n === null ? null : callRow(reader, event.call_n);
	if (!row || (row.call_event !== event.n && row.response_event !== event.n)) return true;
	try {
		const dim = reader.dimension(row.dim_n);
		return row.call_event === event.n
			? callRowMatches(row, dim, storedCallPayloadSchema.parse(JSON.parse(event.payload)))
			: responseRowMatches(row, dim, storedResponsePayloadSchema.parse(JSON.parse(event.payload)));
	} catch {
		return false;
	}
}

/** A title is that of some request of the session. Where the salt of one is gone, it may have been of that one. */
function titleMatches(reader: Reader, n: number): boolean {
	const title = reader.sql('SELECT title FROM session WHERE n = ?').get(n)?.title;
	if (typeof title !== 'string') return true;
	const text = prepare(title);
	const requests = reader.sql(
		`SELECT e.payload, c.salt, c.call_id FROM event e JOIN call c ON c.n = e.call_n
		WHERE e.session_n = ? AND e.type = 'llm_call' ORDER BY e.seq DESC`,
	);
	let allKnown = true;
	let titled = false;
	for (const { payload, salt, call_id } of requests.iterate(n)) {
		const { titleDigest, callId } = storedCallPayloadSchema.parse(JSON.parse(String(payload)));
		if (titleDigest === null) continue;
		titled = true;
		// The salt of a call that became part of another went with it.
		if (salt === null || callId !== call_id) allKnown = false;
		else if (titleDigest === salted(String(salt), text)) return true;
	}
	return !titled || !allKnown;
}

function toLink(
	sessionId: string,
	event: EventRow,
): Parameters<typeof verifyChain>[0] extends Iterable<infer L> ? L : never {
	return {
		id: event.id,
		timestamp: new Date(event.at_ms).toISOString(),
		sessionId,
		agentId: event.agent_id,
		eventType: event.type,
		severity: event.severity,
		payload: parseOrNull(event.payload),
		metadata: parseOrNull(event.metadata) as Record<string, unknown>,
		prevHash: event.prev_hash === null ? null : toHex(event.prev_hash),
		hash: toHex(event.hash),
		seq: event.seq,
	};
}

/** Text that is not JSON any more cannot match its hash: the chain check says so. */
function parseOrNull(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return null;
	}
}

/** Only the latest event of a call has its content kept; for earlier ones, and where it was erased, there is nothing to check. */
function contentMatches(reader: Reader, stores: CheckedStores, event: EventRow): boolean {
	if (event.call_n === null) return true;
	const call = reader
		.sql('SELECT salt, call_event, response_event, call_content, response_content FROM call WHERE n = ?')
		.get(event.call_n);
	if (!call || typeof call.salt !== 'string') return true;
	try {
		if (call.call_event === event.n && isKept(call.call_content)) return promptMatches(stores, event, call.salt);
		if (call.response_event === event.n && isKept(call.response_content)) {
			return answerMatches(stores, event, call.salt);
		}
		return true;
	} catch {
		return false;
	}
}

function isKept(state: unknown): boolean {
	return (state as ContentState) === 'full' || (state as ContentState) === 'redacted';
}

function promptMatches(stores: CheckedStores, event: EventRow, salt: string): boolean {
	const payload = storedCallPayloadSchema.parse(JSON.parse(event.payload));
	const prompt = stores.prompts.get(Number(event.call_n));
	if (!prompt) return payload.promptDigest === null && payload.systemPromptDigest === null;
	for (const n of prompt.messages) if (!isIntact(stores, n)) return false;
	const digests = storedCallDigests(stores.messages, prompt, salt);
	return (
		digests.prompt === payload.promptDigest &&
		digests.systemPrompt === payload.systemPromptDigest &&
		digests.tools === payload.toolsDigest &&
		(prompt.parameters === null || digests.parameters === payload.parametersDigest) &&
		[prompt.system, prompt.tools, prompt.parameters].every((n) => n === null || isIntact(stores, n))
	);
}

function answerMatches(stores: CheckedStores, event: EventRow, salt: string): boolean {
	const payload = storedResponsePayloadSchema.parse(JSON.parse(event.payload));
	const answer = stores.answers.get(Number(event.call_n)) ?? { message: null, reasoning: null, error: null };
	const digests = storedResponseDigests(stores.messages, answer, salt);
	return (
		(payload.completionDigest === null || digests.completion === payload.completionDigest) &&
		digests.reasoning === payload.reasoningDigest &&
		digests.toolCalls === payload.toolCallsDigest &&
		(payload.error === null || digests.error === payload.error.messageDigest) &&
		[answer.reasoning, answer.error].every((n) => n === null || isIntact(stores, n))
	);
}

/** The text still has the hash under which it is stored. Prompts share their texts: each is unpacked once. */
function isIntact({ messages, intact }: CheckedStores, n: number): boolean {
	if (intact.has(n)) return true;
	const json = messages.get(n);
	if (json === null || sha256(json) !== messages.digest(n)) return false;
	intact.add(n);
	return true;
}
