import { hash, randomUUID } from 'node:crypto';
import type { Draft } from '../../core/draft.ts';
import {
	draftOfEvent,
	type EventReceipt,
	type EventReceipts,
	eventBatchSchema,
} from '../../core/outside/event-input.ts';
import type { Ledger, Receipt } from '../../ledger/ledger.ts';
import { ApiProblem } from './api-problem.ts';

/** What came in, as a draft, or what is wrong with it. */
type ReadEvent = ReturnType<typeof draftOfEvent>;

/**
 * Records the events of one request, in their order, each on its own: a bad one does not lose the others. A list may
 * stand bare, and a single event too.
 *
 * @param source the origin: `sdk` of what our SDK sends, else `http`
 * @throws {ApiProblem} 400 for what is no list of events
 */
export async function takeEvents(
	body: unknown,
	ledger: Pick<Ledger, 'record'>,
	{ source, nowMs }: { source: 'http' | 'sdk'; nowMs: number },
): Promise<EventReceipts> {
	const batch = eventBatchSchema.safeParse(batchOf(body));
	if (!batch.success) throw ApiProblem.ofInput(batch.error);
	const read = startedBefore(batch.data.events.map((event) => readEvent(event, { source, nowMs })));
	const drafts = read.flatMap((each): Draft[] => ('draft' in each ? [each.draft] : []));
	const recorded = (await ledger.record(drafts)).values();
	const events = read.map((each) => ('draft' in each ? receiptOf(recorded.next().value) : refused(each.problem)));
	return { events, rejected: events.filter(({ outcome }) => outcome === 'rejected').length };
}

/** With a digest of what was sent, so that the ledger's thread, which all wait for, is spared it. */
function readEvent(event: unknown, at: { source: string; nowMs: number }): ReadEvent {
	const read = draftOfEvent(event, at);
	if (!('draft' in read)) return read;
	const { draft } = read;
	if (draft.sent === undefined) return { ...read, draft: toldApart(draft, at.nowMs) };
	const digest = digestOf(event);
	return { ...read, draft: digest === null ? draft : { ...draft, sent: { ...draft.sent, digest } } };
}

/** Requests that do not say when they began, and whose answers beside them say how long they took, began that much before. */
function startedBefore(read: readonly ReadEvent[]): readonly ReadEvent[] {
	const isUntimed = (each: ReadEvent) => 'draft' in each && !each.timed && each.draft.eventType === 'llm_call';
	if (!read.some(isUntimed)) return read;
	const starts = new Map<string, number>();
	for (const each of read) {
		if (!('draft' in each) || each.draft.eventType !== 'llm_response' || each.draft.latencyMs === null) continue;
		const { callId, endedAtMs, latencyMs } = each.draft;
		starts.set(callId, Math.max(0, Math.round(endedAtMs - latencyMs)));
	}
	return read.map((each) => {
		if (!('draft' in each) || each.timed || each.draft.eventType !== 'llm_call') return each;
		const startedAtMs = starts.get(each.draft.callId) ?? each.draft.startedAtMs;
		return { ...each, draft: { ...each.draft, startedAtMs } };
	});
}

/** `null`: nested so deeply that it can't be written. The ledger cuts it, and compares what is left. */
function digestOf(event: unknown): string | null {
	try {
		return hash('sha256', JSON.stringify(event), 'base64');
	} catch {
		return null;
	}
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
