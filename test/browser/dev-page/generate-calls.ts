import type { CallRow } from '../../../src/core/views.ts';

/** One model of the generated data, with rates in USD per million tokens. `null`: unpriced. */
interface ModelSample {
	provider: string;
	model: string;
	agent: string;
	input: number | null;
	cached: number;
	output: number;
	subscription?: boolean;
}

const models: ModelSample[] = [
	{ provider: 'anthropic', model: 'claude-sonnet-4-5', agent: 'kilo-code', input: 3, cached: 0.3, output: 15 },
	{
		provider: 'anthropic',
		model: 'claude-opus-4-6',
		agent: 'claude-code',
		input: 5,
		cached: 0.5,
		output: 25,
		subscription: true,
	},
	{ provider: 'openai', model: 'gpt-5.4', agent: 'codex', input: 1.25, cached: 0.125, output: 10 },
	{ provider: 'google', model: 'gemini-2.5-pro', agent: 'gemini-cli', input: 1.25, cached: 0.31, output: 10 },
	{ provider: 'openai', model: 'gpt-4o-mini', agent: 'kilo-code', input: 0.15, cached: 0.075, output: 0.6 },
	{
		provider: 'openrouter',
		model: 'qwen/qwen3-coder-480b-a35b-instruct',
		agent: 'roo-code',
		input: 0.4,
		cached: 0.4,
		output: 1.6,
	},
	{ provider: 'ollama', model: 'llama3.3:70b', agent: 'cline', input: null, cached: 0, output: 0 },
];

const titles = [
	'Fix the flaky retry test in the upload queue',
	'Add dark mode to the settings page',
	'Explain why the build takes nine minutes',
	'Rename CustomerId to AccountId everywhere and keep the migrations working on both databases',
	'Write tests for the price table',
	'הוסף תמיכה בעברית',
];

/** A number in [0, 1) that is always the same for the same seed. */
function chance(seed: number): number {
	let state = (seed + 0x6d2b79f5) | 0;
	state = Math.imul(state ^ (state >>> 15), state | 1);
	state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
	return ((state ^ (state >>> 14)) >>> 0) / 4_294_967_296;
}

const subagentTitles = ['Find every caller of the upload queue', 'Read the migration guide', 'Compare both lock modes'];

/** One task of the generated data. */
export interface SessionSample {
	sessionId: string;
	parentSessionId: string | null;
	title: string;
	/** A number of its own. */
	number: number;
	calls: number;
}

/** Calls in a round of tasks: one with a subagent, which has one of its own, and one without. */
const roundLength = 36;
/** The tasks of a round, and which of its calls each has: `[from, to)`. */
const round: { parent: number | null; calls: [number, number][] }[] = [
	{
		parent: null,
		calls: [
			[0, 10],
			[18, 24],
		],
	},
	{
		parent: 0,
		calls: [
			[10, 13],
			[15, 18],
		],
	},
	{ parent: 1, calls: [[13, 15]] },
	{ parent: null, calls: [[24, 36]] },
];

/** The task that the `number`-th call belongs to, and the call's order in it, from 1. */
export function sessionOf(number: number): SessionSample & { seq: number } {
	const at = number % roundLength;
	const index = round.findIndex(({ calls }) => calls.some(([from, to]) => at >= from && at < to));
	const { parent, calls } = round[index] ?? { parent: null, calls: [] };
	const first = Math.floor(number / roundLength) * round.length;
	const names = parent === null ? titles : subagentTitles;
	return {
		sessionId: `session-${first + index}`,
		parentSessionId: parent === null ? null : `session-${first + parent}`,
		title: names[(first + index) % names.length] ?? '',
		number: first + index,
		calls: calls.reduce((sum, [from, to]) => sum + to - from, 0),
		seq: calls.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(at + 1, to) - from), 0),
	};
}

/**
 * The `number`-th call ever made, counted from 0: the same for the same arguments.
 *
 * @param startedAtMs when it began
 */
export function sampleCall(number: number, startedAtMs: number): CallRow {
	const session = sessionOf(number);
	const { seq } = session;
	// Subagents run with their parent's agent.
	const sample = models[Math.floor(chance(Math.floor(number / 12) * 7 + 1) ** 1.6 * models.length)] ?? modelFallback;
	const dice = chance(number * 13 + 5);
	const state = dice < 0.025 ? 'error' : dice < 0.045 ? 'cancelled' : 'ok';
	const usageMissing = state === 'ok' && dice > 0.985;
	const known = state === 'ok' && !usageMissing;
	const inputTokens = known ? Math.round(1800 + seq * 2400 + chance(number) * 3000) : null;
	const cacheReadTokens =
		inputTokens === null ? null : seq === 1 ? 0 : Math.round(inputTokens * (0.5 + chance(number + 9) * 0.45));
	const outputTokens = known ? Math.round(60 + chance(number * 3) * 1400) : null;
	const latencyMs = Math.round(700 + chance(number * 5) ** 2 * 42_000);
	return {
		callId: `call-${number}`,
		sessionId: session.sessionId,
		agentId: sample.agent,
		seq,
		kind: kindOf(session, dice),
		state,
		usageMissing,
		orphan: dice > 0.97 && dice < 0.975,
		possibleDuplicateOf: dice > 0.96 && dice < 0.965 ? `call-${number - 1}` : null,
		provider: sample.provider,
		model: sample.model,
		actualModel: null,
		startedAtMs,
		endedAtMs: startedAtMs + latencyMs,
		latencyMs,
		timeToFirstTokenMs: state === 'ok' ? Math.round(latencyMs * 0.2) : null,
		messageCount: seq * 2 - 1,
		inputTokens,
		outputTokens,
		cacheReadTokens,
		cacheWriteTokens: inputTokens === null || sample.provider !== 'anthropic' ? null : Math.round(inputTokens * 0.04),
		reasoningTokens: outputTokens === null ? null : Math.round(outputTokens * 0.3),
		cost: sampleCost(sample, { inputTokens, cacheReadTokens, outputTokens }, dice),
		finishReason: state === 'ok' ? (seq === session.calls ? 'stop' : 'tool_use') : null,
		contentState: 'full',
		sessionTitle: session.title,
		parentSessionId: session.parentSessionId,
		source: sample.agent,
	};
}

const folders = ['/home/dev/projects/upload-service', '/home/dev/projects/web', '/home/dev/notes'];

/** The project folder of a call's task. */
export function folderOf({ sessionId }: Pick<CallRow, 'sessionId'>): string {
	const task = Math.floor(Number(sessionId.split('-')[1]) / round.length);
	return folders[task % folders.length] ?? '';
}

function kindOf({ parentSessionId, seq, number }: ReturnType<typeof sessionOf>, dice: number): CallRow['kind'] {
	if (parentSessionId !== null) return 'subagent';
	if (seq === 1 && number % 8 === 3) return 'title';
	if (dice > 0.5 && dice < 0.53) return 'tool';
	return dice > 0.53 && dice < 0.55 ? 'condense' : 'chat';
}

/** A call that was just sent. */
export function pendingCall(number: number, startedAtMs: number): CallRow {
	return {
		...sampleCall(number, startedAtMs),
		state: 'pending',
		usageMissing: false,
		orphan: false,
		possibleDuplicateOf: null,
		endedAtMs: null,
		latencyMs: null,
		timeToFirstTokenMs: null,
		inputTokens: null,
		outputTokens: null,
		cacheReadTokens: null,
		cacheWriteTokens: null,
		reasoningTokens: null,
		cost: null,
		finishReason: null,
	};
}

const modelFallback: ModelSample = {
	provider: 'openai',
	model: 'gpt-4o-mini',
	agent: 'kilo-code',
	input: 0.15,
	cached: 0.075,
	output: 0.6,
};

function sampleCost(
	sample: ModelSample,
	tokens: { inputTokens: number | null; cacheReadTokens: number | null; outputTokens: number | null },
	dice: number,
): CallRow['cost'] {
	const billing = sample.subscription === true ? 'subscription' : 'api';
	const { inputTokens, cacheReadTokens, outputTokens } = tokens;
	if (sample.input === null || inputTokens === null || outputTokens === null) {
		return { nanoUsd: null, basis: 'unpriced', bound: 'exact', diverges: false, billing };
	}
	const uncached = inputTokens - (cacheReadTokens ?? 0);
	const usd = (uncached * sample.input + (cacheReadTokens ?? 0) * sample.cached + outputTokens * sample.output) / 1e6;
	return {
		nanoUsd: Math.round(usd * 1e9),
		basis: dice > 0.9 ? 'provider' : 'computed',
		bound: dice > 0.93 && dice < 0.95 ? 'atMost' : 'exact',
		diverges: dice > 0.9 && dice < 0.91,
		billing,
	};
}
