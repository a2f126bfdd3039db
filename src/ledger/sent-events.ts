import { hash } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { Draft } from '../core/draft.ts';
import { toHex } from './event-log.ts';
import type { Receipt } from './ledger.ts';
import { rejected } from './receipts.ts';
import { newSalt } from './salt.ts';
import type { Writer } from './writer.ts';

const idBytes = 16;
/** `said` is a salt, and what was said hashed with it. */
const saltBytes = 16;
const saidBytes = saltBytes + 16;

interface SentRow {
	/** `null`: the content was erased, and with it what could confirm a guess. */
	said: Uint8Array | null;
	/** Of the event that it became; `null`: it said nothing new when it came first. */
	event_id: string | null;
	hash: Uint8Array | null;
	/** `null`: a cost for a call that is not here. */
	call_id: string | null;
}

/**
 * The events that came with an id of their sender's, by session: the same id is the same event. Sent again it changes
 * nothing and is answered as before; with something else to say it is refused. Used inside a write transaction.
 */
export class SentEvents {
	readonly #writer: Writer;
	readonly #find: StatementSync;
	readonly #add: StatementSync;
	/** Of the draft that was looked for last, which is the one that is added next. */
	#lastId = '';
	#lastHash: Uint8Array = idHash('');

	constructor(writer: Writer) {
		this.#writer = writer;
		this.#find = writer.db.prepare(
			`SELECT s.said, e.id AS event_id, e.hash, c.call_id FROM sent s
			LEFT JOIN event e ON e.n = s.event_n LEFT JOIN call c ON c.n = e.call_n
			WHERE s.session_n = ? AND s.id_hash = ?`,
		);
		this.#add = writer.db.prepare('INSERT OR IGNORE INTO sent (session_n, id_hash, event_n, said) VALUES (?, ?, ?, ?)');
	}

	/** What to answer to a draft whose id is known; `null`: it has none, or is new. */
	find(draft: Draft): Receipt | null {
		if (draft.sent === undefined) return null;
		const session = this.#writer.sessions.find(draft.sessionId);
		const row = session && (this.#find.get(session.n, this.#idHash(draft.sent.id)) as unknown as SentRow | undefined);
		if (!row) return null;
		if (row.said !== null && !saysTheSame(draft, Buffer.from(row.said))) {
			return rejected(draft, 'id: an event with this id was recorded before, with another content');
		}
		return {
			callId: row.call_id ?? draft.callId,
			outcome: 'unchanged',
			eventId: row.event_id,
			hash: row.hash && toHex(row.hash),
			reason: null,
		};
	}

	/** Keeps the id of a draft that was recorded just now, as this event. */
	add(draft: Draft, { outcome }: Receipt, event: number | null): void {
		if (draft.sent === undefined || outcome === 'rejected') return;
		// An answer that named another session than its call went there: its call's id tells it again.
		const session = this.#writer.sessions.find(draft.sessionId);
		if (!session) return;
		const became = outcome === 'unchanged' ? null : event;
		this.#add.run(session.n, this.#idHash(draft.sent.id), became, saidBy(draft, Buffer.from(newSalt(), 'hex')));
	}

	#idHash(id: string): Uint8Array {
		if (id !== this.#lastId) this.#lastHash = idHash(id);
		this.#lastId = id;
		return this.#lastHash;
	}
}

function idHash(id: string): Uint8Array {
	return hash('sha256', id, 'buffer').subarray(0, idBytes);
}

function saysTheSame(draft: Draft, said: Buffer): boolean {
	return said.equals(saidBy(draft, said.subarray(0, saltBytes)));
}

/**
 * All that a draft says, as far as it is stored, in a few bytes that tell nothing without their salt. Left out: how it
 * came here, and its time where that is only when it came. The order of members counts where the sender chose it: whoever
 * sends an event again sends the same text.
 */
function saidBy(draft: Draft, salt: Buffer): Buffer {
	const text = draft.sent?.digest ?? textOf(draft);
	return Buffer.concat([salt, hash('sha256', salt.toString('hex') + text, 'buffer')], saidBytes);
}

function textOf(draft: Draft): string {
	const { sent, origin, ...told } = draft;
	const moment = sent?.timed ? {} : { startedAtMs: null, endedAtMs: null, atMs: null };
	return JSON.stringify({ ...told, ...moment, billing: origin.billing });
}
