import type { CallDraftInput, CallKind, DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import type { Message } from '../../core/message.ts';
import { normaliseMessages } from '../../core/normalise-messages.ts';
import type { LiveFacts, SkipReason } from '../source.ts';
import { isUniqueId } from '../unique-id.ts';
import { type Outcome, outcomeOf, staleMs, usageGraceMs } from './call-outcome.ts';
import { callIdOf, type Dialect, taskAlias } from './dialect.ts';
import { condenseNote } from './live-drafts.ts';
import { answerOf, PromptHistory, type Turn } from './prompt-history.ts';
import { billingOf, protocolOf, type Target, targetOf, targetOfEvidence, usageRuleOf } from './providers.ts';
import type { HistoryMessage, RequestInfo } from './records.ts';
import { type RequestRow, type SumRow, type TaskRows, taskRowsOf } from './request-rows.ts';
import type { TaskFolder } from './task-folder.ts';
import { titleOf } from './task-title.ts';
import { leavesCacheOut, type RateLookup, usageTruthOf } from './usage-truth.ts';

/** What reading a task needs beside its files. */
export interface TaskContext {
	dialect: Dialect;
	taskId: string;
	/** The task's folder, for "where is this from?". */
	path: string;
	rates: RateLookup;
	live: Readonly<Record<string, LiveFacts>>;
	/** Calls before this are left out. Epoch milliseconds. */
	metadataSinceMs: number;
	contentSinceMs: number;
	/** Calls up to this one were handed over before and do not change any more. */
	settledThrough: number;
	/** Calls and sums of all earlier readings, where the agent sums up the ones that the user deletes. */
	handedOver: readonly HandedOver[];
	/** Calls that were open when the task was last read. */
	open: readonly OpenCall[];
	/** When the task's files last changed. Epoch milliseconds. */
	changedAtMs: number;
	nowMs: number;
}

/** A call that was handed over without an end, and where it went. */
export interface OpenCall {
	ts: number;
	target: Target;
	protocol: string | null;
	/** Its answer was there, and only its usage was waited for. */
	answered: boolean;
}

/** A call of an earlier reading and its counts. */
export interface HandedOver {
	ts: number;
	info: RequestInfo;
}

export interface TaskDrafts {
	drafts: DraftInput[];
	skipped: Partial<Record<SkipReason, number>>;
	/** The last call of those that do not change any more. */
	settledThrough: number;
	/** When to look again at a call that is still open; `null` = no call is. */
	recheckAtMs: number | null;
	handedOver: HandedOver[];
	open: OpenCall[];
}

/** The working directory that a task's records name. */
export function folderOf(task: TaskFolder): string | null {
	const workspace = task.item?.workspace;
	if (workspace !== undefined && workspace !== '') return workspace;
	return new PromptHistory(task.history, () => [], []).folder();
}

/** Messages of prompts that one reading holds at most; calls share them, so this bounds the lists alone. */
const maxPromptEntries = 4_000_000;

/** Makes a call and its response of each row of a task, in the order of the calls. */
export function taskDraftsOf(task: TaskFolder, context: TaskContext): TaskDrafts {
	return new TaskReading(task, context).read();
}

class TaskReading {
	readonly #task: TaskFolder;
	readonly #context: TaskContext;
	readonly #rows: TaskRows;
	readonly #history: PromptHistory;
	readonly #turns: Turn[];
	/** A version of the agent that leaves the cache out of the anthropic protocol's `tokensIn`. */
	readonly #oldVersion: boolean;
	readonly #title: string | null;
	readonly #folder: string | null;
	readonly #result: TaskDrafts;
	/** Calls and sums handed over before whose rows are gone: a later sum has them in it. */
	readonly #deleted: HandedOver[];
	#promptEntries = 0;

	constructor(task: TaskFolder, context: TaskContext) {
		this.#task = task;
		this.#context = context;
		this.#rows = taskRowsOf(task.rows);
		const { requests, condensed } = this.#rows;
		this.#history = new PromptHistory(
			task.history,
			(message) => normaliseMessages([message]),
			condensed.map(({ ts, condense }) => ({ ts, condenseId: condense.condenseId ?? null })),
		);
		this.#turns = this.#history.turns(
			requests.map(({ ts, info }) => ({ ts, failed: info.cancelReason !== undefined })),
		);
		this.#oldVersion = leavesCacheOut(requests.map(({ info }) => info));
		const present = new Set([...requests, ...this.#rows.sums].map(({ ts }) => ts));
		this.#deleted = context.handedOver.filter(({ ts }) => !present.has(ts));
		this.#title = titleOf(task.item?.title ?? task.item?.task ?? this.#rows.firstText);
		this.#folder = folderOf(task);
		this.#result = {
			drafts: [],
			skipped: { ...task.skipped },
			settledThrough: context.settledThrough,
			recheckAtMs: null,
			handedOver: [],
			open: [],
		};
		const handedOver = new Map(context.handedOver.map((call) => [call.ts, call]));
		if (context.dialect.sumsDeleted) {
			for (const row of [...requests, ...this.#rows.sums.map((sum) => ({ ...sum, info: this.#newOf(sum) }))]) {
				handedOver.set(row.ts, handedOverOf(row));
			}
		}
		this.#result.handedOver = [...handedOver.values()];
	}

	read(): TaskDrafts {
		this.#addGone();
		const entries = [
			...this.#rows.requests.map((row, index) => ({ ts: row.ts, add: () => this.#addRequest(row, index) })),
			...this.#rows.condensed.map((row) => ({ ts: row.ts, add: () => this.#addCondense(row.ts, row.condense) })),
			...this.#rows.sums.map((row) => ({ ts: row.ts, add: () => this.#addSum(row) })),
		].sort((a, b) => a.ts - b.ts);
		// What a damaged or missing file leaves out is still to be told, of every call.
		let settled = this.#task.complete && this.#task.historyWhole;
		for (const { ts, add } of entries) {
			if (ts <= this.#context.settledThrough) continue;
			if (ts < this.#context.metadataSinceMs) {
				this.#result.skipped.tooOld = (this.#result.skipped.tooOld ?? 0) + 1;
			} else if (!add()) {
				settled = false;
			}
			if (settled) this.#result.settledThrough = ts;
		}
		return this.#result;
	}

	/** Calls that were open and whose rows are gone: the agents remove the row of a call that the user cancels. */
	#addGone(): void {
		const { open, live, changedAtMs, nowMs } = this.#context;
		const whole = this.#task.complete && this.#task.skipped.malformed === undefined;
		for (const call of open) {
			const { ts, target, protocol, answered } = call;
			if (this.#rows.requests.some((row) => row.ts === ts)) continue;
			// A file that cannot be read whole says nothing of what is not in it, until nobody writes it any more.
			if (!whole && nowMs - ts <= staleMs) {
				this.#result.open.push(call);
				this.#lookAgainAt(ts + staleMs);
				continue;
			}
			// Its end was seen live, and is recorded.
			if ((live[this.#callId(ts)]?.state ?? 'pending') !== 'pending') continue;
			this.#result.drafts.push({
				eventType: 'llm_response',
				...this.#identity(ts, target, null),
				provider: target.provider,
				model: target.model,
				protocol: protocolOf(target, protocol),
				state: answered ? 'ok' : 'cancelled',
				endedAtMs: Math.max(ts, changedAtMs),
				latencyMs: null,
				usage: null,
				usageMissing: true,
				usageNotes: [
					`${this.#context.dialect.title} removed its record of this call; the provider may have billed the stream.`,
				],
				contentState: 'none',
			});
		}
	}

	/** Adds one call; answers whether nothing more can come of it. */
	#addRequest(row: RequestRow, index: number): boolean {
		const { ts, info, failedAt, passed } = row;
		const { nowMs, dialect } = this.#context;
		const turn = this.#turns[index] ?? { assistant: null, promptEnd: 0 };
		const answer = turn.assistant === null ? null : this.#history.message(turn.assistant);
		const facts = this.#context.live[this.#callId(ts)];
		const outcome = this.#outcome(row, answer !== null, facts);
		const target = this.#target(row, turn, answer, facts);
		const protocol = protocolOf(target, info.apiProtocol ?? null);
		const ids = this.#identity(ts, target, answer?.id ?? null);
		this.#result.drafts.push(this.#call(row, turn, target, facts));

		const left = { ts, target, protocol: info.apiProtocol ?? null, answered: answer !== null };
		if (outcome.state === 'open' || this.#mayBeAnswered(row, outcome)) return this.#leaveOpen(left, ts + staleMs);
		const truth = usageTruthOf({
			info,
			rule: usageRuleOf(target, info.apiProtocol ?? null, dialect.openAiDropsCache),
			inclusive: this.#isInclusive(info),
			cut: outcome.state !== 'ok',
			agent: dialect.title,
			rates: this.#context.rates(target.provider, target.model, ts),
		});
		const usageMayCome = truth.usageMissing && info.usageMissing !== true;
		const lateUsageMs = (answer?.ts ?? ts) + usageGraceMs;
		if (usageMayCome && nowMs < lateUsageMs) return this.#leaveOpen(left, lateUsageMs);

		const said = answer === null || this.#withoutContent(ts) ? null : answerOf(answer);
		const endedAtMs = earlier(answer?.ts ?? failedAt, facts?.endedAtMs);
		const response: ResponseDraftInput = {
			eventType: 'llm_response',
			...ids,
			provider: target.provider,
			model: target.model,
			protocol,
			state: outcome.state,
			endedAtMs: Math.max(endedAtMs ?? ts, ts),
			// A cancelled stream goes on at the provider, unseen.
			latencyMs: endedAtMs === null || outcome.state === 'cancelled' ? null : Math.max(endedAtMs - ts, 0),
			completion: said?.completion ?? null,
			reasoning: said?.reasoning ?? null,
			toolCalls: said?.toolCalls ?? [],
			...truth,
			reportedBy: truth.reportedCostUsd === null ? null : 'agent',
			inferenceProvider: info.inferenceProvider ?? null,
			error: outcome.message === null ? null : { message: outcome.message },
			contentState: said === null ? (answer === null ? 'none' : 'off') : 'full',
		};
		this.#result.drafts.push(response);
		return (!usageMayCome && (passed || answer !== null)) || nowMs - ts > staleMs;
	}

	/** The call is still open: nothing is said of its end yet. */
	#leaveOpen(call: OpenCall, atMs: number): false {
		this.#result.open.push(call);
		this.#lookAgainAt(atMs);
		return false;
	}

	#lookAgainAt(atMs: number): void {
		const recheckAtMs = Math.max(this.#context.nowMs + 1, atMs);
		this.#result.recheckAtMs = earlier(this.#result.recheckAtMs, recheckAtMs);
	}

	/** A condensation: the agent records its cost and its summary, no tokens. */
	#addCondense(ts: number, condense: TaskRows['condensed'][number]['condense']): boolean {
		const target = this.#targetAt(ts);
		const ids = this.#identity(ts, target, null);
		const summary = this.#withoutContent(ts) ? null : (condense.summary ?? null);
		const cost = condense.cost !== undefined && condense.cost > 0 ? condense.cost : null;
		this.#result.drafts.push(
			{ ...this.#callBase(ts, target), kind: 'condense', contentState: 'none', messages: [] },
			{
				eventType: 'llm_response',
				...ids,
				provider: target.provider,
				model: target.model,
				protocol: protocolOf(target, null),
				state: 'ok',
				endedAtMs: ts,
				completion: summary,
				usage: null,
				usageMissing: true,
				usageNotes: [condenseNote(this.#context.dialect)],
				reportedCostUsd: cost,
				reportedBy: cost === null ? null : 'agent',
				contentState: summary === null ? 'none' : 'full',
			},
		);
		return true;
	}

	/** Cline's sums: calls whose rows the user deleted, and calls of its subagents. */
	#addSum(row: SumRow): boolean {
		const { ts, say, info } = row;
		const target = this.#targetAt(ts);
		const ids = this.#identity(ts, target, null);
		const deleted = say === 'deleted_api_reqs';
		const truth = usageTruthOf({
			info: this.#newOf(row),
			rule: 'asReported',
			inclusive: this.#isInclusive(info),
			cut: false,
			agent: this.#context.dialect.title,
			rates: [],
		});
		if (truth.usage === null) return true;
		const kind: CallKind = deleted ? 'chat' : 'subagent';
		const note = deleted ? 'The sum of calls that were deleted from the task.' : "The sum of a subagent's calls.";
		this.#result.drafts.push(
			{ ...this.#callBase(ts, target), kind, contentState: 'none', messages: [] },
			{
				eventType: 'llm_response',
				...ids,
				provider: target.provider,
				model: target.model,
				protocol: protocolOf(target, null),
				state: 'ok',
				endedAtMs: ts,
				...truth,
				usageNotes: [note, ...truth.usageNotes],
				reportedBy: truth.reportedCostUsd === null ? null : 'agent',
				contentState: 'none',
			},
		);
		return true;
	}

	#outcome({ ts, info, failedAt, passed }: RequestRow, answered: boolean, facts: LiveFacts | undefined): Outcome {
		const stale = this.#context.nowMs - ts > staleMs;
		const outcome = outcomeOf(info, { answered, failed: failedAt !== null, passed, stale });
		// Seen live: the user cancelled, and the row was not removed. The row alone looks like an interruption.
		const cancelled = facts?.state === 'cancelled' && (outcome.state === 'open' || outcome.state === 'error');
		return cancelled && info.cancelReason === undefined ? { state: 'cancelled', message: null } : outcome;
	}

	/** It looks interrupted, but its answer may be in the part of the conversation that could not be read. */
	#mayBeAnswered({ ts, info, failedAt }: RequestRow, { state }: Outcome): boolean {
		const stale = this.#context.nowMs - ts > staleMs;
		const guessed = state === 'error' && info.cancelReason === undefined && failedAt === null;
		return guessed && !this.#task.historyWhole && !stale;
	}

	#call(row: RequestRow, turn: Turn, target: Target, facts: LiveFacts | undefined): CallDraftInput {
		const { ts, info } = row;
		const environment = this.#history.environmentBefore(turn.promptEnd);
		const withoutContent = this.#withoutContent(ts);
		const known = this.#task.history.length > 0;
		const base = this.#callBase(ts, target);
		const parentSessionId = base.parentSessionId ?? facts?.parentSessionId ?? null;
		const messages = withoutContent ? [] : this.#prompt(turn, ts);
		return {
			...base,
			protocol: protocolOf(target, info.apiProtocol ?? null),
			kind: parentSessionId === null ? 'chat' : 'subagent',
			parentSessionId,
			mode: environment?.mode ?? row.modelInfo.mode ?? facts?.mode ?? base.mode ?? null,
			messages,
			contentState: !known ? 'none' : withoutContent ? 'off' : 'full',
			messageCount: known && withoutContent ? this.#history.countBefore(turn.promptEnd, ts) : null,
		};
	}

	#callBase(ts: number, target: Target): CallDraftInput {
		const { item } = this.#task;
		const parentSessionId = item?.parentTaskId ?? null;
		return {
			eventType: 'llm_call',
			...this.#identity(ts, target, null),
			startedAtMs: ts,
			provider: target.provider,
			model: target.model,
			protocol: protocolOf(target, null),
			parentSessionId,
			title: this.#title,
			mode: item?.mode ?? null,
			folder: this.#folder,
		};
	}

	#prompt({ promptEnd }: Turn, ts: number): Message[] {
		const prompt = this.#history.promptBefore(promptEnd, ts);
		this.#promptEntries += prompt.length;
		return prompt;
	}

	#withoutContent(ts: number): boolean {
		return this.#task.contentLeftOut || ts < this.#context.contentSinceMs || this.#promptEntries >= maxPromptEntries;
	}

	/** Provider and model of a call: what was seen live, what the row says, or what the conversation gives away. */
	#target(row: RequestRow, turn: Turn, answer: HistoryMessage | null, facts: LiveFacts | undefined): Target {
		const { modelInfo, info } = row;
		const written = this.#history.environmentBefore(turn.promptEnd)?.model ?? null;
		if (modelInfo.provider !== null) return targetOf(modelInfo.provider, modelInfo.model ?? written ?? 'unknown');
		if (facts !== undefined && facts.provider !== null) {
			return targetOf(facts.provider, facts.model === 'unknown' ? (written ?? facts.model) : facts.model);
		}
		return targetOfEvidence({
			protocol: info.apiProtocol ?? null,
			model: modelInfo.model ?? written,
			responseId: answer?.id ?? null,
			thoughtSignature: answer !== null && answerOf(answer).thoughtSignature,
		});
	}

	/** That of the call before, for a row that names none. */
	#targetAt(ts: number): Target {
		const index = this.#rows.requests.findLastIndex((request) => request.ts <= ts);
		const row = this.#rows.requests[index];
		const turn = this.#turns[index];
		if (row === undefined || turn === undefined) return targetOf('unknown', 'unknown');
		const answer = turn.assistant === null ? null : this.#history.message(turn.assistant);
		return this.#target(row, turn, answer, this.#context.live[this.#callId(row.ts)]);
	}

	#identity(ts: number, target: Target, responseId: string | null) {
		const { dialect, taskId, path, live } = this.#context;
		const callId = this.#callId(ts);
		return {
			callId,
			sessionId: taskId,
			agentId: dialect.id,
			aliases: [taskAlias(taskId, ts), ...(responseId !== null && isUniqueId(responseId) ? [responseId] : [])],
			origin: { source: dialect.id, record: `${path}#${ts}`, billing: billingOf(target), live: callId in live },
		};
	}

	#isInclusive({ apiProtocol }: RequestInfo): boolean {
		const { tokensIn } = this.#context.dialect;
		return tokensIn === 'inclusive' || (tokensIn === 'byVersion' && !(apiProtocol !== 'openai' && this.#oldVersion));
	}

	/**
	 * A sum of deleted calls, less those that were handed over one by one before they were deleted. What an earlier sum
	 * that is still there stands before was deleted with that one: deleting goes back from the end of the task.
	 */
	#newOf({ ts, say, info: sum }: SumRow): RequestInfo {
		if (say !== 'deleted_api_reqs') return sum;
		const sums = this.#rows.sums.filter((other) => other.say === say && other.ts < ts);
		const after = Math.max(0, ...sums.map((other) => other.ts));
		const rest = { ...sum };
		for (const { info } of this.#deleted.filter((call) => call.ts > after && call.ts < ts)) {
			for (const key of ['tokensIn', 'tokensOut', 'cacheReads', 'cacheWrites', 'cost'] as const) {
				const value = rest[key];
				if (value !== undefined) rest[key] = Math.max(0, value - (info[key] ?? 0));
			}
		}
		return rest;
	}

	#callId(ts: number): string {
		return callIdOf(this.#context.dialect, this.#context.taskId, ts);
	}
}

function handedOverOf({ ts, info }: HandedOver): HandedOver {
	const { tokensIn, tokensOut, cacheReads, cacheWrites, cost } = info;
	return { ts, info: { tokensIn, tokensOut, cacheReads, cacheWrites, cost } };
}

/** The smaller of two times that are known. */
export function earlier(a: number | null | undefined, b: number | null | undefined): number | null {
	if (a == null) return b ?? null;
	return b == null ? a : Math.min(a, b);
}
