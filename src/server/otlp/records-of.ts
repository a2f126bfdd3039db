import { firstText, peek } from '../../core/foreign.ts';
import type { Attributes, OtlpLog, OtlpSpan } from '../../sources/otlp/records.ts';

const nsPerMs = 1e6;
/** `STATUS_CODE_ERROR`. */
const statusError = 2;
/** An event's name is one word, however long the text of a log line is. */
const eventName = /^[\w.-]{1,200}$/;

/** The spans of a decoded `ExportTraceServiceRequest`. */
export function spansOf(request: object): OtlpSpan[] {
	return within(request, 'resourceSpans', 'scopeSpans', 'spans', spanOf);
}

/** The log records of a decoded `ExportLogsServiceRequest`. */
export function logsOf(request: object): OtlpLog[] {
	return within(request, 'resourceLogs', 'scopeLogs', 'logRecords', logOf);
}

/** How many metrics a decoded `ExportMetricsServiceRequest` has. */
export function countMetrics(request: object): number {
	return within(request, 'resourceMetrics', 'scopeMetrics', 'metrics', () => 1).length;
}

function within<R>(
	request: object,
	resources: string,
	scopes: string,
	records: string,
	read: (record: unknown, resource: Attributes) => R,
): R[] {
	return listAt(request, resources).flatMap((each) => {
		const resource = attributesOf(peek(each, 'resource'));
		return listAt(each, scopes).flatMap((scope) => listAt(scope, records).map((record) => read(record, resource)));
	});
}

function spanOf(span: unknown, resource: Attributes): OtlpSpan {
	const status = peek(span, 'status');
	return {
		resource,
		name: firstText(peek(span, 'name')) ?? '',
		traceId: hexOf(peek(span, 'traceId'), 16),
		spanId: hexOf(peek(span, 'spanId'), 8),
		parentSpanId: hexOf(peek(span, 'parentSpanId'), 8),
		startMs: msOf(peek(span, 'startTimeUnixNano')),
		endMs: msOf(peek(span, 'endTimeUnixNano')),
		attributes: attributesOf(span),
		events: listAt(span, 'events').map((event) => ({
			name: firstText(peek(event, 'name')) ?? '',
			attributes: attributesOf(event),
		})),
		failed: peek(status, 'code') === statusError,
		statusMessage: firstText(peek(status, 'message')),
	};
}

function logOf(log: unknown, resource: Attributes): OtlpLog {
	const attributes = attributesOf(log);
	const body = jsonOf(peek(log, 'body'));
	const named = [peek(log, 'eventName'), attributes.get('event.name'), body];
	return {
		resource,
		names: named.filter((name): name is string => typeof name === 'string' && eventName.test(name)),
		traceId: hexOf(peek(log, 'traceId'), 16),
		spanId: hexOf(peek(log, 'spanId'), 8),
		timeMs: msOf(peek(log, 'timeUnixNano')) ?? msOf(peek(log, 'observedTimeUnixNano')),
		body,
		attributes,
	};
}

function attributesOf(record: unknown): Attributes {
	const attributes = new Map<string, unknown>();
	for (const each of listAt(record, 'attributes')) {
		const key = peek(each, 'key');
		if (typeof key === 'string') attributes.set(key, jsonOf(peek(each, 'value')));
	}
	return attributes;
}

/** The JSON value of an `AnyValue`; bytes stay base64. */
function jsonOf(any: unknown): unknown {
	for (const kind of ['stringValue', 'intValue', 'doubleValue', 'boolValue', 'bytesValue']) {
		const value = peek(any, kind);
		if (value !== undefined) return value;
	}
	const list = peek(any, 'arrayValue');
	if (list !== undefined) return listAt(list, 'values').map(jsonOf);
	const pairs = peek(any, 'kvlistValue');
	if (pairs === undefined) return null;
	return Object.fromEntries(listAt(pairs, 'values').map((pair) => [peek(pair, 'key'), jsonOf(peek(pair, 'value'))]));
}

/** Lower-case hex of an id of `bytes` bytes, which stands as hex or as base64; all zeros are none. */
function hexOf(id: unknown, bytes: number): string | null {
	if (typeof id !== 'string' || id === '') return null;
	const isHex = id.length === bytes * 2 && /^[0-9a-f]+$/i.test(id);
	const hex = isHex ? id.toLowerCase() : Buffer.from(id, 'base64').toString('hex');
	return hex.length === bytes * 2 && /[^0]/.test(hex) ? hex : null;
}

function msOf(nanoseconds: unknown): number | null {
	return typeof nanoseconds === 'number' && nanoseconds > 0 ? nanoseconds / nsPerMs : null;
}

function listAt(record: unknown, key: string): unknown[] {
	const list = peek(record, key);
	return Array.isArray(list) ? list : [];
}
