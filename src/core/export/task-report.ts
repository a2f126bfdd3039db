import type { Totals } from '../views.ts';
import type { ExportedCall } from './exported-call.ts';

/** What a report of a task tells, as figures. `null` is unknown. */
export interface TaskReport {
	sessionId: string;
	/** `null`: there is none, or it was not asked for. */
	title: string | null;
	agentId: string;
	/** Names of the projects: the last parts of their folders. */
	projects: string[];
	branches: string[];
	startedAtMs: number;
	lastAtMs: number;
	/** Of the task and all its subagents. */
	totals: ReportTotals;
	byModel: (ReportTotals & { provider: string; model: string })[];
	/** The task and those of its subagents, in order of their start below their parent. */
	tasks: ReportTask[];
	/** In order of their start, at most `maxTimeline`. */
	timeline: ReportCall[];
	/** By what they cost, dearest first. */
	costliest: ReportCall[];
	cache: { hits: number; misses: number; unknown: number };
	/** Calls by how their cost is known. */
	basis: Record<NonNullable<ExportedCall['cost']>['basis'], number>;
	diverging: number;
	possibleDuplicates: number;
	/** Codes or statuses of failed calls, and how many had each; most first. */
	errors: { code: string; calls: number }[];
	/** What is to be said of counts and costs, a sentence each, and of how many calls. */
	notes: { note: string; calls: number }[];
	/** Versions of the price tables that costs were computed by. */
	priceTables: string[];
	/** The day of this program's table. */
	pricesAsOf: string;
	hasContent: boolean;
	madeAtMs: number;
	version: string;
	locale: string;
	timeZone: string;
}

/** Sums without latency percentiles, which need all calls at once. */
export interface ReportTotals
	extends Pick<
		Totals,
		| 'calls'
		| 'pending'
		| 'errors'
		| 'cancelled'
		| 'unpriced'
		| 'usageMissing'
		| 'inputTokens'
		| 'outputTokens'
		| 'cacheReadTokens'
		| 'cacheToldTokens'
		| 'cacheWriteTokens'
		| 'reasoningTokens'
		| 'costNanoUsd'
		| 'subscriptionNanoUsd'
		| 'bound'
	> {
	/** Of the calls whose latency is known. */
	latencyMs: number;
	latencyCalls: number;
}

export interface ReportTask {
	sessionId: string;
	title: string | null;
	agentId: string;
	/** 0: the task itself. */
	depth: number;
	totals: ReportTotals;
}

export interface ReportCall {
	callId: string;
	/** Index into `tasks`. */
	task: number;
	seq: number;
	startedAtMs: number;
	provider: string;
	model: string;
	kind: ExportedCall['row']['kind'];
	state: ExportedCall['row']['state'];
	usageMissing: boolean;
	orphan: boolean;
	inputTokens: number | null;
	cacheReadTokens: number | null;
	outputTokens: number | null;
	latencyMs: number | null;
	cost: { nanoUsd: number | null; bound: 'exact' | 'atLeast' | 'atMost'; basis: string; billing: string } | null;
	/** What it added to the conversation, and what came back; `null`: not asked for. */
	said: ReportText[] | null;
}

/** A part of a conversation. */
export interface ReportText {
	/** Who or what: `system`, `user`, `assistant`, `tool`, `reasoning`, `tool call`, `error`. */
	who: string;
	text: string;
	/** UTF-16 code units that were left out at its end. */
	cut: number;
}

/** Calls that a timeline lists; with content fewer. */
const maxTimeline = 1_000;
const maxTimelineWithContent = 300;
const maxCostliest = 5;
const maxNotes = 20;
const maxTextChars = 8_000;

/** Adds up the calls of a task. Holds the lines of the report, not the calls. */
export class ReportSums {
	readonly totals = noTotals();
	readonly cache = { hits: 0, misses: 0, unknown: 0 };
	readonly basis: TaskReport['basis'] = { provider: 0, computed: 0, agent: 0, unpriced: 0, refused: 0 };
	readonly timeline: ReportCall[] = [];
	diverging = 0;
	possibleDuplicates = 0;
	readonly #byModel = new Map<string, ReportTotals & { provider: string; model: string }>();
	readonly #byTask: ReportTotals[] = [];
	readonly #costliest: ReportCall[] = [];
	readonly #errors = new Map<string, number>();
	readonly #notes = new Map<string, number>();
	readonly #projects = new Set<string>();
	readonly #branches = new Set<string>();
	readonly #priceTables = new Set<string>();
	readonly #room: number;

	constructor(hasContent: boolean) {
		this.#room = hasContent ? maxTimelineWithContent : maxTimeline;
	}

	/** `said`: what the report is to repeat of it. */
	add(call: ExportedCall, task: number, said: ReportText[] | null): void {
		const { row, cost, error, folder, gitBranch, usageNotes } = call;
		const { provider } = row;
		const model = row.actualModel ?? row.model;
		const key = JSON.stringify([provider, model]);
		const ofModel = this.#byModel.get(key) ?? { ...noTotals(), provider, model };
		this.#byModel.set(key, ofModel);
		this.#byTask[task] ??= noTotals();
		for (const totals of [this.totals, ofModel, this.#byTask[task]]) addTo(totals, call);
		const line = lineOf(call, task, said);
		if (this.timeline.length < this.#room) this.timeline.push(line);
		this.#keepIfCostly({ ...line, said: null });
		if (row.endedAtMs !== null) {
			this.cache[row.cacheReadTokens === null ? 'unknown' : row.cacheReadTokens > 0 ? 'hits' : 'misses']++;
		}
		if (cost) {
			this.basis[cost.basis]++;
			if (cost.diverges) this.diverging++;
			if (cost.price && cost.basis === 'computed') this.#priceTables.add(cost.price.tableDate);
		}
		if (row.possibleDuplicateOf !== null) this.possibleDuplicates++;
		if (row.state === 'error') count(this.#errors, error?.code ?? error?.status?.toString() ?? '');
		for (const note of [...usageNotes, ...(cost?.notes ?? [])]) count(this.#notes, note);
		const project = folder?.split(/[\\/]/).findLast((part) => part !== '');
		if (project !== undefined) this.#projects.add(project);
		if (gitBranch !== null) this.#branches.add(gitBranch);
	}

	ofTask(task: number): ReportTotals {
		return bounded(this.#byTask[task] ?? noTotals());
	}

	/** All that a report tells beside the names of its tasks. */
	parts() {
		const costOf = ({ costNanoUsd, subscriptionNanoUsd }: ReportTotals) => costNanoUsd + subscriptionNanoUsd;
		return {
			totals: bounded(this.totals),
			byModel: [...this.#byModel.values()].map(bounded).sort((a, b) => costOf(b) - costOf(a) || b.calls - a.calls),
			timeline: this.timeline,
			costliest: this.#costliest,
			cache: this.cache,
			basis: this.basis,
			diverging: this.diverging,
			possibleDuplicates: this.possibleDuplicates,
			errors: [...this.#errors].map(([code, calls]) => ({ code, calls })).sort((a, b) => b.calls - a.calls),
			notes: [...this.#notes]
				.map(([note, calls]) => ({ note, calls }))
				.sort((a, b) => b.calls - a.calls)
				.slice(0, maxNotes),
			projects: [...this.#projects].sort(),
			branches: [...this.#branches].sort(),
			priceTables: [...this.#priceTables].sort(),
		};
	}

	#keepIfCostly(line: ReportCall): void {
		if ((line.cost?.nanoUsd ?? 0) <= 0) return;
		this.#costliest.push(line);
		this.#costliest.sort((a, b) => (b.cost?.nanoUsd ?? 0) - (a.cost?.nanoUsd ?? 0) || a.startedAtMs - b.startedAtMs);
		this.#costliest.length = Math.min(this.#costliest.length, maxCostliest);
	}
}

/** A text as a report has it: not longer than a reader bears. */
export function reportText(who: string, text: string): ReportText {
	if (text.length <= maxTextChars) return { who, text, cut: 0 };
	const kept = text.slice(0, maxTextChars).toWellFormed();
	return { who, text: kept, cut: text.length - maxTextChars };
}

type Summing = ReportTotals & { atLeast?: number; atMost?: number };

function noTotals(): Summing {
	return {
		calls: 0,
		pending: 0,
		errors: 0,
		cancelled: 0,
		unpriced: 0,
		usageMissing: 0,
		inputTokens: 0,
		outputTokens: 0,
		cacheReadTokens: 0,
		cacheToldTokens: 0,
		cacheWriteTokens: 0,
		reasoningTokens: 0,
		costNanoUsd: 0,
		subscriptionNanoUsd: 0,
		bound: 'exact',
		latencyMs: 0,
		latencyCalls: 0,
		atLeast: 0,
		atMost: 0,
	};
}

function addTo(totals: Summing, { row, cost, origin }: ExportedCall): void {
	totals.calls++;
	if (row.state === 'pending') totals.pending++;
	if (row.state === 'error') totals.errors++;
	if (row.state === 'cancelled') totals.cancelled++;
	if (row.usageMissing) totals.usageMissing++;
	totals.inputTokens += row.inputTokens ?? 0;
	totals.outputTokens += row.outputTokens ?? 0;
	totals.cacheReadTokens += row.cacheReadTokens ?? 0;
	if (row.cacheReadTokens !== null) totals.cacheToldTokens += row.inputTokens ?? 0;
	totals.cacheWriteTokens += row.cacheWriteTokens ?? 0;
	totals.reasoningTokens += row.reasoningTokens ?? 0;
	if (row.latencyMs !== null) {
		totals.latencyMs += row.latencyMs;
		totals.latencyCalls++;
	}
	if (!cost) return;
	if (cost.shownNanoUsd === null) {
		if (cost.basis !== 'refused') totals.unpriced++;
		return;
	}
	if (origin.billing === 'subscription') totals.subscriptionNanoUsd += cost.shownNanoUsd;
	else totals.costNanoUsd += cost.shownNanoUsd;
	if (cost.bound === 'atLeast') totals.atLeast = (totals.atLeast ?? 0) + 1;
	if (cost.bound === 'atMost') totals.atMost = (totals.atMost ?? 0) + 1;
}

/** As sums in the panel are: what is missing makes a least, what is too much a most, and both together about. */
function bounded<T extends Summing>(totals: T): T {
	const least = totals.unpriced > 0 || (totals.atLeast ?? 0) > 0;
	const most = (totals.atMost ?? 0) > 0;
	return { ...totals, bound: most ? (least ? 'about' : 'atMost') : least ? 'atLeast' : 'exact' };
}

function lineOf({ row, cost, origin }: ExportedCall, task: number, said: ReportText[] | null): ReportCall {
	return {
		callId: row.callId,
		task,
		seq: row.seq,
		startedAtMs: row.startedAtMs,
		provider: row.provider,
		model: row.actualModel ?? row.model,
		kind: row.kind,
		state: row.state,
		usageMissing: row.usageMissing,
		orphan: row.orphan,
		inputTokens: row.inputTokens,
		cacheReadTokens: row.cacheReadTokens,
		outputTokens: row.outputTokens,
		latencyMs: row.latencyMs,
		cost: cost && {
			nanoUsd: cost.shownNanoUsd,
			bound: cost.bound,
			basis: cost.basis,
			billing: origin.billing,
		},
		said,
	};
}

function count(counts: Map<string, number>, key: string): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}
