import { Command } from 'commander';
import { formatDuration } from '../core/durations.ts';
import { formatNanoUsd } from '../core/money.ts';
import { callJson, modelJson, shownNanoUsd, statsJson } from '../core/outside/call-json.ts';
import { formatTokens } from '../core/tokens-text.ts';
import type { CallFilter, CallRow, GroupTotals, Totals } from '../core/views.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { type CallOptions, count, filterOf, withCallOptions } from './call-options.ts';
import type { Environment } from './environment.ts';
import { ledgerToRead, withLedger } from './find-ledger.ts';
import { lines } from './lines.ts';
import { paint } from './paint.ts';
import { printJson, printTable } from './print.ts';
import type { Column } from './table.ts';

/** Calls that are asked of the ledger at a time. */
const pageSize = 500;

/** `callmeter llm stats | models | recent`. */
export function addLlmCommands(program: Command, environment: Environment): void {
	const llm = program.command('llm').description('what the recorded calls cost');
	const add = (name: string) => {
		const command = new Command(name).copyInheritedSettings(llm);
		llm.addCommand(command);
		return withCallOptions(command);
	};

	add('stats')
		.description('sums over the calls: how many, what they cost, their tokens and their latency')
		.addHelpText(
			'after',
			'\nExamples:\n  callmeter llm stats --from today\n  callmeter llm stats --from 7d --agent claude-code --json',
		)
		.action((options: CallOptions) =>
			withCalls(options, environment, async (ledger, filter) => {
				const totals = filter === null ? await ledger.totals(nothing) : await ledger.totals(filter);
				if (options.json) printJson(environment, statsJson(totals, filter?.range));
				else environment.out.write(`${statsText(totals, environment.locale)}\n`);
			}),
		);

	add('models')
		.description('the models used, and what each cost; the costliest first')
		.addHelpText(
			'after',
			'\nExamples:\n  callmeter llm models --from 2026-11-01\n  callmeter llm models --json | jq ".[].costUsd"',
		)
		.action((options: CallOptions) =>
			withCalls(options, environment, async (ledger, filter) => {
				const groups = filter === null ? [] : await ledger.byModel(filter);
				const costliest = groups.toSorted(
					(a, b) => (shownNanoUsd(b) ?? -1) - (shownNanoUsd(a) ?? -1) || b.calls - a.calls,
				);
				if (options.json) printJson(environment, costliest.map(modelJson));
				else if (costliest.length === 0) environment.out.write(noCalls);
				else printTable(environment, modelColumns, modelRows(costliest, environment));
			}),
		);

	add('recent')
		.description('the calls themselves, the newest first')
		.option('-n, --limit <count>', 'at most this many, after all other choices', count, 20)
		.addHelpText(
			'after',
			'\nExamples:\n  callmeter llm recent\n  callmeter llm recent --model gpt-5 --limit 100 --json',
		)
		.action((options: CallOptions & { limit: number }) =>
			withCalls(options, environment, async (ledger, filter) => {
				const rows = filter === null ? [] : await newest(ledger, filter, options.limit);
				if (options.json) printJson(environment, rows.map(callJson));
				else if (rows.length === 0) environment.out.write(noCalls);
				else printTable(environment, recentColumns(environment), recentRows(rows, environment));
			}),
		);
}

const noCalls = 'No calls.\n';
/** A time before all calls. */
const nothing: CallFilter = { range: { fromMs: 0, toMs: 0 } };

async function withCalls(
	options: CallOptions,
	environment: Environment,
	work: (ledger: LedgerClient, filter: CallFilter | null) => Promise<void>,
): Promise<void> {
	await withLedger(environment, ledgerToRead(environment, options.ledger), { readOnly: true }, async (ledger) =>
		work(ledger, await filterOf(options, environment, ledger)),
	);
}

async function newest(ledger: LedgerClient, filter: CallFilter, limit: number): Promise<CallRow[]> {
	const rows: CallRow[] = [];
	while (rows.length < limit) {
		const wanted = Math.min(pageSize, limit - rows.length);
		const page = await ledger.calls({ filter, sort: 'newest', offset: rows.length, limit: wanted });
		rows.push(...page.rows);
		if (page.rows.length < wanted) break;
	}
	return rows;
}

function statsText(totals: Totals, locale: string): string {
	const number = new Intl.NumberFormat(locale);
	const pairs: [string, string][] = [
		['Calls', number.format(totals.calls) + asides(totals, number)],
		['Cost', costText(totals, locale)],
	];
	if (totals.subscriptionNanoUsd > 0) {
		pairs.push([
			'  of it API-equivalent',
			`${formatNanoUsd(totals.subscriptionNanoUsd, { locale })} (covered by subscriptions)`,
		]);
	}
	pairs.push(
		['Input tokens', number.format(totals.inputTokens)],
		['  from cache', number.format(totals.cacheReadTokens)],
		['  into cache', number.format(totals.cacheWriteTokens)],
		['Output tokens', number.format(totals.outputTokens)],
		['  reasoning', number.format(totals.reasoningTokens)],
		['Average latency', formatDuration(totals.latency.avgMs, locale)],
		[
			'  p50, p90, p99',
			[totals.latency.p50Ms, totals.latency.p90Ms, totals.latency.p99Ms]
				.map((ms) => (ms === null ? '—' : `≈ ${formatDuration(ms, locale)}`))
				.join(', '),
		],
	);
	return lines(pairs);
}

function asides(totals: Totals, number: Intl.NumberFormat): string {
	const parts = [
		[totals.pending, 'running'],
		[totals.errors, 'failed'],
		[totals.cancelled, 'cancelled'],
		[totals.usageMissing, 'without usage'],
	].flatMap(([amount, what]) => (Number(amount) > 0 ? [`${number.format(Number(amount))} ${what}`] : []));
	return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function costText(totals: Totals, locale: string): string {
	const cost = formatNanoUsd(shownNanoUsd(totals), { bound: totals.bound, locale });
	return totals.unpriced === 0 ? cost : `${cost} (${new Intl.NumberFormat(locale).format(totals.unpriced)} unpriced)`;
}

const modelColumns: Column[] = [
	{ title: 'Provider', shrink: true, drop: 0 },
	{ title: 'Model', shrink: true },
	{ title: 'Calls', align: 'right' },
	{ title: 'Input', align: 'right', drop: 2 },
	{ title: 'Cached', align: 'right', drop: 3 },
	{ title: 'Written', align: 'right', drop: 4 },
	{ title: 'Output', align: 'right', drop: 1 },
	{ title: 'Cost', align: 'right' },
	{ title: 'Avg latency', align: 'right', drop: 5 },
];

function modelRows(groups: readonly GroupTotals[], { locale }: Environment): string[][] {
	const number = new Intl.NumberFormat(locale);
	return groups.map((group) => [
		group.provider,
		group.model,
		number.format(group.calls),
		formatTokens(group.inputTokens, locale),
		formatTokens(group.cacheReadTokens, locale),
		formatTokens(group.cacheWriteTokens, locale),
		formatTokens(group.outputTokens, locale),
		costText(group, locale),
		formatDuration(group.latency.avgMs, locale),
	]);
}

const recentColumns = ({ out }: Environment): Column[] => [
	{ title: 'Started', drop: 0 },
	{ title: 'Agent', shrink: true, drop: 5 },
	{ title: 'Provider', shrink: true, drop: 4 },
	{ title: 'Model', shrink: true },
	{ title: 'State', drop: 3, paint: (shown, text) => (text.startsWith('error') ? paint(out, 'bad', shown) : shown) },
	{ title: 'Input', align: 'right', drop: 1 },
	{ title: 'Cached', align: 'right', drop: 6 },
	{ title: 'Output', align: 'right', drop: 1 },
	{ title: 'Latency', align: 'right', drop: 2 },
	{ title: 'Cost', align: 'right' },
];

function recentRows(rows: readonly CallRow[], { locale }: Environment): string[][] {
	const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });
	return rows.map((row) => [
		time.format(row.startedAtMs),
		row.agentId,
		row.provider,
		row.actualModel ?? row.model,
		row.usageMissing ? `${row.state}, no usage` : row.state,
		formatTokens(row.inputTokens, locale),
		formatTokens(row.cacheReadTokens, locale),
		formatTokens(row.outputTokens, locale),
		formatDuration(row.latencyMs, locale),
		rowCostText(row, locale),
	]);
}

function rowCostText({ cost }: CallRow, locale: string): string {
	if (cost === null) return '—';
	if (cost.basis === 'refused') return 'not billed';
	return formatNanoUsd(cost.nanoUsd, { bound: cost.bound, locale });
}
