import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { FakeHandler, readAll, text, usage } from './fake-handler.ts';
import { observe, prompt, promptly } from './observe.ts';
import { RecordingSink } from './recording-sink.ts';

describe('wrapApiHandler: foreign handlers', () => {
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
