import root from 'otlp-schema/build/src/generated/root.js';
import { peek } from '../../core/foreign.ts';

/** What a request carries. */
export type Signal = 'traces' | 'logs' | 'metrics';
export type Encoding = 'json' | 'protobuf';

/** The request is no OTLP: sending it again would not help. */
export class MalformedRequest extends Error {
	constructor(options?: { cause?: unknown }) {
		super('The body is not a valid OTLP request.', options);
		this.name = 'MalformedRequest';
	}
}

/** A message type of the generated schema. */
interface MessageType {
	decode(bytes: Uint8Array): object;
	encode(message: object): { finish(): Uint8Array };
	fromObject(value: object): object;
	toObject(message: object, options: object): object;
}

interface SignalTypes {
	request: MessageType;
	response: MessageType;
	partialSuccess: MessageType;
	/** The field that counts what was refused. */
	rejected: string;
}

/** OpenTelemetry's own generated schema: `opentelemetry.proto.collector.<signal>.v1`. */
const types: Readonly<Record<Signal, SignalTypes>> = {
	traces: typesOf('trace', 'Trace', 'rejectedSpans'),
	logs: typesOf('logs', 'Logs', 'rejectedLogRecords'),
	metrics: typesOf('metrics', 'Metrics', 'rejectedDataPoints'),
};

/**
 * A request as plain objects with the schema's lowerCamelCase names; 64-bit numbers as numbers, bytes as base64, what is
 * absent left out. Both encodings come to the same. Throws `MalformedRequest`.
 *
 * Ids are bytes in the schema and hex in OTLP's JSON; hex read as base64 and written as base64 again is the same hex.
 */
export function decodeRequest(signal: Signal, encoding: Encoding, body: Uint8Array): object {
	const { request } = types[signal];
	try {
		const message = encoding === 'protobuf' ? request.decode(body) : request.fromObject(objectOf(body));
		return request.toObject(message, { longs: Number, bytes: String });
	} catch (cause) {
		throw new MalformedRequest({ cause });
	}
}

/** The answer to a request that was taken, in its own encoding. `message` is for whoever runs the sender. */
export function encodeSuccess(signal: Signal, encoding: Encoding, rejected: number, message: string): Uint8Array {
	const type = types[signal];
	const partialSuccess = { [type.rejected]: rejected, errorMessage: message };
	const response = type.response.fromObject(rejected > 0 || message !== '' ? { partialSuccess } : {});
	if (encoding === 'protobuf') return type.response.encode(response).finish();
	return Buffer.from(JSON.stringify(type.response.toObject(response, { longs: String })));
}

/**
 * The answer to a request that was not taken: a `google.rpc.Status` with its code and message. On the wire that is what
 * `ExportTracePartialSuccess` is, a number as field 1 and a text as field 2.
 */
export function encodeStatus(encoding: Encoding, code: number, message: string): Uint8Array {
	if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
	const { partialSuccess } = types.traces;
	return partialSuccess.encode(partialSuccess.fromObject({ rejectedSpans: code, errorMessage: message })).finish();
}

function objectOf(body: Uint8Array): object {
	const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
	return value;
}

function typesOf(signal: string, name: string, rejected: string): SignalTypes {
	const folder = ['opentelemetry', 'proto', 'collector', signal, 'v1'].reduce<unknown>(peek, root);
	const type = (suffix: string): MessageType => {
		const found = peek(folder, `Export${name}${suffix}`);
		if (!isMessageType(found)) throw new Error(`The OTLP schema has no Export${name}${suffix}`);
		return found;
	};
	return {
		request: type('ServiceRequest'),
		response: type('ServiceResponse'),
		partialSuccess: type('PartialSuccess'),
		rejected,
	};
}

function isMessageType(value: unknown): value is MessageType {
	return ['decode', 'encode', 'fromObject', 'toObject'].every((name) => typeof peek(value, name) === 'function');
}
