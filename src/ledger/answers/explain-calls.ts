import * as z from 'zod';
import { statsJson } from '../../core/outside/call-json.ts';
import { bucketSchema } from '../../core/pricing/cost.ts';
import type { CallFilter } from '../../core/views.ts';
import type { Asker } from './answer.ts';
import { callFields, callSchema, modelFields, modelSchema, statsSchema } from './call-fields.ts';
import { bucketText } from './explain-call.ts';
import { type Findings, findOut, type Miss, type Session } from './findings.ts';
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
	byModel: z.array(modelSchema).describe('Dearest first, as many as top.'),
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

/** Where the money of some calls went. `top`: how many of each list are told. */
export async function explainCalls(
	filter: CallFilter,
	top: number,
	asker: Asker,
): Promise<{ data: ExplainedCalls; lines: string[] }> {
	const findings = await findOut(filter, top, asker);
	return { data: fieldsOf(findings, filter), lines: linesOf(findings, asker.timeZone) };
}

function extraOf(misses: readonly Miss[]): number | null {
	const known = misses.flatMap(({ extraNanoUsd }) => (extraNanoUsd === null ? [] : [extraNanoUsd]));
	return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
}

/** `null`: some calls ended without a known price, and no other has one. */
function knownOf({ nanoUsd, calls, pending, unpriced }: Session): number | null {
	return nanoUsd === 0 && unpriced > 0 && unpriced + pending === calls ? null : nanoUsd;
}

function sessionText(session: Session): string {
	const { nanoUsd, calls, pending, unpriced, least, most } = session;
	if (pending === calls) return 'cost not known yet';
	if (knownOf(session) === null) return `unpriced (no known price for ${callsText(unpriced)})`;
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
			costUsd: usd(session.pending === session.calls ? null : knownOf(session)),
			costText: sessionText(session),
			uri: sessionUri(session.sessionId),
		})),
		cacheMisses: {
			calls: misses.length,
			tokens: misses.reduce((sum, { tokens }) => sum + tokens, 0),
			extraUsd: misses.length === 0 ? 0 : usd(extra),
			unknownCost: misses.filter(({ extraNanoUsd }) => extraNanoUsd === null).length,
			worst: misses.slice(0, top).map(({ row, tokens, pauseMs, extraNanoUsd }) => ({
				callId: row.callId,
				sessionId: row.sessionId,
				missedTokens: tokens,
				extraUsd: usd(extraNanoUsd),
				pauseMs,
			})),
		},
	};
}

function usd(nanoUsd: number | null): number | null {
	return nanoUsd === null ? null : nanoUsd / 1e9;
}

function linesOf(findings: Findings, timeZone: string): string[] {
	const { totals, byModel, rows, costliest, sessions, buckets, top } = findings;
	const lines = totalsLines(totals);
	if (rows.length < totals.calls) {
		lines.push(`What follows by kind of token, task and cache looks at the newest ${callsText(rows.length)} only.`);
	}
	if (totals.subscriptionNanoUsd > 0 && totals.costNanoUsd > 0) {
		lines.push('What follows counts both together: what is billed, and what a subscription covers at API prices.');
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
	lines.push('', ...missLines(findings));
	if (totals.bound !== 'exact') lines.push('', boundsExplained);
	return lines;
}

function missLines({ misses, rows, top }: Findings): string[] {
	const untold = rows.filter(({ cacheReadTokens, state }) => cacheReadTokens === null && state !== 'pending').length;
	const leftOut = untold > 0 ? ` ${callsText(untold)} told nothing of a cache.` : '';
	if (misses.length === 0) {
		const told = rows.some(({ cacheReadTokens }) => cacheReadTokens !== null);
		return [
			told
				? `No cache misses were seen: no call paid in full for a prompt that was sent before.${leftOut}`
				: nothingOfCaches,
		];
	}
	const extra = extraOf(misses);
	const unknown = misses.filter(({ extraNanoUsd }) => extraNanoUsd === null).length;
	const tokens = misses.reduce((sum, each) => sum + each.tokens, 0);
	const known =
		extra === null ? 'what that cost is not known' : `about ${moneyText(extra)} more than reading it from the cache`;
	const left = extra !== null && unknown > 0 ? `, and ${callsText(unknown)} of which that is not known` : '';
	return [
		`Cache misses: ${callsText(misses.length)} sent ${allTokensText(tokens)} tokens again that the call before had sent, and paid for them in full: ${known}${left}.${leftOut}`,
		...misses.slice(0, top).map((miss) => `- ${missLine(miss)}`),
	];
}

const nothingOfCaches = 'Whether caches were missed is not known: no call told what came from one.';

function missLine({ row, tokens, pauseMs, extraNanoUsd }: Miss): string {
	const cost = extraNanoUsd === null ? 'cost unknown' : `≈ ${exactMoneyText(extraNanoUsd)} more`;
	const model = modelText({ provider: row.provider, model: row.actualModel ?? row.model });
	return `${allTokensText(tokens)} tokens, ${cost}: ${model} after a pause of ${durationText(pauseMs)}, callId ${named(row.callId)}`;
}
