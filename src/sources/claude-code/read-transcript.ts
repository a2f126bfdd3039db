import type { DraftInput, Origin } from '../../core/draft.ts';
import { outsideReading, outsideStamp } from '../jsonl/walk-files.ts';
import type { ReadOptions, RecordUnit, SkipReason, UnitReading } from '../source.ts';
import { Accounts } from './account.ts';
import type { Answer } from './answer.ts';
import { draftsOfAnswer } from './answer-drafts.ts';
import { Attributions } from './attributions.ts';
import type { Conversation } from './conversation.ts';
import { Conversations } from './conversations.ts';
import { placeOf, type TranscriptPlace } from './places.ts';
import { parseTranscriptCursor, type TranscriptCursor } from './transcript-cursor.ts';
import { agentNotes, TranscriptHeads } from './transcript-head.ts';
import { TranscriptIndex } from './transcript-index.ts';
import { readTranscriptPage, type TranscriptPage } from './transcript-page.ts';

/** A transcript that was not written for as long is not expected to go on. Milliseconds. */
const liveMs = 30 * 60_000;

/** When to look again for the final counts of a subagent's last answer, by how long ago it was written. Milliseconds. */
const lookAgain: readonly { youngerThanMs: number; everyMs: number }[] = [
	{ youngerThanMs: 10_000, everyMs: 1_000 },
	{ youngerThanMs: 2 * 60_000, everyMs: 5_000 },
	{ youngerThanMs: 60 * 60_000, everyMs: 60_000 },
];

/**
 * Reads transcripts a page at a time. What it keeps between pages only saves time: each reading follows from the files
 * and the cursor.
 */
export class TranscriptReader {
	readonly #heads = new TranscriptHeads();
	readonly #index = new TranscriptIndex();
	readonly #accounts = new Accounts();
	readonly #conversations = new Conversations();
	readonly #attributions = new Attributions(this.#index);
	readonly #now: () => number;

	constructor(now: () => number) {
		this.#now = now;
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		if (unit.stamp === outsideStamp) return outsideReading();
		if (unit.changedAtMs < options.metadataSinceMs) {
			return { drafts: [], skipped: { tooOld: 1 }, cursor: null, stamp: unit.stamp };
		}
		const place = placeOf(unit.key);
		const before = parseTranscriptCursor(options.cursor) ?? this.#firstCursor(place);
		const wantsContent = unit.changedAtMs >= options.contentSinceMs;
		const state = { ...before, content: wantsContent && (before.content ?? this.#isOurs(place, options)) };
		const reading = new Reading(place, state, options, wantsContent);
		const offset = state.lines?.offset ?? 0;
		if (state.content) {
			reading.conversation = await this.#conversations.upTo(place.path, offset, options.signal);
		}
		const page = reading.read(() => this.#conversations.begin(place.path));
		if (page === null) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
		// Something in it belongs here after all: the page is read again, with its prompts.
		if (reading.missesContent) return againWithContent(state, page);
		const result = await this.#finish(reading, page);
		const isOver = !result.more && this.#now() - unit.changedAtMs > liveMs;
		if (isOver) this.#conversations.forget(place.path);
		this.#conversations.trim();
		return result;
	}

	#firstCursor(place: TranscriptPlace): TranscriptCursor {
		return {
			version: 1,
			lines: null,
			times: {},
			told: {},
			countedTo: 0,
			foreign: [],
			...(place.agentId === null ? this.#heads.relativesOf(place.path) : { relatives: [], older: [] }),
			content: null,
		};
	}

	#isOurs({ path }: TranscriptPlace, { accepts }: ReadOptions): boolean {
		return accepts(this.#heads.of(path)?.cwd ?? null) === 'yes';
	}

	async #finish(reading: Reading, page: TranscriptPage): Promise<UnitReading> {
		const { place, options, state } = reading;
		const { reading: lines, open } = page;
		const drafts: DraftInput[] = [];
		const told: Record<string, string> = {};
		let recheckAtMs: number | null = null;
		let about: { title: string | null; billing: Origin['billing'] } | null = null;
		for (const answer of page.answers) {
			// The rest of it is on the next page.
			if (lines.more && open.has(answer.key)) continue;
			if (!reading.accepts(answer)) continue;
			const attribution = await this.#attributions.of(answer, place, state, options.signal);
			if (attribution === 'elsewhere') {
				if (!answer.echoed) reading.skip('inherited', answer);
				continue;
			}
			const final = await this.#attributions.finalOf(answer, place, options.signal);
			if (final === undefined && answer.mayLackOutput && open.has(answer.key)) {
				recheckAtMs = this.#lookAgainAt(place, answer);
			}
			const withContent = answer.startedAtMs >= options.contentSinceMs;
			const signature = `${answer.signature} ${final === undefined ? '' : 'final'}`;
			if (answer.start >= lines.cursor.offset) told[answer.key] = signature;
			if (state.told[answer.key] === signature) continue;
			about ??= this.#about(place);
			drafts.push(...draftsOfAnswer(answer, { ...attribution, ...about, path: place.path, withContent, final }));
		}
		const cursor: TranscriptCursor = {
			...reading.state,
			lines: lines.cursor,
			times: page.times,
			told,
			countedTo: lines.more ? lines.cursor.offset : lines.cursor.seen,
			foreign: [...reading.foreign],
		};
		return {
			drafts,
			skipped: reading.skippedOf(page),
			cursor: JSON.stringify(cursor),
			stamp: lines.stamp,
			...(lines.restarted ? { restarted: true } : {}),
			...(lines.more ? { more: true } : {}),
			...(recheckAtMs === null || lines.more ? {} : { recheckAtMs }),
		};
	}

	#about({ path, agentId }: TranscriptPlace): { title: string | null; billing: Origin['billing'] } {
		const asked = agentId === null ? null : agentNotes(path).description;
		return { title: asked ?? this.#heads.of(path)?.title ?? null, billing: this.#accounts.billingOf(path) };
	}

	/** The parent's record tells how a subagent ended, a moment after it did. */
	#lookAgainAt({ agentId }: TranscriptPlace, { endedAtMs }: Answer): number | null {
		if (agentId === null) return null;
		const nowMs = this.#now();
		const step = lookAgain.find(({ youngerThanMs }) => nowMs - endedAtMs < youngerThanMs);
		return step === undefined ? null : nowMs + step.everyMs;
	}
}

/** One page of one transcript, and what is to be left out of it. */
class Reading {
	readonly place: TranscriptPlace;
	readonly options: ReadOptions;
	readonly foreign: Set<'otherWorkspace' | 'noFolder'>;
	state: TranscriptCursor;
	conversation: Conversation | null = null;
	missesContent = false;
	readonly #wantsContent: boolean;
	readonly #skipped: Partial<Record<SkipReason, number>> = {};

	constructor(place: TranscriptPlace, state: TranscriptCursor, options: ReadOptions, wantsContent: boolean) {
		this.place = place;
		this.state = state;
		this.options = options;
		this.#wantsContent = wantsContent;
		this.foreign = new Set(state.foreign);
	}

	read(beginConversation: () => Conversation): TranscriptPage | null {
		const { state, options, place } = this;
		return readTranscriptPage(place.path, {
			cursor: state.lines,
			times: state.times,
			conversation: this.conversation,
			ofAgent: place.agentId !== null,
			// While the backfill is stopped only changes are read, and none would come after this page.
			whole: options.held === true,
			signal: options.signal,
			restartedConversation: () => {
				this.foreign.clear();
				this.state = { ...state, lines: null, times: {}, told: {}, countedTo: 0, foreign: [] };
				if (this.conversation !== null) this.conversation = beginConversation();
				return this.conversation;
			},
			wantsFolder: (folder) => this.#isHere(folder),
			began: (answer) => this.#began(answer),
		});
	}

	accepts(answer: Answer): boolean {
		if (!this.#isHere(answer.first.cwd || null)) return false;
		if (answer.startedAtMs >= this.options.metadataSinceMs) return true;
		this.skip('tooOld', answer);
		return false;
	}

	skip(reason: SkipReason, { start }: Pick<Answer, 'start'>): void {
		if (start >= this.state.countedTo) this.#count(reason, 1);
	}

	skippedOf({ malformed, failures }: TranscriptPage): UnitReading['skipped'] {
		this.#count('malformed', malformed);
		this.#count('noUsage', failures);
		for (const reason of this.foreign) if (!this.state.foreign.includes(reason)) this.#count(reason, 1);
		return this.#skipped;
	}

	#began(answer: Answer): void {
		const wanted = this.#wantsContent && answer.startedAtMs >= this.options.contentSinceMs;
		if (!wanted || !this.#isHere(answer.first.cwd || null)) return;
		if (this.conversation === null) this.missesContent = true;
		else answer.prompt = this.conversation.promptOf(answer.key);
	}

	/** A transcript with something of another workspace in it is counted once. */
	#isHere(folder: string | null): boolean {
		const reason = this.options.accepts(folder);
		if (reason !== 'yes') this.foreign.add(reason);
		return reason === 'yes';
	}

	#count(reason: SkipReason, count: number): void {
		if (count > 0) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
	}
}

function againWithContent(state: TranscriptCursor, { reading }: TranscriptPage): UnitReading {
	const cursor: TranscriptCursor = { ...state, content: true };
	return { drafts: [], skipped: {}, cursor: JSON.stringify(cursor), stamp: reading.stamp, more: true };
}
