import type { CallDraft, CallKind, ResponseDraft } from '../core/draft.ts';
import { couldBeSameCall, spanOfDraft, spanOfRecord } from './alias-guard.ts';
import { type CallRecord, LIVE } from './call-record.ts';
import type { Writer } from './writer.ts';

/** The call that a draft is about, by its id or any other name of it. An id that came again is that of another call. */
export function findCall(writer: Writer, draft: CallDraft | ResponseDraft): CallRecord | null {
	const known = writer.calls.find(draft.callId);
	if (known) return known;
	const span = spanOfDraft(draft);
	for (const alias of draft.aliases) {
		const other = writer.calls.findByName(alias, (record) => couldBeSameCall(span, spanOfRecord(record)));
		if (other) return other;
	}
	return null;
}

/** Begins the row of a call at the end of its session; what its events say is filled in by the recorder of each type. */
export function createCall(
	writer: Writer,
	draft: CallDraft | ResponseDraft,
	about: {
		startedAtMs: number;
		kind: CallKind;
		folder: string | null;
		parentSessionId: string | null;
		writer: number | null;
	},
): CallRecord {
	const session = writer.sessions.open({
		session_id: draft.sessionId,
		agent_id: draft.agentId,
		parent_session_id: about.parentSessionId,
		folder: about.folder,
		atMs: about.startedAtMs,
	});
	session.call_seq += 1;
	return writer.calls.create({
		call_id: draft.callId,
		session_n: session.n,
		seq: session.call_seq,
		dim_n: writer.dims.number({
			agent_id: draft.agentId,
			provider: draft.provider,
			model: draft.model,
			kind: about.kind,
			folder: about.folder ?? '',
			state: 'pending',
			billing: draft.origin.billing,
		}),
		source_n: writer.source(draft.origin.source),
		started_ms: about.startedAtMs,
		ended_ms: null,
		latency_us: null,
		ttft_us: null,
		message_count: null,
		input: null,
		output: null,
		cache_read: null,
		cache_write: null,
		reasoning: null,
		cost_nano: null,
		cost_basis: null,
		cost_bound: null,
		flags: draft.origin.live ? LIVE : 0,
		actual_model: null,
		finish_reason: null,
		call_content: 'none',
		response_content: null,
		duplicate_of: null,
		writer_n: about.writer,
		salt: null,
		call_event: null,
		response_event: null,
	});
}
