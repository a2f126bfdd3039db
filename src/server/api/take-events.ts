import { randomUUID } from 'node:crypto';
import type { Draft } from '../../core/draft.ts';
import {
	draftOfEvent,
	type EventReceipt,
	type EventReceipts,
	eventBatchSchema,
} from '../../core/outside/event-input.ts';
import type { Ledger, Receipt } from '../../ledger/ledger.ts';
import { ApiProblem } from './api-problem.ts';

/** The origin of what comes over HTTP. */
const source = 'http';

/**
 * Records the events of one request, in their order, each on its own: a bad one does not lose the others. A list may
 * stand bare, and a single event too.
 *
 * @throws {ApiProblem} 400 for what is no list of events
 */
export async function takeEvents(body: unknown, ledger: Pick<Ledger, 'record'>, nowMs: number): Promise<EventReceipts> {
	const batch = eventBatchSchema.safeParse(batchOf(body));
	if (!batch.success) throw ApiProblem.ofInput(batch.error);
	const read = batch.data.events.map((event) => draftOfEvent(event, { source, nowMs }));
	const drafts = read.flatMap((each): Draft[] => ('draft' in each ? [toldApart(each.draft, nowMs)] : []));
	const recorded = (await ledger.record(drafts)).values();
	const events = read.map((each) => ('draft' in each ? receiptOf(recorded.next().value) : refused(each.problem)));
	return { events, rejected: events.filter(({ outcome }) => outcome === 'rejected').length };
}

/** Costs that bear neither an id nor a time cannot be the same one sent again: each counts. */
function toldApart(draft: Draft, nowMs: number): Draft {
	const isNameless = draft.eventType === 'cost_tracked' && draft.sent === undefined && draft.atMs === nowMs;
	return isNameless ? { ...draft, sent: { id: randomUUID(), timed: true } } : draft;
}

function batchOf(body: unknown): unknown {
	if (Array.isArray(body)) return { events: body };
	const isEvent = typeof body === 'object' && body !== null && 'eventType' in body && !('events' in body);
	return isEvent ? { events: [body] } : body;
}

function receiptOf(receipt: Receipt | undefined): EventReceipt {
	if (receipt === undefined) return refused('The ledger said nothing of it.');
	const { eventId: id, hash, callId, outcome, reason: error } = receipt;
	return { id, hash, callId, outcome, error };
}

function refused(error: string): EventReceipt {
	return { id: null, hash: null, callId: null, outcome: 'rejected', error };
}
