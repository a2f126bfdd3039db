import * as z from 'zod';
import type { ServedBy } from '../ledger.ts';
import type { Reader } from './reader.ts';

const servedSchema = z.object({
	callId: z.string(),
	inferenceProvider: z.string().nullable(),
	serviceTier: z.string().nullable(),
});

const maxCalls = 500;

/** Who answered these calls: read from their responses without touching any content. */
export function servedBy(reader: Reader, callIds: readonly string[]): ServedBy[] {
	const one = reader.sql(
		`SELECT c.call_id AS callId, e.payload ->> '$.inferenceProvider' AS inferenceProvider,
		e.payload ->> '$.serviceTier' AS serviceTier
		FROM call c JOIN event e ON e.n = c.response_event WHERE c.call_id = ?`,
	);
	return callIds.slice(0, maxCalls).flatMap((callId) => {
		const found = one.get(callId);
		return found === undefined ? [] : [servedSchema.parse(found)];
	});
}
