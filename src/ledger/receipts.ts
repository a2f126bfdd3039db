import type { CallRecord } from './call-record.ts';
import type { Receipt } from './ledger.ts';

/** For a draft that said nothing new. */
export function unchanged(record: CallRecord): Receipt {
	return { callId: record.call_id, outcome: 'unchanged', eventId: null, hash: null, reason: null };
}

/** For a draft that was not taken. `reason` has the path of what is wrong. */
export function rejected(input: unknown, reason: string): Receipt {
	const named = typeof input === 'object' && input !== null && 'callId' in input ? input.callId : null;
	const callId = typeof named === 'string' ? named : null;
	return { callId, outcome: 'rejected', eventId: null, hash: null, reason };
}
