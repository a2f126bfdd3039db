import type { CallDraft } from '../core/draft.ts';
import {
	messageCountOf,
	type StoredCallPayload,
	storedCallPayload,
	storedCallPayloadSchema,
} from '../core/stored-events.ts';
import { createCall, findCall } from './call-lookup.ts';
import { type CallRecord, isWithheld, LIVE } from './call-record.ts';
import { saidBy } from './event-print.ts';
import type { Receipt } from './ledger.ts';
import { mergeCalls } from './merge-payloads.ts';
import { type CallContent, callContent, callDigests } from './prepared-content.ts';
import { unchanged } from './receipts.ts';
import { newSalt } from './salt.ts';
import { SeenPrints } from './seen-prints.ts';
import type { Writer } from './writer.ts';

/** Records requests. Used inside a write transaction. */
export class CallRecorder {
	readonly #writer: Writer;
	readonly #self: number;
	readonly #seen: SeenPrints;

	constructor(writer: Writer, self: number) {
		this.#writer = writer;
		this.#self = self;
		this.#seen = new SeenPrints(writer.db);
	}

	/** `given` has been through the content setting. */
	record(given: CallDraft, masked: number): { receipt: Receipt; record: CallRecord; began: boolean } {
		const known = findCall(this.#writer, given);
		const record = known ?? this.#create(given);
		const old = this.#latest(record);
		const withheld = isWithheld(record, 'call_event', given.origin.live);
		const draft = withheld ? withoutContent(given) : given;
		const content = callContent(draft);
		if (!withheld && hasContent(draft, content)) record.salt ??= newSalt();
		const told = storedCallPayload(draft, callDigests(draft, content, record.salt ?? '', masked));
		const payload = withheld && old ? { ...told, ...contentOf(old) } : told;
		if (old && this.#seen.has(record, old, payload)) return { receipt: unchanged(record), record, began: false };
		const { payload: merged, contentFrom } = old
			? mergeCalls(old, payload)
			: { payload: named(payload, record), contentFrom: 'next' as const };
		if (old) {
			const said = saidBy(merged);
			if (said !== saidBy(payload)) this.#seen.add(record, payload);
			if (said === saidBy(old)) return { receipt: unchanged(record), record, began: false };
			this.#seen.add(record, old);
		}
		this.#writer.calls.change(record);
		if (contentFrom === 'next') this.#store(record, content, old !== null);
		this.apply(record, merged, merged.titleDigest === payload.titleDigest ? content.title : null);
		const event = this.append(record, merged, draft.agentId);
		const outcome = old ? 'superseded' : 'appended';
		const receipt: Receipt = { callId: record.call_id, outcome, eventId: event.id, hash: event.hash, reason: null };
		return { receipt, record, began: known === null };
	}

	/** Puts what the latest event says into the row. */
	apply(record: CallRecord, payload: StoredCallPayload, title: string | null): void {
		const { calls, dims, sessions } = this.#writer;
		calls.change(record);
		const before = dims.get(record.dim_n);
		const session = sessions.open({
			session_id: sessions.get(record.session_n).session_id,
			agent_id: before.agent_id,
			parent_session_id: payload.parentSessionId,
			folder: payload.folder,
			atMs: payload.startedAtMs,
		});
		if (title !== null) session.title = title;
		record.started_ms = payload.startedAtMs;
		record.message_count = payload.messageCount;
		record.source_n = this.#writer.source(payload.origin.source);
		if (record.call_content !== 'erased') record.call_content = payload.contentState;
		if (payload.origin.live) record.flags |= LIVE;
		const answered = record.actual_model ?? (record.response_event === null ? null : before.model);
		record.actual_model = answered === payload.model ? null : answered;
		record.dim_n = dims.number({
			...before,
			provider: payload.provider,
			model: payload.model,
			kind: payload.kind,
			folder: payload.folder ?? '',
			billing: record.response_event === null ? payload.origin.billing : before.billing,
		});
	}

	append(record: CallRecord, payload: StoredCallPayload, agentId: string): { id: string; hash: string } {
		const session = this.#writer.sessions.get(record.session_n);
		this.#writer.sessions.change(session);
		const event = this.#writer.events.append(session, {
			callN: record.n,
			type: 'llm_call',
			atMs: payload.startedAtMs,
			agentId,
			severity: 'info',
			payload,
		});
		record.call_event = event.n;
		return event;
	}

	#create(draft: CallDraft): CallRecord {
		return createCall(this.#writer, draft, {
			startedAtMs: draft.startedAtMs,
			kind: draft.kind,
			folder: draft.folder,
			parentSessionId: draft.parentSessionId,
			writer: draft.origin.live ? this.#self : null,
		});
	}

	#latest(record: CallRecord): StoredCallPayload | null {
		if (record.call_event === null) return null;
		return storedCallPayloadSchema.parse(this.#writer.events.payload(record.call_event));
	}

	#store(record: CallRecord, content: CallContent, replaces: boolean): void {
		const { messages, prompts } = this.#writer;
		if (replaces) prompts.remove(record.n);
		if (content.messages.length === 0 && !content.system && !content.tools && !content.parameters) return;
		prompts.store(record.n, record.session_n, {
			messages: content.messages.map((message) => messages.put(message, 'prompt')),
			system: content.system && messages.put(content.system, 'system'),
			tools: content.tools && messages.put(content.tools, 'tools'),
			parameters: content.parameters && messages.put(content.parameters, 'parameters'),
		});
	}
}

/** There is something to digest, or there would have been. */
function hasContent(draft: CallDraft, { messages, system, tools, title }: CallContent): boolean {
	const { contentState, parameters } = draft;
	if (contentState === 'full' || contentState === 'redacted') return true;
	return (
		messages.length > 0 || system !== null || tools !== null || title !== null || Object.keys(parameters).length > 0
	);
}

/** What an event says of content, digests that nobody can check any more included. */
function contentOf(payload: StoredCallPayload): Partial<StoredCallPayload> {
	const { contentState, masked, promptDigest, systemPromptDigest, toolsDigest, titleDigest } = payload;
	const { parameters, parametersDigest } = payload;
	const digests = { promptDigest, systemPromptDigest, toolsDigest, titleDigest, parametersDigest };
	return { contentState, masked, parameters, ...digests };
}

/** An event names its call as the ledger does, whatever other name of it the draft used. */
export function named<Payload extends { callId: string }>(payload: Payload, { call_id }: CallRecord): Payload {
	return payload.callId === call_id ? payload : { ...payload, callId: call_id };
}

/** What a request says beside its content: the user had that erased, and reading the record again must not bring it back. */
function withoutContent(draft: CallDraft): CallDraft {
	return {
		...draft,
		messageCount: messageCountOf(draft),
		title: null,
		systemPrompt: null,
		messages: [],
		tools: [],
		parameters: {},
		contentState: 'none',
	};
}
