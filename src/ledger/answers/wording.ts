import { formatDuration } from '../../core/durations.ts';
import { formatNanoUsd } from '../../core/money.ts';
import { shownNanoUsd } from '../../core/outside/call-json.ts';
import { formatAllTokens, formatTokens } from '../../core/tokens-text.ts';
import type { CallRow, Totals } from '../../core/views.ts';
import { named } from './foreign-text.ts';

/** Answers are in English: a model reads them, and puts them into the words of whoever asked. */
const locale = 'en-US';

/** Stands below figures that are bounds. */
export const boundsExplained = '≥ means at least, ≤ at most, ≈ about: some costs are not known exactly, or not at all.';

/** What a sum of calls cost: `≥ $1.24 (3 unpriced)`. Never $0 for what is not known. */
export function sumText(totals: Totals): string {
	if (totals.calls > 0 && totals.pending === totals.calls) return 'cost not known yet';
	const known = shownNanoUsd(totals);
	if (known === null) return `unpriced (no known price for ${callsText(totals.unpriced)})`;
	const cost = formatNanoUsd(known, { bound: totals.bound, locale });
	return totals.unpriced === 0 ? cost : `${cost} (${totals.unpriced} unpriced)`;
}

/** What one call cost. */
export function rowCostText({ cost, state }: Pick<CallRow, 'cost' | 'state'>): string {
	if (cost === null) return state === 'pending' ? 'cost not known yet' : 'unpriced';
	if (cost.basis === 'refused') return 'not billed';
	const sum = moneyText(cost.nanoUsd, cost.bound);
	return cost.billing === 'subscription' && cost.nanoUsd !== null ? `${sum} API-equivalent` : sum;
}

export function moneyText(nanoUsd: number | null, bound: Totals['bound'] = 'exact'): string {
	return formatNanoUsd(nanoUsd, { bound, locale });
}

/** All that is known of a sum, to the nano-USD: `$0.0045`. */
export function exactMoneyText(nanoUsd: number): string {
	const [whole = '0', digits = ''] = (nanoUsd / 1e9).toFixed(9).split('.');
	return `$${whole}.${digits.replace(/0+$/, '').padEnd(2, '0')}`;
}

export function callsText(calls: number): string {
	return calls === 1 ? '1 call' : `${calls.toLocaleString(locale)} calls`;
}

export function tokensText(tokens: number | null): string {
	return formatTokens(tokens, locale, 'unknown');
}

export function allTokensText(tokens: number | null): string {
	return formatAllTokens(tokens, locale, 'unknown');
}

export function durationText(ms: number | null): string {
	return formatDuration(ms, locale, 'unknown');
}

/** Whole percents: never 0% of something, nor 100% of a part. */
export function percentText(share: number): string {
	const percent = Math.round(share * 100);
	if (percent === 0 && share > 0) return '<1%';
	return percent === 100 && share < 1 ? '>99%' : `${percent}%`;
}

/** `2026-11-22 14:03:12` on a clock of the zone. */
export function clockText(ms: number, timeZone: string): string {
	let format = clocks.get(timeZone);
	if (!format) {
		// Swedish writes dates as ISO 8601 does.
		format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
		clocks.set(timeZone, format);
	}
	return format.format(ms);
}
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Who answered: `anthropic/claude-sonnet-4-5`. */
export function modelText({ provider, model }: { provider: string; model: string }): string {
	return `${named(provider)}/${named(model)}`;
}

/** Tokens of a call, with the part of them that came from a cache. */
export function rowTokensText(row: Pick<CallRow, 'inputTokens' | 'cacheReadTokens' | 'outputTokens'>): string {
	const { inputTokens: input, cacheReadTokens: read, outputTokens: output } = row;
	const cached = input !== null && input > 0 && read !== null ? ` (${percentText(read / input)} from cache)` : '';
	return `${tokensText(input)} in${cached}, ${tokensText(output)} out`;
}

/** Tokens of several calls, with the part of them that came from a cache where that was told. */
export function sumTokensText(
	sum: Pick<Totals, 'inputTokens' | 'cacheReadTokens' | 'cacheToldTokens' | 'outputTokens'>,
): string {
	return `${tokensText(sum.inputTokens)} in${cachedText(sum)}, ${tokensText(sum.outputTokens)} out`;
}

/** A share of the input whose origin told it: of other input nobody knows. */
function cachedText({
	inputTokens,
	cacheReadTokens,
	cacheToldTokens,
}: Pick<Totals, 'inputTokens' | 'cacheReadTokens' | 'cacheToldTokens'>): string {
	if (cacheToldTokens === 0) return '';
	const share = `${percentText(cacheReadTokens / cacheToldTokens)} from cache`;
	return cacheToldTokens < inputTokens ? ` (${share}, of ${tokensText(cacheToldTokens)} that tell it)` : ` (${share})`;
}

/** One call in one line, without its id. */
export function callSummary(row: CallRow, timeZone: string): string {
	const state = row.usageMissing ? `${row.state}, no usage` : row.state;
	const model = modelText({ provider: row.provider, model: row.actualModel ?? row.model });
	const parts = [
		`${clockText(row.startedAtMs, timeZone)} ${named(row.agentId)} ${model}: ${rowCostText(row)}`,
		rowTokensText(row),
		durationText(row.latencyMs),
		row.state === 'ok' && !row.usageMissing ? null : state,
		row.kind === 'chat' ? null : row.kind,
	];
	return parts.filter((part) => part !== null).join(', ');
}

/** One call in one line, with the id by which more is asked of it. */
export function callLine(row: CallRow, timeZone: string): string {
	return `${callSummary(row, timeZone)}, callId ${named(row.callId)}`;
}

/** Sentences over the sum of calls: cost, tokens, what failed, latency. */
export function totalsLines(totals: Totals): string[] {
	const lines = [`Cost: ${sumText(totals)}`];
	if (totals.subscriptionNanoUsd > 0) {
		const covered = moneyText(totals.subscriptionNanoUsd);
		lines.push(`Of it ${covered} is API-equivalent: covered by a subscription, not billed by the token.`);
	}
	const written =
		totals.cacheWriteTokens > 0 ? `, ${allTokensText(totals.cacheWriteTokens)} of them written to a cache` : '';
	const reasoning = totals.reasoningTokens > 0 ? `, ${allTokensText(totals.reasoningTokens)} of them reasoning` : '';
	lines.push(
		`Tokens: ${allTokensText(totals.inputTokens)} in${cachedText(totals)}${written}; ${allTokensText(totals.outputTokens)} out${reasoning}`,
	);
	const odd = [
		[totals.pending, 'running'],
		[totals.errors, 'failed'],
		[totals.cancelled, 'cancelled'],
		[totals.usageMissing, 'without usage'],
	].flatMap(([amount, what]) => (Number(amount) > 0 ? [`${amount} ${what}`] : []));
	if (odd.length > 0) lines.push(`Of the calls: ${odd.join(', ')}`);
	const { avgMs, p50Ms, p90Ms, p99Ms } = totals.latency;
	if (avgMs !== null) {
		const percentiles = [p50Ms, p90Ms, p99Ms].map(durationText).join(', ');
		lines.push(`Latency: ${durationText(avgMs)} on average; p50, p90, p99 ≈ ${percentiles}`);
	}
	return lines;
}
