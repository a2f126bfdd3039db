import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, it } from 'mocha';
import type { CallDraftInput, ResponseDraftInput } from '../../../../src/core/draft.ts';
import type { Message } from '../../../../src/core/message.ts';
import type { CallContext } from '../../../../src/task/hook/call-context.ts';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { type Act, FakeHandler, gate, hang, readAll, settle, text, usage } from './fake-handler.ts';
import { RecordingSink } from './recording-sink.ts';

const prompt: Message[] = [{ role: 'user', content: 'hello' }];

function observe(acts: Act[], context: Partial<CallContext> = {}) {
	const handler = new FakeHandler(...acts);
	const sink = new RecordingSink();
	const failures: string[] = [];
	const log = (message: string): unknown => failures.push(message);
	const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 'task-1', log, ...context });
	const start = (signal?: AbortSignal) =>
		wrapped.createMessage('be brief', prompt, { taskId: 'task-1', ...(signal === undefined ? {} : { signal }) });
	return { handler, sink, wrapped, start, failures };
}

/** Fails a test that would otherwise wait for ever. */
async function promptly<T>(promise: Promise<T>, what: string, limitMs = 3000): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

function garbageCollector(): () => void {
	v8.setFlagsFromString('--expose-gc');
	return vm.runInNewContext('gc');
}

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

	describe('error', () => {
		it('before the first chunk: the same error reaches the agent, the call ends as error', async () => {
			const boom = Object.assign(new Error('rate limited'), { status: 429, code: 'rate_limit_exceeded' });
			const { sink, start } = observe([() => Promise.reject(boom)]);
			await assert.rejects(readAll(start()), (error) => error === boom);
			assert.equal(sink.call.callId, sink.response.callId);
			assert.equal(sink.response.state, 'error');
			assert.deepEqual(sink.response.error, { message: 'rate limited', status: 429, code: 'rate_limit_exceeded' });
			assert.equal(sink.response.usage, null);
			assert.equal(sink.response.usageMissing, false, 'nothing was served');
		});

		it('after the first chunk: keeps what was served and says that its usage is missing', async () => {
			const boom = new Error('socket hang up');
			const { sink, start } = observe([text('half an ans'), () => Promise.reject(boom)]);
			await assert.rejects(readAll(start()), (error) => error === boom);
			assert.equal(sink.response.state, 'error');
			assert.equal(sink.response.completion, 'half an ans');
			assert.equal(sink.response.usageMissing, true);
		});

		it('after a first usage chunk: the counts are a lower bound', async () => {
			const { sink, start } = observe([usage, text('half'), () => Promise.reject(new Error('cut'))]);
			await assert.rejects(readAll(start()));
			assert.equal(sink.response.usage?.inputTotal, 10);
			assert.equal(sink.response.usageBound, 'atLeast');
			assert.equal(sink.response.usageNotes.length, 1);
		});

		it('an error chunk makes the call an error, and the stream goes on', async () => {
			const { sink, start } = observe([text('a'), { type: 'error', error: 'overloaded', message: 'Try later' }, usage]);
			assert.equal((await readAll(start())).length, 3);
			assert.equal(sink.response.state, 'error');
			assert.deepEqual(sink.response.error, { message: 'Try later', status: null, code: 'overloaded' });
			assert.equal(sink.response.usage?.output, 5);
		});

		it('createMessage that throws at once: the same error, and both drafts', () => {
			const boom = new Error('no key');
			const sink = new RecordingSink();
			const handler = {
				createMessage(): never {
					throw boom;
				},
			};
			const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent' });
			assert.throws(
				() => wrapped.createMessage(),
				(error) => error === boom,
			);
			assert.deepEqual(
				sink.drafts.map(({ eventType }) => eventType),
				['llm_call', 'llm_response'],
			);
			assert.equal(sink.response.state, 'error');
		});

		it('something thrown that is no Error is described all the same', async () => {
			const { sink, start } = observe([() => Promise.reject('out of luck')]);
			await assert.rejects(readAll(start()), (error) => error === 'out of luck');
			assert.equal(sink.response.error?.message, 'out of luck');
		});
	});

	describe('cancel', () => {
		it('by signal: the handler has the very signal, and the call ends as cancelled', async () => {
			const aborter = new AbortController();
			const { handler, sink, start } = observe([
				text('a'),
				() =>
					new Promise((_, reject) => {
						handler.signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
					}),
				usage,
			]);
			const stream = start(aborter.signal);
			await stream.next();
			const pending = stream.next();
			aborter.abort();
			await assert.rejects(pending, { name: 'AbortError' });
			assert.equal(handler.signal, aborter.signal);
			assert.equal(sink.response.state, 'cancelled');
			assert.equal(sink.response.usage, null);
			assert.equal(sink.response.usageMissing, true);
		});

		it('by signal, of a stream that hangs and does not listen: the record closes, the stream is left to its reader', async () => {
			const aborter = new AbortController();
			const held = gate();
			const { handler, sink, start } = observe([text('a'), held.wait, text('b'), usage]);
			const stream = start(aborter.signal);
			await stream.next();
			const pending = stream.next();
			aborter.abort();
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'cancelled');
			assert.equal(handler.closed, false);
			held.open();
			assert.deepEqual(await pending, { done: false, value: text('b') });
			assert.deepEqual(await readAll(stream), [usage]);
			assert.equal(sink.responses.length, 1);
		});

		it('by signal, of a stream that still tells its usage: the usage is kept', async () => {
			const aborter = new AbortController();
			const { sink, start } = observe([text('a'), () => aborter.abort(), usage]);
			await readAll(start(aborter.signal));
			assert.equal(sink.response.state, 'cancelled');
			assert.equal(sink.response.usage?.output, 5);
			assert.equal(sink.response.usageBound, 'atLeast');
		});

		it('by return(value): forwarded at once, nothing more is read', async () => {
			const { handler, sink, start } = observe([text('a'), text('b'), usage]);
			const stream = start();
			await stream.next();
			assert.deepEqual(await stream.return(undefined), { done: true, value: undefined });
			assert.equal(handler.closed, true);
			assert.equal(handler.given, 1);
			assert.equal(sink.response.state, 'cancelled');
			await settle();
			assert.equal(handler.given, 1);
		});

		it('by break after the signal: not drained', async () => {
			const aborter = new AbortController();
			const { handler, sink, start } = observe([text('a'), text('b'), usage]);
			for await (const _ of start(aborter.signal)) {
				aborter.abort();
				break;
			}
			await settle();
			assert.equal(handler.given, 1);
			assert.equal(handler.closed, true);
			assert.equal(sink.response.state, 'cancelled');
		});

		it('by throw(error): forwarded, and the error comes back', async () => {
			const { handler, sink, start } = observe([text('a'), text('b'), usage]);
			const stream = start();
			await stream.next();
			const stop = new Error('stop');
			await assert.rejects(stream.throw(stop), (error) => error === stop);
			assert.equal(handler.closed, true);
			assert.equal(handler.given, 1);
			assert.equal(sink.response.state, 'cancelled');
		});

		it('a generator that catches what is thrown in goes on', async () => {
			const sink = new RecordingSink();
			const handler = {
				async *createMessage() {
					try {
						yield text('a');
					} catch {
						yield text('sorry');
					}
					yield { type: 'finish', reason: 'stop' };
					yield usage;
				},
			};
			const stream = wrapApiHandler(handler, { sink, agentId: 'agent' }).createMessage();
			await stream.next();
			assert.deepEqual(await stream.throw(new Error('x')), { done: false, value: text('sorry') });
			assert.equal((await readAll(stream)).length, 2);
			assert.equal(sink.response.completion, 'asorry');
		});

		it('by an agent that only sets a flag and drops the stream', async () => {
			let given = false;
			const { sink, start } = observe([text('a'), hang], { isCancelled: () => given });
			const stream = start();
			await stream.next();
			void stream.next();
			given = true;
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'cancelled');
		});

		it('return() of a stream that hangs answers all the same', async () => {
			const { sink, start } = observe([text('a'), hang]);
			const stream = start();
			await stream.next();
			void stream.next();
			await promptly(stream.return(undefined), 'return()');
			assert.equal(sink.response.state, 'cancelled');
		});

		it('an AbortError without a signal of ours is a cancel', async () => {
			const { sink, start } = observe([() => Promise.reject(new DOMException('Aborted', 'AbortError'))]);
			await assert.rejects(readAll(start()), { name: 'AbortError' });
			assert.equal(sink.response.state, 'cancelled');
		});
	});

	describe('a consumer that stops early', () => {
		it('goes on at once, while the usage is read in the background', async () => {
			const held = gate();
			const { handler, sink, start } = observe([text('a'), held.wait, text('b'), usage]);
			await promptly(
				(async () => {
					for await (const _ of start()) break;
				})(),
				'break',
			);
			assert.equal(sink.responses.length, 0);
			held.open();
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'ok');
			assert.equal(sink.response.usage?.output, 5);
			assert.equal(sink.response.completion, 'ab', 'what was served is what is billed');
			assert.equal(handler.closed, true);
		});

		it('gets no chunk that the background reads', async () => {
			const { sink, start } = observe([text('a'), text('b'), usage]);
			const stream = start();
			await stream.next();
			await stream.return();
			assert.deepEqual(await stream.next(), { done: true, value: undefined });
			await sink.responded();
			assert.equal(sink.response.usage?.output, 5);
		});

		it('is not drained for longer than the limit: a hung stream is abandoned', async () => {
			const { sink, start } = observe([text('a'), hang], { drainMs: 200 });
			for await (const _ of start()) break;
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'ok');
			assert.equal(sink.response.usageMissing, true);
			assert.ok((sink.response.latencyMs ?? 999) < 180, "the wait is not the call's");
		});

		it('an endless stream is closed at the limit', async () => {
			const handler = {
				closed: false,
				async *createMessage() {
					try {
						for (;;) {
							yield text('.');
							await settle();
						}
					} finally {
						handler.closed = true;
					}
				},
			};
			const sink = new RecordingSink();
			for await (const _ of wrapApiHandler(handler, { sink, agentId: 'agent', drainMs: 30 }).createMessage()) break;
			await promptly(sink.responded(), 'the record');
			await settle();
			await settle();
			assert.equal(handler.closed, true);
		});

		it('a cancel while it is drained ends the draining at once', async () => {
			const aborter = new AbortController();
			const { sink, start } = observe([text('a'), hang]);
			for await (const _ of start(aborter.signal)) break;
			await settle();
			aborter.abort();
			await promptly(sink.responded(), 'the record', 600);
			assert.equal(sink.response.state, 'cancelled');
		});

		it('an error in the drained rest is recorded and disturbs nobody', async () => {
			const { sink, start } = observe([text('a'), () => Promise.reject(new Error('cut'))]);
			for await (const _ of start()) break;
			await sink.responded();
			assert.equal(sink.response.state, 'error');
		});

		it('needs no draining when everything was said', async () => {
			const { handler, sink, start } = observe([text('a'), { type: 'finish', reason: 'stop' }, usage, hang]);
			let read = 0;
			await promptly(
				(async () => {
					for await (const _ of start()) if (++read === 3) break;
				})(),
				'break',
			);
			assert.equal(sink.response.state, 'ok');
			assert.equal(handler.closed, true);
		});

		it('that drops the stream without a word: the record closes when the stream is collected', async () => {
			const collect = garbageCollector();
			const { sink, start } = observe([usage, text('a'), text('b')]);
			await (async () => {
				const stream = start();
				await stream.next();
				await stream.next();
			})();
			for (let round = 0; round < 100 && sink.responses.length === 0; round++) {
				collect();
				await settle();
			}
			assert.equal(sink.response.completion, 'a');
			assert.equal(sink.response.usageBound, 'atLeast');
		});

		it('is drained to the end even when the stream it left is collected meanwhile', async () => {
			const collect = garbageCollector();
			const held = gate();
			const { sink, start } = observe([text('a'), held.wait, usage]);
			for await (const _ of start()) break;
			for (let round = 0; round < 20; round++) {
				collect();
				await settle();
			}
			held.open();
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.usage?.output, 5);
		});

		it('a stream whose return() hangs does not hold it up', async () => {
			const sink = new RecordingSink();
			const handler = {
				createMessage: () => ({
					[Symbol.asyncIterator]: () => ({ next: hang, return: hang }),
				}),
			};
			const stream = wrapApiHandler(handler, { sink, agentId: 'agent', drainMs: 20 }).createMessage();
			const iterator = stream[Symbol.asyncIterator]();
			void iterator.next();
			await promptly(iterator.return(), 'return()');
			await promptly(sink.responded(), 'the record');
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

	describe('foreign handlers', () => {
		it('getModel() that throws: the model is unknown, the call goes on', async () => {
			const { handler, sink, start } = observe([usage]);
			handler.getModel = () => {
				throw new Error('not configured');
			};
			assert.equal((await readAll(start())).length, 1);
			assert.equal(sink.call.model, 'unknown');
			assert.equal(sink.call.provider, 'unknown');
			assert.equal(sink.call.protocol, null);
		});

		it('a Kilo-style model without a provider: the stated provider tells how input is counted', async () => {
			const sink = new RecordingSink();
			const handler = {
				getModel: () => ({ id: 'claude-sonnet-4-5', info: { contextWindow: 200_000 } }),
				async *createMessage() {
					yield { type: 'usage', inputTokens: 3, outputTokens: 1, cacheReadTokens: 7 };
				},
			};
			await readAll(wrapApiHandler(handler, { sink, agentId: 'kilo-code', provider: 'anthropic' }).createMessage());
			assert.equal(sink.call.model, 'claude-sonnet-4-5');
			assert.equal(sink.call.protocol, 'anthropic');
			assert.equal(sink.response.usage?.cacheRead, 7);
			assert.equal(sink.response.usage?.uncachedInput, 3);
		});

		it('a plain async iterable instead of a generator', async () => {
			const sink = new RecordingSink();
			const chunks = [text('a'), usage];
			const handler = {
				createMessage() {
					let at = 0;
					return {
						[Symbol.asyncIterator]: () => ({
							next: () => {
								const value = chunks[at++];
								return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
							},
						}),
					};
				},
			};
			assert.deepEqual(await readAll(wrapApiHandler(handler, { sink, agentId: 'agent' }).createMessage()), chunks);
			assert.equal(sink.response.completion, 'a');
		});

		it('a plain async iterable that its consumer leaves has no return(), and none is needed', async () => {
			const sink = new RecordingSink();
			const handler = {
				createMessage: () => ({
					[Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: text('.') }) }),
				}),
			};
			const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent', drainMs: 0 });
			for await (const _ of wrapped.createMessage()) break;
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'ok');
		});

		it('a promise of a stream, kept or broken', async () => {
			const sink = new RecordingSink();
			const boom = new Error('no route');
			const handler = {
				createMessage: async (fail: boolean) => {
					if (fail) throw boom;
					return new FakeHandler(text('a'), usage).createMessage('', []);
				},
			};
			const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent' });
			assert.equal((await readAll(await wrapped.createMessage(false))).length, 2);
			await assert.rejects(wrapped.createMessage(true), (error) => error === boom);
			assert.deepEqual(
				sink.responses.map(({ state }) => state),
				['ok', 'error'],
			);
		});

		it('something that is no stream comes back as it is', () => {
			const sink = new RecordingSink();
			const wrapped = wrapApiHandler({ createMessage: () => 42 }, { sink, agentId: 'agent' });
			assert.equal(wrapped.createMessage(), 42);
			assert.equal(sink.drafts.length, 0);
		});

		it('private fields, getters, own state and identity work as before', async () => {
			class Private {
				#count = 0;
				label = 'one';
				get count(): number {
					return this.#count;
				}
				bump(): number {
					return ++this.#count;
				}
				async *createMessage() {
					this.bump();
					yield usage;
				}
			}
			const handler = new Private();
			const sink = new RecordingSink();
			const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent' });
			await readAll(wrapped.createMessage());
			assert.equal(wrapped.bump(), 2);
			assert.equal(wrapped.count, 2);
			wrapped.label = 'two';
			assert.equal(handler.label, 'two');
			assert.ok(wrapped instanceof Private);
			assert.equal(wrapped.constructor, Private);
			assert.equal(wrapped.bump, wrapped.bump);
			assert.deepEqual(Object.keys(wrapped), ['label']);
		});

		it('a frozen handler', async () => {
			const sink = new RecordingSink();
			const handler = Object.freeze({ name: 'ice', createMessage: () => new FakeHandler(usage).createMessage('', []) });
			const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent' });
			assert.equal((await readAll(wrapped.createMessage())).length, 1);
			assert.equal(wrapped.name, 'ice');
			assert.equal(sink.response.state, 'ok');
		});

		it('wrapping twice records once; what is no handler comes back as it is', async () => {
			const { sink, wrapped } = observe([usage]);
			const twice = wrapApiHandler(wrapped, { sink, agentId: 'other' });
			assert.equal(twice, wrapped);
			await readAll(twice.createMessage('', prompt));
			assert.equal(sink.call.agentId, 'agent');
			const bare = {};
			assert.equal(wrapApiHandler(bare, { sink, agentId: 'agent' }), bare);
		});

		it("tool calls in Kilo's pieces", async () => {
			const sink = new RecordingSink();
			const handler = {
				async *createMessage() {
					yield { type: 'tool_call_partial', index: 0, id: 'a', name: 'read_file', arguments: '{"pa' };
					yield { type: 'tool_call_partial', index: 1, id: 'b', name: 'list_files' };
					yield { type: 'tool_call_partial', index: 0, arguments: 'th":1}' };
					yield { type: 'tool_call_start', id: 'c', name: 'search' };
					yield { type: 'tool_call_delta', id: 'c', delta: '{}' };
					yield { type: 'tool_call_end', id: 'c' };
					yield {
						type: 'native_tool_calls',
						toolCalls: [{ index: 7, id: 'd', type: 'function', function: { name: 'run', arguments: '[1]' } }],
					};
					yield null;
					yield { type: 'something_new', data: 1 };
					yield usage;
				},
			};
			assert.equal((await readAll(wrapApiHandler(handler, { sink, agentId: 'agent' }).createMessage())).length, 10);
			assert.deepEqual(sink.response.toolCalls, [
				{ id: 'a', name: 'read_file', arguments: { path: 1 } },
				{ id: 'b', name: 'list_files', arguments: {} },
				{ id: 'c', name: 'search', arguments: {} },
				{ id: 'd', name: 'run', arguments: [1] },
			]);
		});
	});
});
