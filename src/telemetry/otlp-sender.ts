import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as z from 'zod';
import type { OtlpTarget } from './otlp-target.ts';

const compress = promisify(gzip);

/** What came of a request. */
export type SendResult =
	/** It was taken. `rejected`: records that the receiver did not take, for good; `message`: why, or a warning. */
	| { kind: 'ok'; rejected: number; message: string }
	/** Not now: worth sending again, after `retryAfterMs` if the receiver said so. */
	| { kind: 'later'; retryAfterMs: number | null; reason: string }
	/** Sending it again would not help. */
	| { kind: 'refused'; status: number; reason: string }
	/** The signal was given. */
	| { kind: 'aborted' };

export interface OtlpSenderOptions extends OtlpTarget {
	/** Name and version of who sends, for the receiver: `callmeter/1.2.0`. */
	userAgent: string;
	/** Default: the global one at the time of sending. In VS Code's extension host that knows proxies and certificates. */
	fetch?: typeof fetch;
	/** For one request with its answer, in milliseconds. Default: 10 s, as OpenTelemetry's exporters have it. */
	timeoutMs?: number;
	/** Epoch milliseconds, for a `Retry-After` that names a date. */
	now?: () => number;
}

/** Most that is read of an answer, in bytes. */
const maxAnswerBytes = 64 * 1024;
/** Most that is told of what a receiver says. */
const maxMessageLength = 200;
/** Of its answers, those after which OTLP has a client try again. */
const retryable = new Set([429, 502, 503, 504]);

/**
 * Sends OTLP over HTTP: one request, gzipped, and what came of it. Never throws. Follows no redirect: headers are meant
 * for one address. Whoever calls decides about trying again (`deliver`).
 *
 * Source: OpenTelemetry Protocol specification, "OTLP/HTTP Response" and "OTLP/HTTP Throttling".
 */
export class OtlpSender {
	readonly #options: OtlpSenderOptions;

	constructor(options: OtlpSenderOptions) {
		this.#options = options;
	}

	/** Scheme, host and port that it sends to: fit for a log. */
	get origin(): string {
		return new URL(this.#options.url).origin;
	}

	/** @param contentType `application/json` or `application/x-protobuf`, as the body is. */
	async send(body: Uint8Array | string, contentType: string, signal?: AbortSignal): Promise<SendResult> {
		const { url, headers, userAgent, timeoutMs = 10_000 } = this.#options;
		const send = this.#options.fetch ?? globalThis.fetch;
		const timeout = AbortSignal.timeout(timeoutMs);
		try {
			const zipped = await compress(body);
			if (signal?.aborted) return { kind: 'aborted' };
			const response = await send(url, {
				method: 'POST',
				headers: { ...headers, 'content-type': contentType, 'content-encoding': 'gzip', 'user-agent': userAgent },
				body: new Uint8Array(zipped),
				redirect: 'manual',
				signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
			});
			return await this.#read(response);
		} catch (error) {
			if (signal?.aborted) return { kind: 'aborted' };
			const reason = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
			return { kind: 'later', retryAfterMs: null, reason };
		}
	}

	async #read(response: Response): Promise<SendResult> {
		const { status } = response;
		if (response.ok) {
			const { rejected, message } = partialSuccess(await textOf(response));
			return { kind: 'ok', rejected, message: this.#presentable(message) };
		}
		await response.body?.cancel();
		const reason = `HTTP ${status}`;
		if (!retryable.has(status)) return { kind: 'refused', status, reason };
		const now = (this.#options.now ?? Date.now)();
		return { kind: 'later', retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now), reason };
	}

	/** On one line, cut, and without the headers' values, should the receiver repeat them. */
	#presentable(message: string): string {
		let text = message.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
		for (const value of Object.values(this.#options.headers)) {
			for (const part of [value, ...value.split(' ')]) {
				if (part.length > 3) text = text.replaceAll(part, '***');
			}
		}
		return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength)}…` : text;
	}
}

/**
 * Milliseconds that a `Retry-After` asks to wait: a number of seconds or a date (RFC 9110, 10.2.3). `null`: it says
 * nothing that can be read.
 */
export function retryAfterMs(text: string | null, nowMs: number): number | null {
	const value = text?.trim() ?? '';
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	// A date begins with its weekday; `Date.parse` alone would take almost anything.
	const dateMs = /^[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

const count = z.coerce.number().int().min(0).catch(0);
const answerSchema = z.object({
	partialSuccess: z.object({
		// A 64-bit number is text in OTLP's JSON.
		rejectedSpans: count.optional(),
		rejectedLogRecords: count.optional(),
		errorMessage: z.string().catch(''),
	}),
});

/** What an answer in JSON says of records that were not taken; another answer says nothing. */
function partialSuccess(text: string): { rejected: number; message: string } {
	try {
		const {
			rejectedSpans = 0,
			rejectedLogRecords = 0,
			errorMessage,
		} = answerSchema.parse(JSON.parse(text)).partialSuccess;
		return { rejected: rejectedSpans + rejectedLogRecords, message: errorMessage };
	} catch {
		return { rejected: 0, message: '' };
	}
}

/** The text of a good answer; empty where it is longer than any should be, or broke off: the request was taken all the same. */
async function textOf(response: Response): Promise<string> {
	const parts: Uint8Array[] = [];
	let length = 0;
	try {
		for await (const part of response.body ?? []) {
			parts.push(part);
			length += part.byteLength;
			// Leaving the loop cancels the rest.
			if (length > maxAnswerBytes) return '';
		}
		return Buffer.concat(parts).toString('utf8');
	} catch {
		return '';
	}
}

/**
 * `fetch` says no more than that it failed; its causes say why. Their codes or else their names: a message may hold a
 * header.
 */
function reasonOf(error: unknown): string {
	let reason = '';
	for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
		if ('code' in cause && typeof cause.code === 'string') return cause.code;
		reason = cause.name;
	}
	return `the connection failed: ${reason === '' ? typeof error : reason}`;
}
