import type { LlmCallDiagnostics } from '../core/diagnostics.ts';
import { formatDuration } from '../core/durations.ts';
import { formatNanoUsd } from '../core/money.ts';
import type { RunJson } from '../core/outside/diagnostics-json.ts';
import { formatAllTokens, formatTokens } from '../core/tokens-text.ts';
import type { RowCost, SessionRow } from '../core/views.ts';
import type { Environment } from './environment.ts';
import { lines } from './lines.ts';
import { paint } from './paint.ts';
import { printable } from './printable.ts';
import { type Column, fitsIn, table } from './table.ts';

const unknown = '—';

/** A call, and how its cost relates to what was spent: the record has no word for that. */
export interface DiagnosedCall {
	call: LlmCallDiagnostics;
	bound: RowCost['bound'];
}

/** The calls of a run as a table, or, where the terminal is too narrow for that, as one block of lines each. */
export function diagnosedCallsText(calls: readonly DiagnosedCall[], environment: Environment): string {
	const { out, locale } = environment;
	const columns: Column[] = [
		{ title: 'Seq', align: 'right' },
		{ title: 'Model', shrink: true },
		{ title: 'Latency', align: 'right' },
		{ title: 'Input', align: 'right' },
		{ title: 'Output', align: 'right' },
		{ title: 'Total', align: 'right' },
		{ title: 'Cached', align: 'right' },
		{ title: 'Cache create', align: 'right' },
		{ title: 'Cache hit', paint: (shown, text) => paint(out, text === 'hit' ? 'good' : 'quiet', shown) },
		{ title: 'Cost', align: 'right' },
		{ title: 'Stop reason', shrink: true },
	];
	const rows = calls.map((call) => callCells(call, locale));
	const heading = (line: string) => paint(out, 'heading', line);
	if (out.columns === null || fitsIn(columns, rows, out.columns)) return table(columns, rows, out.columns, heading);
	return rows
		.map(([seq, model = '', ...cells]) => {
			const fields = cells.map((cell, at) => [`  ${columns[at + 2]?.title}`, printable(cell)] as const);
			return `${heading(`${seq}  ${printable(model)}`)}\n${lines(fields)}`;
		})
		.join('\n\n');
}

function callCells({ call, bound }: DiagnosedCall, locale: string): string[] {
	const { seq, model, latency_ms, usage, cache, cost_usd, stop_reason } = call;
	const tokens = (amount: number | null | undefined) => formatAllTokens(amount ?? null, locale, unknown);
	return [
		String(seq),
		model,
		formatDuration(latency_ms, locale),
		tokens(usage?.input_tokens),
		tokens(usage?.output_tokens),
		tokens(usage?.total_tokens),
		tokens(usage?.input_cached_tokens),
		tokens(usage?.input_cache_creation_tokens),
		cache.hit_state,
		cost_usd === null || cost_usd === undefined
			? unknown
			: formatNanoUsd(Math.round(cost_usd * 1e9), { bound, locale }),
		stop_reason ?? unknown,
	];
}

/** What a run came to. */
export function runSummaryText(
	session: SessionRow,
	{ summary, pending_calls }: RunJson,
	{ locale }: Environment,
): string {
	const number = new Intl.NumberFormat(locale);
	const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });
	const tokens = (amount: number | null) => formatAllTokens(amount, locale, 'unknown');
	const asides = [
		[pending_calls, 'running'],
		[summary.calls_without_usage, 'without usage'],
	].flatMap(([amount, what]) => (Number(amount) > 0 ? [`${number.format(Number(amount))} ${what}`] : []));
	return lines([
		['Run', printable(session.sessionId)],
		['Agent', printable(session.agentId)],
		['Started', time.format(session.startedAtMs)],
		['Calls', number.format(summary.calls) + (asides.length === 0 ? '' : ` (${asides.join(', ')})`)],
		['Input tokens', tokens(summary.input_tokens)],
		['  cached', tokens(summary.input_cached_tokens)],
		['  cache creation', tokens(summary.input_cache_creation_tokens)],
		['Output tokens', tokens(summary.output_tokens)],
		['Total tokens', tokens(summary.total_tokens)],
		['Cost', costText(session, summary, locale)],
	]);
}

/** Runs to choose from, each with its whole id. */
export function runsText(runs: readonly { session: SessionRow; run: RunJson }[], { out, locale }: Environment): string {
	const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short' });
	const columns: Column[] = [
		{ title: 'Started', drop: 2 },
		{ title: 'Run' },
		{ title: 'Agent', drop: 5 },
		{ title: 'Calls', align: 'right', drop: 1 },
		{ title: 'Input', align: 'right', drop: 4 },
		{ title: 'Cached', align: 'right', drop: 6 },
		{ title: 'Output', align: 'right', drop: 4 },
		{ title: 'Cost', align: 'right', drop: 0 },
		{ title: 'Task', shrink: true, drop: 3 },
	];
	const rows = runs.map(({ session, run: { summary } }) => [
		time.format(session.startedAtMs),
		session.sessionId,
		session.agentId,
		String(summary.calls),
		formatTokens(summary.input_tokens, locale),
		formatTokens(summary.input_cached_tokens, locale),
		formatTokens(summary.output_tokens, locale),
		costText(session, summary, locale),
		session.title ?? '',
	]);
	return table(columns, rows, out.columns, (line) => paint(out, 'heading', line));
}

function costText(session: SessionRow, { cost_usd, unpriced_calls }: RunJson['summary'], locale: string): string {
	const nanoUsd = cost_usd === null ? null : Math.round(cost_usd * 1e9);
	const cost = formatNanoUsd(nanoUsd, { bound: session.bound, locale });
	return unpriced_calls === 0 || nanoUsd === null ? cost : `${cost} (${unpriced_calls} unpriced)`;
}
