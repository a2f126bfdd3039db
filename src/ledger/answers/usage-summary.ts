import * as z from 'zod';
import { shownNanoUsd, statsJson } from '../../core/outside/call-json.ts';
import {
	type Analytics,
	type AnalyticsBucket,
	type CallFilter,
	type Granularity,
	granularitySchema,
	type TimeRange,
} from '../../core/views.ts';
import { type Answer, type Asker, QuestionProblem } from './answer.ts';
import { boundSchema, callChoice, filterOf, modelFields, modelSchema, statsSchema } from './call-fields.ts';
import { named } from './foreign-text.ts';
import { rangeOf, timeQuestion } from './time-words.ts';
import {
	boundsExplained,
	callsText,
	clockText,
	durationText,
	modelText,
	moneyText,
	sumText,
	sumTokensText,
	totalsLines,
} from './wording.ts';

/** More than a model reads with profit. */
const maxModels = 50;
const maxAgents = 50;
const maxBuckets = 400;
const widthMs = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

export const usageSummaryQuestion = z.strictObject({
	...timeQuestion,
	...callChoice,
	granularity: granularitySchema.optional().describe('Also tell the figures of each hour, day or week.'),
});
export type UsageSummaryQuestion = z.infer<typeof usageSummaryQuestion>;

export const usageSummarySchema = z.object({
	timeZone: z.string(),
	costText: z.string().describe('What all of it cost, with its bound, such as "≥ $1.24 (3 unpriced)".'),
	totals: statsSchema,
	byModel: z.array(modelSchema).describe(`Dearest first, at most ${maxModels}.`),
	modelsLeftOut: z.int(),
	byAgent: z
		.array(
			z.object({
				agentId: z.string(),
				calls: z.int(),
				costUsd: z.number().nullable(),
				costText: z.string(),
				unpriced: z.int(),
			}),
		)
		.describe('Dearest first.'),
	byTime: z
		.array(
			z.object({
				from: z.string().describe('ISO 8601.'),
				calls: z.int(),
				pending: z.int(),
				costUsd: z.number().nullable(),
				costBound: boundSchema,
				unpriced: z.int(),
				inputTokens: z.int(),
				outputTokens: z.int(),
			}),
		)
		.describe('Oldest first, by the granularity that was asked for; else empty.'),
});
export type UsageSummary = z.infer<typeof usageSummarySchema>;

/** What the calls of a time cost, by model, agent and, where asked for, time. Default: today. */
export async function usageSummary(question: UsageSummaryQuestion, asker: Asker): Promise<Answer<UsageSummary>> {
	const { nowMs, timeZone } = asker;
	const { range, name } = rangeOf(question, 'today', nowMs, timeZone);
	const filter = filterOf(question, range);
	const { granularity } = question;
	const { totals, byModel, byAgent, byTime } =
		granularity === undefined ? await sums(filter, asker) : await sumsByTime(filter, granularity, asker);
	const data: UsageSummary = {
		timeZone,
		costText: sumText(totals),
		totals: statsJson(totals, range ?? undefined),
		byModel: byModel.slice(0, maxModels).map(modelFields),
		modelsLeftOut: Math.max(0, byModel.length - maxModels),
		byAgent: byAgent.slice(0, maxAgents).map((agent) => {
			const { costUsd, unpriced } = statsJson(agent, undefined);
			return { agentId: named(agent.name), calls: agent.calls, costUsd, costText: sumText(agent), unpriced };
		}),
		byTime,
	};
	return { data, text: inWords(name, { totals, byModel }, data, timeZone) };
}

type Sums = Pick<Analytics, 'totals' | 'byModel' | 'byAgent'> & Pick<UsageSummary, 'byTime'>;

/** Without buckets of time: a single call that is dated a thousand years off would make more of them than anyone can add up. */
async function sums(filter: CallFilter, { ledger }: Asker): Promise<Sums> {
	const [totals, byModel, facets] = await Promise.all([
		ledger.totals(filter),
		ledger.byModel(filter),
		ledger.facets(filter),
	]);
	const agents = filter.agentId === undefined ? facets.agents.map(({ agentId }) => agentId) : [filter.agentId];
	const byAgent = await Promise.all(
		agents.slice(0, maxAgents).map(async (name) => ({ name, ...(await ledger.totals({ ...filter, agentId: name })) })),
	);
	return {
		totals,
		byModel,
		byAgent: byAgent
			.filter(({ calls }) => calls > 0)
			.sort((a, b) => (shownNanoUsd(b) ?? 0) - (shownNanoUsd(a) ?? 0) || b.calls - a.calls),
		byTime: [],
	};
}

async function sumsByTime(filter: CallFilter, granularity: Granularity, asker: Asker): Promise<Sums> {
	const { ledger, timeZone } = asker;
	const range = await knownRange(asker, filter.range ?? null);
	if ((range.toMs - range.fromMs) / widthMs[granularity] > maxBuckets) {
		throw new QuestionProblem(
			`More than ${maxBuckets} ${granularity}s: ask for a shorter time or a wider granularity.`,
		);
	}
	const { totals, byModel, byAgent, buckets } = await ledger.analytics({ range, granularity, timeZone, filter });
	const byTime = await Promise.all(
		buckets.map(async (bucket) => {
			if (totals.pending === 0 || bucket.calls === 0) return timeFields(bucket, 0);
			const { calls } = await ledger.totals({ ...filter, state: 'pending', range: between(bucket, range) });
			return timeFields(bucket, calls);
		}),
	);
	return { totals, byModel, byAgent, byTime };
}

/** From the first call to the last, where a bound is not given: no bucket is made for a time without any. */
async function knownRange({ ledger, nowMs }: Asker, range: TimeRange | null): Promise<TimeRange> {
	const edge = async (sort: 'oldest' | 'newest') => {
		const { rows } = await ledger.calls({ filter: range ? { range } : {}, sort, offset: 0, limit: 1 });
		return rows[0]?.startedAtMs;
	};
	const [first, last] = await Promise.all([edge('oldest'), edge('newest')]);
	if (range === null) return { fromMs: first ?? nowMs, toMs: (last ?? nowMs) + 1 };
	const end = Math.max(nowMs, last ?? 0) + 1;
	return {
		fromMs: range.fromMs === 0 ? (first ?? Math.min(nowMs, range.toMs - 1)) : range.fromMs,
		toMs: Math.max(range.fromMs + 1, Math.min(range.toMs, end)),
	};
}

/** The part of a bucket that was asked about. */
function between({ startMs, endMs }: AnalyticsBucket, { fromMs, toMs }: TimeRange): TimeRange {
	return { fromMs: Math.max(startMs, fromMs), toMs: Math.min(endMs, toMs) };
}

function timeFields({ startMs, calls, groups }: AnalyticsBucket, pending: number): UsageSummary['byTime'][number] {
	const sum = (of: (group: AnalyticsBucket['groups'][number]) => number) =>
		groups.reduce((total, group) => total + of(group), 0);
	const unpriced = sum((group) => group.unpriced);
	const costNanoUsd = sum((group) => group.costNanoUsd);
	const subscriptionNanoUsd = sum((group) => group.subscriptionNanoUsd);
	const nanoUsd = shownNanoUsd({ calls, pending, unpriced, costNanoUsd, subscriptionNanoUsd });
	const bounds = new Set(groups.map(({ bound }) => bound).filter((bound) => bound !== 'exact'));
	const [only = 'exact'] = bounds;
	return {
		from: new Date(startMs).toISOString(),
		calls,
		pending,
		costUsd: nanoUsd === null ? null : nanoUsd / 1e9,
		costBound: bounds.size > 1 ? 'about' : only,
		unpriced,
		inputTokens: sum((group) => group.inputTokens),
		outputTokens: sum((group) => group.outputTokens),
	};
}

function inWords(
	name: string,
	{ totals, byModel }: Pick<Analytics, 'totals' | 'byModel'>,
	data: UsageSummary,
	timeZone: string,
): string {
	if (totals.calls === 0) return `No LLM calls were recorded for ${name}.`;
	const lines = [`LLM usage of ${name}: ${callsText(totals.calls)}.`, ...totalsLines(totals), '', 'By model:'];
	for (const group of byModel.slice(0, maxModels)) {
		const facts = [callsText(group.calls), sumTokensText(group), `${durationText(group.latency.avgMs)} on average`];
		lines.push(`- ${modelText(group)}: ${sumText(group)}; ${facts.join(', ')}`);
	}
	if (data.modelsLeftOut > 0) lines.push(`- and ${data.modelsLeftOut} more models`);
	if (data.byAgent.length > 1) {
		lines.push('', 'By agent:');
		for (const agent of data.byAgent) {
			lines.push(`- ${named(agent.agentId)}: ${agent.costText}; ${callsText(agent.calls)}`);
		}
	}
	if (data.byTime.length > 0) {
		lines.push('', 'By time:');
		for (const bucket of data.byTime) {
			lines.push(`- ${clockText(Date.parse(bucket.from), timeZone).slice(0, 16)}: ${bucketText(bucket)}`);
		}
	}
	if (totals.bound !== 'exact') lines.push('', boundsExplained);
	return lines.join('\n');
}

function bucketText({ calls, pending, costUsd, costBound, unpriced }: UsageSummary['byTime'][number]): string {
	if (calls === 0) return 'no calls';
	if (pending === calls) return `cost not known yet; ${callsText(calls)}`;
	const cost = moneyText(costUsd === null ? null : Math.round(costUsd * 1e9), costBound);
	const left = unpriced > 0 && costUsd !== null ? ` (${unpriced} unpriced)` : '';
	return `${cost}${left}; ${callsText(calls)}`;
}
