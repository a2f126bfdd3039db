import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CostDraft } from '../core/draft.ts';
import { storedCostPayload } from '../core/stored-events.ts';
import type { CallRecord } from './call-record.ts';
import type { Receipt } from './ledger.ts';
import { prepare, salted } from './prepared-content.ts';
import { newSalt } from './salt.ts';
import type { SessionRecord } from './session-record.ts';
import type { Writer } from './writer.ts';

interface TrackedRow {
	n: number;
	session_n: number;
	dim_n: number;
	at_ms: number;
	cost_nano: number;
}

/** A cost without tokens, and without what was said of it. */
export type TrackedCost = Omit<CostDraft, 'eventType' | 'description' | 'sent'>;

/**
 * Records costs that come without tokens. They count in the sums of their session and time, but not beside a response
 * of the same call, whichever of the two comes first. Used inside a write transaction.
 */
export class CostRecorder {
	readonly #writer: Writer;
	readonly #known: StatementSync;
	readonly #insert: StatementSync;
	readonly #ofCall: StatementSync;
	readonly #uncount: StatementSync;
	readonly #any: StatementSync;

	constructor(writer: Writer) {
		this.#writer = writer;
		const db: DatabaseSync = writer.db;
		this.#known = db.prepare('SELECT 1 FROM tracked WHERE print = ?');
		this.#insert = db.prepare(
			`INSERT INTO tracked (session_n, call_id, dim_n, at_ms, cost_nano, counted, print)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
		);
		this.#ofCall = db.prepare(
			`SELECT n, session_n, dim_n, at_ms, cost_nano FROM tracked WHERE counted = 1
			AND (call_id = ?1 OR call_id IN (SELECT alias FROM alias WHERE call_n = ?2))`,
		);
		this.#uncount = db.prepare('UPDATE tracked SET counted = 0 WHERE n = ?');
		this.#any = db.prepare('SELECT 1 FROM tracked WHERE counted = 1 AND call_id IS NOT NULL LIMIT 1');
	}

	record(draft: CostDraft): Receipt {
		const { sessions, events } = this.#writer;
		// One with an id of its sender's is told by that, and is none of those that are like it.
		const print = draft.sent === undefined ? printOfCost(draft) : null;
		if (print !== null && this.#known.get(print)) {
			return { callId: draft.callId, outcome: 'unchanged', eventId: null, hash: null, reason: null };
		}
		const call = draft.callId === null ? null : this.#writer.calls.find(draft.callId);
		const session = sessions.open({
			session_id: draft.sessionId,
			agent_id: draft.agentId,
			parent_session_id: null,
			folder: null,
			atMs: draft.atMs,
		});
		// The description is kept as a digest only; nobody holds the salt.
		const description = draft.description === null ? null : salted(newSalt(), prepare(draft.description));
		const event = events.append(session, {
			callN: call?.n ?? null,
			type: 'cost_tracked',
			atMs: draft.atMs,
			agentId: draft.agentId,
			severity: 'info',
			payload: storedCostPayload(draft, description),
		});
		this.#count(session, draft, print ?? printOfEvent(event.id), call === null || call.response_event === null);
		return { callId: draft.callId, outcome: 'appended', eventId: event.id, hash: event.hash, reason: null };
	}

	/** Counts a cost whose event was taken over from another ledger, unless a response covers it. */
	take(session: SessionRecord, cost: TrackedCost, { eventId, covered }: { eventId: string; covered: boolean }): void {
		const print = printOfCost(cost);
		// One like it stands before it in the chain: it is another.
		this.#count(session, cost, this.#known.get(print) ? printOfEvent(eventId) : print, !covered);
	}

	#count(session: SessionRecord, cost: TrackedCost, print: Uint8Array, counted: boolean): void {
		const costNano = Math.round(cost.costUsd * 1e9);
		const dim = this.#writer.dims.number({
			agent_id: cost.agentId,
			provider: cost.provider ?? 'unknown',
			model: cost.model ?? 'unknown',
			kind: 'chat',
			folder: session.folder ?? '',
			state: 'ok',
			billing: cost.origin.billing,
		});
		this.#insert.run(session.n, cost.callId, dim, cost.atMs, costNano, counted ? 1 : 0, print);
		if (!counted) return;
		session.total_cost_nano_usd += costNano;
		this.#writer.rollups.countCost(cost.atMs, dim, costNano);
	}

	/** A call has its response: what was tracked for it beside, up to the cost of number `last`, no longer counts. */
	cover(call: CallRecord, last = Number.POSITIVE_INFINITY): void {
		if (!this.#any.get()) return;
		for (const row of this.#ofCall.all(call.call_id, call.n) as unknown as TrackedRow[]) {
			if (row.n > last) continue;
			this.#uncount.run(row.n);
			const session = this.#writer.sessions.get(row.session_n);
			this.#writer.sessions.change(session);
			session.total_cost_nano_usd -= row.cost_nano;
			this.#writer.rollups.countCost(row.at_ms, row.dim_n, -row.cost_nano);
		}
	}
}

/** Without the description, which is content and not to be guessed back from here. */
export function printOfCost(cost: Omit<TrackedCost, 'agentId' | 'origin'>): Uint8Array {
	const { sessionId, callId, atMs, costUsd, provider, model } = cost;
	return digest(JSON.stringify([sessionId, callId, atMs, costUsd, provider, model]));
}

/** Of a cost that is another than those that are like it. */
export function printOfEvent(eventId: string): Uint8Array {
	return digest(eventId);
}

function digest(text: string): Uint8Array {
	return hash('sha256', text, 'buffer').subarray(0, 16);
}
