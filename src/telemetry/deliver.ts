import { setTimeout as wait } from 'node:timers/promises';
import type { OtlpSender, SendResult } from './otlp-sender.ts';

/** How long to wait between attempts. */
export interface Backoff {
	/** Before the second attempt, in milliseconds; it doubles with each one that fails. */
	firstMs: number;
	maxMs: number;
	/** 0 to below 1. Default: `Math.random`. */
	random?: () => number;
}

export const defaultBackoff: Backoff = { firstMs: 1_000, maxMs: 5 * 60_000 };

/** Longest wait that a receiver may ask for, in milliseconds. */
const maxRetryAfterMs = 60 * 60_000;

/**
 * Milliseconds to wait after this many failures in a row: exponential, of which a random half, so that many senders do
 * not come back at once; never less than the receiver asked for.
 */
export function retryDelayMs(failures: number, retryAfterMs: number | null, backoff: Backoff = defaultBackoff): number {
	const { firstMs, maxMs, random = Math.random } = backoff;
	const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
	const own = full / 2 + (full / 2) * random();
	return Math.max(own, Math.min(retryAfterMs ?? 0, maxRetryAfterMs));
}

export interface DeliverOptions {
	/** Sends until then, in milliseconds from now; the last answer is the result. Default: 60 s. */
	giveUpAfterMs?: number;
	backoff?: Backoff;
	signal?: AbortSignal;
	/** An attempt failed, and the next one comes after `delayMs`. */
	onRetry?: (reason: string, delayMs: number) => void;
}

/**
 * Sends one body until it is taken or refused, or the time is up, which a `later` says. For whoever waits for the end of
 * it; what must survive a restart goes into a queue instead (`NetworkSink`).
 */
export async function deliver(
	sender: Pick<OtlpSender, 'send'>,
	body: Uint8Array | string,
	contentType: string,
	{ giveUpAfterMs = 60_000, backoff = defaultBackoff, signal, onRetry }: DeliverOptions = {},
): Promise<SendResult> {
	const untilMs = performance.now() + giveUpAfterMs;
	for (let failures = 1; ; failures++) {
		const result = await sender.send(body, contentType, signal);
		if (result.kind !== 'later') return result;
		const delayMs = retryDelayMs(failures, result.retryAfterMs, backoff);
		if (performance.now() + delayMs > untilMs) return result;
		onRetry?.(result.reason, delayMs);
		try {
			await wait(delayMs, undefined, { ...(signal && { signal }) });
		} catch {
			return { kind: 'aborted' };
		}
	}
}
