import type { DraftInput } from '../../core/draft.ts';
import { usageGraceMs } from './call-outcome.ts';
import type { LiveOrigin } from './live-drafts.ts';
import { type AgentEvent, LiveTracker } from './live-tracker.ts';
import { type Row, rowSchema } from './records.ts';

/** What attaching needs beside the agent's exports. */
export interface LiveOptions extends LiveOrigin {
	/** Takes what was seen, at once, in the agent's own turn: it should only pass it on. No drafts: there are new facts. */
	onDrafts(drafts: DraftInput[]): void;
	/** The agent said that a task is done, or was given up. Its last usage may still come. */
	onTaskEnd?(taskId: string): void;
	/** Something of ours failed. Never holds content. */
	onTrouble?(message: string): void;
	now?(): number;
	/** A tracker from before the agent's extension was reloaded, to go on with what it knows. */
	tracker?: LiveTracker;
}

/** A hook into one agent's exported API. */
export interface LiveAttachment {
	readonly tracker: LiveTracker;
	/** Messages that were not of the known shape. */
	readonly skipped: number;
	/** Stops listening. `agentGone`: its running calls are closed as interrupted. */
	detach(agentGone?: boolean): void;
}

/** The part of `EventEmitter` that is used. */
interface Emitter {
	on(event: string, listener: (...args: unknown[]) => void): unknown;
	off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** Events with the task's id as first argument. */
const taskEvents = { taskCreated: 'created', taskAborted: 'aborted', taskCompleted: 'completed' } as const;

/** Kinds of rows that tell something of calls; all the others (streamed text, tool output) are left alone. */
const wantedSays = new Set(['api_req_started', 'api_req_retry_delayed', 'condense_context', 'text', 'task']);
const wantedAsks = new Set(['completion_result', 'api_req_failed']);

/**
 * Listens to the API that Kilo Code 5.x, Roo Code and Zoo Code export. `exported` is what
 * `extensions.getExtension(id).exports` gives once the extension is active; `null` is the answer when it has no such API.
 *
 * Whatever happens here, nothing is thrown into the agent, and nothing of its objects is kept: the few fields needed are
 * copied before the listener returns, since the agent goes on changing them.
 */
export function attachLive(exported: unknown, options: LiveOptions): LiveAttachment | null {
	if (!isEmitter(exported)) return null;
	const now = options.now ?? Date.now;
	const tracker = options.tracker ?? new LiveTracker(options);
	tracker.configuredBy(() => call(exported, 'getConfiguration'));
	let skipped = 0;
	let timer: NodeJS.Timeout | null = null;

	const deliver = (drafts: DraftInput[]): void => {
		if (drafts.length > 0 || tracker.hasNewFacts) options.onDrafts(drafts);
		if (timer !== null || !tracker.waiting) return;
		timer = setTimeout(() => {
			timer = null;
			guarded(() => deliver(tracker.tick(now())));
		}, usageGraceMs);
		timer.unref();
	};
	const guarded = (work: () => void): void => {
		try {
			work();
		} catch (error) {
			try {
				options.onTrouble?.(`${options.dialect.title}: ${error instanceof Error ? error.name : 'unknown error'}`);
			} catch {
				// There is nobody left to tell.
			}
		}
	};
	const take = (event: AgentEvent | null): void => {
		if (event === null) skipped++;
		else deliver(tracker.accept(event, now()));
	};

	const listeners: Record<string, (...args: unknown[]) => void> = {
		message: (payload) => {
			if (isWanted(payload)) take(messageEvent(payload));
		},
		taskSpawned: (parentId, childId) => take(spawnedEvent(parentId, childId)),
		taskDelegated: (parentId, childId) => take(spawnedEvent(parentId, childId)),
		taskModeSwitched: (taskId, mode) =>
			take(typeof taskId === 'string' && typeof mode === 'string' ? { kind: 'mode', taskId, mode } : null),
	};
	for (const [name, kind] of Object.entries(taskEvents)) {
		listeners[name] = (taskId) => {
			take(typeof taskId === 'string' ? { kind, taskId } : null);
			if (typeof taskId === 'string' && kind !== 'created') options.onTaskEnd?.(taskId);
		};
	}
	const attached: [string, (...args: unknown[]) => void][] = [];
	for (const [name, listener] of Object.entries(listeners)) {
		const safe = (...args: unknown[]): void => guarded(() => listener(...args));
		guarded(() => {
			exported.on(name, safe);
			attached.push([name, safe]);
		});
	}
	return {
		tracker,
		get skipped() {
			return skipped;
		},
		detach(agentGone = false): void {
			for (const [name, listener] of attached.splice(0)) guarded(() => exported.off(name, listener));
			if (agentGone) guarded(() => deliver(tracker.interrupt(now())));
			if (timer !== null) clearTimeout(timer);
			timer = null;
		},
	};
}

/** Whether a message can tell anything, by two fields: most do not, and they come with every few streamed words. */
function isWanted(payload: unknown): boolean {
	const message = field(payload, 'message');
	const say = field(message, 'say');
	if (field(message, 'partial') === true && say !== 'api_req_retry_delayed') return false;
	return typeof say === 'string' ? wantedSays.has(say) : wantedAsks.has(String(field(message, 'ask')));
}

function messageEvent(payload: unknown): AgentEvent | null {
	const taskId = field(payload, 'taskId');
	const row = copiedRow(field(payload, 'message'));
	if (typeof taskId !== 'string' || row === null) return null;
	return { kind: 'message', taskId, row, updated: field(payload, 'action') === 'updated' };
}

/** The fields that are read, in an object of our own. */
function copiedRow(message: unknown): Row | null {
	if (typeof message !== 'object' || message === null) return null;
	const copy: Record<string, unknown> = {};
	for (const key of ['ts', 'type', 'say', 'ask', 'text', 'partial']) {
		const value = field(message, key);
		if (value !== undefined) copy[key] = value;
	}
	const condense = field(message, 'contextCondense');
	if (typeof condense === 'object' && condense !== null) {
		copy.contextCondense = { cost: field(condense, 'cost'), condenseId: field(condense, 'condenseId') };
	}
	return rowSchema.safeParse(copy).data ?? null;
}

function spawnedEvent(parentId: unknown, childId: unknown): AgentEvent | null {
	return typeof parentId === 'string' && typeof childId === 'string' ? { kind: 'spawned', parentId, childId } : null;
}

function isEmitter(value: unknown): value is Emitter {
	return typeof field(value, 'on') === 'function' && typeof field(value, 'off') === 'function';
}

function call(object: unknown, method: string): unknown {
	const found = field(object, method);
	return typeof found === 'function' ? Reflect.apply(found, object, []) : undefined;
}

function field(object: unknown, key: string): unknown {
	return (typeof object === 'object' || typeof object === 'function') && object !== null
		? Reflect.get(object, key)
		: undefined;
}
