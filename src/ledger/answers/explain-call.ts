import * as z from 'zod';
import { type Bucket, bucketSchema, type Cost, unpricedReasonSchema } from '../../core/pricing/cost.ts';
import type { CallDetail } from '../../core/views.ts';
import { callFields, callSchema } from './call-fields.ts';
import { named, plainQuotation } from './foreign-text.ts';
import { allTokensText, boundsExplained, callLine, exactMoneyText, moneyText } from './wording.ts';

/** Longer than any path. */
const maxRecord = 5_000;

export const explainedCallSchema = z.object({
	call: callSchema,
	basis: z
		.enum(['provider', 'computed', 'agent', 'unpriced', 'refused'])
		.nullable()
		.describe('Where the cost is from: reported by the provider or the agent, or computed. null: still running.'),
	computedUsd: z.number().nullable().describe('What the price table makes of the tokens.'),
	reportedUsd: z.number().nullable(),
	reportedBy: z.enum(['provider', 'agent']).nullable(),
	diverges: z.boolean().describe('Computed and reported differ by more than 2 %.'),
	lines: z
		.array(
			z.object({
				bucket: bucketSchema,
				tokens: z.int(),
				usdPerMillionTokens: z.number(),
				tierFromInputTokens: z
					.int()
					.describe('Input from which this rate holds for the whole request; 0: the base rate.'),
				usd: z.number(),
			}),
		)
		.describe('How the computed cost adds up: tokens × rate.'),
	price: z
		.object({
			provider: z.string(),
			model: z.string(),
			from: z.enum(['table', 'overlay', 'override']),
			validFrom: z.string().nullable(),
			tableDate: z.string(),
		})
		.nullable()
		.describe('Which price was used, since when it holds, and of which table.'),
	unpricedReason: unpricedReasonSchema.nullable(),
	serviceTier: z.string().nullable(),
	record: z.string().nullable().describe('The file or row that the call was read from.'),
	source: z.string(),
	notes: z.array(z.string()),
});
export type ExplainedCall = z.infer<typeof explainedCallSchema>;

/** Why a call cost what it did: a cost, unfolded to the record that it was read from. */
export function explainCall({ row, cost, origin, usageNotes, serviceTier }: CallDetail): ExplainedCall {
	const usd = (nanoUsd: number | null | undefined) => (nanoUsd == null ? null : nanoUsd / 1e9);
	return {
		call: callFields(row),
		basis: cost?.basis ?? null,
		computedUsd: usd(cost?.computedNanoUsd),
		reportedUsd: usd(cost?.reportedNanoUsd),
		reportedBy: cost?.reportedBy ?? null,
		diverges: cost?.diverges ?? false,
		lines: (cost?.lines ?? []).map(({ bucket, tokens, ratePicoUsd, tierStart }) => ({
			bucket,
			tokens,
			// 1 pico-USD a token is 1e-6 USD a million tokens.
			usdPerMillionTokens: ratePicoUsd / 1e6,
			tierFromInputTokens: tierStart,
			usd: (tokens * ratePicoUsd) / 1e12,
		})),
		price: cost?.price ?? null,
		unpricedReason: cost?.unpriced ?? null,
		serviceTier: serviceTier === null ? null : named(serviceTier),
		record: origin.record === undefined ? null : plainQuotation(origin.record, maxRecord),
		source: named(origin.source),
		notes: [...(cost?.notes ?? []), ...usageNotes].map(named),
	};
}

/** The same in words. */
export function explainedCallText(detail: CallDetail, timeZone: string): string {
	const { row, cost, origin, usageNotes, serviceTier } = detail;
	const lines = [callLine(row, timeZone), ''];
	if (cost === null) {
		lines.push(
			row.state === 'pending'
				? 'The call is still running: its cost is not known yet.'
				: 'No usage was told: unpriced.',
		);
	} else {
		lines.push(...costLines(cost), ...cost.notes.map((note) => `Note: ${named(note)}`));
		if (origin.billing === 'subscription' && cost.shownNanoUsd !== null) {
			lines.push('A subscription covers it: the cost is what the API would have charged.');
		}
		if (cost.bound !== 'exact') lines.push(boundsExplained);
	}
	if (serviceTier !== null) lines.push(`Service tier: ${named(serviceTier)}`);
	lines.push(...usageNotes.map((note) => `Note: ${named(note)}`));
	const record = origin.record === undefined ? '' : `, ${named(origin.record)}`;
	lines.push(`Recorded from: ${named(origin.source)}${record}`);
	return lines.join('\n');
}

function costLines(cost: Cost): string[] {
	const { basis, shownNanoUsd, computedNanoUsd, reportedNanoUsd, reportedBy, price } = cost;
	const lines: string[] = [];
	if (basis === 'refused') lines.push('Not billed: the provider refused the request before it served anything.');
	else if (shownNanoUsd === null) lines.push(`Unpriced, which is not free: ${unpricedText(cost)}`);
	else lines.push(`${moneyText(shownNanoUsd, cost.bound)}, ${basisText[basis]}.`);
	for (const { bucket, tokens, ratePicoUsd, tierStart } of cost.lines) {
		const each =
			bucket === 'requests'
				? `${exactMoneyText(ratePicoUsd / 1000)} each`
				: `${exactMoneyText(ratePicoUsd * 1000)} a million`;
		const tier = tierStart === 0 ? '' : ` (rate of requests above ${allTokensText(tierStart)} input tokens)`;
		const what = bucket === 'requests' ? bucketText[bucket] : `${bucketText[bucket]}: ${allTokensText(tokens)} tokens`;
		lines.push(`- ${what} × ${each}${tier} = ${exactMoneyText((tokens * ratePicoUsd) / 1000)}`);
	}
	if (computedNanoUsd !== null) lines.push(`Computed from the tokens: ${exactMoneyText(computedNanoUsd)}`);
	if (reportedNanoUsd !== null)
		lines.push(`Reported by the ${reportedBy ?? 'agent'}: ${exactMoneyText(reportedNanoUsd)}`);
	if (cost.diverges) lines.push('The two differ by more than 2 %.');
	if (price !== null) {
		const since = price.validFrom === null ? 'valid for all dates' : `valid from ${price.validFrom}`;
		lines.push(`Price of ${named(price.provider)}/${named(price.model)}, ${since}, from ${priceFromText(price)}.`);
	}
	return lines;
}

/** Names of the buckets that tokens are billed in. */
export const bucketText: Record<Bucket, string> = {
	uncachedInput: 'input not from cache',
	cacheRead: 'read from cache',
	cacheWrite5m: 'written to the 5 minute cache',
	cacheWrite1h: 'written to the 1 hour cache',
	cacheWriteUnknownTtl: 'written to a cache, time to live unknown',
	output: 'output',
	requests: 'the request itself',
};

const basisText = {
	provider: 'reported by the provider',
	computed: 'computed from the price table',
	agent: 'reported by the agent',
	unpriced: 'unpriced',
	refused: 'not billed',
} as const;

function unpricedText({ unpriced }: Cost): string {
	switch (unpriced) {
		case 'unknownModel':
			return 'no price is known for this model. One can be given in the setting callmeter.prices.';
		case 'noUsage':
			return 'the call has no token counts to price.';
		default:
			return 'the price table has no rate for tokens of this kind.';
	}
}

function priceFromText({ from, tableDate }: NonNullable<Cost['price']>): string {
	if (from === 'override') return 'the setting callmeter.prices';
	return from === 'table' ? `the price table ${tableDate}` : `additions to the price table ${tableDate}`;
}
