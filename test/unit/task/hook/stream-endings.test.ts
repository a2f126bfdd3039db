import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { gate, hang, readAll, settle, text, usage } from './fake-handler.ts';
import { garbageCollector, observe, promptly } from './observe.ts';
import { RecordingSink } from './recording-sink.ts';

describe('wrapApiHandler: how a stream ends', () => {
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

		it('by a signal that was aborted before the start, of a stream that hangs', async () => {
			const { sink, start } = observe([hang]);
			void start(AbortSignal.abort()).next();
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.state, 'cancelled');
		});

		it("by return(value) of a stream whose return() throws: the record closes, the error is the agent's", async () => {
			const sink = new RecordingSink();
			const boom = new Error('broken');
			const handler = {
				createMessage: () => ({
					[Symbol.asyncIterator]: () => ({
						next: () => Promise.resolve({ done: false, value: text('a') }),
						return: (_value: unknown): never => {
							throw boom;
						},
					}),
				}),
			};
			const iterator = wrapApiHandler(handler, { sink, agentId: 'agent' }).createMessage()[Symbol.asyncIterator]();
			await iterator.next();
			assert.throws(
				() => iterator.return(undefined),
				(error) => error === boom,
			);
			assert.equal(sink.response.state, 'cancelled');
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
			const { sink, start } = observe([text('a'), held.wait, usage], { drainMs: 60_000 });
			for await (const _ of start()) break;
			for (let round = 0; round < 5; round++) {
				collect();
				await settle();
			}
			held.open();
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.usage?.output, 5);
		});

		it('that stops at the finish chunk still gets the final usage, not the first guess', async () => {
			const { sink, start } = observe([
				{ type: 'usage', inputTokens: 10, outputTokens: 1 },
				text('a'),
				{ type: 'finish', reason: 'stop' },
				{ type: 'usage', outputTokens: 25 },
			]);
			for await (const chunk of start()) if (chunk.type === 'finish') break;
			await promptly(sink.responded(), 'the record');
			assert.equal(sink.response.usage?.output, 25);
			assert.equal(sink.response.usageBound, 'exact');
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
});
