import v8 from 'node:v8';
import vm from 'node:vm';
import type { Message } from '../../../../src/core/message.ts';
import type { ApiStream } from '../../../../src/task/api-handler.ts';
import type { CallContext } from '../../../../src/task/hook/call-context.ts';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { type Act, FakeHandler } from './fake-handler.ts';
import { RecordingSink } from './recording-sink.ts';

export const prompt: Message[] = [{ role: 'user', content: 'hello' }];

/** A fake handler with the hook around it, what it recorded, and what it logged. */
export interface Observed {
	handler: FakeHandler;
	sink: RecordingSink;
	wrapped: FakeHandler;
	/** Makes a request. */
	start(signal?: AbortSignal): ApiStream;
	failures: string[];
}

export function observe(acts: Act[], context: Partial<CallContext> = {}): Observed {
	const handler = new FakeHandler(...acts);
	const sink = new RecordingSink();
	const failures: string[] = [];
	const log = (message: string): unknown => failures.push(message);
	const wrapped = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 'task-1', log, ...context });
	const start = (signal?: AbortSignal): ApiStream =>
		wrapped.createMessage('be brief', prompt, { taskId: 'task-1', ...(signal === undefined ? {} : { signal }) });
	return { handler, sink, wrapped, start, failures };
}

/** Fails a test that would otherwise wait for ever. */
export async function promptly<T>(promise: Promise<T>, what: string, limitMs = 3000): Promise<T> {
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

/** What collects garbage now. */
export function garbageCollector(): () => void {
	v8.setFlagsFromString('--expose-gc');
	return vm.runInNewContext('gc');
}
