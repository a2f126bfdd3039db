import type { ApiHandler } from './api-handler.ts';
import type { CallSink } from './call-sink.ts';
import type { CallContext } from './hook/call-context.ts';
import { hookTask } from './hook/hook-task.ts';
import { Task, type TaskEvent, type TaskResult } from './task.ts';

/** Agent id of calls of our own loop. */
export const taskAgent = 'callmeter';
/** Source id of calls that the scripted model answered. */
export const sampleSource = 'sample';

export interface StartTaskOptions {
	handler: ApiHandler;
	/** Where the calls are recorded. */
	sink: CallSink;
	/** Absolute path of the folder in which the task may read. */
	workspaceRoot: string;
	prompt: string;
	mode?: string | undefined;
	/** Source id of the records. Default `task-loop`; the sample task uses `sampleSource`. */
	source?: string | undefined;
	/** Who pays. Default `api`. */
	billing?: 'api' | 'subscription' | undefined;
	/** Cancels the task. */
	signal?: AbortSignal | undefined;
	onEvent?: ((event: TaskEvent) => void) | undefined;
	/** Failures of the recording; no content. */
	log?: CallContext['log'];
	maxSteps?: number | undefined;
	retryDelayMs?: number | undefined;
}

/** A task that runs and whose calls are recorded. */
export interface RunningTask {
	taskId: string;
	/** Resolves when the task is over, in every case. */
	done: Promise<TaskResult>;
	cancel(): void;
}

/** Starts a task of our own loop with every call recorded to `sink`, as agent `callmeter`. */
export function startTask(options: StartTaskOptions): RunningTask {
	const { handler, sink, workspaceRoot, prompt, mode, signal, onEvent, maxSteps, retryDelayMs } = options;
	const task = new Task({ api: handler, workspaceRoot, prompt, mode, signal, onEvent, maxSteps, retryDelayMs });
	const unhook = hookTask(task, {
		sink,
		agentId: taskAgent,
		source: options.source ?? 'task-loop',
		costFrom: 'provider',
		billing: options.billing,
		log: options.log,
	});
	return { taskId: task.taskId, done: task.run().finally(unhook), cancel: () => task.cancel() };
}
