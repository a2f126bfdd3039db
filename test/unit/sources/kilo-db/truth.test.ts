import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import { parsePriceOverrides } from '../../../../src/core/pricing/overrides.ts';
import { cacheWriteTotal, type Usage } from '../../../../src/core/usage.ts';
import { kiloDb, opencodeDb } from '../../../../src/sources/kilo-db/kilo-db.ts';
import type { Source } from '../../../../src/sources/source.ts';
import { copyRecorded, parsed, placesAt, readAll, remove, temporaryFolder, unitsOf } from './agent-database.ts';

const served = z.object({
	seq: z.number(),
	tsStart: z.iso.datetime().transform((text) => Date.parse(text)),
	tsEnd: z.iso.datetime().transform((text) => Date.parse(text)),
	kind: z.enum(['main', 'sub', 'aux']),
	model: z.string(),
	messagesCount: z.number(),
	canonical: z.object({
		uncachedInput: z.number(),
		cacheRead: z.number(),
		cacheWrite5m: z.number(),
		cacheWrite1h: z.number(),
		output: z.number(),
		reasoning: z.number(),
	}),
	finish: z.string(),
	outcome: z.literal('ok'),
});
type Served = z.infer<typeof served>;

/** USD per million tokens that the recordings were made with. */
const rates = {
	'gpt-5': { input: 1.25, output: 10, cacheRead: 0.125 },
	'claude-sonnet-4-5': { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 },
} as const;

interface Case {
	folder: string;
	source: Source;
	/** What the record has in it; the others are calls for a title. */
	found: number;
	/** By how much, in USD, the agent's own figure is off; 0 = it is right but for cache writes. */
	countsReasoningTwice?: true;
}

const cases: Case[] = [
	{ folder: 'kilo-7.0.33', source: kiloDb, found: 3, countsReasoningTwice: true },
	{ folder: 'kilo-7.7.7', source: kiloDb, found: 3 },
	{ folder: 'kilo-7.7.7-anthropic', source: kiloDb, found: 3 },
	{ folder: 'kilo-7.7.7-subagent', source: kiloDb, found: 5 },
	{ folder: 'opencode-1.18.33', source: opencodeDb, found: 3 },
	{ folder: 'opencode-1.18.33-anthropic', source: opencodeDb, found: 3 },
];

interface Matched {
	truth: Served;
	call: CallDraft;
	response: ResponseDraft;
}

describe('Kilo 7 and opencode against what was served', () => {
	const rows: string[] = [];

	after(() => {
		const out = join(import.meta.dirname, '../../../../out');
		mkdirSync(out, { recursive: true });
		const head = [
			'| folder | served | found | tokens exact | unknown | wrong | states | true cost | computed | agent said |',
			'| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		];
		writeFileSync(join(out, 'truth-kilo-db.md'), `${[...head, ...rows].join('\n')}\n`);
	});

	for (const { folder, source, found, countsReasoningTwice } of cases) {
		describe(folder, () => {
			let home: string;
			let truth: Served[];
			let matches: Matched[];

			before(async () => {
				home = temporaryFolder();
				copyRecorded(folder, home);
				truth = readTruth(folder);
				const [unit] = await unitsOf(source, placesAt(home));
				assert.ok(unit);
				const { calls, responses } = parsed(await source.read(unit, readAll));
				assert.equal(calls.length, responses.length);
				matches = calls.map((call) => match(call, responses, truth));
			});
			after(() => remove(home));

			it('finds each call that is in the record once, and only those', () => {
				const recorded = truth.filter(({ kind }) => kind !== 'aux').map(({ seq }) => seq);
				assert.equal(recorded.length, found);
				assert.deepEqual(matches.map(({ truth: { seq } }) => seq).sort(), recorded);
			});

			it('has every token count right or says that it does not know', () => {
				for (const { truth: said, response } of matches) assert.deepEqual(wrongCounts(said, response.usage), []);
			});

			it('has the state and finish reason of each call', () => {
				for (const { truth: said, response } of matches) {
					assert.equal(response.state, 'ok');
					assert.equal(response.finishReason?.replace('-', '_'), said.finish);
				}
			});

			it('brackets the time in which each call was served', () => {
				for (const { truth: said, call, response } of matches) {
					assert.ok(call.startedAtMs <= said.tsStart, 'starts no later than the request');
					assert.ok(Math.abs(response.endedAtMs - said.tsEnd) <= 250, `${response.endedAtMs - said.tsEnd} ms off`);
				}
			});

			it('rebuilds as many messages as were sent', () => {
				for (const { truth: said, call } of matches) {
					// Anthropic takes the system prompt apart and all results of a turn in one message.
					const toolMessages = call.messages.filter(({ role }) => role === 'tool').length;
					const turns = call.messages.filter(({ toolCalls }) => toolCalls !== undefined).length;
					const sent = said.model.startsWith('claude')
						? call.messages.length - toolMessages + turns
						: call.messages.length + 1;
					assert.equal(sent, said.messagesCount);
					assert.equal(call.messageCount, call.messages.length);
				}
			});

			it('computes the true cost, and keeps what the agent reported beside it', () => {
				const sums = { truth: 0, computed: 0, reported: 0 };
				for (const { truth: said, response } of matches) {
					const cost = priceOf(said, response);
					const true5m = trueCost(said, 'cacheWrite5m');
					assert.equal(cost.computedNanoUsd, true5m, 'as if every cache write were one of 5 minutes');
					const twice = countsReasoningTwice ? said.canonical.reasoning * rates['gpt-5'].output * 1000 : 0;
					assert.equal(cost.reportedNanoUsd, true5m + twice);
					assert.equal(cost.reportedBy, 'agent');
					assert.equal(cost.basis, 'computed');
					sums.truth += trueCost(said, 'cacheWrite1h');
					sums.computed += cost.computedNanoUsd ?? 0;
					sums.reported += cost.reportedNanoUsd ?? 0;
				}
				rows.push(tableRow(folder, truth, matches, sums));
			});

			it('says in words where it differs from what the agent counted', () => {
				for (const { response } of matches) {
					assert.equal(response.usageNotes.length, countsReasoningTwice ? 1 : 0);
					assert.equal(response.usageBound, 'exact');
				}
			});
		});
	}

	it('nests the calls of a subagent under the session that started it', async () => {
		const home = temporaryFolder();
		copyRecorded('kilo-7.7.7-subagent', home);
		const [unit] = await unitsOf(kiloDb, placesAt(home));
		assert.ok(unit);
		const { calls } = parsed(await kiloDb.read(unit, readAll));
		const parents = new Set(calls.filter(({ kind }) => kind === 'chat').map(({ sessionId }) => sessionId));
		const nested = calls.filter(({ kind }) => kind === 'subagent');
		assert.equal(parents.size, 1);
		assert.equal(nested.length, 2);
		for (const { parentSessionId } of nested) assert.ok(parentSessionId !== null && parents.has(parentSessionId));
		remove(home);
	});
});

function readTruth(folder: string): Served[] {
	const path = join(import.meta.dirname, '../../../fixtures/recorded', folder, 'truth.jsonl');
	const lines = readFileSync(path, 'utf8').trim().split('\n');
	return lines.map((line) => served.parse(JSON.parse(line)));
}

/** The served call that ended nearest to the recorded one, of those for the same kind of session. */
function match(call: CallDraft, responses: ResponseDraft[], truth: Served[]): Matched {
	const response = responses.find(({ callId }) => callId === call.callId);
	assert.ok(response, `no response for ${call.callId}`);
	const kind = call.kind === 'subagent' ? 'sub' : 'main';
	const sameKind = truth.filter((each) => each.kind === kind);
	const distance = (each: Served): number => Math.abs(each.tsEnd - response.endedAtMs);
	const [nearest] = sameKind.sort((one, other) => distance(one) - distance(other));
	assert.ok(nearest);
	return { truth: nearest, call, response };
}

/** Names of the counts that contradict what was served. `null` contradicts nothing. */
function wrongCounts({ canonical }: Served, usage: Usage | null): string[] {
	if (usage === null) return [];
	const writes = canonical.cacheWrite5m + canonical.cacheWrite1h;
	const said: [string, number | null, number][] = [
		['inputTotal', usage.inputTotal, canonical.uncachedInput + canonical.cacheRead + writes],
		['uncachedInput', usage.uncachedInput, canonical.uncachedInput],
		['cacheRead', usage.cacheRead, canonical.cacheRead],
		['cacheWrite5m', usage.cacheWrite5m, canonical.cacheWrite5m],
		['cacheWrite1h', usage.cacheWrite1h, canonical.cacheWrite1h],
		['all cache writes', cacheWriteTotal(usage), writes],
		['output', usage.output, canonical.output],
		['reasoning', usage.reasoning, canonical.reasoning],
	];
	return said.filter(([, ours, theirs]) => ours !== null && ours !== theirs).map(([name]) => name);
}

function priceOf({ model, tsStart }: Served, response: ResponseDraft): ReturnType<typeof priceCall> {
	const prices = builtInPrices(parsePriceOverrides(rates));
	return priceCall({ ...response, atMs: tsStart, askedModel: model }, prices);
}

/** Nano-USD, with 1-hour cache writes at their own rate or as if they were for 5 minutes. */
function trueCost({ model, canonical }: Served, hourRate: 'cacheWrite5m' | 'cacheWrite1h'): number {
	const rate = model === 'gpt-5' ? { cacheWrite5m: 0, cacheWrite1h: 0, ...rates['gpt-5'] } : rates['claude-sonnet-4-5'];
	const usd =
		canonical.uncachedInput * rate.input +
		canonical.cacheRead * rate.cacheRead +
		canonical.cacheWrite5m * rate.cacheWrite5m +
		canonical.cacheWrite1h * rate[hourRate] +
		canonical.output * rate.output;
	return Math.round(usd * 1000);
}

function tableRow(
	folder: string,
	truth: Served[],
	matches: Matched[],
	sums: { truth: number; computed: number; reported: number },
): string {
	const titles = truth.filter(({ kind }) => kind === 'aux').length;
	const usages = matches.map(({ response }) => response.usage);
	const wrong = matches.flatMap(({ truth: said, response }) => wrongCounts(said, response.usage)).length;
	const ttlUnknown = usages.filter((usage) => usage?.cacheWriteUnknownTtl).length;
	const known = usages.filter((usage) => usage?.inputTotal != null && usage.output !== null).length;
	const usd = (nano: number): string => `$${(nano / 1e9).toFixed(6)}`;
	return `| ${[
		folder,
		truth.length,
		`${matches.length}${titles > 0 ? ` (not the title call)` : ''}`,
		known,
		`${usages.length - known}${ttlUnknown > 0 ? ` (TTL of writes in ${ttlUnknown})` : ''}`,
		wrong,
		matches.map(({ response }) => response.state).join(' '),
		usd(sums.truth),
		usd(sums.computed),
		usd(sums.reported),
	].join(' | ')} |`;
}
