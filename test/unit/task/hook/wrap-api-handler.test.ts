import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CallDraftInput, ResponseDraftInput } from '../../../../src/core/draft.ts';
import type { Message } from '../../../../src/core/message.ts';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { type Act, FakeHandler, hang, readAll, settle, text, usage } from './fake-handler.ts';
import { observe, prompt, promptly } from './observe.ts';
import { RecordingSink } from './recording-sink.ts';

describe('wrapApiHandler', () => {
	describe('success', () => {
		it('hands over llm_call when the request starts and llm_response when it ends', async () => {
			const { sink, start } = observe([text('Hi'), text(' there'), usage]);
			const stream = start();
			assert.equal(sink.drafts.length, 0, 'a generator that is not read has sent nothing');
			await stream.next();
			assert.deepEqual(
				sink.drafts.map(({ eventType }) => eventType),
				['llm_call'],
			);
			await readAll(stream);
			assert.deepEqual(
				sink.drafts.map(({ eventType }) => eventType),
				['llm_call', 'llm_response'],
			);
			assert.equal(sink.response.state, 'ok');
			assert.equal(sink.response.callId, sink.call.callId);
			assert.equal(sink.response.completion, 'Hi there');
			assert.equal(sink.response.usage?.inputTotal, 10);
			assert.equal(sink.response.usage?.output, 5);
		});

		it('says whose call it was', async () => {
			const { sink, start } = observe([usage], {
				parentTaskId: 'parent',
				mode: 'code',
				title: 'Fix it',
				folder: '/project',
				source: 'test',
				billing: 'subscription',
				kind: 'subagent',
				parameters: { temperature: 0 },
			});
			await readAll(start());
			const { sessionId, agentId, parentSessionId, mode, title, folder, origin, kind, provider, model, protocol } =
				sink.call;
			assert.deepEqual(
				{ sessionId, agentId, parentSessionId, mode, title, folder, kind, provider, model, protocol },
				{
					sessionId: 'task-1',
					agentId: 'agent',
					parentSessionId: 'parent',
					mode: 'code',
					title: 'Fix it',
					folder: '/project',
					kind: 'subagent',
					provider: 'openai',
					model: 'model-a',
					protocol: 'openai',
				},
			);
			assert.deepEqual(origin, { source: 'test', billing: 'subscription', live: true });
			assert.deepEqual(sink.call.parameters, { temperature: 0 });
			assert.deepEqual(sink.response.origin, origin);
			assert.match(sink.call.callId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		});

		it('keeps what was sent: system prompt, messages, tools', async () => {
			const { sink, wrapped } = observe([usage]);
			const tools = [{ name: 'read_file', description: 'Reads', parameters: { type: 'object' } }];
			await readAll(wrapped.createMessage('be brief', prompt, { taskId: 'x', tools }));
			assert.equal(sink.call.systemPrompt, 'be brief');
			assert.deepEqual(sink.call.messages, prompt);
			assert.deepEqual(sink.call.tools, tools);
			assert.equal(sink.call.contentState, 'full');
		});

		it('passes chunks on by identity, in order, unmodified', async () => {
			const chunks = [text('a'), { type: 'reasoning', text: 'b' }, { type: 'finish', reason: 'stop' }, usage] as const;
			const frozen = chunks.map((chunk) => Object.freeze(chunk));
			const { start } = observe(frozen);
			const received = await readAll(start());
			assert.equal(received.length, frozen.length);
			for (const [index, chunk] of received.entries()) assert.equal(chunk, frozen[index]);
		});

		it('gathers reasoning, tool calls and the finish reason', async () => {
			const { sink, start } = observe([
				{ type: 'reasoning', text: 'hm' },
				{ type: 'tool_call', id: 't1', name: 'read_file', arguments: '{"path":"a"}' },
				{ type: 'tool_call', id: 't2', name: 'broken', arguments: '{"path' },
				{ type: 'finish', reason: 'tool_use' },
				usage,
			]);
			await readAll(start());
			assert.equal(sink.response.reasoning, 'hm');
			assert.equal(sink.response.completion, null);
			assert.equal(sink.response.finishReason, 'tool_use');
			assert.deepEqual(sink.response.toolCalls, [
				{ id: 't1', name: 'read_file', arguments: { path: 'a' } },
				{ id: 't2', name: 'broken', arguments: '{"path' },
			]);
		});

		it('passes on what the usage chunk says beside counts', async () => {
			const { sink, start } = observe(
				[
					{
						...usage,
						totalCost: 0.25,
						inferenceProvider: 'groq',
						responseId: 'r1',
						requestId: 'q1',
						serviceTier: 'priority',
						model: 'model-b',
					},
				],
				{ costFrom: 'provider' },
			);
			await readAll(start());
			const { reportedCostUsd, reportedBy, inferenceProvider, aliases, serviceTier, model } = sink.response;
			assert.deepEqual(
				{ reportedCostUsd, reportedBy, inferenceProvider, aliases, serviceTier, model },
				{
					reportedCostUsd: 0.25,
					reportedBy: 'provider',
					inferenceProvider: 'groq',
					aliases: ['r1', 'q1'],
					serviceTier: 'priority',
					model: 'model-b',
				},
			);
			assert.equal(sink.call.model, 'model-a');
		});

		it("takes a cost in a foreign stream for the agent's own unless told otherwise", async () => {
			const { sink, start } = observe([{ ...usage, totalCost: 0.25 }]);
			await readAll(start());
			assert.equal(sink.response.reportedBy, 'agent');
		});
	});

	describe('usage', () => {
		it('cumulative chunks replace what came before', async () => {
			const { sink, start } = observe([
				{ type: 'usage', inputTokens: 100, outputTokens: 1, cacheReadTokens: 40 },
				text('a'),
				{ type: 'usage', inputTokens: 100, outputTokens: 9 },
				{ type: 'usage', inputTokens: 0, outputTokens: 25 },
			]);
			await readAll(start());
			const { inputTotal, cacheRead, output } = sink.response.usage ?? {};
			assert.deepEqual({ inputTotal, cacheRead, output }, { inputTotal: 100, cacheRead: 40, output: 25 });
		});

		it('partial chunks add up', async () => {
			const { sink, start } = observe([
				{ type: 'usage', inputTokens: 100, outputTokens: 4, counting: 'partial' },
				{ type: 'usage', inputTokens: 0, outputTokens: 6, counting: 'partial' },
				{ type: 'usage', inputTokens: 20, outputTokens: 5, counting: 'partial' },
			]);
			await readAll(start());
			assert.equal(sink.response.usage?.inputTotal, 120);
			assert.equal(sink.response.usage?.output, 15);
		});

		it('after the finish chunk counts', async () => {
			const { sink, start } = observe([text('a'), { type: 'finish', reason: 'stop' }, usage]);
			await readAll(start());
			assert.equal(sink.response.usage?.output, 5);
			assert.equal(sink.response.usageBound, 'exact');
		});

		it('missing is said to be missing, not zero', async () => {
			const { sink, start } = observe([text('a')]);
			await readAll(start());
			assert.equal(sink.response.usage, null);
			assert.equal(sink.response.usageMissing, true);
			assert.equal(sink.response.completionTimeMs, null);
		});

		it('follows the protocol: anthropic leaves the cache out of the input', async () => {
			const { sink, start } = observe(
				[{ type: 'usage', inputTokens: 10, outputTokens: 5, cacheReadTokens: 200, cacheWriteTokens: 30 }],
				{ protocol: 'anthropic' },
			);
			await readAll(start());
			assert.equal(sink.response.usage?.inputTotal, 240);
			assert.equal(sink.response.usage?.uncachedInput, 10);
		});

		it('counts that are none are left out, with a note', async () => {
			const { sink, start } = observe([{ type: 'usage', inputTokens: Number.NaN, outputTokens: 5 }]);
			await readAll(start());
			assert.equal(sink.response.usage?.inputTotal, null);
			assert.equal(sink.response.usage?.output, 5);
			assert.equal(sink.response.usageNotes.length, 1);
		});
	});

	describe('timing', () => {
		it('completionTime runs from request start to usage received, timeToFirstToken to the first content', async () => {
			const busy = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, ms));
			const { sink, start } = observe([busy(30), text('a'), usage, busy(30), text('b'), usage, busy(60)]);
			const before = Date.now();
			await readAll(start());
			const { timeToFirstTokenMs, completionTimeMs, latencyMs, endedAtMs } = sink.response;
			assert.ok(timeToFirstTokenMs !== null && completionTimeMs !== null && latencyMs !== null);
			assert.ok(timeToFirstTokenMs >= 28 && timeToFirstTokenMs < completionTimeMs - 25);
			assert.ok(completionTimeMs < latencyMs - 50, `${completionTimeMs} of ${latencyMs}`);
			assert.ok(sink.call.startedAtMs >= before && endedAtMs >= sink.call.startedAtMs + 115);
		});

		it('starts with the request, not with createMessage: a generator runs at its first next()', async () => {
			const { sink, start } = observe([usage]);
			const stream = start();
			await new Promise((resolve) => setTimeout(resolve, 200));
			await readAll(stream);
			assert.ok((sink.response.completionTimeMs ?? 999) < 180);
		});

		it('does not count a sink that blocks after the usage came', async () => {
			const sink = new RecordingSink();
			const slow = {
				accept(draft: CallDraftInput | ResponseDraftInput): void {
					const until = performance.now() + 100;
					while (performance.now() < until);
					sink.accept(draft);
				},
			};
			// The usage is 150 ms away: time enough for the sink to be done with the call when it comes.
			const wait = () => new Promise((resolve) => setTimeout(resolve, 150));
			const { start } = observe([wait, usage], { sink: slow });
			await readAll(start());
			const { completionTimeMs } = sink.response;
			assert.ok(completionTimeMs !== null && completionTimeMs < 240, `${completionTimeMs} ms`);
		});
	});

	describe('a sink that misbehaves', () => {
		const chunks: Act[] = [text('a'), usage];

		it('throws: the agent notices nothing, the failure is logged', async () => {
			const { start, failures } = observe(chunks, {
				sink: {
					accept() {
						throw new Error('disk full');
					},
				},
			});
			assert.equal((await readAll(start())).length, 2);
			assert.equal(failures.length, 2);
		});

		it('rejects: no unhandled rejection', async () => {
			const unhandled: unknown[] = [];
			const listener = (reason: unknown): unknown => unhandled.push(reason);
			process.on('unhandledRejection', listener);
			try {
				const sink = { accept: (): void => Promise.reject(new Error('worker gone')) as unknown as undefined };
				const { start, failures } = observe(chunks, { sink });
				await readAll(start());
				await settle();
				assert.equal(failures.length, 2);
				assert.deepEqual(unhandled, []);
			} finally {
				process.off('unhandledRejection', listener);
			}
		});

		it('never answers: nobody waits', async () => {
			const { start } = observe(chunks, { sink: { accept: (): void => hang() as unknown as undefined } });
			await promptly(readAll(start()), 'the stream');
		});

		it('a logger that throws is ignored', async () => {
			const { start } = observe(chunks, {
				sink: {
					accept() {
						throw new Error('disk full');
					},
				},
				log() {
					throw new Error('no log either');
				},
			});
			assert.equal((await readAll(start())).length, 2);
		});
	});

	describe('who made the call', () => {
		it('two tasks interleaved keep their calls apart', async () => {
			const one = observe([text('1a'), text('1b'), usage], { taskId: 'one' });
			const two = observe([text('2a'), text('2b'), { ...usage, outputTokens: 7 }], { taskId: 'two', sink: one.sink });
			const [first, second] = [one.start(), two.start()];
			for (let turn = 0; turn < 4; turn++) {
				await first.next();
				await second.next();
			}
			const seen = one.sink.responses.map(({ sessionId, completion, usage: counts }) => [
				sessionId,
				completion,
				counts?.output,
			]);
			assert.deepEqual(seen, [
				['one', '1a1b', 5],
				['two', '2a2b', 7],
			]);
			assert.equal(new Set(one.sink.calls.map(({ callId }) => callId)).size, 2);
		});

		it('concurrent calls of one handler are calls of their own', async () => {
			const { sink, start } = observe([text('a'), settle, text('b'), usage]);
			await Promise.all([readAll(start()), readAll(start()), readAll(start())]);
			assert.equal(new Set(sink.calls.map(({ callId }) => callId)).size, 3);
			assert.deepEqual(
				sink.responses.map(({ completion }) => completion),
				['ab', 'ab', 'ab'],
			);
		});

		it('a model switch in mid-call does not misattribute it', async () => {
			const { handler, sink, start } = observe([
				text('a'),
				() => {
					handler.model = { id: 'model-b', provider: 'anthropic', protocol: 'anthropic' };
				},
				usage,
			]);
			await readAll(start());
			assert.equal(sink.response.model, 'model-a');
			assert.equal(sink.response.provider, 'openai');
			assert.equal(sink.response.usage?.inputTotal, 10, 'counted as the protocol of the first model counts');
		});

		it('a switch between createMessage and the first next() counts: only then does a generator ask its model', async () => {
			const { handler, sink, start } = observe([usage]);
			const stream = start();
			handler.model = { id: 'model-b', provider: 'openai', protocol: 'openai' };
			await readAll(stream);
			assert.equal(sink.call.model, 'model-b');
		});

		it('the context is read anew for each call', async () => {
			const sink = new RecordingSink();
			let taskId = 'first';
			const wrapped = wrapApiHandler(new FakeHandler(usage), () => ({ sink, agentId: 'agent', taskId }));
			await readAll(wrapped.createMessage('', prompt));
			taskId = 'second';
			await readAll(wrapped.createMessage('', prompt));
			assert.deepEqual(
				sink.calls.map(({ sessionId }) => sessionId),
				['first', 'second'],
			);
		});

		it('a context that throws or is absent leaves the call alone', async () => {
			const broken = wrapApiHandler(new FakeHandler(usage), () => {
				throw new Error('no context');
			});
			assert.equal((await readAll(broken.createMessage('', prompt))).length, 1);
			const absent = wrapApiHandler(new FakeHandler(usage), () => undefined);
			assert.equal((await readAll(absent.createMessage('', prompt))).length, 1);
		});
	});

	describe('the prompt that was sent', () => {
		it('is what stood in the messages at request start', async () => {
			const messages: Message[] = [
				{ role: 'user', content: [{ type: 'text', text: 'first' }] },
				{ role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'run', arguments: { deep: { list: [1] } } }] },
			];
			const expected = structuredClone(messages);
			const { sink, wrapped } = observe([text('a'), usage]);
			const stream = wrapped.createMessage('', messages);
			await stream.next();
			const [user, assistant] = messages;
			assert.ok(user !== undefined && assistant?.toolCalls?.[0] !== undefined);
			(user.content as { text: string }[])[0] = { text: 'changed' };
			(assistant.toolCalls[0].arguments as { deep: { list: number[] } }).deep.list.push(2);
			messages.push({ role: 'user', content: 'later' });
			await readAll(stream);
			assert.deepEqual(sink.call.messages, expected);
		});

		it('that cannot be read leaves a call without content, and its length', async () => {
			const { sink, wrapped, failures } = observe([usage]);
			const hostile = new Proxy([1, 2, 3], {
				get(target, key) {
					if (key === 'length') return 3;
					if (key === 'flatMap') throw new Error('no');
					return Reflect.get(target, key);
				},
			});
			await readAll(wrapped.createMessage('', hostile as unknown as Message[]));
			assert.equal(sink.call.contentState, 'none');
			assert.equal(sink.call.messageCount, 3);
			assert.equal(failures.length, 1);
		});
	});
});
