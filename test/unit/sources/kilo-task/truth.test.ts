import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DraftInput, type ResponseDraft, responseDraftSchema } from '../../../../src/core/draft.ts';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import type { Cost } from '../../../../src/core/pricing/cost.ts';
import { cacheWriteTotal, type Usage } from '../../../../src/core/usage.ts';
import { listRates } from '../../../../src/sources/kilo-task/list-rates.ts';
import { Recorded, recordedFolders, type Served } from './recorded.ts';

const states = { ok: 'ok', ok_no_usage: 'ok', ok_after_cancel: 'cancelled', disconnected: 'error' } as const;

/** Ways to come to know of a recorded task. `live` without prices: as in the extension host. */
const ways: Record<string, (recorded: Recorded) => Promise<DraftInput[]>> = {
	live: async (recorded) => recorded.replay().drafts,
	disk: async (recorded) => (await recorded.read()).flatMap(({ drafts }) => drafts),
	both: async (recorded) => {
		const { drafts, tracker } = recorded.replay(listRates);
		const readings = await recorded.read(tracker.facts());
		return [...drafts, ...readings.flatMap((reading) => reading.drafts)];
	},
};

/** What a call's record says, against what was served. */
interface Verdict {
	/** `cacheUnknown`: input and output are exact, but how much of the input came from cache is not known. */
	tokens: 'exact' | 'cacheUnknown' | 'bounded' | 'unknown';
	wrong: string[];
}

const table: string[] = [];

describe('Kilo-style task agents against what the provider served', () => {
	for (const name of recordedFolders) {
		for (const [way, see] of Object.entries(ways)) {
			it(`${name}, ${way}: finds every call, in its true state, with no wrong count and no wrong cost`, async () => {
				const recorded = new Recorded(name);
				const responses = latestResponses(await see(recorded));
				const expected = recorded.calls.filter(({ onDisk }) => way !== 'disk' || onDisk);

				assert.deepEqual([...responses.keys()].sort(), expected.map(({ callId }) => callId).sort());
				const verdicts = expected.map(({ callId, served }) => {
					const response = responses.get(callId);
					assert.ok(response);
					assert.equal(response.state, stateOf(served), callId);
					assert.equal(response.usageMissing, served.outcome === 'ok_no_usage', callId);
					const verdict = verdictOf(response, served);
					assert.deepEqual(verdict.wrong, [], callId);
					assert.deepEqual(wrongCost(response, served), null, callId);
					return verdict;
				});
				table.push(rowOf(recorded, way, expected.length, verdicts, responses));
			});
		}
	}

	it('misses only what the agents deleted', async () => {
		const missed = recordedFolders.flatMap((name) => new Recorded(name).calls.filter(({ onDisk }) => !onDisk));
		assert.deepEqual(
			missed.map(({ served }) => served.outcome),
			['ok_after_cancel', 'ok_after_cancel', 'ok_after_cancel', 'ok_after_cancel'],
		);
	});

	it('says what each count was corrected by, or what it leaves out', async () => {
		for (const name of recordedFolders) {
			const readings = await new Recorded(name).read();
			for (const draft of readings.flatMap(({ drafts }) => drafts)) {
				if (draft.eventType !== 'llm_response' || (draft.usageBound ?? 'exact') === 'exact') continue;
				assert.ok((draft.usageNotes?.length ?? 0) > 0, draft.callId);
			}
		}
	});

	after(() => {
		const out = join(import.meta.dirname, '../../../../out');
		mkdirSync(out, { recursive: true });
		const head = [
			'| recorded | seen | calls served | found | tokens exact | exact, cache unknown | output a lower bound | unknown | wrong | states | cost of what was served | computed | reported by the agent |',
			'| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		];
		writeFileSync(join(out, 'truth-kilo-task.md'), `${[...head, ...table].join('\n')}\n`);
	});
});

function stateOf({ outcome }: Served): ResponseDraft['state'] {
	assert.ok(outcome !== 'rate_limited');
	return states[outcome];
}

function latestResponses(drafts: readonly DraftInput[]): Map<string, ResponseDraft> {
	const responses = new Map<string, ResponseDraft>();
	const called = new Set<string>();
	for (const draft of drafts) {
		if (draft.eventType === 'llm_call') called.add(draft.callId);
		if (draft.eventType !== 'llm_response') continue;
		assert.ok(called.has(draft.callId), `${draft.callId}: a response before its call`);
		responses.set(draft.callId, responseDraftSchema.parse(draft));
	}
	assert.deepEqual([...called].sort(), [...responses.keys()].sort(), 'every call has its end');
	return responses;
}

function verdictOf({ usage, usageBound }: ResponseDraft, { canonical }: Served): Verdict {
	if (usage === null) return { tokens: 'unknown', wrong: [] };
	const truth = trueUsage(canonical);
	const pairs: [string, number | null, number | null][] = [
		['inputTotal', usage.inputTotal, truth.inputTotal],
		['uncachedInput', usage.uncachedInput, truth.uncachedInput],
		['cacheRead', usage.cacheRead, truth.cacheRead],
		['cacheWrite', cacheWriteTotal(usage), cacheWriteTotal(truth)],
		['output', usage.output, truth.output],
	];
	if (usage.cacheWrite5m !== null) pairs.push(['cacheWrite5m', usage.cacheWrite5m, truth.cacheWrite5m]);
	if (usage.cacheWrite1h !== null) pairs.push(['cacheWrite1h', usage.cacheWrite1h, truth.cacheWrite1h]);
	if (usage.reasoning !== null) pairs.push(['reasoning', usage.reasoning, truth.reasoning]);
	const wrong = pairs.flatMap(([name, said, served]) => {
		if (said === null || served === null || said === served) return [];
		const bounded = usageBound === 'atLeast' ? said < served : usageBound === 'atMost' && said > served;
		// Only a count that is a bound may differ, and only to its side. Input is never guessed at.
		return bounded && name === 'output' ? [] : [`${name}: ${said}, served ${served} (${usageBound})`];
	});
	const bounded = usage.inputTotal !== truth.inputTotal || usage.output !== truth.output;
	const cacheUnknown = pairs.some(([, said]) => said === null);
	return { tokens: bounded ? 'bounded' : cacheUnknown ? 'cacheUnknown' : 'exact', wrong };
}

function trueUsage(canonical: Served['canonical']): Usage {
	const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h } = canonical;
	const inputTotal = uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h;
	return { ...canonical, inputTotal, cacheWriteUnknownTtl: 0 };
}

/** Why the computed cost is not true; `null` when it is: equal, or a bound on the right side. */
function wrongCost(response: ResponseDraft, served: Served): string | null {
	const { computedNanoUsd, bound } = costOf(response);
	if (computedNanoUsd === null) return null;
	const truth = trueCost(response, served);
	const holds =
		bound === 'exact'
			? computedNanoUsd === truth
			: bound === 'atLeast'
				? computedNanoUsd <= truth
				: computedNanoUsd >= truth;
	return holds ? null : `${bound} ${computedNanoUsd}, true ${truth}`;
}

function costOf(response: ResponseDraft): Cost {
	return priceCall({ ...response, atMs: response.endedAtMs }, builtInPrices());
}

function trueCost(response: ResponseDraft, { canonical }: Served): number {
	const cost = costOf({ ...response, usage: trueUsage(canonical), usageBound: 'exact' });
	assert.ok(cost.computedNanoUsd !== null, 'the served model has a price');
	return cost.computedNanoUsd;
}

function rowOf(
	recorded: Recorded,
	way: string,
	found: number,
	verdicts: readonly Verdict[],
	responses: ReadonlyMap<string, ResponseDraft>,
): string {
	const count = (tokens: Verdict['tokens']): number => verdicts.filter((verdict) => verdict.tokens === tokens).length;
	const calls = recorded.calls.flatMap(({ callId, served }) => {
		const response = responses.get(callId);
		return response === undefined ? [] : [{ response, served, cost: costOf(response) }];
	});
	const sum = (nano: readonly number[]): string =>
		`$${(nano.reduce((total, each) => total + each, 0) / 1e9).toFixed(5)}`;
	const signs = new Set(calls.map(({ cost }) => (cost.computedNanoUsd === null ? 'atLeast' : cost.bound)));
	const sign =
		signs.has('atLeast') && signs.has('atMost') ? '≈' : signs.has('atLeast') ? '≥' : signs.has('atMost') ? '≤' : '';
	return `| ${[
		recorded.name,
		way,
		recorded.calls.length,
		found,
		count('exact'),
		count('cacheUnknown'),
		count('bounded'),
		count('unknown'),
		verdicts.flatMap(({ wrong }) => wrong).length,
		calls.map(({ response: { state, usageMissing } }) => (usageMissing ? `${state} (no usage)` : state)).join(', '),
		sum(calls.map(({ response, served }) => trueCost(response, served))),
		`${sign} ${sum(calls.map(({ cost }) => cost.computedNanoUsd ?? 0))}`,
		sum(calls.map(({ cost }) => cost.reportedNanoUsd ?? 0)),
	].join(' | ')} |`;
}
