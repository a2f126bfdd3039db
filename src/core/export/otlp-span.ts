import type { Sha256 } from '../sha256.ts';
import type { ExportedCall } from './exported-call.ts';
import { otlpAttributes, otlpContentAttributes, type Value } from './otlp-attributes.ts';

/**
 * Calls as OTLP/JSON: what an OpenTelemetry collector's file exporter writes, and what OTLP/HTTP takes.
 * Source: opentelemetry-proto, and its mapping to JSON: ids in hex, 64-bit numbers as text, enums as numbers.
 */

/** `SPAN_KIND_CLIENT`. */
const spanKindClient = 3;
/** `SPAN_KIND_INTERNAL`. */
const spanKindInternal = 1;
/** `STATUS_CODE_ERROR`. */
const statusError = 2;

interface KeyValue {
	key: string;
	value: object;
}

interface Span {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: KeyValue[];
	status: { code?: number; message?: string };
}

/** A task, as far as spans tell of it. */
export interface SpanSession {
	sessionId: string;
	/** `null`: no subagent, or of a task that is not known. */
	parentSessionId: string | null;
	/** The topmost task above it: all tasks below that are one trace. */
	rootSessionId: string;
	agentId: string;
	startedAtMs: number;
	lastAtMs: number;
}

/** A span and whose it is: spans of one agent are sent as those of one resource. */
export interface AgentSpan {
	agentId: string;
	span: Span;
}

/**
 * The span of a call that has ended. Its ids follow from the call's and the task's: the same call gives the same span,
 * however often it is exported.
 */
export function spanOfCall(call: ExportedCall, session: SpanSession, content: boolean, sha256: Sha256): AgentSpan {
	const { row, error } = call;
	const started = BigInt(row.startedAtMs) * 1_000_000n;
	const lengthMs = row.latencyMs ?? (row.endedAtMs === null ? 0 : Math.max(0, row.endedAtMs - row.startedAtMs));
	const attributes = [...otlpAttributes, ...(content ? otlpContentAttributes : [])];
	return {
		agentId: row.agentId,
		span: {
			traceId: traceId(session.rootSessionId, sha256),
			spanId: spanId('call', row.callId, sha256),
			parentSpanId: spanId('session', session.sessionId, sha256),
			name: `chat ${row.actualModel ?? row.model}`,
			kind: spanKindClient,
			startTimeUnixNano: String(started),
			endTimeUnixNano: String(started + BigInt(Math.round(lengthMs * 1e6))),
			attributes: attributes.flatMap(({ name, value }) => keyValue(name, value(call))),
			status:
				row.state === 'error'
					? { code: statusError, ...(content && error?.message && { message: error.message }) }
					: {},
		},
	};
}

/** The span of a task, above those of its calls and below that of the task that started it. It repeats no sums. */
export function spanOfSession(session: SpanSession, title: string | null, sha256: Sha256): AgentSpan {
	const { sessionId, parentSessionId, agentId } = session;
	return {
		agentId,
		span: {
			traceId: traceId(session.rootSessionId, sha256),
			spanId: spanId('session', sessionId, sha256),
			...(parentSessionId !== null && { parentSpanId: spanId('session', parentSessionId, sha256) }),
			name: `invoke_agent ${agentId}`,
			kind: spanKindInternal,
			startTimeUnixNano: String(BigInt(session.startedAtMs) * 1_000_000n),
			endTimeUnixNano: String(BigInt(Math.max(session.startedAtMs, session.lastAtMs)) * 1_000_000n),
			attributes: [
				...keyValue('gen_ai.operation.name', 'invoke_agent'),
				...keyValue('gen_ai.agent.name', agentId),
				...keyValue('gen_ai.conversation.id', sessionId),
				...keyValue('callmeter.session.title', title),
			],
			status: {},
		},
	};
}

/** An `ExportTraceServiceRequest` as JSON, in one line. */
export function otlpRequest(spans: readonly AgentSpan[], version: string): string {
	const byAgent = new Map<string, Span[]>();
	for (const { agentId, span } of spans) {
		const known = byAgent.get(agentId);
		if (known) known.push(span);
		else byAgent.set(agentId, [span]);
	}
	return JSON.stringify({
		resourceSpans: [...byAgent].map(([agentId, own]) => ({
			resource: { attributes: keyValue('service.name', agentId) },
			scopeSpans: [{ scope: { name: 'callmeter', version }, spans: own }],
		})),
	});
}

function traceId(rootSessionId: string, sha256: Sha256): string {
	return sha256(`callmeter trace\n${rootSessionId}`).slice(0, 32);
}

function spanId(of: 'call' | 'session', id: string, sha256: Sha256): string {
	return sha256(`callmeter ${of}\n${id}`).slice(0, 16);
}

function keyValue(key: string, value: Value): KeyValue[] {
	if (value === null) return [];
	return [{ key, value: anyValue(value) }];
}

function anyValue(value: Exclude<Value, null>): object {
	switch (typeof value) {
		case 'string':
			return { stringValue: value.toWellFormed() };
		case 'number':
			return { intValue: String(value) };
		case 'boolean':
			return { boolValue: value };
		default:
			if ('double' in value) return { doubleValue: value.double };
			return { arrayValue: { values: value.map((text) => ({ stringValue: text.toWellFormed() })) } };
	}
}
