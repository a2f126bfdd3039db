import * as z from 'zod';
import { statsJson } from '../../core/outside/call-json.ts';
import { type Bucket, bucketSchema } from '../../core/pricing/cost.ts';
import type { CallFilter, CallRow, GroupTotals, Totals } from '../../core/views.ts';
import type { CallCost } from '../ledger.ts';
import type { Asker } from './answer.ts';
import { type CacheMiss, cacheMisses, isUncacheable, missCostNanoUsd } from './cache-misses.ts';
import { callFields, callSchema, modelFields, modelSchema, statsSchema } from './call-fields.ts';
import { bucketText } from './explain-call.ts';
import { named } from './foreign-text.ts';
import { sessionUri } from './resource-uris.ts';
import {
	allTokensText,
	boundsExplained,
	callLine,
	callsText,
	durationText,
	exactMoneyText,
	modelText,
	moneyText,
	percentText,
	sumText,
	totalsLines,
} from './wording.ts';

/** Calls that are looked at one by one, the newest of them. */
const maxLookedAt = 5_000;
const pageSize = 500;

const missSchema = z.object({
	callId: z.string(),
	sessionId: z.string(),
	missedTokens: z.int(),
	extraUsd: z.number().nullable(),
	pauseMs: z.number().describe('From the end of the call before: caches forget after some minutes.'),
});

export const explainedCallsSchema = z.object({
	totals: statsSchema,
	lookedAt: z.int().describe('Calls that were looked at one by one, the newest: all, unless there are too many.'),
	byModel: z.array(modelSchema).describe('Dearest first.'),
	byBucket: z
		.array(z.object({ bucket: bucketSchema.or(z.literal('reported')), tokens: z.int().nullable(), usd: z.number() }))
		.describe('What was paid for, dearest first. reported: costs that were told as a sum.'),
	costliestCalls: z.array(callSchema),
	costliestSessions: z.array(
		z.object({
			sessionId: z.string(),
			agentId: z.string(),
			calls: z.int(),
			costUsd: z.number().nullable(),
			costText: z.string(),
			uri: z.string(),
		}),
	),
	cacheMisses: z.object({
		calls: z.int().describe('Calls that sent a prompt again which the call before had sent, and paid for it in full.'),
		tokens: z.int(),
		extraUsd: z.number().nullable().describe('About what reading it from the cache would have saved; null: not known.'),
		unknownCost: z.int().describe('Misses whose cost is not known: extraUsd leaves them out.'),
		worst: z.array(missSchema),
	}),
});
export type ExplainedCalls = z.infer<typeof explainedCallsSchema>;

interface Session {
	sessionId: string;
	agentId: string;
	calls: number;
	nanoUsd: number;
	unpriced: number;
	least: boolean;
	most: boolean;
}

interface Miss extends CacheMiss {
	extraNanoUsd: number | null;
}

/** Everything that was found out, before it is put into fields and into words. */
interface Findings {
	totals: Totals;
	byModel: GroupTotals[];
	rows: CallRow[];
	costliest: CallRow[];
	sessions: Session[];
	buckets: { bucket: Bucket | 'reported'; tokens: number | null; nanoUsd: number }[];
	misses: Miss[];
	top: number;
}

/** Where the money of some calls went. `top`: how many of each list are told. */
export async function explainCalls(
	filter: CallFilter,
	top: number,
	asker: Asker,
): Promise<{ data: ExplainedCalls; lines: string[] }> {
	const { ledger, timeZone } = asker;
	const [totals, costliest, rows] = await Promise.all([
		ledger.totals(filter),
		ledger.calls({ filter, sort: 'cost', offset: 0, limit: top }),
		newestOf(filter, asker),
	]);
	const costs = new Map<string, CallCost>();
	for (let at = 0; at < rows.length; at += pageSize) {
		asker.signal?.throwIfAborted();
		for (const cost of await ledger.costs(rows.slice(at, at + pageSize).map(({ callId }) => callId))) {
			costs.set(cost.callId, cost);
		}
	}
	const findings: Findings = {
		totals,
		byModel: await modelsOf(filter, rows, asker),
		rows,
		costliest: costliest.rows.filter(({ cost }) => (cost?.nanoUsd ?? 0) > 0),
		sessions: sessionsOf(rows),
		buckets: bucketsOf(rows, costs),
		misses: missesOf(rows, costs),
		top,
	};
	return { data: fieldsOf(findings, filter), lines: linesOf(findings, timeZone) };
}

async function newestOf(filter: CallFilter, { ledger, signal }: Asker): Promise<CallRow[]> {
	const rows = new Map<string, CallRow>();
	for (let offset = 0; offset < maxLookedAt; offset += pageSize) {
		signal?.throwIfAborted();
		const page = await ledger.calls({ filter, sort: 'newest', offset, limit: pageSize });
		for (const row of page.rows) rows.set(row.callId, row);
		if (page.rows.length < pageSize) break;
	}
	return [...rows.values()];
}

/** By model, over all calls: one week is as good as another, only the sums are of interest. */
async function modelsOf(
	filter: CallFilter,
	rows: readonly CallRow[],
	{ ledger, timeZone }: Asker,
): Promise<GroupTotals[]> {
	const [newest] = rows;
	if (newest === undefined) return [];
	const { rows: first } = await ledger.calls({ filter, sort: 'oldest', offset: 0, limit: 1 });
	const range = { fromMs: first[0]?.startedAtMs ?? newest.startedAtMs, toMs: newest.startedAtMs + 1 };
	return (await ledger.analytics({ range, granularity: 'week', timeZone, filter })).byModel;
}

function sessionsOf(rows: readonly CallRow[]): Session[] {
	const sessions = new Map<string, Session>();
	for (const { sessionId, agentId, cost, state } of rows) {
		const none = { sessionId, agentId, calls: 0, nanoUsd: 0, unpriced: 0, least: false, most: false };
		const session = sessions.get(sessionId) ?? none;
		sessions.set(sessionId, session);
		session.calls++;
		session.nanoUsd += cost?.nanoUsd ?? 0;
		if (state !== 'pending' && (cost?.nanoUsd ?? null) === null && cost?.basis !== 'refused') session.unpriced++;
		session.least ||= cost?.bound === 'atLeast';
		session.most ||= cost?.bound === 'atMost';
	}
	return [...sessions.values()].sort((a, b) => b.nanoUsd - a.nanoUsd || b.calls - a.calls);
}

function bucketsOf(rows: readonly CallRow[], costs: ReadonlyMap<string, CallCost>): Findings['buckets'] {
	const sums = new Map<Bucket, { tokens: number; picoUsd: number }>();
	let reported = 0;
	for (const { callId } of rows) {
		const cost = costs.get(callId)?.cost;
		if (cost === undefined) continue;
		if (cost.basis !== 'computed') {
			reported += cost.shownNanoUsd ?? 0;
			continue;
		}
		for (const { bucket, tokens, ratePicoUsd } of cost.lines) {
			const sum = sums.get(bucket) ?? { tokens: 0, picoUsd: 0 };
			sums.set(bucket, { tokens: sum.tokens + tokens, picoUsd: sum.picoUsd + tokens * ratePicoUsd });
		}
	}
	return [
		...[...sums].map(([bucket, { tokens, picoUsd }]) => ({ bucket, tokens, nanoUsd: Math.round(picoUsd / 1000) })),
		...(reported > 0 ? [{ bucket: 'reported' as const, tokens: null, nanoUsd: reported }] : []),
	].sort((a, b) => b.nanoUsd - a.nanoUsd);
}

function missesOf(rows: readonly CallRow[], costs: ReadonlyMap<string, CallCost>): Miss[] {
	return cacheMisses(rows)
		.filter(({ row }) => !isUncacheable(costs.get(row.callId)))
		.map((miss) => {
			const paid = costs.get(miss.row.callId);
			return { ...miss, extraNanoUsd: paid === undefined ? null : missCostNanoUsd(miss, paid) };
		})
		.sort((a, b) => (b.extraNanoUsd ?? 0) - (a.extraNanoUsd ?? 0) || b.tokens - a.tokens);
}

function extraOf(misses: readonly Miss[]): number | null {
	const known = misses.flatMap(({ extraNanoUsd }) => (extraNanoUsd === null ? [] : [extraNanoUsd]));
	return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
}

function sessionText({ nanoUsd, calls, unpriced, least, most }: Session): string {
	if (nanoUsd === 0 && unpriced === calls) return `unpriced (no known price for ${callsText(unpriced)})`;
	const atLeast = least || unpriced > 0;
	const sum = moneyText(nanoUsd, most ? (atLeast ? 'about' : 'atMost') : atLeast ? 'atLeast' : 'exact');
	return unpriced === 0 ? sum : `${sum} (${unpriced} unpriced)`;
}

function fieldsOf(
	{ totals, byModel, rows, costliest, sessions, buckets, misses, top }: Findings,
	filter: CallFilter,
): ExplainedCalls {
	const extra = extraOf(misses);
	return {
		totals: statsJson(totals, filter.range),
		lookedAt: rows.length,
		byModel: byModel.slice(0, top).map(modelFields),
		byBucket: buckets.map(({ bucket, tokens, nanoUsd }) => ({ bucket, tokens, usd: nanoUsd / 1e9 })),
		costliestCalls: costliest.map(callFields),
		costliestSessions: sessions.slice(0, top).map((session) => ({
			sessionId: session.sessionId,
			agentId: named(session.agentId),
			calls: session.calls,
			costUsd: session.nanoUsd === 0 && session.unpriced === session.calls ? null : session.nanoUsd / 1e9,
			costText: sessionText(session),
			uri: sessionUri(session.sessionId),
		})),
		cacheMisses: {
			calls: misses.length,
			tokens: misses.reduce((sum, { tokens }) => sum + tokens, 0),
			extraUsd: misses.length === 0 ? 0 : extra === null ? null : extra / 1e9,
			unknownCost: misses.filter(({ extraNanoUsd }) => extraNanoUsd === null).length,
			worst: misses.slice(0, top).map(({ row, tokens, pauseMs, extraNanoUsd }) => ({
				callId: row.callId,
				sessionId: row.sessionId,
				missedTokens: tokens,
				extraUsd: extraNanoUsd === null ? null : extraNanoUsd / 1e9,
				pauseMs,
			})),
		},
	};
}

function linesOf(findings: Findings, timeZone: string): string[] {
	const { totals, byModel, rows, costliest, sessions, buckets, top } = findings;
	const lines = totalsLines(totals);
	if (rows.length < totals.calls) {
		lines.push(`What follows by kind of token, task and cache looks at the newest ${callsText(rows.length)} only.`);
	}
	const paid = buckets.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
	if (paid > 0) {
		lines.push('', 'What was paid for:');
		for (const { bucket, tokens, nanoUsd } of buckets) {
			const what = bucket === 'reported' ? 'reported as a sum by provider or agent' : bucketText[bucket];
			const count = tokens === null || bucket === 'requests' ? '' : `, ${allTokensText(tokens)} tokens`;
			lines.push(`- ${what}: ${moneyText(nanoUsd)} (${percentText(nanoUsd / paid)})${count}`);
		}
	}
	if (byModel.length > 0) {
		lines.push('', 'Models:');
		for (const group of byModel.slice(0, top))
			lines.push(`- ${modelText(group)}: ${sumText(group)}; ${callsText(group.calls)}`);
	}
	if (sessions.length > 1) {
		lines.push('', 'Costliest tasks:');
		for (const session of sessions.slice(0, top)) {
			const who = `${named(session.agentId)}, sessionId ${named(session.sessionId)}`;
			lines.push(`- ${sessionText(session)}; ${callsText(session.calls)}, ${who}`);
		}
	}
	if (costliest.length > 0) {
		lines.push('', 'Costliest calls:');
		for (const row of costliest) lines.push(`- ${callLine(row, timeZone)}`);
	}
	lines.push('', ...missLines(findings.misses, top));
	if (totals.bound !== 'exact') lines.push('', boundsExplained);
	return lines;
}

function missLines(misses: readonly Miss[], top: number): string[] {
	if (misses.length === 0)
		return ['No cache misses were seen: no call paid in full for a prompt that was sent before.'];
	const extra = extraOf(misses);
	const tokens = misses.reduce((sum, each) => sum + each.tokens, 0);
	const saved =
		extra === null ? 'what that cost is not known' : `about ${moneyText(extra)} more than reading it from the cache`;
	return [
		`Cache misses: ${callsText(misses.length)} sent ${allTokensText(tokens)} tokens again that the call before had sent, and paid for them in full: ${saved}.`,
		...misses.slice(0, top).map(({ row, tokens: missed, pauseMs, extraNanoUsd }) => {
			const cost = extraNanoUsd === null ? 'cost unknown' : `≈ ${exactMoneyText(extraNanoUsd)} more`;
			const model = modelText({ provider: row.provider, model: row.actualModel ?? row.model });
			return `- ${allTokensText(missed)} tokens, ${cost}: ${model} after a pause of ${durationText(pauseMs)}, callId ${named(row.callId)}`;
		}),
	];
}
