import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import type { Usage } from '../../../../src/core/usage.ts';
import { gather, Home } from './transcripts.ts';

const served = z.object({
	seq: z.number(),
	tsStart: z.iso.datetime().transform((text) => Date.parse(text)),
	tsEnd: z.iso.datetime().transform((text) => Date.parse(text)),
	kind: z.enum(['main', 'sub']),
	model: z.string(),
	responseId: z.string(),
	requestId: z.string(),
	messagesCount: z.number(),
	canonical: z.object({
		uncachedInput: z.number(),
		cacheRead: z.number(),
		cacheWrite5m: z.number(),
		cacheWrite1h: z.number(),
		output: z.number(),
	}),
	finish: z.string().nullable(),
	outcome: z.enum(['ok', 'disconnected']),
});
type Served = z.infer<typeof served>;

interface Case {
	folder: string;
	/** Calls whose last output count is not in the record, by the id of the answer, and why. */
	lowerBound: Record<string, string>;
}

const cases: Case[] = [
	{ folder: 'claude-2.1.197', lowerBound: {} },
	{ folder: 'claude-2.1.197-disconnect', lowerBound: { msg_lab0001: 'the stream was cut' } },
	{
		folder: 'claude-2.1.197-subagent',
		lowerBound: { msg_lab0001: 'written before it was complete, and not the last message of the subagent' },
	},
];

const finishReasons: Record<string, string> = { tool_calls: 'tool_use', stop: 'end_turn' };

describe('Claude Code against what was served', () => {
	const rows: string[] = [];

	after(() => {
		const out = join(import.meta.dirname, '../../../../out');
		mkdirSync(out, { recursive: true });
		const head = [
			'| folder | served | found | tokens exact | lower bound | wrong | states | true cost | computed |',
			'| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		];
		writeFileSync(join(out, 'truth-claude-code.md'), `${[...head, ...rows].join('\n')}\n`);
	});

	for (const { folder, lowerBound } of cases) {
		describe(folder, () => {
			let home: Home;
			let matches: { truth: Served; call: CallDraft; response: ResponseDraft }[];
			let ids: string[];

			before(async () => {
				home = Home.recorded(folder);
				const gathered = await gather(home);
				ids = gathered.ids;
				matches = readTruth(folder).map((truth) => {
					const { responseId } = truth;
					return { truth, call: gathered.call(responseId), response: gathered.response(responseId) };
				});
				assert.deepEqual(gathered.skipped, {});
			});
			after(() => home.remove());

			it('finds each call that was served once, and no other', () => {
				assert.deepEqual(
					ids,
					matches.map(({ truth }) => truth.responseId),
				);
				for (const { truth, response } of matches) {
					assert.deepEqual(response.aliases, [truth.responseId, truth.requestId]);
				}
			});

			it('has every token count exactly, or says that there were at least as many', () => {
				for (const { truth, response } of matches) {
					const isBound = truth.responseId in lowerBound;
					assert.equal(response.usageBound, isBound ? 'atLeast' : 'exact', truth.responseId);
					const { output, ...input } = countsOf(response.usage);
					const { output: trueOutput, ...trueInput } = truth.canonical;
					assert.deepEqual(input, trueInput);
					if (isBound) assert.ok(output !== undefined && output !== null && output < trueOutput);
					else assert.equal(output, trueOutput);
					if (isBound) assert.equal(response.usageNotes.length, 1);
				}
			});

			it('has the cost to the last nano-dollar, or a lower bound', () => {
				const sums = { truth: 0, computed: 0 };
				for (const { truth, response } of matches) {
					const cost = priceOf(response, truth.tsStart);
					const right = trueCost(truth);
					if (truth.responseId in lowerBound) {
						assert.equal(cost.bound, 'atLeast');
						assert.ok((cost.computedNanoUsd ?? 0) < right);
					} else {
						assert.deepEqual([cost.bound, cost.computedNanoUsd], ['exact', right]);
					}
					sums.truth += right;
					sums.computed += cost.computedNanoUsd ?? 0;
				}
				rows.push(tableRow(folder, matches, sums));
			});

			it('has how each call ended', () => {
				for (const { truth, response } of matches) {
					const isCut = truth.outcome === 'disconnected';
					assert.equal(response.state, isCut ? 'error' : 'ok');
					if (isCut) assert.match(response.error?.message ?? '', /Connection closed/);
					if (isCut) assert.deepEqual([response.error?.code, response.finishReason], ['server_error', null]);
					else if (response.usageBound === 'exact' && truth.kind === 'main') {
						assert.equal(response.finishReason, finishReasons[truth.finish ?? '']);
					}
				}
			});

			it('brackets the time in which each call was served', () => {
				for (const { truth, call, response } of matches) {
					assert.ok(call.startedAtMs <= truth.tsStart, 'starts no later than the request');
					assert.ok(truth.tsStart - call.startedAtMs < 100, `${truth.tsStart - call.startedAtMs} ms too early`);
					assert.ok(Math.abs(response.endedAtMs - truth.tsEnd) <= 100, `${response.endedAtMs - truth.tsEnd} ms off`);
					assert.equal(response.latencyMs, response.endedAtMs - call.startedAtMs);
				}
			});

			it('rebuilds as many messages as were sent', () => {
				for (const { truth, call } of matches) {
					// Results of one turn are sent in one message of the user.
					const results = call.messages.filter(({ role }) => role === 'tool').length;
					const turns = call.messages.filter(({ toolCalls }) => toolCalls !== undefined).length;
					assert.equal(call.messages.length - results + turns, truth.messagesCount);
					assert.deepEqual([call.contentState, call.systemPrompt, call.tools], ['full', null, []]);
				}
			});
		});
	}

	it('nests the calls of a subagent under the session that started it', async () => {
		const home = Home.recorded('claude-2.1.197-subagent');
		const { calls } = await gather(home);
		const chat = [...calls.values()].filter(({ kind }) => kind === 'chat');
		const nested = [...calls.values()].filter(({ kind }) => kind === 'subagent');
		assert.deepEqual([chat.length, nested.length], [3, 2]);
		for (const { sessionId, parentSessionId, title, mode } of nested) {
			assert.equal(parentSessionId, chat[0]?.sessionId);
			assert.equal(sessionId, `${parentSessionId}:abcc08647e847dbcd`);
			assert.deepEqual([title, mode], ['Look at the project files', 'general-purpose']);
		}
		home.remove();
	});
});

function readTruth(folder: string): Served[] {
	const path = join(import.meta.dirname, '../../../fixtures/recorded', folder, 'truth.jsonl');
	const lines = readFileSync(path, 'utf8').trim().split('\n');
	return lines.map((line) => served.parse(JSON.parse(line)));
}

function countsOf(usage: Usage | null): Partial<Usage> {
	assert.ok(usage);
	const { inputTotal, cacheWriteUnknownTtl, reasoning, ...counts } = usage;
	assert.equal(cacheWriteUnknownTtl, 0);
	assert.equal(reasoning, null, 'the record does not tell thinking tokens apart');
	const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h } = counts;
	assert.equal(inputTotal, (uncachedInput ?? 0) + (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0));
	return counts;
}

function priceOf(response: ResponseDraft, atMs: number): ReturnType<typeof priceCall> {
	return priceCall({ ...response, atMs }, builtInPrices());
}

/** Nano-USD at the list price of claude-sonnet-4-5, USD a million tokens: 3 in, 15 out, 0.3 read, 3.75 and 6 write. */
function trueCost({ canonical }: Served): number {
	const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output } = canonical;
	const usd = uncachedInput * 3 + cacheRead * 0.3 + cacheWrite5m * 3.75 + cacheWrite1h * 6 + output * 15;
	return Math.round(usd * 1000);
}

function tableRow(
	folder: string,
	matches: { truth: Served; response: ResponseDraft }[],
	sums: { truth: number; computed: number },
): string {
	const exact = matches.filter(({ response }) => response.usageBound === 'exact');
	const wrong = exact.filter(({ truth, response }) => response.usage?.output !== truth.canonical.output).length;
	const usd = (nano: number): string => `$${(nano / 1e9).toFixed(9)}`;
	return `| ${[
		folder,
		matches.length,
		matches.length,
		exact.length - wrong,
		matches.length - exact.length,
		wrong,
		matches.map(({ response }) => response.state).join(' '),
		usd(sums.truth),
		`${exact.length < matches.length ? '≥ ' : ''}${usd(sums.computed)}`,
	].join(' | ')} |`;
}
