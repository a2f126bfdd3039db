import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, ToolCall } from '../core/message.ts';
import { parseArguments } from '../core/normalise-messages.ts';
import type { ApiHandler } from './api-handler.ts';
import { HandlerError, type HandlerErrorReason, handlerReason, isTemporary } from './handlers/handler-error.ts';
import { systemPrompt } from './system-prompt.ts';
import { defaultTools } from './tools/default-tools.ts';
import type { Tool } from './tools/tool.ts';
import { ToolError } from './tools/tool-error.ts';
import { Workspace } from './tools/workspace.ts';

/** What happens in a task, for whoever shows it. */
export type TaskEvent =
	/** A request is about to leave; `step` counts from 1, `attempt` too. */
	| { type: 'request'; step: number; attempt: number }
	| { type: 'text'; text: string }
	| { type: 'toolEnded'; name: string; failed: boolean }
	/** A step's response was read and its tools have run. */
	| { type: 'step'; step: number }
	| { type: 'retry'; step: number; reason: HandlerErrorReason; delayMs: number };

export type TaskResult =
	| { state: 'completed'; result: string }
	| { state: 'cancelled' }
	/** The model used up its steps without completing. */
	| { state: 'exhausted' }
	| { state: 'failed'; error: unknown };

export interface TaskOptions {
	api: ApiHandler;
	/** Absolute path. The tools read nothing outside of it. */
	workspaceRoot: string;
	/** What the user wants. */
	prompt: string;
	taskId?: string | undefined;
	parentTaskId?: string | undefined;
	mode?: string | undefined;
	/** Requests at most, not counting further tries. Default 25. */
	maxSteps?: number | undefined;
	/** Further tries of a request that failed for a temporary reason. Default 2. */
	maxRetries?: number | undefined;
	/** Wait before the first further try, in ms; doubles each time. Default 1,000. */
	retryDelayMs?: number | undefined;
	tools?: readonly Tool[] | undefined;
	/** Cancels the task. */
	signal?: AbortSignal | undefined;
	onEvent?: ((event: TaskEvent) => void) | undefined;
}

interface Response {
	text: string;
	toolCalls: ToolCall[];
}

/** Said to a model that answers without a tool; without it such a task would never end. */
const nudge = 'Call a tool to go on, or attempt_completion with the answer if you are done.';

/** A Kilo-style task: request, stream, run tools, request again, until the model calls `attempt_completion`. */
export class Task {
	readonly taskId: string;
	readonly parentTaskId: string | undefined;
	readonly mode: string;
	readonly cwd: string;
	readonly metadata: { task: string };
	/** The model in use. May be replaced while the task runs: the next request goes there. */
	api: ApiHandler;
	/** Set once the task is cancelled. */
	abort = false;
	readonly #options: TaskOptions;
	readonly #workspace: Workspace;
	readonly #tools: Map<string, Tool>;
	readonly #history: Message[] = [];
	readonly #abort = new AbortController();

	constructor(options: TaskOptions) {
		this.taskId = options.taskId ?? randomUUID();
		this.parentTaskId = options.parentTaskId;
		this.mode = options.mode ?? 'ask';
		this.cwd = options.workspaceRoot;
		this.metadata = { task: options.prompt };
		this.api = options.api;
		this.#options = options;
		this.#workspace = new Workspace(options.workspaceRoot);
		this.#tools = new Map((options.tools ?? defaultTools).map((tool) => [tool.definition.name, tool]));
	}

	/** The conversation so far. */
	get history(): readonly Message[] {
		return this.#history;
	}

	/** Stops the task: the request under way is aborted, no other one is sent. */
	cancel(): void {
		this.abort = true;
		this.#abort.abort();
	}

	/** Runs the task to its end. Resolves in every case; call it once. */
	async run(): Promise<TaskResult> {
		const { signal, maxSteps = 25, prompt } = this.#options;
		const onAbort = (): void => this.cancel();
		if (signal?.aborted) this.cancel();
		signal?.addEventListener('abort', onAbort, { once: true });
		this.#history.push({ role: 'user', content: prompt });
		try {
			for (let step = 1; step <= maxSteps; step++) {
				if (this.abort) return { state: 'cancelled' };
				const response = await this.#request(step);
				const result = await this.#answer(response);
				this.#emit({ type: 'step', step });
				if (result !== null) return { state: 'completed', result };
			}
			return { state: 'exhausted' };
		} catch (error) {
			return this.abort ? { state: 'cancelled' } : { state: 'failed', error };
		} finally {
			signal?.removeEventListener('abort', onAbort);
		}
	}

	async #request(step: number): Promise<Response> {
		const { maxRetries = 2, retryDelayMs = 1000 } = this.#options;
		for (let attempt = 1; ; attempt++) {
			this.#emit({ type: 'request', step, attempt });
			try {
				return await this.#stream();
			} catch (error) {
				const reason = handlerReason(error);
				if (reason === null || !isTemporary(reason) || attempt > maxRetries || this.abort) throw error;
				const delayMs = retryDelayMs * 2 ** (attempt - 1);
				this.#emit({ type: 'retry', step, reason, delayMs });
				await sleep(delayMs, undefined, { signal: this.#abort.signal });
			}
		}
	}

	async #stream(): Promise<Response> {
		const response: Response = { text: '', toolCalls: [] };
		const stream = this.api.createMessage(systemPrompt, this.#history, {
			taskId: this.taskId,
			mode: this.mode,
			tools: [...this.#tools.values()].map(({ definition }) => definition),
			signal: this.#abort.signal,
		});
		for await (const chunk of stream) {
			if (chunk.type === 'text') {
				response.text += chunk.text;
				this.#emit({ type: 'text', text: chunk.text });
			} else if (chunk.type === 'tool_call') {
				const { id, name } = chunk;
				response.toolCalls.push({ id, name, arguments: parseArguments(chunk.arguments) });
			} else if (chunk.type === 'error') {
				throw new HandlerError('server', chunk.message);
			}
		}
		return response;
	}

	/** Puts the response and the tools' results into the history. Gives the result once the model completes. */
	async #answer({ text, toolCalls }: Response): Promise<string | null> {
		this.#history.push({ role: 'assistant', content: text, ...(toolCalls.length === 0 ? {} : { toolCalls }) });
		if (toolCalls.length === 0) this.#history.push({ role: 'user', content: nudge });
		let result: string | null = null;
		for (const call of toolCalls) {
			const { content, failed } = await this.#runTool(call);
			this.#history.push({ role: 'tool', toolCallId: call.id, content });
			this.#emit({ type: 'toolEnded', name: call.name, failed });
			if (call.name === 'attempt_completion' && !failed) result = content;
		}
		return result;
	}

	/** Whatever a tool throws goes to the model, which can then do better; only a cancel ends the task. */
	async #runTool(call: ToolCall): Promise<{ content: string; failed: boolean }> {
		this.#abort.signal.throwIfAborted();
		const tool = this.#tools.get(call.name);
		if (tool === undefined) return { content: `There is no tool \`${call.name}\`.`, failed: true };
		try {
			const context = { workspace: this.#workspace, signal: this.#abort.signal };
			return { content: await tool.run(call.arguments, context), failed: false };
		} catch (error) {
			this.#abort.signal.throwIfAborted();
			return {
				content: error instanceof ToolError ? `Error: ${error.message}` : 'Error: the tool failed.',
				failed: true,
			};
		}
	}

	#emit(event: TaskEvent): void {
		this.#options.onEvent?.(event);
	}
}
