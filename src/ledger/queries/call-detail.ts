import * as z from 'zod';
import { messageSchema, toolDefinitionSchema } from '../../core/message.ts';
import {
	type StoredCallPayload,
	type StoredResponsePayload,
	storedCallPayloadSchema,
	storedResponsePayloadSchema,
} from '../../core/stored-events.ts';
import type { CallDetail } from '../../core/views.ts';
import { plainName } from '../alias-guard.ts';
import type { AnswerStore } from '../answer-store.ts';
import { toHex } from '../event-log.ts';
import type { MessageStore } from '../message-store.ts';
import type { PromptStore } from '../prompt-store.ts';
import { rowsOf } from './call-rows.ts';
import type { Reader } from './reader.ts';

/** Where content is read from. */
export interface ContentStores {
	messages: MessageStore;
	prompts: PromptStore;
	answers: AnswerStore;
}

interface EventOfCall {
	n: number;
	id: string;
	payload: string;
	hash: Uint8Array;
}

/** A call by its id or any other name of it, with everything known about it; `null` when the ledger does not have it. */
export function callDetail(reader: Reader, stores: ContentStores, callId: string): CallDetail | null {
	return reader.snapshot(() => {
		const n = reader.callNumber(callId);
		const row = n === null ? undefined : rowsOf(reader, [n])[0];
		if (n === null || !row) return null;
		const events = reader
			.sql('SELECT n, id, payload, hash FROM event WHERE call_n = ? ORDER BY n')
			.all(n) as unknown as EventOfCall[];
		const latest = reader.sql('SELECT call_event, response_event FROM call WHERE n = ?').get(n);
		const call = payloadOf(events, latest?.call_event, storedCallPayloadSchema);
		const response = payloadOf(events, latest?.response_event, storedResponsePayloadSchema);
		const newest = events.at(-1);
		return {
			row,
			...promptOf(reader, stores, n, call),
			...answerOf(stores, n, response),
			...usageOf(response),
			mode: call?.mode ?? null,
			folder: call?.folder ?? null,
			gitBranch: call?.gitBranch ?? null,
			gitCommit: call?.gitCommit ?? null,
			origin: (response ?? call)?.origin ?? { source: row.source, billing: 'api', live: false },
			aliases: reader
				.sql('SELECT alias FROM alias WHERE call_n = ? ORDER BY alias')
				.all(n)
				.map(({ alias }) => plainName(String(alias))),
			maskedSecrets: (call?.masked ?? 0) + (response?.masked ?? 0),
			hash: newest ? toHex(newest.hash) : null,
			eventIds: events.map(({ id }) => id),
		};
	});
}

function payloadOf<T>(events: EventOfCall[], n: unknown, schema: z.ZodType<T>): T | null {
	const event = events.find((each) => each.n === n);
	return event ? schema.parse(JSON.parse(event.payload)) : null;
}

export function promptOf(
	reader: Reader,
	{ messages, prompts }: ContentStores,
	n: number,
	call: StoredCallPayload | null,
): Pick<CallDetail, 'systemPrompt' | 'messages' | 'sharedPrefix' | 'extendsCallId' | 'tools' | 'parameters'> {
	const prompt = prompts.get(n);
	const text = (number: number | null) => (number === null ? null : messages.get(number));
	const base = prompt?.base ?? null;
	const extended = base === null ? undefined : reader.sql('SELECT call_id FROM call WHERE n = ?').get(base);
	return {
		systemPrompt: parseStored(text(prompt?.system ?? null), z.string()),
		messages: (prompt?.messages ?? []).flatMap((number) => parseStored(text(number), messageSchema) ?? []),
		sharedPrefix: prompt?.shared ?? 0,
		extendsCallId: extended ? String(extended.call_id) : null,
		tools: parseStored(text(prompt?.tools ?? null), z.array(toolDefinitionSchema)) ?? [],
		parameters:
			parseStored(text(prompt?.parameters ?? null), z.record(z.string(), z.unknown())) ?? call?.parameters ?? {},
	};
}

export function answerOf(
	{ messages, answers }: ContentStores,
	n: number,
	response: StoredResponsePayload | null,
): Pick<CallDetail, 'completion' | 'reasoning' | 'toolCalls' | 'error'> {
	const answer = answers.get(n);
	const text = (number: number | null | undefined) => (number == null ? null : messages.get(number));
	const message = parseStored(text(answer?.message), messageSchema);
	const said = message && typeof message.content === 'string' ? message.content : null;
	const { status = null, code = null } = response?.error ?? {};
	return {
		completion: response?.completionDigest == null ? null : said,
		reasoning: parseStored(text(answer?.reasoning), z.string()),
		toolCalls: message?.toolCalls ?? [],
		error: response?.error ? { message: parseStored(text(answer?.error), z.string()) ?? '', status, code } : null,
	};
}

function usageOf(
	response: StoredResponsePayload | null,
): Pick<
	CallDetail,
	'usage' | 'usageBound' | 'usageNotes' | 'cost' | 'completionTimeMs' | 'inferenceProvider' | 'serviceTier'
> {
	return {
		usage: response?.usage ?? null,
		usageBound: response?.usageBound ?? 'exact',
		usageNotes: response?.usageNotes ?? [],
		cost: response?.cost ?? null,
		completionTimeMs: response?.completionTimeMs ?? null,
		inferenceProvider: response?.inferenceProvider ?? null,
		serviceTier: response?.serviceTier ?? null,
	};
}

/** A stored text as what it is; `null` when there is none. */
export function parseStored<T>(json: string | null, schema: z.ZodType<T>): T | null {
	return json === null ? null : schema.parse(JSON.parse(json));
}
