import { numberFormat } from './intl-cache.ts';

/** Tokens in three digits: `812`, `12.4K`, `1.28M`. `unknown` for `null`. */
export function formatTokens(tokens: number | null, locale = 'en-US', unknown = '—'): string {
	if (tokens === null) return unknown;
	return numberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }).format(tokens);
}

/** Tokens in all their digits: `12,431`. */
export function formatAllTokens(tokens: number | null, locale = 'en-US', unknown = '—'): string {
	return tokens === null ? unknown : numberFormat(locale, { maximumFractionDigits: 0 }).format(tokens);
}
