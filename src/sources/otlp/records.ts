/** Attributes by name. Values are JSON values: text, numbers, booleans, lists, objects. */
export type Attributes = ReadonlyMap<string, unknown>;

/** A span, from whichever encoding. Times are epoch milliseconds. */
export interface OtlpSpan {
	resource: Attributes;
	name: string;
	/** Lower-case hex; `null`: none, or none that is valid. */
	traceId: string | null;
	spanId: string | null;
	parentSpanId: string | null;
	startMs: number | null;
	endMs: number | null;
	attributes: Attributes;
	events: OtlpEvent[];
	/** `STATUS_CODE_ERROR`. */
	failed: boolean;
	statusMessage: string | null;
}

/** What happened within a span. */
export interface OtlpEvent {
	name: string;
	attributes: Attributes;
}

/** A log record, from whichever encoding. */
export interface OtlpLog {
	resource: Attributes;
	/** What may be the event's name: `event_name`, the attribute `event.name`, or the body, where that is a word. */
	names: string[];
	traceId: string | null;
	spanId: string | null;
	/** When it happened, else when it was seen, epoch milliseconds. */
	timeMs: number | null;
	body: unknown;
	attributes: Attributes;
}
