import type { Prices } from '../../core/pricing/find-price.ts';
import {
	type StoredCallPayload,
	type StoredResponsePayload,
	storedCallPayloadSchema,
	storedResponsePayloadSchema,
} from '../../core/stored-events.ts';
import { couldBeSameCall, isExactName, spanOfRecord } from '../alias-guard.ts';
import type { AnswerStore } from '../answer-store.ts';
import { createCall } from '../call-lookup.ts';
import { type CallRecord, ERASED } from '../call-record.ts';
import { CallRecorder } from '../call-recorder.ts';
import { CostRecorder } from '../cost-recorder.ts';
import type { Appended } from '../event-log.ts';
import { ResponseRecorder } from '../response-recorder.ts';
import { SeenPrints } from '../seen-prints.ts';
import type { Writer } from '../writer.ts';
import { CallFolder } from './call-folder.ts';
import { costOfLine, draftOfLine } from './drafts-of-line.ts';
import type { CheckedLine } from './line-checker.ts';

type CallLine = CheckedLine & { line: Extract<CheckedLine['line'], { eventType: 'llm_call' }> };
type ResponseLine = CheckedLine & { line: Extract<CheckedLine['line'], { eventType: 'llm_response' }> };
type CostLine = CheckedLine & { line: Extract<CheckedLine['line'], { eventType: 'cost_tracked' }> };

/**
 * Takes events of another ledger over as they are, ids and hashes included, at the end of the chain that they follow; and
 * makes of them the rows that they made there. Used inside a write transaction.
 *
 * A call that was here before the import is not changed by it: what the file tells of such a call joins its events, and
 * counts nowhere.
 */
export class EventTaker {
	readonly #writer: Writer;
	readonly #calls: CallRecorder;
	readonly #responses: ResponseRecorder;
	readonly #costs: CostRecorder;
	readonly #seen: SeenPrints;
	readonly #folder: CallFolder;
	readonly #keepsContent: boolean;
	readonly #lastCostBefore: number;

	/** `lastBefore`: number of the last call that was here before the import. */
	constructor(
		writer: Writer,
		prices: Prices,
		{ keepsContent, lastBefore }: { keepsContent: boolean; lastBefore: number },
	) {
		this.#writer = writer;
		this.#calls = new CallRecorder(writer, 0);
		this.#responses = new ResponseRecorder(writer, prices);
		this.#costs = new CostRecorder(writer);
		this.#seen = new SeenPrints(writer.db);
		this.#folder = new CallFolder(writer, lastBefore);
		this.#keepsContent = keepsContent;
		this.#lastCostBefore = Number(writer.db.prepare('SELECT coalesce(max(n), 0) AS n FROM tracked').get()?.n);
	}

	/** True when the event made a call that was not here. */
	take(checked: CheckedLine): boolean {
		switch (checked.line.eventType) {
			case 'llm_call':
				return this.#takeCall(checked as CallLine);
			case 'llm_response':
				return this.#takeResponse(checked as ResponseLine);
			case 'cost_tracked':
				this.#takeCost(checked as CostLine);
				return false;
		}
	}

	#takeCall(checked: CallLine): boolean {
		const { line, request } = checked;
		const { payload } = line;
		const found = this.#callOf(checked);
		if (found && !found.isOwn) {
			this.#openSession(checked, payload.startedAtMs);
			this.#join(checked, found.record);
			return false;
		}
		const record = found?.record ?? this.#create(checked, payload.startedAtMs);
		const { calls, prompts, messages, events } = this.#writer;
		calls.change(record);
		const old = record.call_event === null ? null : storedCallPayloadSchema.parse(events.payload(record.call_event));
		if (old) this.#seen.add(record, old);
		const brings = this.#keepsContent ? request : null;
		const keeps = brings === null && !line.erased && isKept(record.call_content) && saysTheSame(old, payload);
		if (!keeps) prompts.remove(record.n);
		if (brings && (brings.messages.length > 0 || brings.system || brings.tools || brings.parameters)) {
			prompts.store(record.n, record.session_n, {
				messages: brings.messages.map((message) => messages.put(message, 'prompt')),
				system: brings.system && messages.put(brings.system, 'system'),
				tools: brings.tools && messages.put(brings.tools, 'tools'),
				parameters: brings.parameters && messages.put(brings.parameters, 'parameters'),
			});
		}
		const stateBefore = record.call_content;
		this.#calls.apply(record, payload, brings?.title ?? null);
		if (brings) record.salt = brings.salt;
		record.call_content = keeps ? stateBefore : this.#stateOf(payload, brings !== null, line.erased);
		record.call_event = this.#append(checked, record.n).n;
		this.#finish(checked, record);
		return found === null;
	}

	#takeResponse(checked: ResponseLine): boolean {
		const { line, response } = checked;
		const { payload } = line;
		const startedAtMs = Math.max(0, Math.round(payload.endedAtMs - (payload.latencyMs ?? 0)));
		const found = this.#callOf(checked);
		if (found && !found.isOwn) {
			const isOrphan = this.#writer.calls.find(payload.callId)?.n !== found.record.n;
			const session = this.#openSession(checked, isOrphan ? startedAtMs : null);
			session.last_ms = Math.max(session.last_ms, payload.endedAtMs);
			this.#join(checked, found.record);
			return false;
		}
		const record = found?.record ?? this.#create(checked, startedAtMs);
		const { calls, events, answers } = this.#writer;
		calls.change(record);
		const old =
			record.response_event === null ? null : storedResponsePayloadSchema.parse(events.payload(record.response_event));
		if (old) this.#seen.add(record, old);
		const brings = this.#keepsContent ? response : null;
		const keeps = brings === null && !line.erased && isKept(record.response_content) && answersTheSame(old, payload);
		if (!keeps) answers.replace(record.n, this.#stored(brings));
		const stateBefore = record.response_content;
		this.#responses.apply(record, payload);
		if (brings) record.salt = brings.salt;
		record.response_content = keeps ? stateBefore : this.#stateOf(payload, brings !== null, line.erased);
		record.response_event = this.#append(checked, record.n).n;
		this.#folder.findTwin(this.#finish(checked, record));
		return found === null;
	}

	#takeCost(checked: CostLine): void {
		const { line } = checked;
		const call = this.#callOfCost(line);
		const session = this.#openSession(checked, Date.parse(line.timestamp));
		this.#append(checked, call?.n ?? null);
		const isCovered = call !== null && this.#folder.wasHere(call) && call.response_event !== null;
		this.#costs.take(session, costOfLine(line), { eventId: line.id, covered: (line.covered ?? false) || isCovered });
	}

	/** Names came to a call in an order that the file does not tell: only its own id, and what is told beside it, is sure. */
	#callOfCost({ call, payload: { callId } }: CostLine['line']): CallRecord | null {
		const name = call ?? callId;
		const found = name === null ? null : this.#writer.calls.find(name);
		return found && (call !== undefined || found.call_id === callId || this.#folder.wasHere(found)) ? found : null;
	}

	/** The call that an event is about, and whether the event makes its row. `null`: it is new. */
	#callOf({ line }: CallLine | ResponseLine): { record: CallRecord; isOwn: boolean } | null {
		const { calls, sessions } = this.#writer;
		const { call, sessionId } = line;
		const { callId, aliases } = line.payload;
		const named = calls.find(call ?? callId);
		if (named) {
			const isOfSession = sessions.get(named.session_n).session_id === sessionId;
			return { record: named, isOwn: call === undefined && named.call_id === callId && isOfSession };
		}
		for (const alias of aliases) {
			const other = calls.findByName(alias, (each) => this.#folder.wasHere(each));
			if (other && this.#folder.wasHere(other) && (isExactName(alias) || this.#couldBe(other, line))) {
				return { record: other, isOwn: false };
			}
		}
		return null;
	}

	#couldBe(other: CallRecord, line: CallLine['line'] | ResponseLine['line']): boolean {
		const { payload } = line;
		const [fromMs, untilMs] =
			'startedAtMs' in payload
				? [payload.startedAtMs, payload.startedAtMs]
				: [payload.endedAtMs - (payload.latencyMs ?? 0), payload.endedAtMs];
		const counts = { inputTokens: null, outputTokens: null };
		return couldBeSameCall({ fromMs, untilMs, ...counts }, spanOfRecord(other));
	}

	#create(checked: CallLine | ResponseLine, startedAtMs: number): CallRecord {
		const { payload } = checked.line;
		const isRequest = 'startedAtMs' in payload;
		// Only its identity is looked at: the payload fills in the rest.
		return createCall(this.#writer, draftOfLine({ ...checked, request: null, response: null }) as never, {
			startedAtMs,
			kind: isRequest ? payload.kind : 'chat',
			folder: isRequest ? payload.folder : null,
			parentSessionId: isRequest ? payload.parentSessionId : null,
			writer: null,
		});
	}

	/** What the event says of a call that has its row already. */
	#join(checked: CallLine | ResponseLine, record: CallRecord): void {
		const { callId, aliases } = checked.line.payload;
		this.#append(checked, record.n);
		this.#writer.calls.addAliases(record, [callId, ...aliases], () => false);
	}

	/** What stands beside the envelope, and the call's other names. Returns the call that the event now belongs to. */
	#finish({ line }: CallLine | ResponseLine, record: CallRecord): CallRecord {
		const { calls } = this.#writer;
		if (line.erased !== undefined) record.flags |= ERASED;
		const others = calls.addAliases(
			record,
			[...line.payload.aliases, ...(line.names ?? [])],
			(other) => this.#folder.wasHere(other) && couldBeSameCall(spanOfRecord(record), spanOfRecord(other)),
		);
		if (line.duplicateOf !== undefined) record.duplicate_of = calls.find(line.duplicateOf)?.n ?? null;
		const kept = this.#folder.fold(record, others);
		// Which costs of the file are covered the file tells.
		if (kept.response_event !== null) this.#costs.cover(kept, this.#lastCostBefore);
		return kept;
	}

	#append({ line, payload, metadata }: CheckedLine, callN: number | null): Appended {
		const session = this.#writer.sessions.find(line.sessionId);
		if (!session) throw new Error(`Session of line ${line.id} was not opened`);
		this.#writer.sessions.change(session);
		if (line.title !== undefined && this.#keepsContent) session.title ??= line.title;
		return this.#writer.events.take(session, {
			id: line.id,
			call_n: callN,
			type: line.eventType,
			at_ms: Date.parse(line.timestamp),
			agent_id: line.agentId,
			severity: line.severity,
			payload,
			metadata,
			hash: line.hash,
		});
	}

	#openSession({ line }: CheckedLine, atMs: number | null): ReturnType<Writer['sessions']['open']> {
		const { sessions } = this.#writer;
		const known = sessions.find(line.sessionId);
		const isRequest = line.eventType === 'llm_call';
		return sessions.open({
			session_id: line.sessionId,
			agent_id: line.agentId,
			parent_session_id: isRequest ? line.payload.parentSessionId : null,
			folder: isRequest ? line.payload.folder : null,
			atMs: atMs ?? known?.started_ms ?? Date.parse(line.timestamp),
		});
	}

	#stateOf(
		{ contentState }: Pick<StoredCallPayload, 'contentState'>,
		hasContent: boolean,
		erased: boolean | undefined,
	): CallRecord['call_content'] {
		if (erased) return 'erased';
		const wasKept = contentState === 'full' || contentState === 'redacted';
		return wasKept && !hasContent ? 'none' : contentState;
	}

	#stored(brings: ResponseLine['response']): Parameters<AnswerStore['replace']>[1] {
		const { messages } = this.#writer;
		const { message = null, reasoning = null, error = null } = brings ?? {};
		return {
			message: message && messages.put(message, 'completion'),
			reasoning: reasoning && messages.put(reasoning, 'reasoning'),
			error: error && messages.put(error, 'error'),
		};
	}
}

function isKept(state: CallRecord['response_content']): boolean {
	return state === 'full' || state === 'redacted';
}

/** Content that is kept is still that of the event. */
function saysTheSame(old: StoredCallPayload | null, next: StoredCallPayload): boolean {
	return (
		old !== null &&
		old.promptDigest === next.promptDigest &&
		old.systemPromptDigest === next.systemPromptDigest &&
		old.toolsDigest === next.toolsDigest &&
		old.parametersDigest === next.parametersDigest
	);
}

function answersTheSame(old: StoredResponsePayload | null, next: StoredResponsePayload): boolean {
	return (
		old !== null &&
		old.completionDigest === next.completionDigest &&
		old.reasoningDigest === next.reasoningDigest &&
		old.toolCallsDigest === next.toolCallsDigest &&
		old.error?.messageDigest === next.error?.messageDigest
	);
}
