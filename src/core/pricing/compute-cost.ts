import type { ResponseDraft } from '../draft.ts';
import { inputTotalOf } from '../usage.ts';
import type { Cost, UnpricedReason } from './cost.ts';
import { type FoundPrice, findPrice, type Prices } from './find-price.ts';
import { type Bound, type BoundNote, priceUsage } from './price-usage.ts';
import { ratesOfTier } from './served-tiers.ts';

/** What is needed of a response to price it. */
export interface PriceableResponse
	extends Pick<
			ResponseDraft,
			'usage' | 'usageBound' | 'provider' | 'model' | 'serviceTier' | 'reportedCostUsd' | 'reportedBy' | 'unpricedFees'
		>,
		Partial<Pick<ResponseDraft, 'state' | 'usageMissing' | 'error'>> {
	/** When the call started, epoch milliseconds: the rates of that moment hold. */
	atMs: number;
	/** The model that was asked for, tried when the one that answered has no price. */
	askedModel?: string | null;
}

/** Costs further apart than this part of the larger are shown as diverging. */
const DIVERGENCE = 0.02;

/**
 * What a call cost. Shown is what the provider reported, else what the price table makes of its tokens, else what the
 * agent reported, else nothing: an unknown price is never $0.
 */
export function priceCall(response: PriceableResponse, prices: Prices): Cost {
	const computed = compute(response, prices);
	const reportedNanoUsd = response.reportedCostUsd === null ? null : nanoOf(response.reportedCostUsd);
	const notes = [...computed.notes];
	const shown = choose(response, computed, reportedNanoUsd, notes);
	return {
		...shown,
		computedNanoUsd: computed.nanoUsd,
		reportedNanoUsd,
		reportedBy: reportedNanoUsd === null ? null : response.reportedBy,
		diverges: diverges(computed, reportedNanoUsd),
		lines: computed.lines,
		price: computed.found && {
			provider: computed.found.provider,
			model: computed.found.model,
			from: computed.found.from,
			validFrom: computed.found.validFrom,
			tableDate: computed.found.tableDate,
		},
		unpriced: computed.unpriced,
		notes,
	};
}

interface Computed {
	nanoUsd: number | null;
	bound: Bound;
	lines: Cost['lines'];
	found: FoundPrice | null;
	unpriced: UnpricedReason | null;
	notes: string[];
}

function compute(response: PriceableResponse, prices: Prices): Computed {
	const none = { nanoUsd: null, bound: 'exact' as const, lines: [], found: null, notes: [] };
	const { usage } = response;
	if (usage === null || Object.values(usage).every((count) => count === null)) return { ...none, unpriced: 'noUsage' };
	const standard = priceOf(response, prices);
	if (!standard) return { ...none, unpriced: 'unknownModel' };
	const { found, bounds } = asServed(response, standard, inputTotalOf(usage) ?? 0);
	const priced = priceUsage(usage, found.rates, bounds);
	const notes = found.note ? [found.note, ...priced.notes] : priced.notes;
	return { ...priced, found, notes };
}

function priceOf({ provider, model, askedModel, atMs }: PriceableResponse, prices: Prices): FoundPrice | null {
	const found = findPrice(prices, provider, model, atMs);
	if (found || !askedModel || askedModel === model) return found;
	const asked = findPrice(prices, provider, askedModel, atMs);
	return asked && { ...asked, note: `Priced as ${askedModel}, which was asked for: no price for ${model}.` };
}

/** The price in the tier that served the call, and what makes the cost a bound other than the counts and rates themselves. */
function asServed(
	response: PriceableResponse,
	standard: FoundPrice,
	inputTokens: number,
): { found: FoundPrice; bounds: BoundNote[] } {
	const bounds: BoundNote[] = [];
	if (response.usageBound !== 'exact') bounds.push({ bound: response.usageBound, note: null });
	if (response.unpricedFees.length > 0) {
		bounds.push({ bound: 'atLeast', note: `Without the fees for ${response.unpricedFees.join(', ')}.` });
	}
	// A price of the user's own is taken as it is.
	const variant = standard.from === 'override' ? null : variantNote(response.model);
	if (variant) bounds.push(variant);
	const tier = impliedTier(response, standard);
	if (tier === null || STANDARD_TIERS.has(tier)) return { found: standard, bounds };
	const inTier = standard.from === 'table' ? ratesOfTier(standard, tier, inputTokens) : null;
	if (inTier) {
		bounds.push({ bound: 'exact', note: inTier.note });
		return { found: { ...standard, from: 'overlay', rates: inTier.rates }, bounds };
	}
	bounds.push(tierNote(tier));
	return { found: standard, bounds };
}

const STANDARD_TIERS = new Set(['standard', 'standard_only', 'default', 'auto', 'on_demand', 'on-demand']);
const CHEAPER_TIERS = new Set(['batch', 'flex']);
const DEARER_TIERS = new Set(['priority', 'fast', 'scale']);

/** Nobody published what this tier costs: the standard rates are a bound, and that is said. */
function tierNote(tier: string): BoundNote {
	const note = `Served in the tier "${tier}", priced at the standard rates.`;
	if (CHEAPER_TIERS.has(tier)) return { bound: 'atMost', note };
	return { bound: DEARER_TIERS.has(tier) ? 'atLeast' : 'exact', note };
}

/** OpenRouter's ways to ask for a model whose price is then another. Source: OpenRouter, "Model Variants". */
function variantNote(model: string): BoundNote | null {
	switch (/:(online|nitro|exacto|floor)$/i.exec(model)?.[1]?.toLowerCase()) {
		case 'online':
			return { bound: 'atLeast', note: 'Without the fee for web search, which ":online" asks for.' };
		case 'nitro':
		case 'exacto':
			return { bound: 'atLeast', note: 'Routed to a provider other than the cheapest: priced at the list price.' };
		case 'floor':
			return { bound: 'atMost', note: 'Routed to the cheapest provider: priced at the list price.' };
		default:
			return null;
	}
}

/** Some models are asked for in their fast mode by a suffix, and then found as the model without it. */
function impliedTier({ serviceTier, model }: PriceableResponse, found: FoundPrice): string | null {
	if (serviceTier !== null) return serviceTier.toLowerCase();
	return found.from === 'table' && /[-:]fast$/i.test(model) && !found.model.includes('fast') ? 'fast' : null;
}

function choose(
	response: PriceableResponse,
	computed: Computed,
	reportedNanoUsd: number | null,
	notes: string[],
): Pick<Cost, 'shownNanoUsd' | 'basis' | 'bound'> {
	if (reportedNanoUsd !== null && response.reportedBy === 'provider') {
		return { shownNanoUsd: reportedNanoUsd, basis: 'provider', bound: 'exact' };
	}
	if (computed.nanoUsd !== null) {
		return { shownNanoUsd: computed.nanoUsd, basis: 'computed', bound: computed.bound };
	}
	if (reportedNanoUsd !== null && reportedNanoUsd > 0) {
		return { shownNanoUsd: reportedNanoUsd, basis: 'agent', bound: response.usageBound };
	}
	if (reportedNanoUsd === 0)
		notes.push('The agent reported a cost of 0, which agents also do when they know no price.');
	return { shownNanoUsd: null, basis: isRefused(response) ? 'refused' : 'unpriced', bound: 'exact' };
}

/** An HTTP error in place of a stream: no tokens were served. A stream that broke off, or never began, may be billed. */
function isRefused({ state, usage, usageMissing, error }: PriceableResponse): boolean {
	return state === 'error' && usage === null && usageMissing !== true && (error?.status ?? 0) >= 400;
}

function diverges({ nanoUsd, bound }: Computed, reported: number | null): boolean {
	if (nanoUsd === null || reported === null) return false;
	if (bound === 'atMost' && reported <= nanoUsd) return false;
	if (bound === 'atLeast' && reported >= nanoUsd) return false;
	return Math.abs(nanoUsd - reported) > DIVERGENCE * Math.max(nanoUsd, reported);
}

function nanoOf(usd: number): number {
	return Math.min(Math.round(usd * 1e9), Number.MAX_SAFE_INTEGER);
}
