import type { DraftInput } from '../../core/draft.ts';
import { firstText, peek } from '../../core/foreign.ts';
import { firstLineOf } from '../first-line.ts';
import type { Fold } from '../folded/fold.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { isUniqueId } from '../unique-id.ts';
import { draftsOfCall, type FoundCall } from './call-drafts.ts';
import { aborted, type CallEnd, cut, interrupted, served } from './call-ends.ts';
import { settingAsApplied, settingOfTurn, unknownSetting } from './call-setting.ts';
import { Conversation } from './conversation.ts';
import { headerTimeMs, Inheritance } from './inheritance.ts';
import { OpenAnswers } from './open-answers.ts';
import { comesWithItem, isFromModel, itemsOfModel, readItem } from './response-items.ts';
import { countOf, type RolloutLine, rolloutLine } from './rollout-line.ts';
import { sniffLine } from './sniff.ts';
import type { Stretch } from './stretch.ts';
import { type ThreadMeta, threadMeta } from './thread-meta.ts';
import { countsKey, type TokenCounts } from './token-counts.ts';
import { UsageCounter } from './usage-counter.ts';

/** What to make of a rollout. */
export interface RolloutOptions {
	path: string;
	metadataSinceMs: number;
	contentSinceMs: number;
	/** The thread that the file's name gives, for a rollout whose header cannot be read. */
	fallbackId: string | null;
	/** Keys of the running totals in another thread's rollout; `null` where that is gone. */
	countsOf(threadId: string): ReadonlySet<string> | null;
}

/**
 * One rollout, taken line by line, as the calls that it tells of. It holds what the lines before have set: the thread,
 * the turn, the conversation, the running total. The same lines always give the same calls, however they are dealt out.
 *
 * A call is one `token_usage_record` (newer releases), or else one change of `total_token_usage`; the `token_count`
 * that repeats a record's counts is the same call, one that changes nothing is none. An answer that no counts follow is
 * a call of which the tokens are not known.
 */
export class Rollout implements Fold {
	readonly #options: RolloutOptions;
	readonly #conversation = new Conversation();
	readonly #skipped: Partial<Record<SkipReason, number>> = {};
	#drafts: DraftInput[] = [];
	/** Of the last call, where more may be said of it: made into drafts with the next call, or when they are taken. */
	#unsaid: FoundCall | null = null;
	#meta: ThreadMeta | null = null;
	#inheritance: Inheritance | null = null;
	#setting = unknownSetting;
	#turnId: string | null = null;
	#title: string | null = null;
	/** What the user last said to the thread that this one goes on from. */
	#titleBefore: string | null = null;
	#onPlan = false;
	readonly #counter = new UsageCounter();
	readonly #answers = new OpenAnswers();
	#last: FoundCall | null = null;
	/** The last call was counted before its items were written (older releases): they follow. */
	#itemsFollow = false;
	#nowMs = 0;
	#idsAt = { atMs: -1, count: 0 };
	/** It begins with lines of another form. */
	#isForeign = false;

	constructor(options: RolloutOptions) {
		this.#options = options;
	}

	/** A rollout is of a workspace if one of the folders that Codex was given is. */
	verdict({ accepts }: ReadOptions): 'yes' | SkipReason | null {
		if (this.#meta === null) return null;
		const { folders } = this.#meta;
		if (folders.length === 0) return accepts(null);
		const answers = folders.map((folder) => accepts(folder));
		return answers.includes('yes') ? 'yes' : (answers[0] ?? 'noFolder');
	}

	/** Before September 2025 rollouts had lines of another form, and no counts. */
	lastVerdict(options: ReadOptions): 'yes' | SkipReason {
		return this.verdict(options) ?? (this.#isForeign ? 'unknownVersion' : 'yes');
	}

	/** When the last answer began that has not ended yet, epoch milliseconds; `null` for none. */
	get openSinceMs(): number | null {
		return this.#answers.sinceMs;
	}

	/** What was left out since the first line. */
	get skipped(): Readonly<Partial<Record<SkipReason, number>>> {
		return this.#skipped;
	}

	/** Size of what it holds, in characters. */
	get heldChars(): number {
		return this.#conversation.chars;
	}

	/** The drafts made since they were last taken. */
	drain(): DraftInput[] {
		this.#say();
		const drafts = this.#drafts;
		this.#drafts = [];
		return drafts;
	}

	take(value: unknown): void {
		const line = rolloutLine(value);
		if (line !== null) this.#takeLine(line);
		else if (this.#meta === null) this.#isForeign = true;
	}

	takeUnparsed(bytes: Buffer): boolean {
		const line = sniffLine(bytes);
		if (line !== null) this.#takeLine(line);
		return line !== null;
	}

	#takeLine(line: RolloutLine): void {
		this.#nowMs = line.atMs ?? this.#nowMs;
		if (line.type === 'session_meta') {
			this.#takeHeader(line);
			return;
		}
		if (this.#meta === null && line.type === 'turn_context') this.#begin(this.#headless(line.payload), line);
		if (this.#meta === null || this.#inheritance === null) return;
		const isOwn = !this.#inheritance.isInherited(line);
		switch (line.type) {
			case 'turn_context':
				this.#setting = settingOfTurn(line.payload, this.#setting);
				this.#turnId = firstText(peek(line.payload, 'turn_id')) ?? this.#turnId;
				break;
			case 'response_item':
				this.#takeItem(line, isOwn);
				return;
			case 'token_usage_record':
				this.#takeUsageRecord(line.payload, isOwn);
				break;
			case 'compacted':
				this.#takeCompaction(line.payload, isOwn);
				break;
			case 'event_msg':
				if (!this.#takeEvent(line.payload, isOwn)) return;
				break;
		}
		this.#answers.heard(this.#nowMs);
	}

	/** Ends what is still open: Codex has written nothing for so long that it must be gone. */
	giveUp(): void {
		this.#closeOpen(interrupted);
	}

	#takeHeader(line: RolloutLine): void {
		const meta = threadMeta(line.payload);
		if (meta === null) return;
		if (this.#meta === null) this.#begin(meta, line);
		else if (meta.id !== this.#meta.id) this.#inheritance?.sawForeignHeader();
	}

	#begin(meta: ThreadMeta | null, line: RolloutLine): void {
		if (meta === null) return;
		this.#meta = meta;
		this.#inheritance = new Inheritance(meta, headerTimeMs(line), this.#options.countsOf);
	}

	#headless(turnContext: unknown): ThreadMeta | null {
		return threadMeta({ id: this.#options.fallbackId, cwd: peek(turnContext, 'cwd') });
	}

	#takeItem({ payload, sampledThrough }: RolloutLine, isOwn: boolean): void {
		const item = readItem(payload);
		if (!isFromModel(payload)) {
			if (item !== null) this.#conversation.push(item);
			this.#itemsFollow = false;
			this.#answers.heardItem(this.#nowMs);
			return;
		}
		const stretch = !isOwn || this.#itemsFollow ? null : this.#stretchFor(sampledThrough);
		if (item?.from !== 'model') return;
		this.#conversation.push(item);
		if (stretch !== null) stretch.add(item, this.#nowMs);
		else if (isOwn) this.#addToLast(item);
	}

	/** The answer that an item belongs to: the open one, or a new one. */
	#stretchFor(sampledThrough: number | null): Stretch {
		let retriedAtMs: number | null = null;
		if (this.#answers.isAnotherRequest(sampledThrough)) {
			retriedAtMs = this.#closeOpen(this.#answers.wasHeardSince ? served : cut);
		}
		const current = this.#answers.current();
		if (current !== null) return current;
		this.#conversation.endAnswer();
		const promptLength = this.#conversation.length;
		return this.#answers.begin({ atMs: this.#nowMs, promptLength, sampledThrough, retriedAtMs });
	}

	#addToLast(item: Parameters<Stretch['add']>[0]): void {
		const last = this.#last;
		if (last === null) return;
		last.answers[0]?.add(item, last.endedAtMs);
		this.#emit(last);
	}

	#takeUsageRecord(payload: unknown, isOwn: boolean): void {
		const counts = this.#counter.takeRecord(payload);
		if (counts === null) return;
		if (isOwn) this.#account(counts, firstText(peek(payload, 'response_id')));
		else this.#skip('inherited');
	}

	/** Returns whether it is a word from outside, after which a request may leave. */
	#takeEvent(payload: unknown, isOwn: boolean): boolean {
		const type = peek(payload, 'type');
		switch (type) {
			case 'token_count':
				return this.#takeTokenCount(payload, isOwn);
			case 'task_started':
			case 'turn_started':
				if (isOwn) this.#closeOpen(interrupted);
				this.#conversation.beginTurn();
				this.#turnId = firstText(peek(payload, 'turn_id'));
				return true;
			case 'task_complete':
			case 'turn_complete':
				if (isOwn) this.#closeOpen(served);
				return true;
			case 'turn_aborted':
				if (isOwn) this.#closeOpen(aborted);
				return true;
			case 'thread_rolled_back':
				this.#conversation.rollBack(countOf(peek(payload, 'num_turns')) ?? 0);
				return true;
			case 'thread_settings_applied':
				this.#setting = settingAsApplied(payload, this.#setting);
				return true;
			case 'user_message':
				this.#nameBy(firstText(peek(payload, 'message')), isOwn);
				return true;
			case 'item_completed':
				return this.#takeCompletedItem(peek(payload, 'item'), payload, isOwn);
			default:
				return !comesWithItem.has(type);
		}
	}

	#takeCompletedItem(item: unknown, payload: unknown, isOwn: boolean): boolean {
		const type = peek(item, 'type');
		if (itemsOfModel.has(type)) {
			this.#answers.sawFirstToken(countOf(peek(payload, 'started_at_ms')));
			return false;
		}
		if (type === 'UserMessage') {
			const content = peek(item, 'content');
			const texts = Array.isArray(content) ? content.flatMap((part) => firstText(peek(part, 'text')) ?? []) : [];
			this.#nameBy(texts.join('\n'), isOwn);
		}
		return true;
	}

	#takeTokenCount(payload: unknown, isOwn: boolean): boolean {
		if (isOwn) this.#takePlan(payload);
		const counted = this.#counter.takeEvent(payload, this.#goesOn() && this.#answers.isEmpty);
		switch (counted.is) {
			case 'call':
				if (isOwn) this.#account(counted.counts, null);
				else this.#skip('inherited');
				return true;
			case 'handedOn':
				this.#skip('inherited');
				return true;
			case 'noNews':
				if (isOwn) this.#answers.end(this.#nowMs);
				// One that only tells of limits comes at the start of an answer: the request has left before.
				return false;
			default:
				return true;
		}
	}

	/** Whether another thread's history and total stand before this one's. */
	#goesOn(): boolean {
		const meta = this.#meta;
		return meta !== null && (meta.continues || meta.forkedFromId !== null || meta.parentId !== null);
	}

	#takePlan(payload: unknown): void {
		const onPlan = firstText(peek(peek(payload, 'rate_limits'), 'plan_type')) !== null;
		if (!onPlan || this.#onPlan) return;
		this.#onPlan = true;
		// Told only after the first call.
		if (this.#last !== null) this.#emit({ ...this.#last, onPlan });
	}

	/** Makes a call of the answers that came since the last one. */
	#account(counts: TokenCounts, responseId: string | null): void {
		const meta = this.#meta;
		if (meta === null) return;
		const { answers } = this.#answers.takeAll();
		const from = answers[0] ?? this.#answers.unseen(this.#nowMs, this.#conversation.length);
		this.#itemsFollow = answers.length === 0 && responseId === null;
		if (answers.length === 0) this.#conversation.endAnswer();
		const { total } = this.#counter;
		const named = this.#idAt(meta, from.firstItemAtMs);
		this.#emit(
			this.#found(meta, from, {
				// A server of the user's own may give one id to many answers: these are told apart by their place.
				callId: responseId !== null && isUniqueId(responseId) ? `codex:${meta.id}:${responseId}` : named,
				aliases: [
					...(responseId === null ? [] : [responseId, named]),
					// A copy of it in another thread has the same turn and total.
					...(this.#turnId === null || total === null ? [] : [`codex:${this.#turnId}:${countsKey(total)}`]),
				],
				record: responseId ?? `token_count@${new Date(this.#nowMs).toISOString()}`,
				endedAtMs: Math.max(this.#nowMs, from.startedAtMs),
				counts,
				end: served,
				answers: answers.length === 0 ? [from] : answers,
			}),
		);
	}

	/**
	 * Answers that no counts will follow any more: calls of unknown tokens. Of one request, where the record tells; else
	 * each is one. Returns when the stream of the last one was over, if that is known.
	 */
	#closeOpen(end: CallEnd): number | null {
		const { answers, overAtMs } = this.#answers.takeAll();
		const isOne = answers[0]?.sampledThrough != null;
		const calls = isOne ? [answers] : answers.map((answer) => [answer]);
		for (const [index, each] of calls.entries()) {
			if (index < calls.length - 1) this.#emitUncounted(each, served, null);
			else this.#emitUncounted(each, end, overAtMs);
		}
		return overAtMs;
	}

	#emitUncounted(answers: readonly Stretch[], end: CallEnd, overAtMs: number | null): void {
		const [first] = answers;
		const meta = this.#meta;
		if (first === undefined || meta === null) return;
		const call = this.#found(meta, first, {
			callId: this.#idAt(meta, first.firstItemAtMs),
			aliases: [],
			record: `response_item@${new Date(first.firstItemAtMs).toISOString()}`,
			endedAtMs: Math.max(...answers.map(({ endedAtMs }) => endedAtMs), overAtMs ?? 0),
			counts: null,
			end,
			answers,
		});
		this.#emit(call);
	}

	/** The id of a call that has none: by when it began to answer. Lines of one thread are hardly ever of one moment. */
	#idAt({ id }: ThreadMeta, atMs: number): string {
		this.#idsAt = atMs === this.#idsAt.atMs ? { atMs, count: this.#idsAt.count + 1 } : { atMs, count: 0 };
		const { count } = this.#idsAt;
		return `codex:${id}:${atMs.toString(36)}${count === 0 ? '' : `.${count}`}`;
	}

	#found(
		meta: ThreadMeta,
		from: Stretch,
		rest: Pick<FoundCall, 'callId' | 'aliases' | 'record' | 'endedAtMs' | 'counts' | 'end' | 'answers'>,
	): FoundCall {
		const withContent = from.startedAtMs >= this.#options.contentSinceMs && this.#conversation.isComplete;
		return {
			...rest,
			startedAtMs: from.startedAtMs,
			firstTokenAtMs: from.firstTokenAtMs,
			kind: meta.isSubagent ? 'subagent' : 'chat',
			setting: this.#setting,
			title: this.#title ?? (meta.isSubagent ? meta.agentName : this.#titleBefore),
			onPlan: this.#onPlan,
			prompt: withContent ? this.#conversation.prompt(from.promptLength) : null,
			messageCount: this.#conversation.isComplete ? from.promptLength : null,
			summary: null,
		};
	}

	/** The call before a compaction made its summary, if it gave nothing else. */
	#takeCompaction(payload: unknown, isOwn: boolean): void {
		const last = this.#last;
		if (isOwn) this.#closeOpen(served);
		if (isOwn && last !== null && last === this.#last && this.#isSummary(last)) {
			this.#itemsFollow = false;
			const call: FoundCall = { ...last, kind: 'condense', summary: firstText(peek(payload, 'message')) };
			this.#emit(call);
		}
		this.#conversation.compact(payload);
	}

	#isSummary({ answers, counts, endedAtMs }: FoundCall): boolean {
		const saidNothing = answers.every(({ texts, toolCalls }) => texts.length + toolCalls.length === 0);
		return counts !== null && saidNothing && !this.#answers.wasHeardSince && endedAtMs <= this.#nowMs;
	}

	#emit(call: FoundCall): void {
		const isNew = this.#last?.callId !== call.callId;
		this.#last = call;
		if (isNew) this.#say();
		if (call.startedAtMs >= this.#options.metadataSinceMs) this.#unsaid = call;
		else if (isNew) this.#skip('tooOld');
	}

	#say(): void {
		const call = this.#unsaid;
		this.#unsaid = null;
		if (call === null || this.#meta === null) return;
		for (const draft of draftsOfCall(call, this.#meta, this.#options.path)) this.#drafts.push(draft);
	}

	#nameBy(text: string | null, isOwn: boolean): void {
		if (isOwn) this.#title ??= firstLineOf(text);
		else this.#titleBefore = firstLineOf(text) ?? this.#titleBefore;
	}

	#skip(reason: SkipReason): void {
		this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
	}
}
