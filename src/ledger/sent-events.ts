import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Draft } from '../core/draft.ts';
import type { Receipt } from './ledger.ts';
import { rejected } from './receipts.ts';
import { newSalt } from './salt.ts';
import type { SessionTable } from './session-table.ts';

const keyBytes = 16;

interface SentRow {
	event_id: string | null;
	hash: Uint8Array | null;
	call_id: string | null;
	/** `null`: the content was erased, and with it what could confirm a guess. */
	salt: string | null;
	said: Uint8Array | null;
}

/**
 * The events that came with an id of their sender's, by session: the same id is the same event. Sent again it changes
 * nothing and is answered as before; with something else to say it is refused. Used inside a write transaction.
 */
export class SentEvents {
	readonly #sessions: SessionTable;
	readonly #find: StatementSync;
	readonly #add: StatementSync;
	/** Of the draft that was looked for last, which is the one that is added next. */
	#lastId = '';
	#lastHash: Uint8Array = idHash('');

	constructor(db: DatabaseSync, sessions: SessionTable) {
		this.#sessions = sessions;
		this.#find = db.prepare('SELECT event_id, hash, call_id, salt, said FROM sent WHERE session_n = ? AND id_hash = ?');
		this.#add = db.prepare(
			`INSERT OR IGNORE INTO sent (session_n, id_hash, event_id, hash, call_id, salt, said) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		);
	}

	/** What to answer to a draft whose id is known; `null`: it has none, or is new. */
	find(draft: Draft): Receipt | null {
		if (draft.sent === undefined) return null;
		const session = this.#sessions.find(draft.sessionId);
		const row = session && (this.#find.get(session.n, this.#idHash(draft.sent.id)) as unknown as SentRow | undefined);
		if (!row) return null;
		const { event_id: eventId, call_id: callId, salt, said } = row;
		if (said !== null && !said.every((byte, i) => byte === saidBy(draft, salt ?? '')[i])) {
			return rejected(draft, 'id: an event with this id was recorded before, with another content');
		}
		const hashHex = row.hash && Buffer.from(row.hash).toString('hex');
		return { callId, outcome: 'unchanged', eventId, hash: hashHex, reason: null };
	}

	/** Keeps the id of a draft that was recorded just now. */
	add(draft: Draft, { callId, eventId, hash: hashHex, outcome }: Receipt): void {
		if (draft.sent === undefined || outcome === 'rejected') return;
		// An answer that named another session than its call went there: its call's id tells it again.
		const session = this.#sessions.find(draft.sessionId);
		if (!session) return;
		const salt = newSalt();
		const eventHash = hashHex === null ? null : Buffer.from(hashHex, 'hex');
		this.#add.run(session.n, this.#idHash(draft.sent.id), eventId, eventHash, callId, salt, saidBy(draft, salt));
	}

	#idHash(id: string): Uint8Array {
		if (id !== this.#lastId) this.#lastHash = idHash(id);
		this.#lastId = id;
		return this.#lastHash;
	}
}

function idHash(id: string): Uint8Array {
	return hash('sha256', id, 'buffer').subarray(0, keyBytes);
}

/**
 * All that a draft says, as far as it is stored, in a few bytes that tell nothing without their salt. Left out: how it
 * came here, and its time where that is only when it came. The order of members counts where the sender chose it: whoever
 * sends an event again sends the same text.
 */
function saidBy(draft: Draft, salt: string): Uint8Array {
	const { sent, origin, ...told } = draft;
	const moment = sent?.timed ? {} : { startedAtMs: null, endedAtMs: null, atMs: null };
	const text = JSON.stringify({ ...told, ...moment, billing: origin.billing });
	return hash('sha256', salt + text, 'buffer').subarray(0, keyBytes);
}
