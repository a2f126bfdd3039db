/** Builders of OTLP/JSON requests, in the form of the examples of OpenTelemetry's protocol. */

type Value = string | number | boolean | Value[] | { [key: string]: Value };

/** 2026-03-04T10:00:00Z, when nothing special happens. */
export const T0 = Date.UTC(2026, 2, 4, 10);

export function nanos(ms: number): string {
	return `${Math.round(ms)}000000`;
}

export function attributes(values: Record<string, Value | undefined>): object[] {
	return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: any(value) }]));
}

function any(value: Value): object {
	if (typeof value === 'string') return { stringValue: value };
	if (typeof value === 'boolean') return { boolValue: value };
	// Whole numbers are text in OTLP's JSON.
	if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
	if (Array.isArray(value)) return { arrayValue: { values: value.map(any) } };
	return { kvlistValue: { values: attributes(value) } };
}

export interface SpanInput {
	name: string;
	service?: string;
	traceId?: string;
	spanId?: string;
	parentSpanId?: string;
	startMs?: number;
	endMs?: number;
	values: Record<string, Value | undefined>;
	events?: { name: string; values: Record<string, Value> }[];
	status?: { code: number; message?: string };
	resource?: Record<string, Value>;
}

export function traces(...spans: SpanInput[]): object {
	return {
		resourceSpans: spans.map((span) => ({
			resource: { attributes: attributes({ 'service.name': span.service ?? 'my.service', ...span.resource }) },
			scopeSpans: [
				{
					scope: { name: 'my.library', version: '1.0.0', attributes: [] },
					spans: [
						{
							traceId: span.traceId ?? '5B8EFFF798038103D269B633813FC60C',
							spanId: span.spanId ?? 'EEE19B7EC3C1B174',
							parentSpanId: span.parentSpanId ?? 'EEE19B7EC3C1B173',
							name: span.name,
							startTimeUnixNano: nanos(span.startMs ?? T0),
							endTimeUnixNano: nanos(span.endMs ?? T0 + 1_000),
							kind: 3,
							attributes: attributes(span.values),
							events: (span.events ?? []).map(({ name, values }) => ({ name, attributes: attributes(values) })),
							...(span.status ? { status: span.status } : {}),
						},
					],
				},
			],
		})),
	};
}

export interface LogInput {
	eventName?: string;
	service?: string;
	body?: Value;
	timeMs?: number;
	traceId?: string;
	spanId?: string;
	values: Record<string, Value | undefined>;
}

export function logs(...records: LogInput[]): object {
	return {
		resourceLogs: records.map((record) => ({
			resource: { attributes: attributes({ 'service.name': record.service ?? 'my.service' }) },
			scopeLogs: [
				{
					scope: { name: 'my.library', version: '1.0.0', attributes: [] },
					logRecords: [
						{
							timeUnixNano: nanos(record.timeMs ?? T0 + 1_000),
							observedTimeUnixNano: nanos(record.timeMs ?? T0 + 1_000),
							severityNumber: 9,
							...(record.eventName === undefined ? {} : { eventName: record.eventName }),
							...(record.body === undefined ? {} : { body: any(record.body) }),
							...(record.traceId === undefined ? {} : { traceId: record.traceId, spanId: record.spanId }),
							attributes: attributes(record.values),
						},
					],
				},
			],
		})),
	};
}

/** A span of a chat, by the newer conventions. */
export function chat(more: Partial<SpanInput> = {}): SpanInput {
	return {
		name: 'chat gpt-4o',
		...more,
		values: {
			'gen_ai.operation.name': 'chat',
			'gen_ai.provider.name': 'openai',
			'gen_ai.request.model': 'gpt-4o',
			'gen_ai.response.model': 'gpt-4o-2024-08-06',
			'gen_ai.response.id': 'chatcmpl-0123456789abcdef',
			'gen_ai.response.finish_reasons': ['stop'],
			'gen_ai.conversation.id': 'conversation-1',
			'gen_ai.usage.input_tokens': 1_000,
			'gen_ai.usage.output_tokens': 100,
			'gen_ai.usage.cache_read.input_tokens': 500,
			...more.values,
		},
	};
}

/** The request of Claude Code whose cost was checked: $0.068859 with a cache write of one hour. All numbers are text. */
export const claudeRequest = {
	service: 'claude-code',
	body: 'claude_code.api_request',
	values: {
		'event.name': 'api_request',
		'event.timestamp': '2026-03-04T10:00:01.000Z',
		'session.id': 'session-claude',
		model: 'claude-opus-4-6',
		input_tokens: '2',
		output_tokens: '128',
		cache_read_tokens: '15498',
		cache_creation_tokens: '5790',
		cost_usd: '0.068859',
		duration_ms: '1000',
		request_id: 'req_011CTestTestTestTest',
	},
} satisfies LogInput;

export const claudeSpan = {
	name: 'claude_code.llm_request',
	service: 'claude-code',
	values: {
		'span.type': 'llm_request',
		'session.id': 'session-claude',
		model: 'claude-opus-4-6',
		input_tokens: 2,
		output_tokens: 128,
		cache_read_tokens: 15_498,
		cache_creation_tokens: 5_790,
		duration_ms: 1_000,
		ttft_ms: 300,
		request_id: 'req_011CTestTestTestTest',
		success: true,
	},
} satisfies SpanInput;
