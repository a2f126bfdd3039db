import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { ResponseDraft } from '../../../src/core/draft.ts';
import { builtInPrices } from '../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../src/core/pricing/compute-cost.ts';
import { cacheWriteTotal, type Usage } from '../../../src/core/usage.ts';

const timestamp = z.iso.datetime().transform((text) => Date.parse(text));

const servedSchema = z.object({
	seq: z.number(),
	tsStart: timestamp,
	tsEnd: timestamp,
	/** `aux`: for a title, which not every agent records. */
	kind: z.enum(['main', 'sub', 'aux']),
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
		reasoning: z.number(),
	}),
	finish: z.string(),
	outcome: z.literal('ok'),
});
/** What the provider served for one call. Times are epoch milliseconds. */
export type Served = z.infer<typeof servedSchema>;

/** USD per million tokens that the two providers of the recordings charge. */
const rates = {
	'gpt-5': { input: 1.25, output: 10, cacheRead: 0.125, cacheWrite5m: 0, cacheWrite1h: 0 },
	'claude-sonnet-4-5': { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 },
} as const;

/** What was served while a folder of `test/fixtures/recorded` was made. */
export function readServed(folder: string): Served[] {
	const path = join(import.meta.dirname, '../../fixtures/recorded', folder, 'truth.jsonl');
	const lines = readFileSync(path, 'utf8').trim().split('\n');
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
		['cacheWrite5m', usage.cacheWrite5m, canonical.cacheWrite5m],
		['cacheWrite1h', usage.cacheWrite1h, canonical.cacheWrite1h],
		['all cache writes', cacheWriteTotal(usage), writes],
		['output', usage.output, canonical.output],
		['reasoning', usage.reasoning, canonical.reasoning],
	];
	return said.filter(([, ours, theirs]) => ours !== null && ours !== theirs).map(([name]) => name);
}

/** What a response costs at the built-in prices. */
export function costOf(response: ResponseDraft, atMs: number): ReturnType<typeof priceCall> {
	return priceCall({ ...response, atMs, askedModel: response.model }, builtInPrices());
}

/** Nano-USD that were charged, with 1-hour cache writes at their own rate or as if they were for 5 minutes. */
export function chargedNanoUsd({ model, canonical }: Served, hourRate: 'cacheWrite5m' | 'cacheWrite1h'): number {
	const rate = model === 'gpt-5' ? rates['gpt-5'] : rates['claude-sonnet-4-5'];
	const usd =
		canonical.uncachedInput * rate.input +
		canonical.cacheRead * rate.cacheRead +
		canonical.cacheWrite5m * rate.cacheWrite5m +
		canonical.cacheWrite1h * rate[hourRate] +
		canonical.output * rate.output;
	return Math.round(usd * 1000);
}
