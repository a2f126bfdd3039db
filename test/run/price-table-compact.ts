import type { MatchLogic, ModelPrice, Provider } from '@pydantic/genai-prices';

/**
 * The providers of `@pydantic/genai-prices` in the compact form that `src/core/pricing/price-table.ts` reads and
 * documents. Leaves out what a call's tokens do not need: descriptions, audio and page prices, extractors.
 */
export function compactTable(providers: readonly Provider[], source: string): object {
	return {
		source,
		providers: providers.map((provider) => ({
			id: provider.id,
			...(provider.provider_match && { match: compactMatch(provider.provider_match) }),
			...(provider.model_match && { modelMatch: compactMatch(provider.model_match) }),
			...(provider.fallback_model_providers && { fallback: provider.fallback_model_providers }),
			models: provider.models.map(({ id, match, prices }) => {
				const rates = Array.isArray(prices) ? prices.map(compactDated) : compactRates(prices);
				return isItself(match, id) ? [id, rates] : [id, rates, compactMatch(match, id)];
			}),
		})),
	};
}

/** The table as the text of its file: a line for each provider, so that a new release shows as a readable diff. */
export function tableText(table: object): string {
	const { source, providers } = table as { source: string; providers: { models: unknown[] }[] };
	const lines = providers.map(({ models, ...rest }) => {
		const rows = models.map((model) => JSON.stringify(model)).join(',\n');
		return `${JSON.stringify(rest).slice(0, -1)},"models":[\n${rows}\n]}`;
	});
	return `{"source":${JSON.stringify(source)},"providers":[\n${lines.join(',\n')}\n]}\n`;
}

type Dated = Extract<Provider['models'][number]['prices'], unknown[]>[number];

function compactDated({ constraint, prices }: Dated): [string, string] {
	if (constraint === undefined) return ['', compactRates(prices)];
	const when =
		constraint.type === 'start_date' ? constraint.start_date : `${constraint.start_time}/${constraint.end_time}`;
	return [when, compactRates(prices)];
}

/** In the order in which the reader expects them. */
const RATE_KEYS = [
	'input_mtok',
	'output_mtok',
	'cache_read_mtok',
	'cache_write_mtok',
	'cache_write_1h_mtok',
	'output_reasoning_mtok',
	'requests_kcount',
] as const;

function compactRates(prices: ModelPrice): string {
	return RATE_KEYS.map((key) => compactRate(prices[key]))
		.join('|')
		.replace(/\|+$/, '');
}

function compactRate(rate: ModelPrice[string]): string {
	if (rate === undefined) return '';
	if (typeof rate === 'number') return String(rate);
	return [rate.base, ...rate.tiers.map(({ start, price }) => `${start}:${price}`)].join('>');
}

function isItself(match: MatchLogic, id: string): boolean {
	return 'equals' in match && match.equals === id;
}

function compactMatch(match: MatchLogic, id?: string): unknown {
	if ('or' in match) return match.or.map((inner) => compactMatch(inner, id));
	if ('and' in match) return { and: match.and.map((inner) => compactMatch(inner, id)) };
	if ('equals' in match) return match.equals === id ? '=' : `=${match.equals}`;
	if ('starts_with' in match) return `^${match.starts_with}`;
	if ('ends_with' in match) return `$${match.ends_with}`;
	if ('contains' in match) return `*${match.contains}`;
	return `/${match.regex}`;
}
