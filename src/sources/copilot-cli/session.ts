import type * as z from 'zod';
import type { DraftInput } from '../../core/draft.ts';
import { firstText } from '../../core/foreign.ts';
import { firstLineOf } from '../first-line.ts';
import type { Fold } from '../folded/fold.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { isUniqueId } from '../unique-id.ts';
import { folderBeside, Siblings } from './beside.ts';
import { addAliases, type CallEnd, type CliCall, draftsOf, newCall } from './cli-call.ts';
import { countsOfAnswer, countsOfCompaction, countsOfUsage } from './counts.ts';
import {
	assistantMessageSchema,
	type CliEvent,
	compactionSchema,
	contextSchema,
	errorSchema,
	eventSchema,
	startSchema,
	systemMessageSchema,
	toolCompleteSchema,
	type Usage,
	usageRecordSchema,
	userMessageSchema,
} from './events.ts';
import { KnownCalls } from './known-calls.ts';
import { sessionIdOf } from './places.ts';
import { Targets } from './targets.ts';
import { Thread } from './thread.ts';

export interface SessionOptions {
	path: string;
	metadataSinceMs: number;
	contentSinceMs: number;
}

/** Text of a session that is held in memory at most, in characters; beyond it, content is left out. */
const maxChars = 16_000_000;

/**
 * One session of the Copilot CLI, taken line by line, as the calls that it tells of. A turn begins with a request
 * (`assistant.turn_start`) and is known by it until its counts (`session.usage_record`) and its answer
 * (`assistant.message`) come; a turn that begins again, since a request failed, has a call for each record of usage.
 */
export class Session implements Fold {
	readonly #options: SessionOptions;
	readonly #skipped: Partial<Record<SkipReason, number>> = {};
	readonly #threads = new Map<string, Thread>();
	/** The request of the turn that each is in. */
	readonly #turns = new Map<Thread, CliCall>();
	readonly #known = new KnownCalls();
	readonly #targets = new Targets();
	readonly #siblings: Siblings;
	readonly #changed = new Set<CliCall>();
	#sessionId: string | null = null;
	#folder: string | null = null;
	/** The first folder: the session belongs where it began. */
	#home: string | null = null;
	#branch: string | null = null;
	#commit: string | null = null;
	#reasoningEffort: string | null = null;
	#compactionStartMs: number | null = null;
	#lastEventMs = 0;
	#hasUsageRecords = false;

	constructor(options: SessionOptions) {
		this.#options = options;
		this.#siblings = new Siblings(options.path);
	}

	get #id(): string {
		return this.#sessionId ?? sessionIdOf(this.#options.path);
	}

	get skipped(): Readonly<Partial<Record<SkipReason, number>>> {
		return this.#skipped;
	}

	get heldChars(): number {
		let chars = 0;
		for (const thread of this.#threads.values()) chars += thread.chars;
		return chars;
	}

	get openSinceMs(): number | null {
		const open = [...this.#turns.values()].filter(({ end }) => end === null);
		return open.length === 0 ? null : Math.max(...open.map(({ startedAtMs }) => startedAtMs));
	}

	verdict({ accepts }: ReadOptions): 'yes' | SkipReason | null {
		if (this.#home !== null) return accepts(this.#home);
		return accepts(null) === 'yes' ? 'yes' : null;
	}

	/** A session that does not name its folder in its lines may do so in the file beside them. */
	lastVerdict(options: ReadOptions): 'yes' | SkipReason {
		this.#home ??= folderBeside(this.#options.path);
		return this.verdict(options) ?? (this.#known.size + this.#changed.size === 0 ? 'yes' : options.accepts(null));
	}

	giveUp(): void {
		this.#interrupt(this.#lastEventMs);
	}

	take(value: unknown): void {
		const event = eventSchema.safeParse(value);
		if (!event.success) {
			this.#skip('malformed');
			return;
		}
		this.#lastEventMs = Math.max(this.#lastEventMs, event.data.timestamp);
		this.#takeEvent(event.data);
	}

	drain(): DraftInput[] {
		const { path, metadataSinceMs, contentSinceMs } = this.#options;
		const calls = [...this.#changed].filter(({ startedAtMs }) => startedAtMs >= metadataSinceMs);
		this.#changed.clear();
		return calls.flatMap((call) => draftsOf(call, { sessionId: this.#id, path, contentSinceMs }));
	}

	#takeEvent(event: CliEvent): void {
		switch (event.type) {
			case 'session.start':
			case 'session.resume':
				this.#interrupt(event.timestamp);
				this.#with(startSchema, event, (data) => {
					// Lines copied from another session may begin with that one's start.
					this.#sessionId ??= data.sessionId ?? null;
					this.#targets.model = data.selectedModel ?? this.#targets.model;
					this.#reasoningEffort = data.reasoningEffort ?? this.#reasoningEffort;
					if (data.context !== undefined) this.#moveTo(data.context);
				});
				return;
			case 'session.context_changed':
				this.#with(contextSchema, event, (context) => this.#moveTo(context));
				return;
			case 'session.model_change':
				this.#targets.model = firstText(event.data.newModel) ?? this.#targets.model;
				return;
			case 'session.shutdown':
				this.#interrupt(event.timestamp);
				return;
			case 'user.message':
				this.#with(userMessageSchema, event, ({ content, transformedContent }) => {
					const thread = this.#threadOf(event);
					thread.title ??= firstLineOf(content);
					thread.user(transformedContent ?? content);
				});
				return;
			case 'system.message':
				this.#with(systemMessageSchema, event, ({ role, content }) => {
					if (role === 'developer') this.#threadOf(event).developer(content);
					else this.#threadOf(event).systemPrompt = content;
				});
				return;
			case 'subagent.started':
				this.#threadOf(event).title ??= firstText(event.data.agentDisplayName, event.data.agentName);
				return;
			case 'assistant.turn_start':
				this.#beginTurn(event);
				return;
			case 'session.usage_record':
				this.#with(usageRecordSchema, event, ({ usage }) => this.#takeUsage(event, usage));
				return;
			case 'assistant.message':
				this.#with(assistantMessageSchema, event, (message) => this.#takeAnswer(event, message));
				return;
			case 'assistant.turn_end':
				this.#endTurn(event, { state: 'error', message: 'The turn ended without an answer.', code: 'noAnswer' });
				return;
			case 'tool.execution_complete':
				this.#with(toolCompleteSchema, event, ({ toolCallId, parentToolCallId, result, error }) =>
					this.#threadOf(event, parentToolCallId).toolResult(toolCallId, result?.content ?? error?.message ?? ''),
				);
				return;
			case 'session.compaction_start':
				this.#compactionStartMs = event.timestamp;
				this.#known.beginCompaction();
				this.#threadOf(event).beginCompaction();
				return;
			case 'session.compaction_complete':
				this.#with(compactionSchema, event, (compaction) => this.#takeCompaction(event, compaction));
				return;
			case 'session.error':
				this.#with(errorSchema, event, ({ message, errorType, statusCode }) =>
					this.#endTurn(event, {
						state: 'error',
						message: message ?? 'The call failed.',
						code: errorType ?? 'error',
						...(statusCode === undefined ? {} : { status: statusCode }),
					}),
				);
				return;
			case 'abort':
				this.#with(errorSchema, event, ({ reason }) =>
					this.#endTurn(event, { state: 'cancelled', message: reason ?? 'Stopped by the user.', code: 'aborted' }),
				);
				return;
		}
	}

	#with<T>(schema: z.ZodType<T>, { data }: CliEvent, use: (data: T) => void): void {
		const parsed = schema.safeParse(data);
		if (parsed.success) use(parsed.data);
		else this.#skip('malformed');
	}

	#moveTo(context: z.infer<typeof contextSchema>): void {
		this.#folder = firstText(context.cwd, context.gitRoot) ?? this.#folder;
		this.#home ??= this.#folder;
		this.#branch = context.branch ?? null;
		this.#commit = context.headCommit ?? null;
	}

	#beginTurn(event: CliEvent): void {
		const thread = this.#threadOf(event);
		this.#endTurn(event, interrupted);
		const call = this.#newCall(event, thread, event.id);
		call.prompt = thread.prompt;
		this.#turns.set(thread, call);
		this.#changed.add(call);
	}

	/** The turn's own call, as long as nothing came for it; each further one of the turn has an id of its own. */
	#callFor(event: CliEvent, thread: Thread, id: string): CliCall {
		const own = this.#turns.get(thread);
		if (own !== undefined && (own.end === null || own.end.state === 'error')) return own;
		return this.#newCall(event, thread, id);
	}

	#takeUsage(event: CliEvent, usage: Usage): void {
		this.#hasUsageRecords = true;
		const { accounting, apiCallId, providerCallId, serviceRequestId } = usage;
		const source = accounting?.sourceSessionId ?? this.#id;
		const answerId = apiCallId ?? accounting?.usageId ?? event.id;
		const requestIds = [providerCallId, serviceRequestId].filter((id) => id !== undefined);
		const thread = this.#threadOf(event, usage.parentToolCallId);
		this.#known.addRecorded(requestIds);
		if (source !== this.#id && this.#siblings.has(source)) {
			// Copied from a session that is read itself.
			this.#leaveTurn(thread, answerId);
			this.#skip('inherited');
			return;
		}
		const counts = countsOfUsage(usage);
		const isNamedCompaction = /compact/i.test(usage.interactionType ?? '');
		const like = isNamedCompaction && requestIds.length === 0 ? this.#known.compactionLike(counts.usage) : undefined;
		const compaction = this.#known.compactionOf(requestIds) ?? (like?.isRecorded === false ? like : undefined);
		const isCompaction = compaction !== undefined || isNamedCompaction;
		const id = `${source}:${isUniqueId(answerId) ? answerId : event.id}`;
		const answered = this.#known.byAnswer(answerId);
		// One whose usage was recorded before has the same id by chance.
		const known = compaction ?? (answered?.isRecorded === true ? undefined : answered);
		const call = known ?? (isCompaction ? this.#newCall(event, thread, id) : this.#callFor(event, thread, id));
		addAliases(call, [apiCallId, ...requestIds]);
		if (isCompaction) call.kind = 'condense';
		call.target = this.#targets.of(usage);
		call.reasoningEffort = usage.reasoningEffort ?? call.reasoningEffort;
		if (usage.duration !== undefined) call.startedAtMs = event.timestamp - Math.round(usage.duration);
		call.prompt ??= isCompaction ? null : thread.prompt;
		call.eventId = event.id;
		this.#end(call, {
			atMs: event.timestamp,
			state: 'ok',
			error: null,
			finishReason: usage.finishReason ?? null,
			firstTokenMs: usage.timeToFirstTokenMs ?? null,
			counts,
		});
		call.isRecorded = true;
		if (isCompaction) this.#known.addCompaction(requestIds, call);
		if (apiCallId === undefined) this.#known.addUnnamed(call);
		call.wasSent = false;
		this.#known.add(answerId, call);
	}

	#takeAnswer(event: CliEvent, message: z.infer<typeof assistantMessageSchema>): void {
		const thread = this.#threadOf(event, message.parentToolCallId);
		const answerId = message.apiCallId ?? message.messageId ?? event.id;
		const piece = {
			text: message.content,
			reasoning: message.reasoningText ?? null,
			toolCalls: (message.toolRequests ?? []).map((request) => ({
				id: request.toolCallId,
				name: request.name,
				arguments: request.arguments ?? {},
			})),
		};
		if (this.#known.isLeft(answerId)) {
			thread.answer(answerId, piece);
			return;
		}
		const turn = this.#turns.get(thread);
		let call = this.#known.byAnswer(answerId) ?? (this.#known.isOfTurn(turn, message.apiCallId) ? turn : undefined);
		if (call === undefined) {
			call = this.#callFor(event, thread, `${this.#id}:${answerId}`);
			call.prompt ??= thread.prompt;
			addAliases(call, [message.apiCallId]);
			call.target = this.#targets.next(message.model);
			this.#known.add(answerId, call);
		}
		// Its counts come in a line of their own; versions before that told only how long the answer is.
		const isWithoutRecord = call.end === null && !this.#hasUsageRecords;
		if (isWithoutRecord) this.#end(call, this.#endOfAnswer(event, message.outputTokens));
		const { texts, reasoning, toolCalls } = call.answer;
		if (piece.text !== '') texts.push(piece.text);
		if (piece.reasoning !== null) reasoning.push(piece.reasoning);
		toolCalls.push(...piece.toolCalls);
		thread.answer(answerId, piece);
		this.#changed.add(call);
	}

	#endOfAnswer(event: CliEvent, outputTokens: number | undefined): CallEnd {
		const counts = countsOfAnswer(outputTokens);
		return { atMs: event.timestamp, state: 'ok', error: null, finishReason: null, firstTokenMs: null, counts };
	}

	#takeCompaction(event: CliEvent, compaction: z.infer<typeof compactionSchema>): void {
		const thread = this.#threadOf(event);
		const { compactionTokensUsed: used, requestId, serviceRequestId, summaryContent } = compaction;
		const requestIds = [requestId, serviceRequestId].filter((id) => id !== undefined);
		const hasFailed = compaction.success === false;
		const before = thread.prompt;
		thread.endCompaction(hasFailed ? null : (summaryContent ?? null));
		const startedAtMs = this.#compactionStartMs;
		this.#compactionStartMs = null;
		if (used === undefined || this.#known.isRecorded(requestIds)) return;
		const counts = countsOfCompaction(used);
		if (requestIds.length === 0 && this.#known.compactionLike(counts.usage) !== undefined) return;
		const call = this.#newCall(event, thread, event.id);
		addAliases(call, requestIds);
		this.#known.addCompaction(requestIds, call);
		call.kind = 'condense';
		call.target = this.#targets.next(used.model);
		call.startedAtMs =
			used.duration === undefined ? (startedAtMs ?? event.timestamp) : event.timestamp - Math.round(used.duration);
		call.prompt = before;
		if (summaryContent !== undefined) call.answer.texts.push(summaryContent);
		const error = hasFailed
			? { message: compaction.error ?? 'The conversation could not be summed up.', code: 'compactionFailed' }
			: null;
		const state = hasFailed ? 'error' : 'ok';
		this.#end(call, { atMs: event.timestamp, state, error, finishReason: null, firstTokenMs: null, counts });
	}

	/** Ends the turn's request, if nothing has come for it. */
	#endTurn(
		event: CliEvent,
		how: { state: 'error' | 'cancelled'; message: string; code: string; status?: number },
	): void {
		const { state, ...error } = how;
		const own = this.#threadOf(event);
		for (const [thread, call] of [...this.#turns]) {
			// What the user stops, stops with all that it started.
			if (thread !== own && (event.type !== 'abort' || own.agent !== null)) continue;
			// An error may be followed by another try within the turn.
			if (event.type !== 'session.error') this.#turns.delete(thread);
			if (call.end === null) this.#endWithout(call, event.timestamp, state, error);
		}
	}

	/** All that is open: the process that made the calls is gone. */
	#interrupt(atMs: number): void {
		const { state, ...error } = interrupted;
		for (const call of this.#turns.values()) if (call.end === null) this.#endWithout(call, atMs, state, error);
		this.#turns.clear();
	}

	#endWithout(call: CliCall, atMs: number, state: 'error' | 'cancelled', error: CallEnd['error']): void {
		const { texts, toolCalls } = call.answer;
		if (texts.length + toolCalls.length > 0) {
			// The answer came, and only its counts did not.
			const counts = { usage: null, usageMissing: true };
			this.#end(call, { atMs, state: 'ok', error: null, finishReason: null, firstTokenMs: null, counts });
			return;
		}
		// What was stopped in the middle is billed as far as it came; what was refused is not known to be.
		const counts = { usage: null, usageMissing: state === 'cancelled' || error?.code === interrupted.code };
		this.#end(call, { atMs, state, error, finishReason: null, firstTokenMs: null, counts });
	}

	#end(call: CliCall, end: CallEnd): void {
		call.end = { ...end, atMs: Math.max(end.atMs, call.startedAtMs) };
		this.#changed.add(call);
		if (call.startedAtMs >= this.#options.metadataSinceMs || call.wasLeftOut) return;
		call.wasLeftOut = true;
		this.#skip('tooOld');
	}

	/** The turn is another session's, which tells of it under the same id. */
	#leaveTurn(thread: Thread, answerId: string): void {
		for (const call of [this.#turns.get(thread), this.#known.byAnswer(answerId)]) {
			if (call !== undefined) this.#changed.delete(call);
		}
		this.#turns.delete(thread);
		this.#known.leave(answerId);
	}

	#newCall(event: CliEvent, thread: Thread, id: string): CliCall {
		const setting = { folder: this.#folder, branch: this.#branch, commit: this.#commit };
		const call = newCall(id, event, thread, this.#targets.next());
		return Object.assign(call, setting, { reasoningEffort: this.#reasoningEffort });
	}

	#threadOf({ agentId }: CliEvent, parentToolCallId?: string): Thread {
		const agent = agentId ?? parentToolCallId ?? null;
		let thread = this.#threads.get(agent ?? '');
		if (thread === undefined) {
			thread = new Thread(agent, () => this.heldChars > maxChars);
			this.#threads.set(agent ?? '', thread);
		}
		return thread;
	}

	#skip(reason: SkipReason): void {
		this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
	}
}

const interrupted = {
	state: 'error',
	message: 'The Copilot CLI stopped before the answer was complete.',
	code: 'interrupted',
} as const;
