import type { Message } from '../../src/core/message.ts';
import { wrapApiHandler } from '../../src/task/hook/wrap-api-handler.ts';
import type { Figure } from '../run/bench.ts';

/** What the hook costs the agent that it observes: for each chunk, and when a request with a long prompt starts. */
export const name = 'hook';

const chunks = 100_000;
const rounds = 7;
const promptBytes = 600_000;
const promptMessages = 400;

const textChunk = { type: 'text', text: 'a few words ' };

const handler = {
	getModel: () => ({ id: 'claude-sonnet-4-6', provider: 'anthropic', protocol: 'anthropic' }),
	async *createMessage(_system: string, _messages: Message[], count = chunks) {
		for (let n = 1; n < count; n++) yield textChunk;
		yield { type: 'usage', inputTokens: 10, outputTokens: 5 };
	},
};

let drafts = 0;
const sink = {
	accept: (): void => {
		drafts++;
	},
};

/** Runs the same stream with and without the hook, in turns, and takes the fastest of each. */
export async function run(): Promise<Figure[]> {
	const wrapped = wrapApiHandler(handler, { sink, agentId: 'bench', taskId: 'bench' });
	const plainMs: number[] = [];
	const hookedMs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		plainMs.push(await timed(() => read(handler.createMessage('', []))));
		hookedMs.push(await timed(() => read(wrapped.createMessage('', []))));
	}
	const perChunkUs = ((Math.min(...hookedMs) - Math.min(...plainMs)) * 1000) / chunks;

	const prompt = longPrompt();
	const system = 'x'.repeat(30_000);
	const startUs: number[] = [];
	for (let round = 0; round < 200; round++) {
		const plain = await timed(() => read(handler.createMessage(system, prompt, 1)));
		const hooked = await timed(() => read(wrapped.createMessage(system, prompt, 1)));
		startUs.push((hooked - plain) * 1000);
	}
	startUs.sort((a, b) => a - b);
	const medianUs = startUs[startUs.length / 2] ?? Number.NaN;
	const recorded = drafts === 2 * (rounds + 200);
	return [
		{
			figure: `hook: added to each of ${chunks.toLocaleString('en')} chunks`,
			measured: `${perChunkUs.toFixed(2)} µs`,
			budget: '≤ 2 µs',
			ok: perChunkUs <= 2 && recorded,
		},
		{
			figure: `hook: a whole call with a prompt of ${promptMessages} messages, ${promptBytes / 1000} KB (median)`,
			measured: `${medianUs.toFixed(0)} µs`,
			budget: '≤ 2,000 µs',
			ok: medianUs <= 2000,
		},
	];
}

async function timed(work: () => Promise<void>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

async function read(stream: AsyncIterable<unknown>): Promise<void> {
	for await (const _ of stream);
}

/** A conversation as Kilo-style agents send it: text, tool calls and tool results in content blocks. */
function longPrompt(): Message[] {
	const text = 'lorem ipsum '.repeat(promptBytes / promptMessages / 12);
	return Array.from({ length: promptMessages }, (_, n): unknown =>
		n % 2 === 0
			? {
					role: 'user',
					content: [
						{ type: 'tool_result', tool_use_id: `t${n}`, content: [{ type: 'text', text: `${n} ${text}` }] },
						{ type: 'text', text: 'environment' },
					],
				}
			: {
					role: 'assistant',
					content: [
						{ type: 'text', text: `${n} ${text}` },
						{ type: 'tool_use', id: `t${n}`, name: 'read_file', input: { path: `src/${n}.ts`, lines: [1, 2] } },
					],
				},
	) as Message[];
}
