import type { PriceOverride } from './overrides.ts';
import {
	makerOf,
	modelNamed,
	type PriceModel,
	type PriceProvider,
	type PriceTable,
	providerNamed,
	ratesAt,
} from './price-table.ts';
import { hasNoPrice, providerName } from './provider-names.ts';
import { flatRate, parseRates, type Rates } from './rates.ts';

/** Where prices are looked up: the user's own first, then the table. */
export interface Prices {
	table: PriceTable;
	/** From `parsePriceOverrides`. */
	overrides: readonly PriceOverride[];
}

/** A price that was found, and why it is this one. */
export interface FoundPrice {
	/** The provider whose price it is, which may be the model's maker rather than the gateway that served it. */
	provider: string;
	model: string;
	from: 'table' | 'overlay' | 'override';
	/** First day on which it holds, ISO date; `null` = always. */
	validFrom: string | null;
	/** The table's source and version. */
	tableDate: string;
	rates: Rates;
	/** A sentence for a person when the price is not the provider's own. */
	note: string | null;
}

/**
 * The price of a model at a moment, epoch milliseconds. `null` when none is known: the call is then unpriced.
 *
 * Looks, in this order: the user's own prices; the provider's models; for a gateway's id such as
 * `openrouter/anthropic/claude-sonnet-4.5` the provider that it names; the list price of the model's maker.
 */
export function findPrice(prices: Prices, provider: string, model: string, atMs: number): FoundPrice | null {
	const written = model.toLowerCase().trim();
	// Claude Code's way to ask for the context of a million tokens: the same model, priced by size as ever.
	const name = written.replace(/\[1m\]$/, '');
	return (
		own(prices, provider, written) ??
		(name === written ? null : own(prices, provider, name)) ??
		listed(prices.table, provider, name, atMs)
	);
}

/** The price of the user's own that applies to a model, whatever the day. */
export function overrideFor(
	overrides: readonly PriceOverride[],
	provider: string,
	model: string,
): PriceOverride | null {
	const name = model.toLowerCase().trim();
	const names = new Set([`${provider.toLowerCase().trim()}/${name}`, `${providerName(provider)}/${name}`, name]);
	return overrides.find(({ matches }) => [...names].some(matches)) ?? null;
}

function own({ table, overrides }: Prices, provider: string, model: string): FoundPrice | null {
	const found = overrides.length === 0 ? null : overrideFor(overrides, provider, model);
	if (!found) return null;
	const base = { provider: providerName(provider), from: 'override' as const, validFrom: null, note: null };
	return { ...base, model: found.pattern, tableDate: table.source, rates: found.rates };
}

function listed(table: PriceTable, provider: string, model: string, atMs: number): FoundPrice | null {
	if (hasNoPrice(provider)) return null;
	const asked = providerName(provider);
	const found = locate(table, asked, model);
	if (!found) return null;
	const foreign = providerNamed(table, asked) !== found.provider;
	const note = foreign ? `Priced at the list price of ${found.provider.id}.` : null;
	const base = { provider: found.provider.id, tableDate: table.source, note };
	if (found.model === FREE) {
		return { ...base, model, from: 'overlay', validFrom: null, rates: freeRates };
	}
	const { rates, validFrom } = ratesAt(found.model, atMs);
	return { ...base, model: found.model[0], from: 'table', validFrom, rates: parseRates(rates) };
}

/** A model id that ends in `:free` is OpenRouter's way to say that it costs nothing; the table has no price for those. */
const FREE = Symbol('free');
const free = flatRate(0);
const freeRates: Rates = {
	input: free,
	output: free,
	cacheRead: free,
	cacheWrite5m: free,
	cacheWrite1h: free,
	reasoning: null,
	requestPico: null,
};

interface Located {
	provider: PriceProvider;
	model: PriceModel | typeof FREE;
}

/** Finding a model means trying hundreds of rules, and the same few models are asked for over and over. */
const located = new WeakMap<PriceTable, Map<string, Located | null>>();
const MAX_LOCATED = 2000;

function locate(table: PriceTable, provider: string, model: string): Located | null {
	let known = located.get(table);
	if (!known) {
		known = new Map();
		located.set(table, known);
	}
	const key = `${provider}\n${model}`;
	const before = known.get(key);
	if (before !== undefined) return before;
	const found = search(table, provider, model);
	if (known.size >= MAX_LOCATED) known.clear();
	known.set(key, found);
	return found;
}

function search(table: PriceTable, provider: string, model: string): Located | null {
	const asked = providerNamed(table, provider);
	if (model.endsWith(':free') && (model.includes('/') || asked?.id === 'openrouter')) return freeOfCharge(table);
	// As it is written, without the path before it, and both without the variant after it.
	const plain = withoutVariant(model);
	for (const name of new Set([model, withoutPath(model), plain, withoutPath(plain)])) {
		const own = asked && at(table, asked, name);
		if (own) return own;
	}
	return throughGateway(table, model) ?? throughGateway(table, plain) ?? byMaker(table, withoutPath(model));
}

function at(table: PriceTable, provider: PriceProvider, name: string): Located | null {
	const model = modelNamed(table, provider, name);
	return model ? { provider, model } : null;
}

function freeOfCharge(table: PriceTable): Located | null {
	const provider = table.providers.find(({ id }) => id === 'openrouter');
	return provider ? { provider, model: FREE } : null;
}

/** `anthropic/claude-…`, `openrouter/anthropic/claude-…`: the first part names a provider, the rest its model. */
function throughGateway(table: PriceTable, model: string): Located | null {
	const slash = model.indexOf('/');
	if (slash <= 0) return null;
	const provider = providerNamed(table, providerName(model.slice(0, slash)));
	const tail = model.slice(slash + 1);
	const found = provider && (at(table, provider, tail) ?? at(table, provider, withoutPath(tail)));
	return found ?? throughGateway(table, tail);
}

/** The list price of who makes the model, or of Bedrock for a name in its style (`us.anthropic.claude-…-v1:0`). */
function byMaker(table: PriceTable, model: string): Located | null {
	const plain = withoutVariant(model);
	for (const name of plain === model ? [model] : [model, plain]) {
		const maker = makerOf(table, name);
		const found = maker && at(table, maker, name);
		if (found) return found;
	}
	const bedrock = BEDROCK_ID.test(model) ? table.providers.find(({ id }) => id === 'aws') : undefined;
	return bedrock ? at(table, bedrock, model) : null;
}

/** `[region.]maker.model`, as Amazon Bedrock names models and inference profiles. */
const BEDROCK_ID = /^(?:[a-z-]{2,6}\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek|openai|qwen|ai21|writer)\./;

/** The last part of a resource name: `models/gemini-2.5-pro`, `publishers/…/models/…`, an ARN of Bedrock. */
function withoutPath(model: string): string {
	return model.slice(model.lastIndexOf('/') + 1);
}

/** `claude-sonnet-4.5:thinking`, `…:online`: the same model, asked in another way. What that adds is said elsewhere. */
function withoutVariant(model: string): string {
	return model.replace(/:(?:thinking|beta|extended|online|nitro|exacto|floor)$/, '');
}
