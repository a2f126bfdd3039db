import type { DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import type { LiveFacts } from '../source.ts';
import { hasCounts, usageGraceMs } from './call-outcome.ts';
import { callIdOf } from './dialect.ts';
import {
	type LiveEnd,
	type LiveOrigin,
	type LiveRequest,
	liveCallDraft,
	liveCondenseDrafts,
	liveResponseDraft,
} from './live-drafts.ts';
import { type Target, targetOf, targetOfConfiguration } from './providers.ts';
import { condenseSchema, type RequestInfo, type Row, requestInfoOf, requestInfoSchema } from './records.ts';
import { titleOf } from './task-title.ts';

/** An event of an agent's exported API, its arguments copied when it was emitted. */
export type AgentEvent =
	/** `updated`: the row was there before, and was written anew. */
	| { kind: 'message'; taskId: string; row: Row; updated?: boolean }
	| { kind: 'created' | 'aborted' | 'completed'; taskId: string }
	| { kind: 'spawned'; parentId: string; childId: string }
	| { kind: 'mode'; taskId: string; mode: string };

/** A call that was seen to begin. */
interface LiveCall extends LiveRequest {
	/** The agent said that the stream broke, and why. */
	failure: string | null;
	/** Since when nothing but late usage can come: the next call began, or the task was done. */
	overSinceMs: number | null;
	/** The last that was said of it; `null` = still running. `words` tells whether it was said before. */
	said: { state: ResponseDraftInput['state']; atMs: number; words: string } | null;
	/** Its end was read from its record since: only its row, seen live, has anything to add to that. */
	onDisk: boolean;
}

interface LiveTask {
	id: string;
	/** It began before our eyes, and nothing was said yet: the next words are the user's first. */
	fresh: boolean;
	title: string | null;
	mode: string | null;
	parentId: string | null;
	calls: Map<number, LiveCall>;
}

const maxTasks = 500;
const maxSettledCalls = 20;
const maxFacts = 5_000;

/**
 * Follows the calls of one agent by the events of its exported API, and says what was seen as drafts. It has no clock
 * and does no I/O: the time comes with each event, and `tick` tells it that time went by.
 *
 * Events are matched by the `ts` of the call's row, never by their order: the usage of a call may come after the next
 * one began, or after the task was done. A call that the agent forgets, because the user cancelled it, is kept with
 * unknown tokens. Reading the task's folder later gives the same `callId` with more said.
 */
export class LiveTracker {
	readonly #options: LiveOrigin;
	#configuration: () => unknown = () => null;
	readonly #tasks = new Map<string, LiveTask>();
	readonly #facts = new Map<string, LiveFacts>();
	/** Calls of which something new was noted since `newFacts` was last asked. */
	readonly #newFacts = new Set<string>();
	/** Calls of which no end was seen. */
	readonly #running = new Set<LiveCall>();

	constructor(options: LiveOrigin) {
		this.#options = options;
	}

	/** Sets where the agent's settings are read from when a call begins. Nothing of them is kept; it may throw. */
	configuredBy(configuration: () => unknown): void {
		this.#configuration = configuration;
	}

	/** Takes one event; gives what it tells. `atMs`: epoch milliseconds, when it was emitted. */
	accept(event: AgentEvent, atMs: number): DraftInput[] {
		switch (event.kind) {
			case 'message':
				return this.#row(this.#task(event.taskId), event.row, atMs, event.updated ?? false);
			case 'created': {
				const task = this.#task(event.taskId);
				// The same id again is the same task, taken up after a cancel.
				task.fresh = task.calls.size === 0 && task.title === null;
				return [];
			}
			case 'aborted':
				return this.#aborted(this.#task(event.taskId), atMs);
			case 'completed':
				over(this.#task(event.taskId), atMs);
				return [];
			case 'spawned':
				this.#task(event.childId).parentId = event.parentId;
				return [];
			case 'mode':
				this.#task(event.taskId).mode = event.mode;
				return [];
		}
	}

	/** Closes calls whose usage does not come any more. Call it now and then while `waiting`. */
	tick(nowMs: number): DraftInput[] {
		return [...this.#running]
			.filter(({ overSinceMs }) => overSinceMs !== null && nowMs - overSinceMs >= usageGraceMs)
			.flatMap((call) => this.#say(call, { state: 'ok', atMs: call.overSinceMs ?? nowMs }));
	}

	/** Whether a call is only kept open for usage that may still come. */
	get waiting(): boolean {
		return [...this.#running].some(({ overSinceMs }) => overSinceMs !== null);
	}

	/** The agent's extension is gone (disabled, updated, reloaded): its running calls will not be heard of again. */
	interrupt(atMs: number): DraftInput[] {
		return [...this.#running].flatMap((call) =>
			call.overSinceMs === null
				? this.#say(call, { state: 'error', atMs, message: 'Interrupted: the agent stopped.' })
				: this.#say(call, { state: 'ok', atMs: call.overSinceMs }),
		);
	}

	/**
	 * The ends of these calls were read from the agent's records and recorded: an end that is concluded here, from silence
	 * or a cancel, has nothing to add. A row that tells its usage has: when it did.
	 */
	readFromDisk(callIds: Iterable<string>): void {
		const read = new Set(callIds);
		for (const { calls } of this.#tasks.values()) {
			for (const call of calls.values()) if (read.has(this.#callId(call))) call.onDisk = true;
		}
	}

	/** Whether `newFacts` would tell anything. */
	get hasNewFacts(): boolean {
		return this.#newFacts.size > 0;
	}

	/** As `facts`, but only of the calls of which something was seen since this was last asked. */
	newFacts(): Record<string, LiveFacts> {
		const facts: Record<string, LiveFacts> = {};
		for (const callId of this.#newFacts) {
			const found = this.#facts.get(callId);
			if (found !== undefined) facts[callId] = found;
		}
		this.#newFacts.clear();
		return facts;
	}

	/** What was seen of the latest calls, for reading their records. Plain data. */
	facts(): Record<string, LiveFacts> {
		return Object.fromEntries(this.#facts);
	}

	#row(task: LiveTask, row: Row, atMs: number, updated: boolean): DraftInput[] {
		const first = task.fresh;
		task.fresh = false;
		if (row.say === 'api_req_started') return this.#request(task, row, atMs, updated);
		if (row.say === 'api_req_retry_delayed' || row.ask === 'api_req_failed') {
			const call = [...task.calls.values()].findLast(({ said }) => said === null);
			if (call === undefined) return [];
			call.failure = withoutCountdown(row.text) ?? 'The request failed.';
			return row.ask === undefined ? [] : this.#failed(call, atMs);
		}
		if (row.ask === 'completion_result' && row.partial !== true) over(task, atMs);
		if (row.say === 'condense_context' && row.partial !== true) return this.#condense(task, row);
		if (first && row.type === 'say') task.title = titleOf(row.text);
		return [];
	}

	#request(task: LiveTask, row: Row, atMs: number, updated: boolean): DraftInput[] {
		const info = requestInfoOf(row.text) ?? requestInfoSchema.parse({});
		let call = task.calls.get(row.ts);
		const drafts: DraftInput[] = [];
		if (call === undefined) {
			call = this.#begin(task, row.ts, info, updated);
			drafts.push(...this.#passed(task, call, atMs), liveCallDraft(this.#options, call, task.title));
		}
		const { cancelReason } = info;
		if (!hasCounts(info) && info.usageMissing !== true && cancelReason === undefined) return drafts;
		return [...drafts, ...this.#say(call, { ...endOf(info, call), atMs, info })];
	}

	#begin(task: LiveTask, ts: number, info: RequestInfo, begunBefore = false): LiveCall {
		const call: LiveCall = {
			taskId: task.id,
			ts,
			...this.#configured(task, ts, begunBefore),
			protocol: info.apiProtocol ?? null,
			parentId: task.parentId,
			failure: null,
			overSinceMs: null,
			said: null,
			onDisk: false,
		};
		task.calls.set(ts, call);
		this.#running.add(call);
		forgetSettled(task);
		this.#note(call);
		return call;
	}

	/** Provider, model and mode now, or as they were when this call was first seen. */
	#configured(task: LiveTask, ts: number, begunBefore: boolean): { target: Target; mode: string | null } {
		const before = this.#facts.get(callIdOf(this.#options.dialect, task.id, ts));
		const unknown: Target = { ...targetOf('unknown', before?.model ?? 'unknown'), agentProvider: null };
		if (before !== undefined) {
			return {
				target: before.provider === null ? unknown : targetOf(before.provider, before.model),
				mode: before.mode,
			};
		}
		// It began before anyone listened: the settings of now may not be those of then.
		if (begunBefore) return { target: unknown, mode: null };
		try {
			const { target, mode } = targetOfConfiguration(this.#configuration());
			return { target: target ?? unknown, mode: task.mode ?? mode };
		} catch {
			// An agent that is just being disposed of has no settings to give.
			return { target: unknown, mode: task.mode };
		}
	}

	/** The next call began: one that failed is over, another one may still be given its usage. */
	#passed(task: LiveTask, next: LiveCall, atMs: number): DraftInput[] {
		const drafts: DraftInput[] = [];
		for (const call of task.calls.values()) {
			if (call.said !== null || call.ts >= next.ts) continue;
			if (call.failure !== null) drafts.push(...this.#failed(call, atMs));
			else call.overSinceMs ??= atMs;
		}
		return drafts;
	}

	#failed(call: LiveCall, atMs: number): DraftInput[] {
		return this.#say(call, { state: 'error', atMs, message: call.failure });
	}

	/** Cancelled in mid-stream, or closed by the user: that is a cancel too while a call runs, and nothing otherwise. */
	#aborted(task: LiveTask, atMs: number): DraftInput[] {
		return [...task.calls.values()]
			.filter(({ said, overSinceMs }) => said === null && overSinceMs === null)
			.flatMap((call) =>
				call.failure === null ? this.#say(call, { state: 'cancelled', atMs }) : this.#failed(call, atMs),
			);
	}

	#condense(task: LiveTask, row: Row): DraftInput[] {
		const condense = condenseSchema.safeParse(Reflect.get(row, 'contextCondense')).data;
		if (condense === undefined || task.calls.has(row.ts)) return [];
		const call = this.#begin(task, row.ts, {});
		call.said = { state: 'ok', atMs: row.ts, words: 'condensed' };
		this.#running.delete(call);
		return liveCondenseDrafts(this.#options, call, condense, task.title);
	}

	/** The response as it now stands, unless that was said before. */
	#say(call: LiveCall, end: LiveEnd): DraftInput[] {
		const words = JSON.stringify([end.state, end.info ?? null]);
		if (call.said?.words === words) return [];
		call.said = { state: end.state, atMs: end.atMs, words };
		this.#running.delete(call);
		this.#note(call);
		const guessed = (end.info ?? null) === null;
		return call.onDisk && guessed ? [] : [liveResponseDraft(this.#options, call, end)];
	}

	#note(call: LiveCall): void {
		const callId = this.#callId(call);
		this.#newFacts.add(callId);
		this.#facts.delete(callId);
		this.#facts.set(callId, {
			provider: call.target.agentProvider,
			model: call.target.model,
			mode: call.mode,
			endedAtMs: call.said?.atMs ?? null,
			parentSessionId: call.parentId,
			state: call.said?.state ?? 'pending',
		});
		for (const oldest of this.#facts.keys()) {
			if (this.#facts.size <= maxFacts) break;
			this.#facts.delete(oldest);
		}
	}

	#callId({ taskId, ts }: LiveCall): string {
		return callIdOf(this.#options.dialect, taskId, ts);
	}

	#task(id: string): LiveTask {
		const known = this.#tasks.get(id);
		if (known !== undefined) return known;
		const task: LiveTask = { id, fresh: false, title: null, mode: null, parentId: null, calls: new Map() };
		this.#tasks.set(id, task);
		for (const [oldest, { calls }] of this.#tasks) {
			if (this.#tasks.size <= maxTasks) break;
			if (oldest !== id && [...calls.values()].every(({ said }) => said !== null)) this.#tasks.delete(oldest);
		}
		return task;
	}
}

function endOf(info: RequestInfo, call: LiveCall): Pick<LiveEnd, 'state' | 'message'> {
	const { cancelReason, streamingFailedMessage } = info;
	if (cancelReason === 'user_cancelled') return { state: 'cancelled' };
	if (cancelReason !== undefined) {
		return { state: 'error', message: streamingFailedMessage ?? call.failure ?? 'The stream ended early.' };
	}
	return { state: call.said?.state === 'cancelled' ? 'cancelled' : 'ok' };
}

function over(task: LiveTask, atMs: number): void {
	for (const call of task.calls.values()) {
		if (call.said === null) call.overSinceMs ??= atMs;
	}
}

/** A long task keeps its latest calls only: the usage of older ones does not change any more. */
function forgetSettled(task: LiveTask): void {
	const settled = [...task.calls.values()].filter(({ said }) => said !== null);
	for (const { ts } of settled.slice(0, Math.max(0, settled.length - maxSettledCalls))) task.calls.delete(ts);
}

/** The message of a retry. */
function withoutCountdown(text: string | undefined): string | null {
	const line = text?.replace(/<retry_timer>.*?<\/retry_timer>/gs, '').trim();
	return line === undefined || line === '' ? null : line.slice(0, 2000);
}
