import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import type { Usage } from '../../../../src/core/usage.ts';
import { recordedFile } from './reading.ts';

const time = z.iso.datetime().transform((text) => Date.parse(text));

/** One line of `truth.jsonl`: what the provider served. */
const servedSchema = z.object({
	seq: z.number(),
	tsStart: time,
	tsEnd: time,
	model: z.string(),
	responseId: z.string(),
	messagesCount: z.number(),
	canonical: z.object({
		uncachedInput: z.number(),
		cacheRead: z.number(),
		cacheWrite5m: z.number(),
		cacheWrite1h: z.number(),
		output: z.number(),
		reasoning: z.number(),
	}),
	outcome: z.enum(['ok', 'disconnected']),
});
export type Served = z.infer<typeof servedSchema>;

export interface Matched {
	truth: Served;
	call: CallDraft;
	response: ResponseDraft;
}

export function readTruth(folder: string): Served[] {
	const lines = readFileSync(recordedFile(folder, 'truth.jsonl'), 'utf8').trim().split('\n');
	return lines.map((line) => servedSchema.parse(JSON.parse(line)));
}

/** Names of the counts that contradict what was served. `null` contradicts nothing. */
export function wrongCounts({ canonical }: Served, usage: Usage | null): string[] {
	if (usage === null) return [];
	const writes = canonical.cacheWrite5m + canonical.cacheWrite1h;
	const said: [string, number | null, number][] = [
		['inputTotal', usage.inputTotal, canonical.uncachedInput + canonical.cacheRead + writes],
		['uncachedInput', usage.uncachedInput, canonical.uncachedInput],
		['cacheRead', usage.cacheRead, canonical.cacheRead],
		['output', usage.output, canonical.output],
		['reasoning', usage.reasoning, canonical.reasoning],
	];
	return said.filter(([, ours, theirs]) => ours !== null && ours !== theirs).map(([name]) => name);
}

/** USD per million tokens of the models that were recorded. */
const rates: Record<string, { input: number; output: number; cacheRead: number }> = {
	'gpt-5': { input: 1.25, output: 10, cacheRead: 0.125 },
	'gemini-2.5-pro': { input: 1.25, output: 10, cacheRead: 0.125 },
};

/** In USD. */
export function trueCost({ model, canonical }: Served): number {
	const rate = rates[model];
	if (rate === undefined) throw new Error(`No rate for ${model}`);
	const { uncachedInput, cacheRead, output } = canonical;
	return (uncachedInput * rate.input + cacheRead * rate.cacheRead + output * rate.output) / 1e6;
}

/** In USD, from the built-in table; `null` when it has no price. */
export function computedCost({ truth, call, response }: Matched): number | null {
	const cost = priceCall({ ...response, atMs: call.startedAtMs, askedModel: truth.model }, builtInPrices());
	return cost.computedNanoUsd === null ? null : cost.computedNanoUsd / 1e9;
}

/** Writes the table of what was served against what was found. */
export function writeTruthTable(
	name: string,
	folders: { folder: string; truth: Served[]; matches: Matched[] }[],
): void {
	const out = join(import.meta.dirname, '../../../../out');
	mkdirSync(out, { recursive: true });
	const usd = (value: number): string => `$${value.toFixed(6)}`;
	const rows = folders.map(({ folder, truth, matches }) => {
		const known = matches.filter(({ response }) => response.usage !== null);
		const sum = (of: (match: Matched) => number): number => known.reduce((total, match) => total + of(match), 0);
		return `| ${[
			folder,
			truth.length,
			matches.length,
			known.length,
			matches.length - known.length,
			matches.flatMap((match) => wrongCounts(match.truth, match.response.usage)).length,
			matches.map(({ response }) => response.state).join(' '),
			usd(truth.reduce((total, each) => total + trueCost(each), 0)),
			usd(sum(({ truth: said }) => trueCost(said))),
			usd(sum((match) => computedCost(match) ?? 0)),
		].join(' | ')} |`;
	});
	const head = [
		'| folder | served | found | tokens exact | unknown | wrong | states | true cost | of those known | computed |',
		'| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
	];
	writeFileSync(join(out, `truth-${name}.md`), `${[...head, ...rows].join('\n')}\n`);
}
