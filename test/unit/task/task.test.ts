import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Message } from '../../../src/core/message.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, RequestMetadata } from '../../../src/task/api-handler.ts';
import { HandlerError } from '../../../src/task/handlers/handler-error.ts';
import { Task, type TaskEvent, type TaskOptions } from '../../../src/task/task.ts';

const workspaceRoot = join(import.meta.dirname, '../../fixtures/sample-workspace');

type Step = ApiStreamChunk[] | Error | ((metadata: RequestMetadata | undefined) => Promise<never>);

/** Answers each request with the next step and keeps what it was asked. */
class StepHandler implements ApiHandler {
	readonly asked: Message[][] = [];
	readonly #steps: Step[];

	constructor(...steps: Step[]) {
		this.#steps = steps;
	}

	getModel() {
		return { id: 'm', provider: 'p', protocol: 'openai' as const };
	}

	async *createMessage(_system: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		this.asked.push(structuredClone(messages));
		const step = this.#steps.shift();
		assert.ok(step !== undefined, 'no step is left');
		if (step instanceof Error) throw step;
		if (typeof step === 'function') await step(metadata);
		else yield* step;
	}
}

const call = (name: string, args: unknown, id = name): ApiStreamChunk => ({
	type: 'tool_call',
	id,
	name,
	arguments: typeof args === 'string' ? args : JSON.stringify(args),
});
const complete = [call('attempt_completion', { result: 'done' })];

function run(api: StepHandler, options: Partial<TaskOptions> = {}) {
	const events: TaskEvent[] = [];
	const task = new Task({
		api,
		workspaceRoot,
		prompt: 'go',
		retryDelayMs: 1,
		onEvent: (event) => events.push(event),
		...options,
	});
	return { task, events, result: task.run() };
}

describe('Task', () => {
	it('asks, runs the tools, asks again with their results, until the model completes', async () => {
		const api = new StepHandler(
			[
				{ type: 'text', text: 'Let me see.' },
				call('list_files', {}, 'c1'),
				call('read_file', { path: 'package.json' }, 'c2'),
			],
			complete,
		);
		const { task, events, result } = run(api);
		assert.deepEqual(await result, { state: 'completed', result: 'done' });
		assert.deepEqual(api.asked[0], [{ role: 'user', content: 'go' }]);
		const [, assistant, first, second] = api.asked[1] ?? [];
		assert.deepEqual(assistant, {
			role: 'assistant',
			content: 'Let me see.',
			toolCalls: [
				{ id: 'c1', name: 'list_files', arguments: {} },
				{ id: 'c2', name: 'read_file', arguments: { path: 'package.json' } },
			],
		});
		assert.deepEqual(first, { role: 'tool', toolCallId: 'c1', content: 'README.md\npackage.json\nsrc/\ntest/' });
		assert.match(String(second?.content), /tidepool/);
		assert.equal(task.history.length, 6);
		assert.deepEqual(
			events.map(({ type }) => type),
			['request', 'text', 'toolEnded', 'toolEnded', 'step', 'request', 'toolEnded', 'step'],
		);
	});

	it('gives the errors of tools to the model', async () => {
		const api = new StepHandler(
			[
				call('read_file', { path: '../../secret' }, 'c1'),
				call('read_file', '{"path":', 'c2'),
				call('rm_rf', { path: '/' }, 'c3'),
				call('attempt_completion', {}, 'c4'),
			],
			complete,
		);
		assert.equal((await run(api).result).state, 'completed');
		const contents = (api.asked[1] ?? []).slice(2).map(({ content }) => String(content));
		assert.equal(contents.length, 4);
		assert.match(contents[0] ?? '', /outside the workspace/);
		assert.match(contents[1] ?? '', /^Error: /);
		assert.match(contents[2] ?? '', /no tool `rm_rf`/);
		assert.match(contents[3] ?? '', /result/);
	});

	it('reminds a model that answers without a tool', async () => {
		const api = new StepHandler([{ type: 'text', text: 'It is a library.' }], complete);
		assert.equal((await run(api).result).state, 'completed');
		assert.match(String(api.asked[1]?.at(-1)?.content), /attempt_completion/);
	});

	it('tries again after a temporary failure, with the same prompt', async () => {
		const api = new StepHandler(new HandlerError('overloaded', 'busy'), new HandlerError('cut', 'cut'), complete);
		const { events, result } = run(api);
		assert.equal((await result).state, 'completed');
		assert.deepEqual(api.asked[2], api.asked[0]);
		assert.deepEqual(
			events.filter(({ type }) => type === 'retry'),
			[
				{ type: 'retry', step: 1, reason: 'overloaded', delayMs: 1 },
				{ type: 'retry', step: 1, reason: 'cut', delayMs: 2 },
			],
		);
	});

	it('gives up after the last try, and at once for what will not pass', async () => {
		const busy = (): Error => new HandlerError('overloaded', 'busy');
		const failed = await run(new StepHandler(busy(), busy(), busy())).result;
		assert.ok(failed.state === 'failed' && failed.error instanceof HandlerError);
		const key = new StepHandler(new HandlerError('authentication', 'no key'));
		assert.equal((await run(key).result).state, 'failed');
		assert.equal(key.asked.length, 1);
	});

	it('an error chunk fails the request', async () => {
		const api = new StepHandler([{ type: 'error', error: 'x', message: 'bad' }], complete);
		assert.equal((await run(api).result).state, 'completed');
		assert.equal(api.asked.length, 2);
	});

	it('stops at the step limit', async () => {
		const api = new StepHandler([call('list_files', {})], [call('list_files', {})], complete);
		assert.deepEqual(await run(api, { maxSteps: 2 }).result, { state: 'exhausted' });
		assert.equal(api.asked.length, 2);
	});

	it('a cancel aborts the request under way and sends no other', async () => {
		const aborter = new AbortController();
		const api = new StepHandler(
			(metadata) =>
				new Promise((_, reject) => {
					metadata?.signal?.addEventListener('abort', () => reject(new HandlerError('aborted', 'aborted')));
					setImmediate(() => aborter.abort());
				}),
		);
		assert.deepEqual(await run(api, { signal: aborter.signal }).result, { state: 'cancelled' });
		assert.equal(api.asked.length, 1);
	});

	it('a cancel while waiting for another try, and before the start', async () => {
		const waiting = run(new StepHandler(new HandlerError('overloaded', 'busy')), { retryDelayMs: 60_000 });
		setImmediate(() => waiting.task.cancel());
		assert.deepEqual(await waiting.result, { state: 'cancelled' });
		assert.deepEqual(await run(new StepHandler(), { signal: AbortSignal.abort() }).result, { state: 'cancelled' });
	});

	it('a replaced handler takes the next request', async () => {
		const second = new StepHandler(complete);
		const first = new StepHandler([call('list_files', {})]);
		const { task, result } = run(first, {
			onEvent: (event) => {
				if (event.type === 'step') task.api = second;
			},
		});
		assert.equal((await result).state, 'completed');
		assert.deepEqual([first.asked.length, second.asked.length], [1, 1]);
	});
});
