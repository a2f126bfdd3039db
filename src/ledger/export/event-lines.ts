import { type EventLineParts, eventLine, wholePayload } from '../../core/export/event-line.ts';
import { RecentRequests } from '../../core/export/recent-requests.ts';
import type { StoredCostPayload, StoredResponsePayload } from '../../core/stored-events.ts';
import { plainName } from '../alias-guard.ts';
import type { CallRecord } from '../call-record.ts';
import { ERASED } from '../call-record.ts';
import { printOfCost, printOfEvent } from '../cost-recorder.ts';
import { type EventRow, toHex } from '../event-log.ts';
import { prepare, salted } from '../prepared-content.ts';
import { sharedPrefix } from '../prompt-store.ts';
import type { ContentStores } from '../queries/call-detail.ts';
import type { Reader } from '../queries/reader.ts';

type Joined = EventRow &
	Pick<CallRecord, 'salt' | 'flags' | 'call_event' | 'response_event' | 'response_content'> & {
		session_id: string;
		title: string | null;
		event_count: number;
		call_id: string | null;
		call_content: CallRecord['call_content'] | null;
		duplicate_id: string | null;
		duplicate_session: number | null;
	};

/** What a later line may extend. Numbers are those of `message`. */
interface SentRequest {
	event: string;
	messages: readonly number[];
	system: number | null;
	tools: number | null;
}

const SELECT_EVENT = `SELECT e.n, e.id, e.session_n, e.call_n, e.type, e.at_ms, e.agent_id, e.severity, e.payload,
	e.metadata, e.prev_hash, e.hash, s.session_id, s.title, e.seq, s.event_count, c.call_id, c.salt, c.flags, c.call_event, c.response_event,
	c.call_content, c.response_content, d.call_id AS duplicate_id, d.session_n AS duplicate_session
	FROM event e CROSS JOIN session s ON s.n = e.session_n LEFT JOIN call c ON c.n = e.call_n
	LEFT JOIN call d ON d.n = c.duplicate_of`;

/**
 * The events of some sessions, or of all, as lines in the order in which they were recorded. Reads one state of the
 * ledger from the first line to the last, and holds one row at a time.
 */
export class EventLines {
	/** Events in all. */
	readonly total: number;
	readonly #reader: Reader;
	readonly #stores: ContentStores;
	readonly #sessions: ReadonlySet<number> | null;
	readonly #withContent: boolean;
	/** Tasks whose title a request vouched for. */
	readonly #titled = new Set<string>();
	readonly #sent = new RecentRequests<SentRequest>();

	constructor(reader: Reader, stores: ContentStores, sessions: readonly number[] | null, withContent: boolean) {
		this.#reader = reader;
		this.#stores = stores;
		this.#sessions = sessions && new Set(sessions);
		this.#withContent = withContent;
		const counted =
			sessions === null
				? reader.sql('SELECT sum(event_count) AS events FROM session').get()
				: reader
						.sql('SELECT sum(event_count) AS events FROM session WHERE n IN (SELECT value FROM json_each(?))')
						.get(JSON.stringify(sessions));
		this.total = Number(counted?.events ?? 0);
	}

	*[Symbol.iterator](): Generator<string> {
		for (const row of this.#rows()) yield this.#line(row as unknown as Joined);
	}

	#rows(): Iterable<unknown> {
		// A statement of its own: it stays open while others are asked for content.
		const { db } = this.#reader;
		if (this.#sessions === null) return db.prepare(`${SELECT_EVENT} ORDER BY e.n`).iterate();
		const some = 'SELECT n FROM event INDEXED BY event_chain WHERE session_n IN (SELECT value FROM json_each(?))';
		const sessions = JSON.stringify([...this.#sessions]);
		return db.prepare(`${SELECT_EVENT} WHERE e.n IN (${some}) ORDER BY e.n`).iterate(sessions);
	}

	#line(row: Joined): string {
		const isRequest = row.n === row.call_event;
		const isResponse = row.n === row.response_event;
		const latest = Math.max(row.call_event ?? 0, row.response_event ?? 0);
		const state = isRequest ? row.call_content : row.response_content;
		const { payload, text } = wholePayload(row.type, row.payload);
		const knowsDuplicate = row.n === latest && (this.#sessions?.has(row.duplicate_session ?? -1) ?? true);
		const parts: EventLineParts = {
			id: row.id,
			timestamp: new Date(row.at_ms).toISOString(),
			sessionId: row.session_id,
			agentId: row.agent_id,
			eventType: row.type,
			severity: row.severity,
			payload: text,
			metadata: row.metadata,
			prevHash: row.prev_hash && toHex(row.prev_hash),
			hash: toHex(row.hash),
			call: row.call_id === payload.callId ? null : row.call_id,
			erased: (isRequest || isResponse) && row.flags & ERASED ? state === 'erased' : null,
			names: row.n === latest ? this.#namesOf(row, 'aliases' in payload ? payload.aliases : []) : [],
			duplicateOf: knowsDuplicate ? row.duplicate_id : null,
			covered: row.type === 'cost_tracked' ? this.#isCovered(row, payload as StoredCostPayload) : null,
			title: null,
			content: null,
		};
		if (this.#withContent && row.salt !== null && (state === 'full' || state === 'redacted' || state === 'none')) {
			if (isRequest)
				parts.content = this.#request(row, row.salt, 'titleDigest' in payload ? payload.titleDigest : null);
			else if (isResponse) parts.content = this.#response(row, row.salt, payload as StoredResponsePayload);
		}
		const isLast = row.seq === row.event_count;
		if (this.#withContent && isLast && row.title !== null && !this.#titled.has(row.session_id)) parts.title = row.title;
		return eventLine(parts);
	}

	#request(row: Joined, salt: string, titleDigest: string | null): string | null {
		const stored = this.#stores.prompts.get(Number(row.call_n));
		const isTitled = titleDigest !== null && row.title !== null && titleDigest === salted(salt, prepare(row.title));
		const title = isTitled ? row.title : null;
		if (isTitled) this.#titled.add(row.session_id);
		if (!stored && row.call_content === 'none' && title === null) return null;
		const prompt = stored ?? { messages: [], system: null, tools: null, parameters: null };
		const before = this.#sent.get(row.session_id);
		const shared = before ? sharedPrefix(before.messages, prompt.messages) : 0;
		const sameSystem = before !== null && prompt.system !== null && before.system === prompt.system;
		const sameTools = before !== null && prompt.tools !== null && before.tools === prompt.tools;
		const extended = before !== null && (shared > 0 || sameSystem || sameTools) ? before.event : null;
		this.#sent.set(row.session_id, { event: row.id, ...prompt });
		const parts = [`"salt":${JSON.stringify(salt)}`];
		if (title !== null) parts.push(`"title":${JSON.stringify(title)}`);
		if (extended !== null) {
			parts.push(
				`"extends":{"event":"${extended}","messages":${shared},"systemPrompt":${sameSystem},"tools":${sameTools}}`,
			);
		}
		parts.push(
			`"messages":[${prompt.messages
				.slice(shared)
				.map((n) => this.#text(n))
				.join(',')}]`,
			`"systemPrompt":${sameSystem ? 'null' : this.#text(prompt.system)}`,
			`"tools":${sameTools ? 'null' : this.#text(prompt.tools)}`,
			`"parameters":${this.#text(prompt.parameters)}`,
		);
		return `{${parts.join(',')}}`;
	}

	/** Only what the event has a digest of: a text of an earlier event may be kept beside it. */
	#response(row: Joined, salt: string, payload: StoredResponsePayload): string | null {
		const stored = this.#stores.answers.get(Number(row.call_n));
		const isSaid = payload.completionDigest !== null || payload.toolCallsDigest !== null;
		const message = isSaid ? (stored?.message ?? null) : null;
		const reasoning = payload.reasoningDigest === null ? null : (stored?.reasoning ?? null);
		const error = payload.error?.messageDigest ? (stored?.error ?? null) : null;
		const isNothing = message === null && reasoning === null && error === null;
		if (isNothing && row.response_content === 'none') return null;
		return `{"salt":${JSON.stringify(salt)},"message":${this.#text(message)},"reasoning":${this.#text(
			reasoning,
		)},"error":${this.#text(error)}}`;
	}

	#namesOf({ call_n, call_id }: Joined, told: readonly string[]): string[] {
		const rows = this.#reader.sql('SELECT alias FROM alias WHERE call_n = ? ORDER BY alias').all(call_n);
		const names = new Set(rows.map(({ alias }) => plainName(String(alias))));
		for (const name of [...told, call_id ?? '']) names.delete(name);
		return [...names].sort();
	}

	#isCovered({ id, session_id, at_ms }: Joined, { callId, costUsd, provider, model }: StoredCostPayload): boolean {
		const like = printOfCost({ sessionId: session_id, atMs: at_ms, callId, costUsd, provider, model });
		const counted = this.#reader.sql('SELECT counted FROM tracked WHERE print = ?');
		return (counted.get(printOfEvent(id)) ?? counted.get(like))?.counted === 0;
	}

	/** A stored text, which is JSON. */
	#text(n: number | null): string {
		return (n === null ? null : this.#stores.messages.get(n)) ?? 'null';
	}
}
