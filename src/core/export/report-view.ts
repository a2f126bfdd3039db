import { formatNanoUsd } from '../money.ts';
import { ReportWords } from './report-words.ts';
import type { ReportCall, ReportTotals, TaskReport } from './task-report.ts';

/** What a cell says. `foreign`: a name that someone else gave, which may try to be more than text. */
export interface Cell {
	text: string;
	foreign?: true;
	/** Level below the first, for tasks. */
	depth?: number;
	/** Part of the whole, 0 to 1, drawn as a bar where that can be. */
	share?: number;
}

export interface Table {
	columns: { title: string; align: 'left' | 'right' }[];
	rows: Cell[][];
}

export interface Section {
	/** For links and tests: `models`, `timeline`. */
	id: string;
	heading: string;
	table: Table | null;
	/** A sentence each; foreign parts stand apart. */
	notes: Cell[][];
	/** Calls with what was said in them. */
	calls: { heading: Cell[]; said: NonNullable<ReportCall['said']> }[];
}

/** A report as it reads, before it is Markdown or HTML. */
export interface ReportView {
	heading: string;
	/** `null`: the task has none, or it is to be kept out. */
	title: string | null;
	/** Name and value. */
	facts: { name: string; values: Cell[] }[];
	figures: { name: string; value: string; notes: string[] }[];
	sections: Section[];
	foot: string;
}

const bounds = {
	exact: '',
	atLeast: 'The cost is a lower bound: some calls have no known price, or counts that are incomplete.',
	atMost: 'The cost is an upper bound: some calls have counts that may include more than was billed.',
	about: 'The cost is an estimate: some calls are counted too low, others too high.',
} as const;

const basisWords: Record<keyof TaskReport['basis'], string> = {
	computed: 'computed from token counts and the price table',
	provider: 'as the provider reported it',
	agent: 'as the agent reported it',
	refused: 'turned away by the provider before it served anything: nothing to bill',
	unpriced: 'unpriced: no price is known, and none is in the sum',
};

/** Lays a report out. */
export function reportView(report: TaskReport): ReportView {
	const words = new ReportWords(report.locale, report.timeZone);
	const { totals } = report;
	return {
		heading: 'LLM usage of a task',
		title: report.title,
		facts: facts(report, words),
		figures: figures(totals, words, report),
		sections: [
			models(report, words),
			...(report.tasks.length > 1 ? [tasks(report, words)] : []),
			costliest(report, words),
			cache(report, words),
			diagnostics(report, words),
			timeline(report, words),
			...(report.hasContent ? [conversation(report, words)] : []),
			costs(report, words),
		],
		foot: `Made by Callmeter ${report.version} on ${words.moment(report.madeAtMs)}. ${
			report.hasContent ? 'Has prompts and completions in it.' : 'Without prompts and completions.'
		}`,
	};
}

function facts(
	{ agentId, tasks: all, projects, branches, startedAtMs, lastAtMs, sessionId }: TaskReport,
	words: ReportWords,
) {
	const agents = [...new Set([agentId, ...all.map((task) => task.agentId)])];
	const foreign = (texts: readonly string[]) => texts.map((text): Cell => ({ text, foreign: true }));
	return [
		{ name: agents.length === 1 ? 'Agent' : 'Agents', values: foreign(agents) },
		{ name: projects.length === 1 ? 'Project' : 'Projects', values: foreign(projects) },
		{ name: branches.length === 1 ? 'Branch' : 'Branches', values: foreign(branches) },
		{ name: 'When', values: [{ text: words.span(startedAtMs, lastAtMs) }] },
		{ name: 'Task', values: foreign([sessionId]) },
	].filter(({ values }) => values.length > 0);
}

function figures(totals: ReportTotals, words: ReportWords, { tasks: all }: TaskReport): ReportView['figures'] {
	const said = (...notes: (string | false)[]) => notes.filter((note) => note !== false);
	const hit = hitRate(totals);
	return [
		{
			name: 'Cost',
			value: words.sum(totals),
			notes: said(
				totals.unpriced > 0 && `${words.count(totals.unpriced)} unpriced`,
				totals.subscriptionNanoUsd > 0 &&
					`${formatNanoUsd(totals.subscriptionNanoUsd, words)} of it API-equivalent, covered by a subscription`,
			),
		},
		{
			name: 'Calls',
			value: words.count(totals.calls),
			notes: said(
				totals.errors > 0 && `${words.count(totals.errors)} failed`,
				totals.cancelled > 0 && `${words.count(totals.cancelled)} cancelled`,
				totals.pending > 0 && `${words.count(totals.pending)} running`,
				all.length > 1 && `with ${words.count(all.length - 1)} ${all.length === 2 ? 'subagent' : 'subagents'}`,
			),
		},
		{
			name: 'Input tokens',
			value: words.count(totals.inputTokens),
			notes: said(hit !== null && `${words.percent(hit)} from cache`),
		},
		{
			name: 'Output tokens',
			value: words.count(totals.outputTokens),
			notes: said(totals.reasoningTokens > 0 && `${words.count(totals.reasoningTokens)} reasoning`),
		},
		{
			name: 'Time in calls',
			value: totals.latencyCalls === 0 ? '—' : words.duration(totals.latencyMs),
			notes: said(totals.latencyCalls > 0 && `${words.duration(totals.latencyMs / totals.latencyCalls)} on average`),
		},
	];
}

function models({ byModel, totals }: TaskReport, words: ReportWords): Section {
	const whole = totals.costNanoUsd + totals.subscriptionNanoUsd;
	return section('models', 'By model', {
		columns: columns('Provider', 'Model', '>Calls', '>Input', '>From cache', '>Into cache', '>Output', '>Cost'),
		rows: byModel.map((group) => [
			{ text: group.provider, foreign: true },
			{ text: group.model, foreign: true },
			{ text: words.count(group.calls) },
			{ text: words.count(group.inputTokens) },
			{ text: words.count(group.cacheReadTokens) },
			{ text: words.count(group.cacheWriteTokens) },
			{ text: words.count(group.outputTokens) },
			{
				text: words.sum(group),
				...(whole > 0 && { share: (group.costNanoUsd + group.subscriptionNanoUsd) / whole }),
			},
		]),
	});
}

function tasks({ tasks: all }: TaskReport, words: ReportWords): Section {
	return section('tasks', 'The task and its subagents', {
		columns: columns('Task', 'Agent', '>Calls', '>Input', '>Output', '>Cost'),
		rows: all.map(({ title, sessionId, agentId, depth, totals }) => [
			{ text: title ?? sessionId, foreign: true, depth },
			{ text: agentId, foreign: true },
			{ text: words.count(totals.calls) },
			{ text: words.count(totals.inputTokens) },
			{ text: words.count(totals.outputTokens) },
			{ text: words.sum(totals) },
		]),
	});
}

function costliest({ costliest: calls, tasks: all }: TaskReport, words: ReportWords): Section {
	const several = all.length > 1;
	return section(
		'costliest',
		'Costliest calls',
		calls.length === 0
			? null
			: {
					columns: columns('Call', 'Started', 'Model', '>Input', '>From cache', '>Output', '>Cost'),
					rows: calls.map((call) => [
						{ text: numberOf(call, several) },
						{ text: words.time(call.startedAtMs) },
						{ text: call.model, foreign: true },
						{ text: words.count(call.inputTokens) },
						{ text: words.count(call.cacheReadTokens) },
						{ text: words.count(call.outputTokens) },
						{ text: costOf(call, words) },
					]),
				},
		calls.length === 0 ? [[{ text: 'No call has a known cost.' }]] : [],
	);
}

function cache({ cache: { hits, misses, unknown }, totals }: TaskReport, words: ReportWords): Section {
	const hit = hitRate(totals);
	const known = hits + misses;
	const lines =
		hit === null
			? ['No call told how much of its input came from a cache.']
			: [
					`${words.count(totals.cacheReadTokens)} of ${words.count(totals.cacheToldTokens)} input tokens (${words.percent(
						hit,
					)}) were read from a cache; ${words.count(totals.cacheWriteTokens)} were written to one.`,
					`${words.count(hits)} of ${words.count(known)} calls read from the cache${
						unknown > 0 ? `; ${words.count(unknown)} did not tell` : ''
					}.`,
				];
	return section(
		'cache',
		'Cache',
		null,
		lines.map((text) => [{ text }]),
	);
}

function diagnostics(
	{ totals, errors, diverging, possibleDuplicates, notes }: TaskReport,
	words: ReportWords,
): Section {
	const lines: Cell[][] = [];
	const say = (amount: number, one: string, other: string) => {
		if (amount > 0) lines.push([{ text: `${words.count(amount)} ${amount === 1 ? one : other}` }]);
	};
	for (const { code, calls } of errors) {
		const failed = `${words.count(calls)} ${calls === 1 ? 'call' : 'calls'} failed`;
		lines.push(code === '' ? [{ text: `${failed}.` }] : [{ text: `${failed}: ` }, { text: code, foreign: true }]);
	}
	say(totals.cancelled, 'call was cancelled.', 'calls were cancelled.');
	say(totals.pending, 'call has not ended.', 'calls have not ended.');
	say(totals.usageMissing, 'call ended without usage.', 'calls ended without usage.');
	say(totals.unpriced, 'call has no known price.', 'calls have no known price.');
	say(
		diverging,
		'call has a reported cost that differs from the computed one by more than 2 %.',
		'calls have a reported cost that differs from the computed one by more than 2 %.',
	);
	say(
		possibleDuplicates,
		'call may be another one, seen through a second source.',
		'calls may be others, seen through a second source.',
	);
	for (const { note, calls } of notes) {
		lines.push([{ text: `${words.count(calls)} ${calls === 1 ? 'call' : 'calls'}: ` }, { text: note, foreign: true }]);
	}
	if (lines.length === 0)
		lines.push([{ text: 'Nothing stands out: every call ended, told its usage, and has a price.' }]);
	return section('diagnostics', 'Diagnostics', null, lines);
}

function timeline({ timeline: calls, totals, tasks: all }: TaskReport, words: ReportWords): Section {
	const several = all.length > 1;
	const left = totals.calls - calls.length;
	return section(
		'timeline',
		'Timeline',
		{
			columns: [
				...columns('Call', 'Started', 'Model', 'State', '>Input', '>From cache', '>Output', '>Duration', '>Cost'),
			],
			rows: calls.map((call) => [
				{ text: numberOf(call, several), depth: all[call.task]?.depth ?? 0 },
				{ text: words.time(call.startedAtMs) },
				{ text: call.model, foreign: true },
				{ text: stateOf(call) },
				{ text: words.count(call.inputTokens) },
				{ text: words.count(call.cacheReadTokens) },
				{ text: words.count(call.outputTokens) },
				{ text: words.duration(call.latencyMs) },
				{ text: costOf(call, words) },
			]),
		},
		[
			...(several ? [[{ text: 'The first number of a call is that of its task, in the order above.' }]] : []),
			...(left > 0 ? [[{ text: `${words.count(left)} later calls are not listed; all sums have them.` }]] : []),
		],
	);
}

function conversation({ timeline: calls, tasks: all }: TaskReport, words: ReportWords): Section {
	const several = all.length > 1;
	return {
		...section('conversation', 'What was said', null, [
			[
				{
					text: 'Of each call what it added to the conversation, and what came back. Secrets of well-known shapes are masked.',
				},
			],
		]),
		calls: calls.flatMap((call) =>
			call.said === null || call.said.length === 0
				? []
				: [
						{
							heading: [
								{ text: `Call ${numberOf(call, several)}, ${words.time(call.startedAtMs)}, ` },
								{ text: call.model, foreign: true as const },
							],
							said: call.said,
						},
					],
		),
	};
}

function costs({ basis, priceTables, pricesAsOf, totals }: TaskReport, words: ReportWords): Section {
	const lines = (Object.keys(basisWords) as (keyof typeof basisWords)[])
		.filter((name) => basis[name] > 0)
		.map((name) => `${words.count(basis[name])} ${basis[name] === 1 ? 'call' : 'calls'}: ${basisWords[name]}.`);
	const used = priceTables.length === 0 ? '' : ` Versions used: ${priceTables.join(', ')}.`;
	lines.push(
		`Prices: the table of ${pricesAsOf}, at the rate of the day of each call, with its tier and its cache writes by their time to live.${used}`,
	);
	if (totals.bound !== 'exact') lines.push(bounds[totals.bound]);
	return section(
		'costs',
		'How the costs were computed',
		null,
		lines.map((text) => [{ text }]),
	);
}

function section(id: string, heading: string, table: Table | null, notes: Cell[][] = []): Section {
	return { id, heading, table, notes, calls: [] };
}

/** `>` before a title: figures, which stand at the right. */
function columns(...titles: string[]): Table['columns'] {
	return titles.map((title) =>
		title.startsWith('>') ? { title: title.slice(1), align: 'right' } : { title, align: 'left' },
	);
}

function numberOf({ task, seq }: ReportCall, several: boolean): string {
	return several ? `${task + 1}.${seq}` : `${seq}`;
}

function stateOf({ state, usageMissing, orphan, kind }: ReportCall): string {
	const words = { pending: 'running', ok: 'ok', error: 'failed', cancelled: 'cancelled' } as const;
	return [
		words[state],
		...(kind === 'chat' ? [] : [kind]),
		...(orphan ? ['request not seen'] : []),
		...(usageMissing ? ['no usage'] : []),
	].join(', ');
}

function costOf({ cost }: ReportCall, words: ReportWords): string {
	if (cost === null) return '—';
	if (cost.basis === 'refused') return 'not billed';
	const text = formatNanoUsd(cost.nanoUsd, { bound: cost.bound, locale: words.locale });
	return cost.billing === 'subscription' && cost.nanoUsd !== null ? `${text} API-eq.` : text;
}

function hitRate({ cacheReadTokens, cacheToldTokens }: ReportTotals): number | null {
	return cacheToldTokens === 0 ? null : cacheReadTokens / cacheToldTokens;
}
