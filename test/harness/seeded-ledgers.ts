import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
	type CallDraftInput,
	type Draft,
	type DraftInput,
	draftSchema,
	type ResponseDraftInput,
} from '../../src/core/draft.ts';
import type { Usage } from '../../src/core/usage.ts';
import { SCHEMA_VERSION } from '../../src/ledger/migrations.ts';
import { LEDGER_FILE, openLedger } from '../../src/ledger/open-ledger.ts';
import { root } from '../run/setup.mjs';

/** Ledgers that are written before a window opens: VS Code finds them by `callmeter.ledger.directory`. */

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Drafts that are handed over at a time. */
const batch = 4_000;

/** A call as a seed names it: what it leaves out is as in `callPair`. */
interface Seed {
	call: Partial<CallDraftInput> & Pick<CallDraftInput, 'callId' | 'startedAtMs'>;
	/** `null`: the response never came. */
	response?: Partial<ResponseDraftInput>;
	/** The request was never seen. */
	orphan?: boolean;
}

/** Counts of a call with nothing in any cache. */
export function counts(some: Partial<Usage> = {}): Usage {
	const usage = {
		uncachedInput: 0,
		cacheRead: 0,
		cacheWrite5m: 0,
		cacheWrite1h: 0,
		cacheWriteUnknownTtl: 0,
		output: 0,
		reasoning: 0,
		...some,
	};
	const inputTotal = (usage.uncachedInput ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite5m ?? 0);
	return { inputTotal, ...usage };
}

/**
 * Ten calls of every kind there is, eight of the last days and two of the week before. Sonnet's price is $3 for a million
 * tokens in, $0.30 for those read from the cache, $3.75 for those written to it and $15 for those out.
 */
export async function seedTenCalls(directory: string, nowMs: number): Promise<void> {
	const ago = (hours: number) => nowMs - hours * hourMs;
	const main = { sessionId: 'parser', title: 'Fix the parser' };
	const lab = { provider: 'lab', model: 'mystery-1' };
	const before = { sessionId: 'earlier', title: 'Read the manual' };
	const hit = counts({ uncachedInput: 1_000, cacheRead: 9_000, output: 500 });
	const seeds: Seed[] = [
		{
			call: {
				...main,
				callId: 'hit',
				startedAtMs: ago(2),
				systemPrompt: 'You repair parsers.',
				messages: [{ role: 'user', content: 'The zebrafish test fails:\n```ts\nconst a = parse("(");\n```' }],
				tools: [{ name: 'read_file', description: 'Reads a file.' }],
			},
			response: {
				usage: hit,
				latencyMs: 2_000,
				completion: 'It lacks a bracket.\n```ts\nconst a = parse("()");\n```',
				toolCalls: [{ id: 'tool-1', name: 'read_file', arguments: { path: 'src/parse.ts' } }],
				finishReason: 'tool_use',
				inferenceProvider: 'Bedrock',
				serviceTier: 'standard',
			},
		},
		{
			call: { ...main, callId: 'miss', startedAtMs: ago(3) },
			response: {
				usage: counts({ uncachedInput: 2_000, cacheWrite5m: 8_000, output: 1_000 }),
				latencyMs: 4_000,
			},
		},
		{
			call: { ...main, ...lab, callId: 'unpriced', startedAtMs: ago(4) },
			response: {
				usage: { ...counts({ uncachedInput: 5_000, output: 700 }), cacheRead: null, cacheWrite5m: null },
				latencyMs: 6_000,
			},
		},
		{
			call: { ...main, callId: 'error', startedAtMs: ago(5) },
			response: { state: 'error', finishReason: null, usage: null, error: { message: 'Overloaded', status: 529 } },
		},
		{
			call: { ...main, callId: 'cancelled', startedAtMs: ago(6) },
			response: { state: 'cancelled', finishReason: null, usage: null, usageMissing: true },
		},
		{
			call: {
				callId: 'subagent',
				sessionId: 'subagent',
				parentSessionId: 'parser',
				title: 'Look for brackets',
				kind: 'subagent',
				startedAtMs: ago(2.5),
			},
			response: { usage: hit, latencyMs: 1_000 },
		},
		{
			call: {
				callId: 'plan',
				sessionId: 'plan',
				agentId: 'claude-code',
				title: 'Under a plan',
				startedAtMs: ago(7),
				origin: { source: 'claude-code', billing: 'subscription' },
			},
			response: {
				usage: hit,
				latencyMs: 3_000,
				origin: { source: 'claude-code', billing: 'subscription' },
			},
		},
		{
			call: { callId: 'orphan', sessionId: 'orphan', startedAtMs: ago(8) },
			response: { usage: hit, latencyMs: 2_000 },
			orphan: true,
		},
		{
			call: { ...before, callId: 'before-1', startedAtMs: nowMs - 8 * dayMs },
			response: { usage: hit, latencyMs: 1_000 },
		},
		{
			call: { ...before, callId: 'before-2', startedAtMs: nowMs - 9 * dayMs },
			response: { usage: hit, latencyMs: 1_000 },
		},
	];
	// Numbers of calls within a task go by the order in which they are recorded.
	await write(
		directory,
		seeds.sort((a, b) => a.call.startedAtMs - b.call.startedAtMs),
	);
}

/** How many calls `seedManyCalls` writes, what each uses, and how far they are apart: from 2024-12-30 to December 2025. */
export const many = {
	calls: 100_000,
	startMs: Date.UTC(2024, 11, 30),
	gapMs: 300_000,
	usage: counts({ uncachedInput: 1_000, cacheRead: 3_000, output: 200 }),
	models: [
		['anthropic', 'claude-sonnet-4-5'],
		['anthropic', 'claude-opus-4-6'],
		['openai', 'gpt-4o'],
		['google', 'gemini-2.5-pro'],
	],
} as const;

/** 100,000 calls without content, in tasks of 50. Written once for each form of the ledger, then copied. */
export async function seedManyCalls(directory: string): Promise<void> {
	const cache = join(root, 'out/seeded', `many-${SCHEMA_VERSION}`);
	if (!existsSync(cache)) {
		const draft = `${cache}.${process.pid}`;
		await rm(draft, { recursive: true, force: true });
		await write(draft, manySeeds());
		await rename(draft, cache);
	}
	await cp(cache, directory, { recursive: true });
}

function* manySeeds(): Generator<Seed> {
	for (let at = 0; at < many.calls; at++) {
		const [provider, model] = many.models[at % many.models.length] ?? many.models[0];
		const task = Math.floor(at / 50);
		yield {
			call: {
				callId: `many-${at}`,
				sessionId: `task-${task}`,
				title: `Task ${task}`,
				agentId: ['kilo-code', 'claude-code'][task % 2] ?? '',
				folder: `/home/someone/project-${task % 3}`,
				startedAtMs: many.startMs + at * many.gapMs,
				provider,
				model,
				messages: [],
				messageCount: 3,
				contentState: 'none',
			},
			response: { usage: many.usage, latencyMs: 1_000 + ((at * 613) % 60_000), completion: null, contentState: 'none' },
		};
	}
}

/** A task with each of these texts as prompt, completion, title, model and whatever else an agent may name. */
export async function seedTexts(directory: string, texts: readonly string[], nowMs: number): Promise<void> {
	await write(
		directory,
		texts.map((text, at): Seed => {
			const name = text.slice(0, 200);
			return {
				call: {
					callId: `text-${at} ${name}`,
					sessionId: `session-${at} ${name}`,
					agentId: `agent ${name}`,
					title: `${at} ${name}`,
					folder: `/home/${name}`,
					provider: `provider ${name}`,
					model: `model ${name}`,
					startedAtMs: nowMs - (at + 1) * 60_000,
					systemPrompt: text,
					messages: [{ role: 'user', content: `begin-${at}\n\n${text}` }],
					tools: [{ name: 'tool', description: name }],
				},
				response: {
					completion: `end-${at}\n\n${text}`,
					finishReason: name,
					inferenceProvider: name,
					serviceTier: name,
					usage: counts({ uncachedInput: 10, output: 5 }),
					latencyMs: 1_000,
				},
			};
		}),
	);
}

async function write(directory: string, seeds: Iterable<Seed>): Promise<void> {
	await mkdir(directory, { recursive: true });
	const file = join(directory, LEDGER_FILE);
	const ledger = openLedger({ file, workerPath: join(root, 'src/ledger/worker.ts') });
	try {
		let drafts: Draft[] = [];
		const flush = async () => {
			const receipts = await ledger.record(drafts);
			const refused = receipts.find(({ outcome }) => outcome !== 'appended');
			if (refused !== undefined) throw new Error(`A draft was not recorded: ${JSON.stringify(refused)}`);
			drafts = [];
		};
		for (const seed of seeds) {
			drafts.push(...callPair(seed).map((draft) => draftSchema.parse(draft)));
			if (drafts.length >= batch) await flush();
		}
		if (drafts.length > 0) await flush();
	} finally {
		await ledger.close();
	}
}

function callPair({ call, response = {}, orphan = false }: Seed): DraftInput[] {
	const common = {
		callId: call.callId,
		sessionId: call.sessionId ?? 'session',
		agentId: call.agentId ?? 'kilo-code',
		origin: call.origin ?? { source: 'kilo-code' },
		provider: call.provider ?? 'anthropic',
		model: call.model ?? 'claude-sonnet-4-5',
	};
	const request: CallDraftInput = {
		messages: [{ role: 'user', content: `Prompt of ${call.callId}` }],
		folder: '/home/someone/parser',
		...call,
		...common,
		eventType: 'llm_call',
	};
	const answer: ResponseDraftInput = {
		state: 'ok',
		finishReason: 'end_turn',
		completion: `Completion of ${call.callId}`,
		usage: counts(),
		endedAtMs: call.startedAtMs + (response.latencyMs ?? 500),
		...response,
		...common,
		eventType: 'llm_response',
	};
	return orphan ? [answer] : [request, answer];
}
