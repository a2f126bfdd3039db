import * as vscode from 'vscode';
import { formatNanoUsd } from '../core/money.ts';
import { formatTokens } from '../core/tokens-text.ts';
import type { RunLine } from '../protocol/messages.ts';
import { costText } from './ticker-text.ts';

/** The compact summary of a run for the status bar: no title, which is content. */
export function runEndedText({ summary, cost }: RunLine, locale: string): string {
	const { t } = vscode.l10n;
	const tokens = (count: number | null) => formatTokens(count, locale, '—');
	const parts = [
		summary.calls === 1 ? t('1 call') : t('{0} calls', summary.calls),
		t('{0} tokens in', tokens(summary.input_tokens)),
		t('{0} out', tokens(summary.output_tokens)),
		summary.input_cached_tokens === null ? null : t('{0} cached', tokens(summary.input_cached_tokens)),
		summary.input_cache_creation_tokens === null || summary.input_cache_creation_tokens === 0
			? null
			: t('{0} written to the cache', tokens(summary.input_cache_creation_tokens)),
		cost.subscriptionNanoUsd > 0 && cost.costNanoUsd === 0
			? t('{0} API-equivalent', formatNanoUsd(cost.subscriptionNanoUsd, { bound: cost.bound, locale }))
			: costText(cost, locale, t('unpriced')),
	];
	return t('Task ended: {0}', parts.filter((part) => part !== null).join(' · '));
}
