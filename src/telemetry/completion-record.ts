import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type CompletionProperties, completionPropertiesSchema, LLM_COMPLETION } from '../core/completion-event.ts';
import { isTrustedName } from './trusted-name.ts';

/** One `LLM Completion` event that waits to be sent. Holds no content, no path, and nothing that names a machine. */
export const completionRecordSchema = z.object({
	/** Random. By it a receiver can tell that a record has come twice. */
	id: z.uuid(),
	/** When the event was made, epoch milliseconds. */
	timeMs: z.int().min(0),
	properties: completionPropertiesSchema,
});
export type CompletionRecord = z.infer<typeof completionRecordSchema>;

export function completionRecord(properties: CompletionProperties, timeMs: number): CompletionRecord {
	return { id: randomUUID(), timeMs, properties };
}

/** Stands for a name or id that does not look like one. */
export const WITHHELD = '<withheld>';

const maxLength = 200;
const checks: { readonly [Name in keyof CompletionProperties]?: (text: string) => boolean } = {
	modelId: isTrustedName,
	apiProvider: isTrustedName,
	inferenceProvider: isTrustedName,
	agentId: isTrustedName,
	mode: isTrustedName,
	taskId: isId,
	parentTaskId: isId,
};

/**
 * The properties as they may leave this machine: those of the event's schema and no other, whoever added it, with names
 * that could be a path, an address or a sentence withheld. `null`: these are not the event's properties.
 */
export function sendableProperties(data: unknown): CompletionProperties | null {
	const parsed = completionPropertiesSchema.safeParse(data);
	if (!parsed.success) return null;
	const checked = Object.entries(parsed.data).map(([name, value]) => [
		name,
		typeof value === 'string' && !isFit(name, value) ? WITHHELD : value,
	]);
	return completionPropertiesSchema.parse(Object.fromEntries(checked));
}

function isFit(name: string, text: string): boolean {
	const check = Object.entries(checks).find(([key]) => key === name)?.[1];
	return text.length <= maxLength && (check?.(text) ?? true);
}

/** Ids as agents make them. One that is chosen freely might be a title, a path, or an address of a person. */
function isId(text: string): boolean {
	return /^[\w.:@-]+$/.test(text) && !/@[\w-]+\.[\w.-]*\w/.test(text);
}

/**
 * The request that brings these records to a receiver, in OTLP's JSON: one log record each, whose event name is
 * `LLM Completion` and whose attributes are the event's properties by their own names.
 *
 * They have not the names of OpenTelemetry's GenAI conventions, since those describe one operation of one program, and
 * a receiver that builds its figures on them would count a call twice that its agent reports as well.
 *
 * Source: OpenTelemetry Protocol 1.7, "JSON Protobuf Encoding", `logs/v1/logs.proto`; semantic conventions, "General
 * logs attributes" (`log.record.uid`).
 */
export function completionRequest(records: readonly CompletionRecord[]): string {
	return JSON.stringify({
		resourceLogs: [
			{
				resource: { attributes: [text('service.name', 'callmeter')] },
				scopeLogs: [{ scope: { name: 'callmeter' }, logRecords: records.map(logRecord) }],
			},
		],
	});
}

const severity = { severityNumber: 9, severityText: 'INFO' };

function logRecord({ id, timeMs, properties }: CompletionRecord): object {
	const timeUnixNano = `${timeMs}000000`;
	return {
		timeUnixNano,
		observedTimeUnixNano: timeUnixNano,
		...severity,
		eventName: LLM_COMPLETION,
		attributes: [...Object.entries(properties).flatMap(attribute), text('log.record.uid', id)],
	};
}

/** Amounts that may have a fraction: of one type always, so that a receiver can keep them in one column. */
const doubles: ReadonlySet<string> = new Set<keyof CompletionProperties>(['cost', 'completionTime']);

function attribute([key, value]: [string, string | number | undefined]): object[] {
	if (value === undefined) return [];
	if (typeof value === 'string') return [text(key, value)];
	// A 64-bit number is text in OTLP's JSON.
	return [{ key, value: doubles.has(key) ? { doubleValue: value } : { intValue: String(value) } }];
}

function text(key: string, stringValue: string): object {
	return { key, value: { stringValue } };
}
