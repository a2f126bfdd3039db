import * as z from 'zod';
import { type Cost, costSchema } from '../../core/pricing/cost.ts';
import { findPrice, type Prices } from '../../core/pricing/find-price.ts';
import { rateFor } from '../../core/pricing/rates.ts';
import type { CallCost } from '../ledger.ts';
import type { Reader } from './reader.ts';

const pricedSchema = z.object({
	callId: z.string(),
	cost: z.string().nullable(),
	provider: z.string(),
	model: z.string(),
	startedAtMs: z.int(),
	input: z.int().nullable(),
});

const maxCalls = 500;

/** What these calls cost, line by line: read from their responses without touching any content. */
export function costsOf(reader: Reader, callIds: readonly string[], prices: Prices): CallCost[] {
	const one = reader.sql(
		`SELECT c.call_id AS callId, e.payload ->> '$.cost' AS cost, d.provider, coalesce(c.actual_model, d.model) AS model,
		c.started_ms AS startedAtMs, c.input
		FROM call c JOIN event e ON e.n = c.response_event JOIN dim d ON d.n = c.dim_n WHERE c.call_id = ?`,
	);
	return callIds.slice(0, maxCalls).flatMap((callId) => {
		const found = one.get(callId);
		if (found === undefined) return [];
		const call = pricedSchema.parse(found);
		if (call.cost === null) return [];
		const cost = costSchema.parse(JSON.parse(call.cost));
		return [{ callId, cost, ...cacheReading(cost, call, prices) }];
	});
}

/** Of the price that the cost was computed with: the price of another tier would say nothing. */
function cacheReading(
	cost: Cost,
	{ provider, model, startedAtMs, input }: z.infer<typeof pricedSchema>,
	prices: Prices,
): Pick<CallCost, 'cacheReadRatePicoUsd' | 'neverCached'> {
	const used = cost.lines.find(({ bucket }) => bucket === 'cacheRead');
	if (used) return { cacheReadRatePicoUsd: used.ratePicoUsd, neverCached: false };
	const found = cost.price && findPrice(prices, provider, model, startedAtMs);
	if (!found || found.model !== cost.price?.model || found.from !== cost.price.from) {
		return { cacheReadRatePicoUsd: null, neverCached: false };
	}
	const { cacheRead } = found.rates;
	return { cacheReadRatePicoUsd: cacheRead && rateFor(cacheRead, input ?? 0).pico, neverCached: cacheRead === null };
}
