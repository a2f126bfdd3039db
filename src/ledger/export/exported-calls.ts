import type { ExportedCall } from '../../core/export/exported-call.ts';
import {
	type StoredCallPayload,
	type StoredResponsePayload,
	storedCallPayloadSchema,
	storedResponsePayloadSchema,
} from '../../core/stored-events.ts';
import type { CallFilter } from '../../core/views.ts';
import { answerOf, type ContentStores, promptOf } from '../queries/call-detail.ts';
import { rowsOf } from '../queries/call-rows.ts';
import type { Reader } from '../queries/reader.ts';
import { chosenCalls } from './exported-sessions.ts';

/** The calls that a filter chooses, oldest first. Reads one state of the ledger, one call at a time. */
export class ExportedCalls {
	/** Calls in all. */
	readonly total: number;
	readonly #reader: Reader;
	readonly #stores: ContentStores;
	readonly #filter: CallFilter;
	readonly #withContent: boolean;

	constructor(reader: Reader, stores: ContentStores, filter: CallFilter, withContent: boolean) {
		this.#reader = reader;
		this.#stores = stores;
		this.#filter = filter;
		this.#withContent = withContent;
		const { table, where, values } = chosenCalls(reader, filter);
		this.total = Number(reader.sql(`SELECT count(*) AS calls FROM ${table} ${where}`).get(...values)?.calls ?? 0);
	}

	*[Symbol.iterator](): Generator<ExportedCall> {
		const { table, where, values } = chosenCalls(this.#reader, this.#filter);
		// A statement of its own: it stays open while others are asked for the rest of a call.
		const numbers = this.#reader.db.prepare(`SELECT c.n FROM ${table} ${where} ORDER BY c.started_ms, c.n`);
		for (const { n } of numbers.iterate(...values)) {
			const call = exportedCall(this.#reader, this.#stores, Number(n), this.#withContent);
			if (call) yield call;
		}
	}
}

/** One call by its number; `null`: there is none. */
export function exportedCall(
	reader: Reader,
	stores: ContentStores,
	n: number,
	withContent: boolean,
): ExportedCall | null {
	const [row] = rowsOf(reader, [n]);
	if (!row) return null;
	const latest = reader.sql('SELECT call_event, response_event FROM call WHERE n = ?').get(n);
	const call = payloadOf(reader, latest?.call_event, storedCallPayloadSchema.parse);
	const response = payloadOf(reader, latest?.response_event, storedResponsePayloadSchema.parse);
	const { status = null, code = null } = response?.error ?? {};
	return {
		row: withContent ? row : { ...row, sessionTitle: null },
		usage: response?.usage ?? null,
		usageBound: response?.usageBound ?? 'exact',
		usageNotes: response?.usageNotes ?? [],
		cost: response?.cost ?? null,
		inferenceProvider: response?.inferenceProvider ?? null,
		serviceTier: response?.serviceTier ?? null,
		mode: call?.mode ?? null,
		folder: call?.folder ?? null,
		gitBranch: call?.gitBranch ?? null,
		gitCommit: call?.gitCommit ?? null,
		origin: (response ?? call)?.origin ?? { source: row.source, billing: 'api', live: false },
		aliases: [...new Set([...(call?.aliases ?? []), ...(response?.aliases ?? [])])],
		toolCallCount: response?.toolCallCount ?? null,
		...(withContent
			? contentOf(reader, stores, n, call, response)
			: {
					systemPrompt: null,
					messages: [],
					tools: [],
					parameters: call?.parameters ?? {},
					completion: null,
					reasoning: null,
					toolCalls: [],
					error: response?.error ? { message: '', status, code } : null,
				}),
	};
}

function contentOf(
	reader: Reader,
	stores: ContentStores,
	n: number,
	call: StoredCallPayload | null,
	response: StoredResponsePayload | null,
): Pick<
	ExportedCall,
	'systemPrompt' | 'messages' | 'tools' | 'parameters' | 'completion' | 'reasoning' | 'toolCalls' | 'error'
> {
	const { systemPrompt, messages, tools, parameters } = promptOf(reader, stores, n, call);
	return { systemPrompt, messages, tools, parameters, ...answerOf(stores, n, response) };
}

function payloadOf<Payload>(reader: Reader, n: unknown, parse: (value: unknown) => Payload): Payload | null {
	if (typeof n !== 'number') return null;
	const row = reader.sql('SELECT payload FROM event WHERE n = ?').get(n);
	return row ? parse(JSON.parse(String(row.payload))) : null;
}
