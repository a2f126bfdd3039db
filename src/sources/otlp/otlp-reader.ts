import { createHash } from 'node:crypto';
import type { DraftInput } from '../../core/draft.ts';
import { agentOf } from './agent-of.ts';
import { momentIn } from './attributes.ts';
import { claudeCall, claudeError, claudeRequest, claudeRequestId, claudeSpan } from './claude-code.ts';
import { codexCall, codexEnd, codexEvent } from './codex.ts';
import { geminiCall, geminiError, geminiKey, geminiResponse } from './gemini-cli.ts';
import { genAiCall, isModelCall } from './gen-ai.ts';
import { isMessageEvent, type SaidInEvent, saidInEvent } from './message-events.ts';
import type { Attributes, OtlpLog, OtlpSpan } from './records.ts';
import type { ReportedCall } from './reported-call.ts';
import { Sightings } from './sightings.ts';

/** The event of the newer conventions that tells of a whole call. */
const detailsEvent = 'gen_ai.client.inference.operation.details';

/** How many spans around calls are remembered. */
const maxWithin = 1_000;

/** What became of the records of one request. */
export interface Taken {
	drafts: DraftInput[];
	/** Records that tell of a call to a model. */
	calls: number;
	/** Records that are about something else. */
	ignored: number;
	/** Records that tell of a call and lack what makes one: a time. */
	unusable: number;
}

/** What a record came to. `null`: it is about something else. */
type Reading = DraftInput[] | 'unusable' | null;

/**
 * Turns spans and logs that agents send over OTLP into drafts. Remembers calls for a while, since one call is often told
 * of in several records; the ledger knows the rest by their ids.
 */
export class OtlpReader {
	readonly #sightings = new Sightings();
	/** Counts of the call within a span, by the span around it. */
	readonly #within = new Map<string, string>();

	takeSpans(spans: readonly OtlpSpan[]): Taken {
		return gather(spans, (span) => this.#takeSpan(span));
	}

	takeLogs(logs: readonly OtlpLog[]): Taken {
		return gather(logs, (log) => this.#takeLog(log));
	}

	#takeSpan(span: OtlpSpan): Reading {
		const attributes = withEvents(span);
		const isClaude = span.name === claudeSpan;
		if (!isClaude && !isModelCall(attributes)) return null;
		const { startMs, endMs, resource, name, traceId, spanId } = span;
		if (startMs === null || endMs === null || endMs < startMs) return 'unusable';
		const key = spanKey(traceId, spanId);
		const callId = key === null ? hashId([name, startMs, endMs, [...attributes]]) : `otlp:${key}`;
		const about = { callId, record: `span ${name}`, startedAtMs: Math.round(startMs), endedAtMs: Math.round(endMs) };
		if (isClaude) {
			const failed = span.failed || attributes.get('success') === false || attributes.get('success') === 'false';
			return this.#claude(resource, attributes, { ...about, failed }, 'main');
		}
		const call = genAiCall(resource, attributes, { ...about, aliases: spanAliases(span), traceId });
		if (this.#repeats(span, call)) return null;
		const drafts = this.#sightings.see(
			key,
			'main',
			withStatus({ ...call, latencyMs: endMs - startMs }, span),
			'otlp-traces',
		);
		const said =
			key === null ? [] : saidWithin(span).map((each, index) => this.#sightings.hear(key, String(index), each));
		return [...drafts, ...(said.at(-1) ?? [])];
	}

	#takeLog(log: OtlpLog): Reading {
		const { names, resource, attributes, traceId, spanId, body } = log;
		const named = (name: string) => names.includes(name);
		const endedAtMs = momentIn(attributes, 'event.timestamp') ?? log.timeMs;
		const key = spanKey(traceId, spanId);
		const message = names.find(isMessageEvent);
		if (message !== undefined) {
			const said = key === null ? null : saidInEvent(message, body, attributes);
			return said === null || key === null ? null : this.#sightings.hear(key, String(log.timeMs), said);
		}
		const name = names.find((each) => readable.has(each));
		const codexState = named(codexEvent) ? codexEnd(attributes) : null;
		if (name === undefined || (named(codexEvent) && codexState === null)) return null;
		if (name === detailsEvent && !isModelCall(attributes) && agentOf(resource) !== 'gemini-cli') return null;
		if (endedAtMs === null) return 'unusable';
		const callId = hashId([name, endedAtMs, [...attributes]]);
		const about = { callId, record: `log ${name}`, endedAtMs: Math.round(endedAtMs) };
		if (name === claudeRequest || name === claudeError) {
			return this.#claude(resource, attributes, { ...about, startedAtMs: null, failed: name === claudeError }, 'other');
		}
		if (name === codexEvent) {
			const call = codexCall(resource, attributes, { ...about, failed: codexState === 'failed' });
			return this.#sightings.see(null, 'main', call, 'otlp-logs');
		}
		if (name === geminiResponse || name === geminiError) {
			const call = geminiCall(resource, attributes, { ...about, failed: name === geminiError });
			return this.#sightings.see(geminiKey(attributes), 'main', this.#named(call, geminiKey(attributes)), 'otlp-logs');
		}
		return this.#details(log, about, key);
	}

	#claude(
		resource: Attributes,
		attributes: Attributes,
		about: Parameters<typeof claudeCall>[2],
		role: 'main' | 'other',
	): DraftInput[] {
		const requestId = claudeRequestId(attributes);
		const key = requestId === null ? null : `claude:${requestId}`;
		const call = claudeCall(resource, attributes, about);
		return this.#sightings.see(key, role, this.#named(call, key), role === 'main' ? 'otlp-traces' : 'otlp-logs');
	}

	#details(
		log: OtlpLog,
		about: { callId: string; record: string; endedAtMs: number },
		span: string | null,
	): DraftInput[] {
		const { resource, attributes, traceId } = log;
		const isGemini = agentOf(resource) === 'gemini-cli';
		const key = isGemini ? geminiKey(attributes) : span;
		const call = genAiCall(resource, attributes, {
			...about,
			startedAtMs: about.endedAtMs,
			aliases: spanAliases(log),
			traceId,
		});
		// Gemini CLI counts thoughts apart there too, and does not say how many: only its own record has the counts.
		const counted = isGemini ? { ...call, usage: null, usageNotes: [] } : call;
		return this.#sightings.see(key, 'other', this.#named(counted, key), 'otlp-logs');
	}

	/**
	 * Whether a span only repeats the call within it, as a framework's span around a client's does. What is within ends
	 * first, and is sent first.
	 */
	#repeats({ traceId, spanId, parentSpanId }: OtlpSpan, { usage }: ReportedCall): boolean {
		const counts = `${usage?.inputTotal} ${usage?.output}`;
		const own = spanKey(traceId, spanId);
		if (own !== null && usage !== null && this.#within.get(own) === counts) return true;
		const around = spanKey(traceId, parentSpanId);
		if (around !== null && usage !== null) this.#within.set(around, counts);
		const [oldest] = this.#within.keys();
		if (this.#within.size > maxWithin && oldest !== undefined) this.#within.delete(oldest);
		return false;
	}

	/** One id for all records of one call. */
	#named(call: ReportedCall, key: string | null): ReportedCall {
		return key === null ? call : { ...call, callId: `otlp:${key}` };
	}
}

/** Logs that tell of calls. */
const readable: ReadonlySet<string> = new Set([
	claudeRequest,
	claudeError,
	codexEvent,
	geminiResponse,
	geminiError,
	detailsEvent,
]);

function gather<R>(records: readonly R[], read: (record: R) => Reading): Taken {
	const taken: Taken = { drafts: [], calls: 0, ignored: 0, unusable: 0 };
	for (const record of records) {
		const reading = read(record);
		if (reading === null) taken.ignored++;
		else if (reading === 'unusable') taken.unusable++;
		else {
			taken.calls++;
			for (const draft of reading) taken.drafts.push(draft);
		}
	}
	return taken;
}

/** Some instrumentations put what belongs to the span into an event within it. */
function withEvents({ attributes, events }: OtlpSpan): Attributes {
	const carrying = events.filter(
		({ name }) => name === detailsEvent || /^gen_ai\.content\.(?:prompt|completion)$/.test(name),
	);
	if (carrying.length === 0) return attributes;
	return new Map([...carrying.flatMap((event) => [...event.attributes]), ...attributes]);
}

function saidWithin({ events }: OtlpSpan): SaidInEvent[] {
	return events.flatMap(({ name, attributes }) =>
		isMessageEvent(name) ? (saidInEvent(name, null, attributes) ?? []) : [],
	);
}

/** Under which name a call's own record knows its span: Copilot Chat's debug log alone does. */
function spanAliases({ resource, spanId }: Pick<OtlpSpan, 'resource' | 'spanId'>): string[] {
	return spanId !== null && agentOf(resource) === 'copilot-chat' ? [`span:${spanId}`] : [];
}

function withStatus(call: ReportedCall, { failed, statusMessage }: OtlpSpan): ReportedCall {
	if (!failed) return call;
	const { code = null, status = null } = call.error ?? {};
	return {
		...call,
		state: 'error',
		error: { message: statusMessage ?? code ?? 'The call failed.', status, code },
	};
}

function spanKey(traceId: string | null, spanId: string | null): string | null {
	return traceId === null || spanId === null ? null : `${traceId}:${spanId}`;
}

/** For records without an id: the same record sent again is the same call. */
function hashId(parts: unknown): string {
	return `otlp:${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}
