import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hookTask } from '../../../../src/task/hook/hook-task.ts';
import { FakeHandler, readAll, settle, text, usage } from './fake-handler.ts';
import { RecordingSink } from './recording-sink.ts';

/** A task as other extensions have it: nothing of ours. */
class ForeignTask {
	taskId = 'task-9';
	parentTaskId: string | undefined = 'task-8';
	api: FakeHandler | undefined;
	apiConfiguration = { apiProvider: 'anthropic' };
	cwd = '/project';
	metadata = { task: 'Rename it' };
	abort = false;

	constructor(api: FakeHandler | undefined) {
		this.api = api;
	}

	/** Kilo's getter throws until the mode is known. */
	get taskMode(): string {
		throw new Error('not initialised');
	}

	ask(): AsyncIterable<unknown> {
		assert.ok(this.api !== undefined);
		return this.api.createMessage('', []);
	}
}

const descriptor = (task: object): PropertyDescriptor | undefined => Object.getOwnPropertyDescriptor(task, 'api');

describe('hookTask', () => {
	it('records the calls of a task, with what the task says of itself', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(new FakeHandler(text('a'), usage));
		hookTask(task, { sink, agentId: 'kilo-code' });
		await readAll(task.ask());
		const { sessionId, parentSessionId, title, folder, mode, agentId } = sink.call;
		assert.deepEqual(
			{ sessionId, parentSessionId, title, folder, mode, agentId },
			{
				sessionId: 'task-9',
				parentSessionId: 'task-8',
				title: 'Rename it',
				folder: '/project',
				mode: null,
				agentId: 'kilo-code',
			},
		);
		assert.equal(sink.response.completion, 'a');
	});

	it("takes the provider from the task's settings when the handler does not tell", async () => {
		const sink = new RecordingSink();
		const handler = new FakeHandler({ ...usage, cacheReadTokens: 90 });
		handler.getModel = () => ({ id: 'claude-opus-4-6' }) as never;
		const task = new ForeignTask(handler);
		hookTask(task, { sink, agentId: 'kilo-code' });
		await readAll(task.ask());
		assert.equal(sink.call.provider, 'anthropic');
		assert.equal(sink.response.usage?.inputTotal, null, 'cache writes were not told');
		assert.equal(sink.response.usage?.uncachedInput, 10);
	});

	it('records another handler that the task puts in later', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(new FakeHandler(usage));
		hookTask(task, { sink, agentId: 'agent' });
		await readAll(task.ask());
		const other = new FakeHandler(usage);
		other.model = { id: 'model-b', provider: 'openai', protocol: 'openai' };
		task.api = other;
		await readAll(task.ask());
		assert.deepEqual(
			sink.calls.map(({ model }) => model),
			['model-a', 'model-b'],
		);
	});

	it('a switch of the handler in mid-call leaves the call with the model that it began with', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(undefined);
		const other = new FakeHandler();
		other.model = { id: 'model-b', provider: 'openai', protocol: 'openai' };
		task.api = new FakeHandler(
			text('a'),
			() => {
				task.api = other;
				task.taskId = 'renamed';
			},
			usage,
		);
		hookTask(task, { sink, agentId: 'agent' });
		await readAll(task.ask());
		assert.equal(sink.response.model, 'model-a');
		assert.equal(sink.response.sessionId, 'task-9');
	});

	it('unhooking puts back exactly what was there', async () => {
		const sink = new RecordingSink();
		const handler = new FakeHandler(usage);
		const task = new ForeignTask(handler);
		const before = descriptor(task);
		const unhook = hookTask(task, { sink, agentId: 'agent' });
		assert.notEqual(task.api, handler);
		unhook();
		assert.deepEqual(descriptor(task), before);
		assert.equal(task.api, handler);
		await readAll(task.ask());
		assert.equal(sink.drafts.length, 0);
	});

	it('unhooking after a switch keeps the handler the task now uses', () => {
		const task = new ForeignTask(new FakeHandler());
		const unhook = hookTask(task, { sink: new RecordingSink(), agentId: 'agent' });
		const other = new FakeHandler();
		task.api = other;
		unhook();
		assert.equal(task.api, other);
	});

	it('a task that writes back what it has read is not wrapped deeper and deeper', () => {
		const handler = new FakeHandler();
		const task = new ForeignTask(handler);
		const unhook = hookTask(task, { sink: new RecordingSink(), agentId: 'agent' });
		const read = task.api;
		task.api = read;
		assert.equal(task.api, read);
		unhook();
		assert.equal(task.api, handler);
	});

	it('hooking twice records once; the last one to leave takes the hook down', async () => {
		const [first, second] = [new RecordingSink(), new RecordingSink()];
		const handler = new FakeHandler(usage);
		const task = new ForeignTask(handler);
		const unhookFirst = hookTask(task, { sink: first, agentId: 'agent' });
		const unhookSecond = hookTask(task, { sink: second, agentId: 'agent' });
		await readAll(task.ask());
		assert.deepEqual([first.calls.length, second.calls.length], [1, 0]);
		unhookFirst();
		unhookFirst();
		await readAll(task.ask());
		assert.deepEqual([first.calls.length, second.calls.length], [1, 1]);
		unhookSecond();
		assert.equal(task.api, handler);
	});

	it('can be hooked again after it was unhooked', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(new FakeHandler(usage));
		hookTask(task, { sink, agentId: 'agent' })();
		hookTask(task, { sink, agentId: 'agent' });
		await readAll(task.ask());
		assert.equal(sink.responses.length, 1);
	});

	it('a call under way is recorded to its end after unhooking; a kept handler then records nothing more', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(new FakeHandler(text('a'), usage));
		const unhook = hookTask(task, { sink, agentId: 'agent' });
		const kept = task.api;
		const stream = task.ask()[Symbol.asyncIterator]();
		await stream.next();
		unhook();
		await readAll({ [Symbol.asyncIterator]: () => stream });
		assert.equal(sink.response.state, 'ok');
		assert.ok(kept !== undefined);
		await readAll(kept.createMessage('', []));
		assert.equal(sink.calls.length, 1);
	});

	it('an api behind a getter and setter of the class', async () => {
		class Guarded {
			#api = new FakeHandler(usage);
			get api(): FakeHandler {
				return this.#api;
			}
			set api(value: FakeHandler) {
				this.#api = value;
			}
			inner(): FakeHandler {
				return this.#api;
			}
		}
		const sink = new RecordingSink();
		const task = new Guarded();
		const unhook = hookTask(task, { sink, agentId: 'agent', taskId: 'given' });
		await readAll(task.api.createMessage('', []));
		const other = new FakeHandler(usage);
		task.api = other;
		assert.equal(task.inner(), other, 'the task itself keeps its own handler');
		await readAll(task.api.createMessage('', []));
		assert.equal(sink.responses.length, 2);
		unhook();
		assert.equal(descriptor(task), undefined);
		assert.equal(task.api, other);
	});

	it('an api that is set only later', async () => {
		const sink = new RecordingSink();
		const task = new ForeignTask(undefined);
		hookTask(task, { sink, agentId: 'agent' });
		assert.equal(task.api, undefined);
		task.api = new FakeHandler(usage);
		await readAll(task.ask());
		assert.equal(sink.responses.length, 1);
	});

	it('a task that cannot be hooked is left alone, and said so', () => {
		const failures: string[] = [];
		const log = (message: string): unknown => failures.push(message);
		const options = { sink: new RecordingSink(), agentId: 'agent', log };
		const frozen = Object.freeze({ api: new FakeHandler() });
		hookTask(frozen, options)();
		hookTask({ taskId: 'no api' }, options)();
		hookTask(undefined as unknown as object, options)();
		assert.ok(failures.length >= 3, failures.join());
	});

	it('someone who redefines the property after us owns it', () => {
		const task = new ForeignTask(new FakeHandler());
		const unhook = hookTask(task, { sink: new RecordingSink(), agentId: 'agent' });
		const theirs = new FakeHandler();
		Object.defineProperty(task, 'api', { value: theirs, configurable: true, writable: true });
		unhook();
		assert.equal(task.api, theirs);
	});

	it('a break after the task gave up is a cancel and is not drained', async () => {
		const sink = new RecordingSink();
		const handler = new FakeHandler(text('a'), text('b'), usage);
		const task = new ForeignTask(handler);
		hookTask(task, { sink, agentId: 'agent' });
		for await (const _ of task.ask()) {
			task.abort = true;
			break;
		}
		await settle();
		assert.equal(sink.response.state, 'cancelled');
		assert.equal(handler.given, 1);
	});
});
