import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Envelope, EventType, Severity } from '../core/events.ts';
import type { StoredPayload } from '../core/stored-events.ts';
import { storedText } from '../core/stored-text.ts';
import { RowWriter } from './row-writer.ts';
import type { SessionRecord } from './session-record.ts';
import { UlidGenerator } from './ulid.ts';

/** SHA-256 as 64 hex digits. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

export interface EventRow {
	n: number;
	id: string;
	session_n: number;
	/** Place in the session's chain, from 1 without gaps. */
	seq: number;
	call_n: number | null;
	type: EventType;
	at_ms: number;
	agent_id: string;
	severity: Severity;
	payload: string;
	metadata: string;
	prev_hash: Uint8Array | null;
	hash: Uint8Array;
}

const columns = [
	'n',
	'id',
	'session_n',
	'seq',
	'call_n',
	'type',
	'at_ms',
	'agent_id',
	'severity',
	'payload',
	'metadata',
	'prev_hash',
	'hash',
] as const satisfies readonly (keyof EventRow)[];

export interface Appended {
	n: number;
	id: string;
	/** Hex. */
	hash: string;
}

/** The append-only log: one hash chain a session. Used inside a write transaction, so that the chain cannot fork. */
export class EventLog {
	readonly #db: DatabaseSync;
	readonly #writer: RowWriter<EventRow>;
	readonly #readPayload: StatementSync;
	readonly #ids = new UlidGenerator();
	#next: number | null = null;

	constructor(db: DatabaseSync) {
		this.#db = db;
		this.#writer = new RowWriter(db, 'event', columns);
		this.#readPayload = db.prepare('SELECT payload FROM event WHERE n = ?');
	}

	/** Number of the event that was added last in this transaction; `null`: none was. */
	get last(): number | null {
		return this.#next === null ? null : this.#next - 1;
	}

	/** Adds an event to the end of the session's chain and moves the session's head. */
	append(
		session: SessionRecord,
		event: {
			callN: number | null;
			type: EventType;
			atMs: number;
			agentId: string;
			severity: Severity;
			payload: StoredPayload;
		},
	): Appended {
		const prevHash = session.head_hash;
		const id = this.#ids.next();
		const payload = storedText(event.type, event.payload);
		const hashText = sha256(
			canonicalEnvelope(
				{
					id,
					timestamp: new Date(event.atMs).toISOString(),
					sessionId: session.session_id,
					agentId: event.agentId,
					eventType: event.type,
					severity: event.severity,
					prevHash: prevHash === null ? null : toHex(prevHash),
				},
				payload,
			),
		);
		const hashBytes = Buffer.from(hashText, 'hex');
		const n = this.#nextNumber();
		session.event_count += 1;
		session.head_hash = hashBytes;
		this.#writer.write({
			n,
			id,
			session_n: session.n,
			seq: session.event_count,
			call_n: event.callN,
			type: event.type,
			at_ms: event.atMs,
			agent_id: event.agentId,
			severity: event.severity,
			payload,
			metadata: '{}',
			prev_hash: prevHash,
			hash: hashBytes,
		});
		return { n, id, hash: hashText };
	}

	/** Adds an event of another ledger as it is. The caller knows that it follows the last one of the session. */
	take(
		session: SessionRecord,
		event: Omit<EventRow, 'n' | 'session_n' | 'seq' | 'prev_hash' | 'hash'> & { hash: string },
	): Appended {
		const n = this.#nextNumber();
		const hashBytes = Buffer.from(event.hash, 'hex');
		const prevHash = session.head_hash;
		session.event_count += 1;
		session.head_hash = hashBytes;
		this.#writer.write({
			...event,
			n,
			session_n: session.n,
			seq: session.event_count,
			prev_hash: prevHash,
			hash: hashBytes,
		});
		return { n, id: event.id, hash: event.hash };
	}

	/** The payload of an event. */
	payload(n: number): unknown {
		const row = this.#readPayload.get(n);
		if (!row) throw new Error(`The ledger has no event ${n}`);
		return JSON.parse(String(row.payload));
	}

	forget(): void {
		this.#next = null;
	}

	#nextNumber(): number {
		this.#next ??= Number(this.#db.prepare('SELECT coalesce(max(n), 0) AS n FROM event').get()?.n) + 1;
		return this.#next++;
	}
}

/**
 * What `envelopeHash` of the core hashes, put together around a payload that is canonical already: writing it twice, to
 * hash and to store, would cost a tenth of all recording. `verify` checks with the core's own function.
 */
export function canonicalEnvelope(
	envelope: Pick<Envelope, 'id' | 'timestamp' | 'sessionId' | 'agentId' | 'eventType' | 'severity' | 'prevHash'>,
	payload: string,
	metadata = '{}',
): string {
	const { id, timestamp, sessionId, agentId, eventType, severity, prevHash } = envelope;
	const text = (value: string) => JSON.stringify(value.toWellFormed());
	return (
		`{"agentId":${text(agentId)},"eventType":"${eventType}","id":"${id}","metadata":${metadata},"payload":${payload},` +
		`"prevHash":${prevHash === null ? 'null' : `"${prevHash}"`},"sessionId":${text(sessionId)},` +
		`"severity":"${severity}","timestamp":"${timestamp}"}`
	);
}

export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
