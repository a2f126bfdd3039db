import { gunzipSync } from 'node:zlib';
import type { DraftInput } from '../../core/draft.ts';
import { peek } from '../../core/foreign.ts';
import type { ImportReceipt } from '../../core/import-port.ts';
import type { OtlpReader, Taken } from '../../sources/otlp/otlp-reader.ts';
import { maxBodyBytes, tooLargeText } from '../pass-body.ts';
import type { OtlpAnswer, RequestHead } from './otlp-protocol.ts';
import { countMetrics, logsOf, spansOf } from './records-of.ts';
import { decodeRequest, encodeStatus, encodeSuccess, MalformedRequest } from './wire.ts';

/** Where drafts go. Rejects with a `reason` when the ledger takes nothing. */
export type RecordDrafts = (drafts: DraftInput[]) => Promise<ImportReceipt[]>;

/** Drafts that go to the ledger at a time: live calls are not to wait long behind them. */
const batchDrafts = 200;
/** When a sender may come again while the ledger takes nothing, in seconds. */
const comeAgainSeconds = 5;
/** Codes of `google.rpc.Code`. */
const invalidArgument = 3;
const resourceExhausted = 8;
const unavailable = 14;

/** Takes the body of one request: inflates, decodes, reads and records it. Never rejects. */
export async function receive(
	head: RequestHead,
	body: Uint8Array,
	reader: OtlpReader,
	record: RecordDrafts,
): Promise<OtlpAnswer> {
	const refuse = (
		status: number,
		code: number,
		message: string,
		retryAfterSeconds: number | null = null,
	): OtlpAnswer => ({
		status,
		body: encodeStatus(head.encoding, code, message),
		retryAfterSeconds,
		...{ calls: 0, ignored: 0, rejected: 0 },
	});
	let taken: Taken;
	try {
		taken = readBody(head, head.gzip ? gunzipSync(body, { maxOutputLength: maxBodyBytes }) : body, reader);
	} catch (error) {
		if (peek(error, 'code') === 'ERR_BUFFER_TOO_LARGE') {
			return refuse(413, resourceExhausted, `${tooLargeText.slice(0, -1)} when it is inflated.`);
		}
		// Not gzip, not OTLP, or nested beyond all measure: sending it again would not help.
		return refuse(400, invalidArgument, error instanceof MalformedRequest ? error.message : 'The body cannot be read.');
	}
	try {
		const { calls, refused } = await recordAll(taken.drafts, record);
		const rejected = taken.unusable + refused;
		return {
			status: 200,
			body: encodeSuccess(head.signal, head.encoding, rejected, wordsFor(taken.unusable, refused)),
			retryAfterSeconds: null,
			calls,
			ignored: taken.ignored,
			rejected,
		};
	} catch {
		return refuse(503, unavailable, 'The ledger takes no calls at the moment.', comeAgainSeconds);
	}
}

function readBody({ signal, encoding }: RequestHead, body: Uint8Array, reader: OtlpReader): Taken {
	const request = decodeRequest(signal, encoding, body);
	if (signal === 'traces') return reader.takeSpans(spansOf(request));
	if (signal === 'logs') return reader.takeLogs(logsOf(request));
	// Metrics are sums of what spans and logs tell call by call.
	return { drafts: [], calls: 0, ignored: countMetrics(request), unusable: 0 };
}

async function recordAll(
	drafts: readonly DraftInput[],
	record: RecordDrafts,
): Promise<{ calls: number; refused: number }> {
	let calls = 0;
	const refused = new Set<string | null | undefined>();
	for (let from = 0; from < drafts.length; from += batchDrafts) {
		const batch = drafts.slice(from, from + batchDrafts);
		const receipts = await record(batch);
		for (const [index, { outcome }] of receipts.entries()) {
			const draft = batch[index];
			if (outcome === 'rejected') refused.add(draft?.callId);
			if (outcome === 'appended' && draft?.eventType === 'llm_response') calls++;
		}
	}
	return { calls, refused: refused.size };
}

function wordsFor(unusable: number, refused: number): string {
	return [
		...(unusable > 0 ? [`${unusable} of the records tell of a call, but not of its time.`] : []),
		...(refused > 0 ? [`${refused} of the calls hold values that the ledger does not take.`] : []),
	].join(' ');
}
