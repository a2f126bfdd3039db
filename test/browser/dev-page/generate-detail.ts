import type { Message } from '../../../src/core/message.ts';
import type { Cost } from '../../../src/core/pricing/cost.ts';
import type { CallDetail, CallRow } from '../../../src/core/views.ts';

/** A call's details that fit its row: a conversation that grows by two messages with each call of the session. */
export function sampleDetail(row: CallRow): CallDetail {
	const messages: Message[] = [];
	for (let seq = 1; seq <= row.seq; seq++) messages.push(...turn(seq, row));
	const sent = messages.slice(0, row.seq * 2 - 1);
	const pending = row.state === 'pending';
	const asked = row.seq < 12;
	const known = row.inputTokens !== null;
	return {
		row,
		systemPrompt: `You are a careful software engineer.\n\nWork in small steps and check each one.\n${'Read the file before you change it. '.repeat(60)}`,
		messages: sent,
		sharedPrefix: row.seq === 1 ? 0 : sent.length - 2,
		extendsCallId: row.seq === 1 ? null : `before ${row.callId}`,
		tools: [
			{
				name: 'read_file',
				description: 'Reads a file of the workspace.',
				parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
			},
			{
				name: 'search',
				description: 'Searches the workspace for a regular expression.',
				parameters: { type: 'object', properties: { pattern: { type: 'string' }, limit: { type: 'integer' } } },
			},
			{ name: 'attempt_completion', description: 'Ends the task.' },
		],
		parameters: { temperature: 0.2, max_tokens: 8192, stop: ['</done>'] },
		completion: pending || row.state === 'error' ? null : completion,
		reasoning:
			pending || row.state === 'error'
				? null
				: 'The counter is read before the lock is taken. So two workers may see the same value. I look at the queue first.',
		toolCalls:
			row.state === 'ok' && asked
				? [{ id: `tool-${row.seq}`, name: 'read_file', arguments: { path: `src/queue/part-${row.seq}.ts` } }]
				: [],
		usage: known
			? {
					inputTotal: row.inputTokens,
					uncachedInput: (row.inputTokens ?? 0) - (row.cacheReadTokens ?? 0) - (row.cacheWriteTokens ?? 0),
					cacheRead: row.cacheReadTokens,
					cacheWrite5m: row.cacheWriteTokens,
					cacheWrite1h: row.cacheWriteTokens === null ? null : 0,
					cacheWriteUnknownTtl: null,
					output: row.outputTokens,
					reasoning: row.reasoningTokens,
				}
			: null,
		usageBound: row.cost?.bound ?? 'exact',
		usageNotes: row.cost?.bound === 'atMost' ? ['This agent drops cache reads, so the real cost may be lower.'] : [],
		cost: sampleCost(row),
		completionTimeMs: row.latencyMs === null ? null : row.latencyMs - 12,
		inferenceProvider: row.provider === 'openrouter' ? 'DeepInfra' : null,
		serviceTier: null,
		error:
			row.state === 'error'
				? {
						message: 'Rate limit reached for requests per minute. Please try again in 20 s.',
						status: 429,
						code: 'rate_limit_exceeded',
					}
				: null,
		mode: 'code',
		folder: '/home/dev/projects/upload-service',
		gitBranch: 'fix/retry',
		gitCommit: '9f2c1ab',
		origin: {
			source: row.source,
			record: `tasks/${row.sessionId}/ui_messages.json#${row.seq}`,
			billing: row.cost?.billing ?? 'api',
			live: true,
		},
		aliases: [`resp_${row.callId}`],
		maskedSecrets: row.seq === 2 ? 1 : 0,
		hash: pending ? null : 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
		eventIds: ['01JAB2C3D4E5F6G7H8J9K0M1N2', '01JAB2C3D4E5F6G7H8J9K0M1N3'],
	};
}

const completion = [
	'## What was wrong',
	'',
	'The retry test is flaky because `attempts` is read **outside** the lock:',
	'',
	'1. Worker A reads `0`.',
	'2. Worker B reads `0` too, before A has written.',
	'',
	'```ts',
	'// Read and written under one lock.',
	'const attempts = await lock.run(async () => {',
	'\tif (job.id === null) throw new Error("no id");',
	'\treturn queue.attemptsOf(job.id, { limit: 25, strict: true });',
	'});',
	'```',
	'',
	'| run | before | after |',
	'|---|--:|--:|',
	'| passed | 476 | 500 |',
	'| failed | 24 | 0 |',
	'',
	'> The lock is the one that the [queue documents](https://example.com/queue/locks).',
	'',
	'I moved the read inside, and the test passed *500 times* in a row.',
].join('\n');

function turn(seq: number, row: CallRow): Message[] {
	const first = seq === 1;
	return [
		first
			? {
					role: 'user',
					content: `${row.sessionTitle ?? 'Do the task'}.\n\nIt fails about once in twenty runs on the build machine:\n\n- always on the **second** attempt\n- never with \`--workers 1\``,
				}
			: { role: 'tool', toolCallId: `tool-${seq - 1}`, content: toolResult(seq) },
		{
			role: 'assistant',
			content: seq % 3 === 0 ? '' : `I look at part ${seq} of the queue now.`,
			toolCalls: [
				{
					id: `tool-${seq}`,
					name: seq % 2 === 0 ? 'search' : 'read_file',
					arguments:
						seq % 2 === 0
							? { pattern: 'attempts\\s*=', include: ['src/**/*.ts'], limit: 20 }
							: { path: `src/queue/part-${seq}.ts` },
				},
			],
		},
	];
}

function toolResult(seq: number): string {
	const lines = Array.from(
		{ length: 40 },
		(_, index) => `${index + 1}\texport const part${seq}_${index} = readPart(${seq}, ${index});`,
	);
	return lines.join('\n');
}

function sampleCost(row: CallRow): Cost | null {
	const { cost } = row;
	if (cost === null) return null;
	const priced = cost.nanoUsd !== null;
	const uncached = (row.inputTokens ?? 0) - (row.cacheReadTokens ?? 0);
	const line = (bucket: 'uncachedInput' | 'cacheRead' | 'output', tokens: number, ratePicoUsd: number) => ({
		bucket,
		tokens,
		ratePicoUsd,
		tierStart: 0,
	});
	return {
		shownNanoUsd: cost.nanoUsd,
		basis: cost.basis,
		bound: cost.bound,
		computedNanoUsd: cost.nanoUsd,
		reportedNanoUsd: cost.diverges && cost.nanoUsd !== null ? Math.round(cost.nanoUsd * 1.3) : null,
		reportedBy: cost.diverges ? 'provider' : null,
		diverges: cost.diverges,
		lines: priced
			? [
					line('uncachedInput', uncached, 3_000_000),
					line('cacheRead', row.cacheReadTokens ?? 0, 300_000),
					line('output', row.outputTokens ?? 0, 15_000_000),
				]
			: [],
		price: priced
			? { provider: row.provider, model: row.model, from: 'table', validFrom: '2025-09-29', tableDate: '2026-11-01' }
			: null,
		unpriced: priced ? null : row.inputTokens === null ? 'noUsage' : 'unknownModel',
		notes: [],
	};
}
