import { type DeliverOptions, deliver } from './deliver.ts';
import type { OtlpSender } from './otlp-sender.ts';

/** What came of sending requests one after the other. */
export interface SentRequests {
	/** Requests that were taken. */
	taken: number;
	/** Records of them that the receiver did not take, for good. */
	rejected: number;
	/** What the receiver said beside; each once, at most 5. */
	messages: string[];
	/** Why it ended before the last one; `null`: it did not. */
	problem: { kind: 'later' | 'refused' | 'aborted'; reason: string } | null;
}

const maxMessages = 5;

/** Sends requests as they come, each until it is taken; ends with the first that is not. */
export async function sendRequests(
	bodies: AsyncIterable<string>,
	sender: Pick<OtlpSender, 'send'>,
	options: DeliverOptions & { onTaken?: () => void } = {},
): Promise<SentRequests> {
	const sent: SentRequests = { taken: 0, rejected: 0, messages: [], problem: null };
	for await (const body of bodies) {
		const result = await deliver(sender, body, 'application/json', options);
		if (result.kind !== 'ok') {
			const reason = result.kind === 'aborted' ? 'interrupted' : result.reason;
			return { ...sent, problem: { kind: result.kind, reason } };
		}
		sent.taken++;
		sent.rejected += result.rejected;
		const isNew = result.message !== '' && !sent.messages.includes(result.message);
		if (isNew && sent.messages.length < maxMessages) sent.messages.push(result.message);
		options.onTaken?.();
	}
	return sent;
}
