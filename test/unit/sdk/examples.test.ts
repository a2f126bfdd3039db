import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Usage } from '../../../src/core/usage.ts';
import { type AnsweringProvider, startAnsweringProvider } from '../../fixtures/providers/answering-provider.ts';
import type { ProtocolName } from '../../fixtures/providers/fake-provider.ts';
import type { Turn } from '../../fixtures/providers/script.ts';
import type { Serving } from '../server/api/serving.ts';
import { costOf } from '../task/served-truth.ts';
import { callsOf, Reporting } from './reporting.ts';

const root = join(import.meta.dirname, '../../..');
const preload = join(root, 'test/harness/sdk-from-source.mjs');

const turn: Turn = {
	reasoning: 'Two bulges, and the Earth turns under both.',
	text: 'The Earth turns under two bulges — “twice” a day.',
	tools: [{ id: 'tool-1', name: 'look_up', arguments: { topic: 'tides', depth: [1, { of: 'water' }] } }],
	usage: { uncachedInput: 812, cacheRead: 5_500, cacheWrite5m: 0, cacheWrite1h: 0, output: 143, reasoning: 20 },
};
const withWrites: Turn = { ...turn, usage: { ...turn.usage, cacheWrite5m: 1_300, cacheWrite1h: 2_700 } };

interface Example {
	folder: string;
	provider: string;
	model: string;
	turn: Turn;
	/** What each call speaks, in order. */
	protocols: ProtocolName[];
	/** Calls that stream. */
	streamed: number[];
	/** What of the cache writes this API says. */
	writes: Pick<Usage, 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWriteUnknownTtl'>;
}

const unsaid = { cacheWrite5m: null, cacheWrite1h: null, cacheWriteUnknownTtl: null };
const examples: Example[] = [
	{
		folder: 'sdk-anthropic',
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		turn: withWrites,
		protocols: ['anthropic', 'anthropic', 'anthropic'],
		streamed: [1],
		writes: { cacheWrite5m: 1_300, cacheWrite1h: 2_700, cacheWriteUnknownTtl: 0 },
	},
	{
		folder: 'sdk-openai',
		provider: 'openai',
		model: 'gpt-5',
		turn,
		protocols: ['openai-chat', 'openai-chat', 'openai-responses', 'openai-responses'],
		streamed: [1, 2],
		writes: unsaid,
	},
	{
		folder: 'sdk-google',
		provider: 'google',
		model: 'gemini-2.5-pro',
		turn,
		protocols: ['gemini', 'gemini', 'gemini'],
		streamed: [1],
		writes: unsaid,
	},
];

describe('examples for the official SDKs', () => {
	let user: Reporting;
	let serving: Serving;
	let provider: AnsweringProvider | undefined;
	before(async () => {
		user = new Reporting();
		serving = await user.serve();
	});
	afterEach(() => provider?.close());
	after(() => user.remove());

	for (const example of examples) {
		it(`${example.folder}: runs as it stands, and every call is recorded exactly, its cost to 1e-9 USD`, async function () {
			this.timeout(60_000);
			provider = await startAnsweringProvider(example.turn);
			const file = join(root, 'docs/examples', example.folder, 'index.js');
			const before = (await callsOf(serving)).length;
			const { stdout } = await promisify(execFile)(process.execPath, ['--import', preload, file], {
				cwd: user.project,
				env: { ...process.env, ...user.env, ...provider.env },
			});
			assert.ok(stdout.includes(example.turn.text ?? 'never'));
			const calls = (await callsOf(serving)).slice(before);
			assert.equal(calls.length, example.protocols.length);
			const { usage } = example.turn;
			for (const [at, call] of calls.entries()) {
				const { row } = call;
				const protocol = example.protocols[at] ?? 'anthropic';
				assert.deepEqual([row.state, row.provider, row.model], ['ok', example.provider, example.model]);
				assert.deepEqual([call.completion, call.reasoning], [example.turn.text, example.turn.reasoning]);
				const asked = example.turn.tools?.map(({ name, arguments: args }) => ({ name, args }));
				assert.deepEqual(
					call.toolCalls.map(({ name, arguments: args }) => ({ name, args })),
					asked,
				);
				assert.equal(row.finishReason, 'tool_use');
				assert.match(JSON.stringify([call.systemPrompt, call.messages]), /one sentence.*twice a day/);
				assert.deepEqual(call.usage, {
					inputTotal: usage.uncachedInput + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h,
					uncachedInput: usage.uncachedInput,
					cacheRead: usage.cacheRead,
					...example.writes,
					output: usage.output,
					reasoning: usage.reasoning,
				});
				assert.deepEqual([call.usageBound, row.cost?.bound], ['exact', 'exact']);
				const costUsd = (row.cost?.nanoUsd ?? 0) / 1e9;
				assert.ok(Math.abs(costUsd - costOf(usage, protocol, example.model)) <= 1e-9, `${costUsd}`);
				assert.ok(call.aliases.some((id) => id.startsWith('answer-')));
				assert.equal(row.timeToFirstTokenMs !== null, example.streamed.includes(at));
				assert.ok((row.latencyMs ?? 0) > 0);
			}
			assert.equal(new Set(calls.map(({ row }) => row.sessionId)).size, 1);
		});
	}
});
