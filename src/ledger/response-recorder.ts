import { canonicalJson } from '../core/canonical-json.ts';
import type { ResponseDraft } from '../core/draft.ts';
import { callState, INTERRUPTED as INTERRUPTED_CODE } from '../core/pairing.ts';
import { type PriceableResponse, priceCall } from '../core/pricing/compute-cost.ts';
import type { Prices } from '../core/pricing/find-price.ts';
import {
	type StoredResponsePayload,
	storedResponsePayload,
	storedResponsePayloadSchema,
} from '../core/stored-events.ts';
import { cacheWriteTotal, inputTotalOf } from '../core/usage.ts';
import { createCall, findCall } from './call-lookup.ts';
import { type CallRecord, DIVERGES, INTERRUPTED, isWithheld, LIVE, USAGE_MISSING } from './call-record.ts';
import { named } from './call-recorder.ts';
import { saidBy } from './event-print.ts';
import type { Receipt } from './ledger.ts';
import { knowsTarget, type Merged, mergeResponses } from './merge-payloads.ts';
import type { Place } from './message-store.ts';
import { type Prepared, type ResponseContent, responseContent, responseDigests } from './prepared-content.ts';
import { unchanged } from './receipts.ts';
import { newSalt } from './salt.ts';
import { SeenPrints } from './seen-prints.ts';
import type { Writer } from './writer.ts';

/** Records responses, and prices them. Used inside a write transaction. */
export class ResponseRecorder {
	prices: Prices;
	readonly #writer: Writer;
	readonly #seen: SeenPrints;

	constructor(writer: Writer, prices: Prices) {
		this.#writer = writer;
		this.prices = prices;
		this.#seen = new SeenPrints(writer.db);
	}

	/** `given` has been through the content setting. `ended`: it was pending, or unknown, before. */
	record(given: ResponseDraft, masked: number): { receipt: Receipt; record: CallRecord; ended: boolean } {
		const record = findCall(this.#writer, given) ?? this.#createOrphan(given);
		const old = this.#latest(record);
		const withheld = isWithheld(record, 'response_event', given.origin.live);
		const draft = this.#withTarget(record, withheld ? withoutContent(given) : given);
		const content = responseContent(draft);
		if (!withheld && hasContent(draft, content)) record.salt ??= newSalt();
		const digests = responseDigests(draft, content, record.salt ?? '', masked);
		const told = storedResponsePayload(draft, this.#price(record, draft), digests);
		const payload = withheld && old ? { ...told, ...contentOf(old) } : told;
		const ended = record.response_event === null;
		const repriced = old !== null && hasNewPrice(old, payload);
		if (old && !repriced && this.#seen.has(record, old, payload)) return { receipt: unchanged(record), record, ended };
		const merged: Merged<StoredResponsePayload> = old
			? mergeResponses(old, payload, (record.flags & INTERRUPTED) !== 0)
			: { payload: named(payload, record), contentFrom: 'next', errorFrom: 'next' };
		if (old) {
			const said = saidBy(merged.payload);
			if (said !== saidBy(payload)) this.#seen.add(record, payload);
			if (said === saidBy(old) && !repriced) return { receipt: unchanged(record), record, ended };
			if (said !== saidBy(old)) this.#seen.add(record, old);
		}
		this.#writer.calls.change(record);
		this.#store(record, content, merged, old !== null);
		this.apply(record, merged.payload);
		const event = this.append(record, merged.payload, draft.agentId);
		const outcome = old ? 'superseded' : 'appended';
		const receipt: Receipt = { callId: record.call_id, outcome, eventId: event.id, hash: event.hash, reason: null };
		return { receipt, record, ended };
	}

	/** Prices a recorded response anew. True when that gave another cost, which a superseding event then tells. */
	reprice(record: CallRecord): boolean {
		const payload = this.#latest(record);
		if (payload === null) return false;
		const { reportedNanoUsd, reportedBy } = payload.cost;
		const reportedCostUsd = reportedNanoUsd === null ? null : reportedNanoUsd / 1e9;
		const error = payload.error && { message: '', status: payload.error.status, code: payload.error.code };
		const cost = this.#price(record, { ...payload, reportedCostUsd, reportedBy, error });
		if (canonicalJson(cost) === canonicalJson(payload.cost)) return false;
		const next = { ...payload, cost };
		this.apply(record, next);
		this.append(record, next, this.#writer.dims.get(record.dim_n).agent_id);
		return true;
	}

	/** Puts what the latest event says into the row. */
	apply(record: CallRecord, payload: StoredResponsePayload): void {
		const { calls, dims, sessions } = this.#writer;
		calls.change(record);
		const { usage, cost } = payload;
		const before = dims.get(record.dim_n);
		const orphan = record.call_event === null;
		record.ended_ms = payload.endedAtMs;
		record.latency_us = microseconds(payload.latencyMs);
		record.ttft_us = microseconds(payload.timeToFirstTokenMs);
		record.input = usage && inputTotalOf(usage);
		record.output = usage?.output ?? null;
		record.cache_read = usage?.cacheRead ?? null;
		record.cache_write = usage && cacheWriteTotal(usage);
		record.reasoning = usage?.reasoning ?? null;
		record.cost_nano = cost.shownNanoUsd;
		record.cost_basis = cost.basis;
		record.cost_bound = cost.bound;
		record.finish_reason = payload.finishReason;
		record.actual_model = orphan || payload.model === before.model ? null : payload.model;
		record.writer_n = null;
		if (record.response_content !== 'erased') record.response_content = payload.contentState;
		setFlag(record, USAGE_MISSING, callState(null, payload).usageMissing);
		setFlag(record, DIVERGES, cost.diverges);
		setFlag(record, INTERRUPTED, payload.error?.code === INTERRUPTED_CODE && payload.usage === null);
		if (payload.origin.live) record.flags |= LIVE;
		if (orphan) record.source_n = this.#writer.source(payload.origin.source);
		record.dim_n = dims.number({
			...before,
			...(orphan ? { provider: payload.provider, model: payload.model } : {}),
			state: payload.state,
			billing: payload.origin.billing,
		});
		const session = sessions.get(record.session_n);
		sessions.change(session);
		session.last_ms = Math.max(session.last_ms, payload.endedAtMs);
	}

	append(record: CallRecord, payload: StoredResponsePayload, agentId: string): { id: string; hash: string } {
		const session = this.#writer.sessions.get(record.session_n);
		this.#writer.sessions.change(session);
		const event = this.#writer.events.append(session, {
			callN: record.n,
			type: 'llm_response',
			atMs: payload.endedAtMs,
			agentId,
			severity: payload.state === 'error' ? 'error' : 'info',
			payload,
		});
		record.response_event = event.n;
		return event;
	}

	#createOrphan(draft: ResponseDraft): CallRecord {
		return createCall(this.#writer, draft, {
			startedAtMs: Math.max(0, Math.round(draft.endedAtMs - (draft.latencyMs ?? 0))),
			kind: 'chat',
			folder: null,
			parentSessionId: null,
			writer: null,
		});
	}

	/** Where a response does not tell by whom it is, it is by whom its call asked. */
	#withTarget(record: CallRecord, draft: ResponseDraft): ResponseDraft {
		if (knowsTarget(draft) || record.call_event === null) return draft;
		const { provider, model, billing } = this.#writer.dims.get(record.dim_n);
		const { actual_model } = record;
		return { ...draft, provider, model: actual_model ?? model, origin: { ...draft.origin, billing } };
	}

	#price(record: CallRecord, draft: Omit<PriceableResponse, 'atMs'>): StoredResponsePayload['cost'] {
		const askedModel = this.#writer.dims.get(record.dim_n).model;
		return priceCall({ ...draft, atMs: record.started_ms, askedModel }, this.prices);
	}

	#latest(record: CallRecord): StoredResponsePayload | null {
		if (record.response_event === null) return null;
		return storedResponsePayloadSchema.parse(this.#writer.events.payload(record.response_event));
	}

	#store(record: CallRecord, content: ResponseContent, merged: Merged<unknown>, replaces: boolean): void {
		const { messages, answers } = this.#writer;
		const old = replaces ? answers.get(record.n) : null;
		const put = (text: Prepared | null, place: Place) => text && messages.put(text, place);
		// Only what is taken is stored: a text that no call uses would never be erased.
		const isNext = merged.contentFrom === 'next';
		answers.replace(record.n, {
			message: isNext ? put(content.message, 'completion') : (old?.message ?? null),
			reasoning: isNext ? put(content.reasoning, 'reasoning') : (old?.reasoning ?? null),
			error: merged.errorFrom === 'next' ? put(content.error, 'error') : (old?.error ?? null),
		});
	}
}

/** There is something to digest, or there would have been. */
function hasContent({ contentState }: ResponseDraft, { message, reasoning, error }: ResponseContent): boolean {
	return contentState === 'full' || contentState === 'redacted' || (message ?? reasoning ?? error) !== null;
}

/** What an event says of content, digests that nobody can check any more included. */
function contentOf(payload: StoredResponsePayload): Partial<StoredResponsePayload> {
	const { contentState, masked, completionDigest, reasoningDigest, toolCallsDigest, toolCallCount } = payload;
	return { contentState, masked, completionDigest, reasoningDigest, toolCallsDigest, toolCallCount };
}

/** The same counts, which had no price when they were recorded, and now have one. */
function hasNewPrice(old: StoredResponsePayload, next: StoredResponsePayload): boolean {
	return old.cost.shownNanoUsd === null && next.cost.shownNanoUsd !== null && saidBy(old) === saidBy(next);
}

function microseconds(ms: number | null): number | null {
	return ms === null ? null : Math.round(ms * 1000);
}

function setFlag(record: CallRecord, flag: number, on: boolean): void {
	record.flags = on ? record.flags | flag : record.flags & ~flag;
}

/** What a response says beside its content: the user had that erased, and reading the record again must not bring it back. */
function withoutContent(draft: ResponseDraft): ResponseDraft {
	return {
		...draft,
		completion: null,
		reasoning: null,
		toolCalls: [],
		error: draft.error && { ...draft.error, message: '' },
		contentState: 'none',
	};
}
