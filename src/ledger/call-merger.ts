import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
	type StoredCallPayload,
	type StoredResponsePayload,
	storedCallPayloadSchema,
	storedResponsePayloadSchema,
} from '../core/stored-events.ts';
import { couldBeSameCall, spanOfRecord } from './alias-guard.ts';
import { type CallRecord, ERASED, INTERRUPTED } from './call-record.ts';
import type { CallRecorder } from './call-recorder.ts';
import { storedCallDigests, storedResponseDigests } from './content-digests.ts';
import { mergeCalls, mergeResponses } from './merge-payloads.ts';
import type { ResponseRecorder } from './response-recorder.ts';
import type { Writer } from './writer.ts';

/** Makes one call of two that turn out to be the same. Used inside a write transaction. */
export class CallMerger {
	readonly #writer: Writer;
	readonly #calls: CallRecorder;
	readonly #responses: ResponseRecorder;
	readonly #moveEvents: StatementSync;
	readonly #movePrompt: StatementSync;
	readonly #moveBases: StatementSync;
	readonly #moveAnswer: StatementSync;
	readonly #moveUses: StatementSync;
	readonly #moveSeen: StatementSync;
	readonly #dropSeen: StatementSync;

	constructor(writer: Writer, calls: CallRecorder, responses: ResponseRecorder) {
		this.#writer = writer;
		this.#calls = calls;
		this.#responses = responses;
		const db: DatabaseSync = writer.db;
		this.#moveEvents = db.prepare('UPDATE event SET call_n = ?1 WHERE call_n = ?2');
		this.#movePrompt = db.prepare('UPDATE prompt SET call_n = ?1 WHERE call_n = ?2');
		this.#moveBases = db.prepare('UPDATE prompt SET base_n = ?1 WHERE base_n = ?2');
		this.#moveAnswer = db.prepare('UPDATE answer SET call_n = ?1 WHERE call_n = ?2');
		this.#moveUses = db.prepare(
			'UPDATE OR REPLACE use SET call_n = ?1 WHERE call_n = ?2 AND place IN (SELECT value FROM json_each(?3))',
		);
		this.#moveSeen = db.prepare('UPDATE OR REPLACE seen SET call_n = ?1 WHERE call_n = ?2');
		this.#dropSeen = db.prepare('DELETE FROM seen WHERE call_n = ?');
	}

	/**
	 * Remembers the names of a call. A name that another call of the same time already has shows that the two are one.
	 * Returns the call that remains.
	 */
	link(record: CallRecord, names: readonly string[]): CallRecord {
		const span = spanOfRecord(record);
		const others = this.#writer.calls.addAliases(record, names, (other) => couldBeSameCall(span, spanOfRecord(other)));
		return others.reduce((kept, other) => this.merge(kept, other), record);
	}

	/** Makes one call of two: the one recorded first keeps its id. The other's events stay in their chain, and now tell of it. */
	merge(a: CallRecord, b: CallRecord): CallRecord {
		const [record, other] = a.n < b.n ? [a, b] : [b, a];
		const { calls } = this.#writer;
		calls.change(record);
		if ((record.flags | other.flags) & ERASED) this.#eraseBoth(record, other);
		const call = this.#mergedCall(record, other);
		const response = this.#mergedResponse(record, other);
		if (!(record.flags & ERASED)) record.salt ??= other.salt;
		this.#moveEvents.run(record.n, other.n);
		this.#moveSeen.run(record.n, other.n);
		this.#dropSeen.run(other.n);
		calls.remove(other, record);
		if (call) {
			const payload = { ...call, ...this.#freshCallDigests(record, call) };
			this.#calls.apply(record, payload, null);
			this.#calls.append(record, payload, this.#writer.dims.get(record.dim_n).agent_id);
		}
		if (response) {
			const payload = { ...response, ...this.#freshResponseDigests(record, response) };
			this.#responses.apply(record, payload);
			this.#responses.append(record, payload, this.#writer.dims.get(record.dim_n).agent_id);
		}
		return record;
	}

	/** What was erased under one name of the call stays erased under all. */
	#eraseBoth(record: CallRecord, other: CallRecord): void {
		const { prompts, answers } = this.#writer;
		for (const { n } of [other, record]) {
			prompts.remove(n);
			answers.remove(n);
		}
		record.flags |= ERASED;
		record.salt = null;
		if (record.call_content !== 'none' || other.call_content !== 'none') record.call_content = 'erased';
		if ((record.response_content ?? other.response_content) !== null) record.response_content = 'erased';
	}

	#mergedCall(record: CallRecord, other: CallRecord): StoredCallPayload | null {
		const { prompts } = this.#writer;
		const theirs = this.#callPayload(other);
		if (!theirs) {
			prompts.remove(other.n);
			return null;
		}
		const ours = this.#callPayload(record);
		const merged = ours ? mergeCalls(ours, theirs) : { payload: theirs, contentFrom: 'next' as const };
		if (merged.contentFrom === 'next' && record.call_content !== 'erased') {
			prompts.remove(record.n);
			this.#movePrompt.run(record.n, other.n);
			this.#moveBases.run(record.n, other.n);
			this.#moveUses.run(record.n, other.n, JSON.stringify(['prompt', 'system', 'tools', 'parameters']));
			prompts.forget();
		} else prompts.remove(other.n);
		// The title that stays is this session's own, and its digest is made with this call's salt.
		return { ...merged.payload, callId: record.call_id, titleDigest: (ours ?? theirs).titleDigest };
	}

	#mergedResponse(record: CallRecord, other: CallRecord): StoredResponsePayload | null {
		const { answers } = this.#writer;
		const theirs = this.#responsePayload(other);
		if (!theirs) {
			answers.remove(other.n);
			return null;
		}
		const ours = this.#responsePayload(record);
		const merged = ours
			? mergeResponses(ours, theirs, (record.flags & INTERRUPTED) !== 0)
			: { payload: theirs, contentFrom: 'next' as const };
		if (merged.contentFrom === 'next' && record.response_content !== 'erased') {
			answers.remove(record.n);
			this.#moveAnswer.run(record.n, other.n);
			this.#moveUses.run(record.n, other.n, JSON.stringify(['completion', 'reasoning', 'error']));
		} else answers.remove(other.n);
		return { ...merged.payload, callId: record.call_id };
	}

	/** Digests made with the salt of the call that remains. What is not stored keeps the digest it had. */
	#freshCallDigests(record: CallRecord, payload: StoredCallPayload): Partial<StoredCallPayload> {
		const prompt = this.#writer.prompts.get(record.n);
		if (!prompt || record.salt === null) return {};
		const fresh = storedCallDigests(this.#writer.messages, prompt, record.salt);
		return {
			promptDigest: fresh.prompt,
			systemPromptDigest: fresh.systemPrompt,
			toolsDigest: fresh.tools,
			parametersDigest: fresh.parameters ?? payload.parametersDigest,
		};
	}

	#freshResponseDigests(record: CallRecord, payload: StoredResponsePayload): Partial<StoredResponsePayload> {
		const answer = this.#writer.answers.get(record.n);
		if (!answer || record.salt === null) return {};
		const fresh = storedResponseDigests(this.#writer.messages, answer, record.salt);
		return {
			completionDigest: payload.completionDigest === null ? null : fresh.completion,
			reasoningDigest: fresh.reasoning,
			toolCallsDigest: fresh.toolCalls,
			error: payload.error && { ...payload.error, messageDigest: fresh.error },
		};
	}

	#callPayload(record: CallRecord): StoredCallPayload | null {
		if (record.call_event === null) return null;
		return storedCallPayloadSchema.parse(this.#writer.events.payload(record.call_event));
	}

	#responsePayload(record: CallRecord): StoredResponsePayload | null {
		if (record.response_event === null) return null;
		return storedResponsePayloadSchema.parse(this.#writer.events.payload(record.response_event));
	}
}
