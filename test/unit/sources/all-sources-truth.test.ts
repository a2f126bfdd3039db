import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calcPrice } from '@pydantic/genai-prices';
import * as z from 'zod';
import type { CallDetail } from '../../../src/core/views.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { CommandLine, root } from '../cli/command-line.ts';

const recorded = join(root, 'test/fixtures/recorded');
const ledgerWorker = join(root, 'src/ledger/worker.ts');

const time = z.iso.datetime().transform((text) => Date.parse(text));
const servedSchema = z.object({
	seq: z.number(),
	tsStart: time,
	kind: z.enum(['main', 'sub', 'aux']).default('main'),
	model: z.string(),
	responseId: z.string(),
	canonical: z.object({
		uncachedInput: z.number(),
		cacheRead: z.number(),
		cacheWrite5m: z.number(),
		cacheWrite1h: z.number(),
		output: z.number(),
	}),
	outcome: z.enum(['ok', 'ok_no_usage', 'ok_after_cancel', 'disconnected', 'rate_limited']),
});
/** One completion that the provider served. */
type Served = z.infer<typeof servedSchema>;

/** A call in the ledger beside what was served. `why`: what keeps its tokens from being known exactly. */
interface Judged {
	tokens: 'exact' | 'bounded' | 'unknown';
	why: string;
	wrong: string[];
}

/** Why a completion is in no record of its agent. */
const missing: Record<string, string> = {
	aux: 'titles are not recorded',
	ok_after_cancel: 'the agent removes a cancelled call',
	rate_limited: 'repeated within the same call',
	disconnected: 'a cut stream leaves no counts',
};

describe('issue 5: every recorded agent, read by the command line, against what was served', () => {
	const rows: string[] = [];
	let shell: CommandLine;
	before(() => {
		shell = new CommandLine();
	});
	after(() => {
		shell.remove();
		mkdirSync(join(root, 'out'), { recursive: true });
		const head = [
			'| folder | served | found | exact | bound or unknown (why) | wrong | true cost | shown cost | agent said |',
			'| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		];
		writeFileSync(join(root, 'out/truth-all.md'), `${[...head, ...rows].join('\n')}\n`);
	});

	for (const folder of readdirSync(recorded).sort()) {
		it(`${folder}: each call once, no wrong count, and the cost to 1e-9 USD where it is exact`, async () => {
			const calls = await imported(shell, folder);
			const served = readServed(folder);
			const pairs = paired(calls, served);
			assert.equal(pairs.length, calls.length, 'a call that nobody served');
			const judged = pairs.map(([call, truth]) => judge(call, truth));
			const matched = new Set(pairs.map(([, truth]) => truth));
			const missed = served.filter((truth) => !matched.has(truth));
			const reasons = missed.map(({ kind, outcome }) => missing[kind] ?? missing[outcome] ?? 'unexplained');
			rows.push(rowOf(folder, served, pairs, judged, reasons));
			assert.deepEqual(
				judged.flatMap(({ wrong }) => wrong),
				[],
			);
			assert.ok(!reasons.includes('unexplained'), `${missed.map(({ responseId }) => responseId)} is not in the ledger`);
		}).timeout(30_000);
	}
});

/** Reads a recorded folder into a ledger of its own, with content, and gives all calls in it. */
async function imported(shell: CommandLine, folder: string): Promise<CallDetail[]> {
	const file = join(shell.folder, `${folder}.db`);
	const copy = join(shell.folder, folder);
	const hasHome = existsSync(join(recorded, folder, 'home'));
	cpSync(join(recorded, folder, hasHome ? 'home' : 'tasks'), hasHome ? copy : join(copy, 'tasks'), { recursive: true });
	const source = folder.startsWith('roo') ? 'roo-code' : 'kilo-code';
	const where = hasHome ? ['--home', copy] : ['--source', source, '--path', join(copy, 'tasks')];
	await shell.json(['import', ...where, '--all-projects', '--ledger', file]);
	const ledger = openLedger({ file, readOnly: true, workerPath: ledgerWorker });
	try {
		const { rows } = await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 500 });
		const details = await Promise.all(rows.map(({ callId }) => ledger.call(callId)));
		return details.flatMap((detail) => detail ?? []);
	} finally {
		await ledger.close();
	}
}

function readServed(folder: string): Served[] {
	const lines = readFileSync(join(recorded, folder, 'truth.jsonl'), 'utf8')
		.trim()
		.split('\n');
	return lines.map((line) => servedSchema.parse(JSON.parse(line)));
}

/** Each call with its completion: by the id of the answer, else by what was counted, else by time. */
function paired(calls: readonly CallDetail[], served: readonly Served[]): [CallDetail, Served][] {
	const pairs = new Map<CallDetail, Served>();
	const free = new Set(served);
	const namesOf = ({ row, aliases }: CallDetail): string => [row.callId, ...aliases].join(' ');
	const tests: ((call: CallDetail, truth: Served) => boolean)[] = [
		(call, { responseId }) => namesOf(call).includes(responseId),
		({ row }, truth) => row.outputTokens === truth.canonical.output && row.inputTokens === inputOf(truth),
		({ row }, truth) => row.inputTokens === inputOf(truth) && row.model === truth.model,
	];
	for (const isSame of tests) {
		for (const call of calls) {
			const truth = pairs.has(call) ? undefined : [...free].find((each) => isSame(call, each));
			if (truth === undefined) continue;
			pairs.set(call, truth);
			free.delete(truth);
		}
	}
	for (const call of calls) {
		if (pairs.has(call)) continue;
		const away = ({ tsStart }: Served): number => Math.abs(tsStart - call.row.startedAtMs);
		const [nearest] = [...free].sort((one, other) => away(one) - away(other));
		if (nearest === undefined) continue;
		pairs.set(call, nearest);
		free.delete(nearest);
	}
	return [...pairs];
}

function judge({ row, usage, usageBound, usageNotes, cost }: CallDetail, truth: Served): Judged {
	const { canonical } = truth;
	if (usage === null) return { tokens: 'unknown', why: 'the record has no counts', wrong: [] };
	const writes = canonical.cacheWrite5m + canonical.cacheWrite1h;
	const said: [string, number | null, number][] = [
		['input', usage.inputTotal, inputOf(truth)],
		['uncached input', usage.uncachedInput, canonical.uncachedInput],
		['cache read', usage.cacheRead, canonical.cacheRead],
		['cache write', row.cacheWriteTokens, writes],
		['output', usage.output, canonical.output],
	];
	const contradicts = (ours: number | null, theirs: number): boolean => {
		if (ours === null || ours === theirs) return false;
		return usageBound === 'exact' || (usageBound === 'atLeast' ? ours > theirs : ours < theirs);
	};
	const wrong = said.flatMap(([what, ours, theirs]) =>
		contradicts(ours, theirs) ? [`${row.callId}: ${what} is ${ours}, served ${theirs}`] : [],
	);
	const unknown = said.filter(([, ours]) => ours === null).map(([what]) => what);
	const computed = cost?.computedNanoUsd ?? null;
	const trueNano = priceOf(truth) * 1e9;
	const isExact = usageBound === 'exact' && cost?.bound === 'exact';
	if (isExact && computed !== null && Math.abs(computed - trueNano) > 1) {
		wrong.push(`${row.callId}: costs ${computed} nano-USD, truly ${trueNano}`);
	}
	if (isExact && computed !== null && unknown.every((what) => what === 'cache write')) {
		return { tokens: 'exact', why: '', wrong };
	}
	const notes = [...usageNotes, ...(cost?.notes ?? []).filter((note) => !note.startsWith('Priced at'))];
	const why = notes[0] ?? `${unknown.join(', ')} not recorded`;
	return { tokens: 'bounded', why: String(why).replaceAll('|', '/'), wrong };
}

function rowOf(
	folder: string,
	served: readonly Served[],
	pairs: readonly [CallDetail, Served][],
	judged: readonly Judged[],
	missed: readonly string[],
): string {
	const exact = judged.filter(({ tokens }) => tokens === 'exact').length;
	const others = judged.filter(({ tokens }) => tokens !== 'exact').map(({ tokens, why }) => `${tokens}: ${why}`);
	const notes = Object.entries(Object.groupBy([...others, ...missed.map((why) => `not found: ${why}`)], (why) => why));
	const sum = (of: (cost: NonNullable<CallDetail['cost']>) => number | null): number =>
		pairs.reduce((total, [{ cost }]) => total + (cost === null ? 0 : (of(cost) ?? 0)), 0) / 1e9;
	const usd = (value: number): string => `$${value.toFixed(6)}`;
	const bounds = new Set(pairs.map(([{ cost, usage }]) => (usage === null ? 'atLeast' : (cost?.bound ?? 'exact'))));
	const sign = bounds.has('atLeast') ? (bounds.has('atMost') ? '≈ ' : '≥ ') : bounds.has('atMost') ? '≤ ' : '';
	return `| ${[
		folder,
		served.length,
		pairs.length,
		exact,
		notes.map(([why, times]) => `${times?.length} × ${why}`).join('; '),
		judged.flatMap(({ wrong }) => wrong).length,
		usd(served.reduce((total, each) => total + priceOf(each), 0)),
		sign + usd(sum(({ shownNanoUsd }) => shownNanoUsd)),
		pairs.some(([{ cost }]) => cost?.reportedNanoUsd != null) ? usd(sum(({ reportedNanoUsd }) => reportedNanoUsd)) : '',
	].join(' | ')} |`;
}

function inputOf({ canonical }: Served): number {
	return canonical.uncachedInput + canonical.cacheRead + canonical.cacheWrite5m + canonical.cacheWrite1h;
}

/** USD, by the price library. */
function priceOf({ model, canonical, tsStart, ...truth }: Served): number {
	const providerId = model.startsWith('claude') ? 'anthropic' : model.startsWith('gemini') ? 'google' : 'openai';
	const priced = calcPrice(
		{
			input_tokens: inputOf({ model, canonical, tsStart, ...truth }),
			cache_read_tokens: canonical.cacheRead,
			cache_write_tokens: canonical.cacheWrite5m + canonical.cacheWrite1h,
			cache_write_1h_tokens: canonical.cacheWrite1h,
			output_tokens: canonical.output,
		},
		model,
		{ providerId, timestamp: new Date(tsStart) },
	);
	assert.ok(priced, model);
	return priced.total_price;
}
