import type { DraftInput } from '../../core/draft.ts';
import { firstText, peek } from '../../core/foreign.ts';
import { firstLineOf } from '../first-line.ts';
import type { Fold } from '../folded/fold.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { type CallEnd, draftsOfCall, type FoundCall } from './call-drafts.ts';
import { settingAsApplied, settingOfTurn, unknownSetting } from './call-setting.ts';
import { Conversation } from './conversation.ts';
import { headerTimeMs, Inheritance } from './inheritance.ts';
import { isFromModel, readItem } from './response-items.ts';
import { countOf, type RolloutLine, rolloutLine } from './rollout-line.ts';
import { sniffLine } from './sniff.ts';
import { Stretch } from './stretch.ts';
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

const served: CallEnd = { state: 'ok', error: null };
const cut: CallEnd = { state: 'error', error: { message: 'The stream was cut and Codex asked again.', code: 'cut' } };
const aborted: CallEnd = { state: 'cancelled', error: null };
const interrupted: CallEnd = {
	state: 'error',
	error: { message: 'Codex ended before the answer did.', code: 'interrupted' },
};

/** Events that come with an item of the model, and so are no word from outside. */
const modelEvents: ReadonlySet<unknown> = new Set([
	'agent_message',
	'agent_reasoning',
	'agent_reasoning_raw_content',
	'web_search_end',
	'image_generation_end',
]);
const modelItems: ReadonlySet<unknown> = new Set(['AgentMessage', 'Reasoning', 'Plan']);

/**
 * One rollout, taken line by line, as the calls that it tells of. It holds what the lines before have set: the thread,
 * the turn, the conversation, the running total. The same lines always give the same calls, however they are dealt out.
 *
 * A call is one `token_usage_record` (from about 0.150 on), or else one change of `total_token_usage`; the `token_count`
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
	/** Answers that no counts have followed yet, oldest first. */
	#open: Stretch[] = [];
	/** Something other than the model spoke after the last of them. */
	#heardSince = false;
	/** A `token_count` without news came after the last of them: its stream was over. */
	#overAtMs: number | null = null;
	#last: FoundCall | null = null;
	/** The last call was counted before its items were written (before about 0.50): they follow. */
	#itemsFollow = false;
	/** The last word from outside, after which the next request leaves. */
	#heardAtMs: number | null = null;
	#firstTokenAtMs: number | null = null;
	#nowMs = 0;
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
		return this.#open.at(-1)?.startedAtMs ?? null;
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
		this.#heard();
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
		const atMs = this.#nowMs;
		if (!isFromModel(payload)) {
			if (item !== null) this.#conversation.push(item);
			this.#itemsFollow = false;
			this.#heardSince = true;
			this.#heard();
			return;
		}
		if (!isOwn) {
			if (item !== null) this.#conversation.push(item);
			return;
		}
		const stretch = this.#itemsFollow ? null : this.#stretchFor(sampledThrough, atMs);
		if (item?.from !== 'model') return;
		this.#conversation.push(item);
		if (stretch !== null) stretch.add(item, atMs);
		else this.#addToLast(item);
	}

	/** The answer that an item belongs to: the open one, or a new one. */
	#stretchFor(sampledThrough: number | null, atMs: number): Stretch {
		const current = this.#open.at(-1);
		const isAnother = current !== undefined && sampledThrough !== null && current.sampledThrough !== sampledThrough;
		// A retry leaves once the stream before it is over.
		const overAtMs = isAnother ? this.#overAtMs : null;
		if (isAnother) this.#closeOpen(this.#heardSince ? served : cut);
		else if (current !== undefined && !this.#heardSince) {
			this.#firstTokenAtMs = null;
			return current;
		}
		this.#conversation.endAnswer();
		const stretch = new Stretch({
			startedAtMs: Math.max(this.#heardAtMs ?? atMs, overAtMs ?? 0),
			firstItemAtMs: atMs,
			firstTokenAtMs: this.#firstTokenAtMs,
			promptLength: this.#conversation.length,
			sampledThrough,
		});
		this.#firstTokenAtMs = null;
		this.#heardSince = false;
		this.#overAtMs = null;
		this.#open.push(stretch);
		return stretch;
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
				return !modelEvents.has(type);
		}
	}

	#takeCompletedItem(item: unknown, payload: unknown, isOwn: boolean): boolean {
		const type = peek(item, 'type');
		if (modelItems.has(type)) {
			this.#firstTokenAtMs ??= countOf(peek(payload, 'started_at_ms'));
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
		const counted = this.#counter.takeEvent(payload, this.#goesOn() && this.#open.length === 0);
		switch (counted.is) {
			case 'call':
				if (isOwn) this.#account(counted.counts, null);
				else this.#skip('inherited');
				return true;
			case 'handedOn':
				this.#skip('inherited');
				return true;
			case 'noNews':
				if (isOwn && this.#open.length > 0) this.#overAtMs = this.#nowMs;
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
		const atMs = this.#nowMs;
		const answers = this.#open;
		const [first] = answers;
		this.#open = [];
		const meta = this.#meta;
		if (meta === null) return;
		const mark = first?.firstItemAtMs ?? atMs;
		const empty = new Stretch({
			startedAtMs: this.#heardAtMs ?? atMs,
			firstItemAtMs: atMs,
			firstTokenAtMs: null,
			promptLength: this.#conversation.length,
			sampledThrough: null,
		});
		const from = first ?? empty;
		this.#itemsFollow = first === undefined && responseId === null;
		if (first === undefined) this.#conversation.endAnswer();
		const { total } = this.#counter;
		const marked = `codex:${meta.id}:${mark.toString(36)}`;
		const call = this.#found(meta, from, {
			callId: responseId === null ? marked : `codex:${meta.id}:${responseId}`,
			aliases: [
				...(responseId === null ? [] : [responseId, marked]),
				// A copy of it in another thread has the same turn and total.
				...(this.#turnId === null || total === null ? [] : [`codex:${this.#turnId}:${countsKey(total)}`]),
			],
			record: responseId ?? `token_count@${new Date(atMs).toISOString()}`,
			endedAtMs: Math.max(atMs, from.startedAtMs),
			counts,
			end: served,
			answers: first === undefined ? [empty] : answers,
		});
		this.#emit(call);
	}

	/** Answers that no counts will follow any more. Of one request, where the record tells; else each is one. */
	#closeOpen(end: CallEnd): void {
		const open = this.#open;
		this.#open = [];
		const isOne = open[0]?.sampledThrough != null;
		const calls = isOne ? [open] : open.map((answer) => [answer]);
		for (const [index, answers] of calls.entries()) {
			this.#emitUncounted(answers, index === calls.length - 1 ? end : served);
		}
		this.#overAtMs = null;
	}

	#emitUncounted(answers: readonly Stretch[], end: CallEnd): void {
		const [first] = answers;
		const meta = this.#meta;
		if (first === undefined || meta === null) return;
		const overAtMs = end === served ? null : this.#overAtMs;
		const mark = first.firstItemAtMs;
		const call = this.#found(meta, first, {
			callId: `codex:${meta.id}:${mark.toString(36)}`,
			aliases: [],
			record: `response_item@${new Date(mark).toISOString()}`,
			endedAtMs: Math.max(...answers.map(({ endedAtMs }) => endedAtMs), overAtMs ?? 0),
			counts: null,
			end,
			answers,
		});
		this.#emit(call);
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
		return counts !== null && saidNothing && !this.#heardSince && endedAtMs <= this.#nowMs;
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

	#heard(): void {
		this.#heardAtMs = this.#nowMs;
	}

	#skip(reason: SkipReason): void {
		this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
	}
}
