import type { LinesCursor } from '../jsonl/lines-cursor.ts';
import { type LineAt, type LinesReading, readJsonLines } from '../jsonl/read-json-lines.ts';
import { Answer, errorIn, isAnswerLine, keyOf, type Track, type TrackTimes, tellsInterrupt } from './answer.ts';
import type { Conversation } from './conversation.ts';
import { sketchOf, type TranscriptLine, timestampIn, transcriptLine } from './transcript-line.ts';

/** Answers after which a page ends, so that newer work is not kept waiting. */
const maxAnswers = 125;
/** Messages in the prompts of a page. */
const maxMessages = 20_000;
/** Several subagents may answer at once in one transcript, where older versions wrote them. */
const openSidechains = 8;
/** The last answer is read again with what comes after it, unless that is a long way back. Bytes. */
const maxLookBack = 4 << 20;

export interface PageOptions {
	cursor: LinesCursor | null;
	/** Times of the latest lines before the page. */
	times: TrackTimes;
	/** Everything that was said before the page, to which it is added; `null`: prompts are not wanted. */
	conversation: Conversation | null;
	/** A subagent's own transcript: all of it is one track. */
	ofAgent: boolean;
	/** No limits: nothing is read after this page for a while. */
	whole: boolean;
	signal: AbortSignal;
	/** The file is not the one that was read before: gives the conversation to begin with instead. */
	restartedConversation(): Conversation | null;
	/** `false`: nothing of what was done in this folder is wanted. */
	wantsFolder(folder: string | null): boolean;
	/** Called with the first line of each answer; it may give it its prompt. */
	began(answer: Answer): void;
}

/** The answers of one page of a transcript. */
export interface TranscriptPage {
	reading: LinesReading;
	/** In the order of their first lines. */
	answers: Answer[];
	/** Those whose further lines the next reading may find, by key. */
	open: ReadonlySet<string>;
	/** Times of the latest lines before `reading.cursor.offset`. */
	times: TrackTimes;
	/** Lines about requests of which nothing came back. */
	failures: number;
	/** Lines that are damaged, in whole or in part, and answers of which neither name nor time is known. */
	malformed: number;
}

/** Reads the next page. `null`: the file is gone. */
export function readTranscriptPage(path: string, options: PageOptions): TranscriptPage | null {
	const page = new PageReader(options);
	const reading = readJsonLines(path, (value, at) => page.take(value, at), {
		cursor: options.cursor,
		signal: options.signal,
		...(options.whole ? { maxBytes: Number.POSITIVE_INFINITY } : {}),
		wanted: (line) => page.wants(line),
		onRestart: () => page.restart(),
		readAgainFrom: (more) => page.readAgainFrom(more),
	});
	return reading && page.result(reading);
}

class PageReader {
	readonly #options: PageOptions;
	readonly #answers = new Map<string, Answer>();
	readonly #byLine = new Map<string, Answer>();
	#conversation: Conversation | null;
	#seen: number;
	#from: number;
	#times: TrackTimes;
	#messages = 0;
	#failures = 0;
	#nameless = 0;
	#again: Answer | null = null;
	#full = false;

	constructor(options: PageOptions) {
		this.#options = options;
		this.#conversation = options.conversation;
		this.#from = options.cursor?.offset ?? 0;
		this.#seen = options.cursor?.seen ?? 0;
		this.#times = { ...options.times };
	}

	restart(): void {
		this.#from = 0;
		this.#seen = 0;
		this.#times = {};
		this.#conversation = this.#options.restartedConversation();
	}

	/** Without prompts, of most lines only the time is wanted, and that needs no parsing. */
	wants(line: Buffer): boolean {
		if (this.#conversation !== null) return true;
		const { kind, isSidechain, mayInterrupt } = sketchOf(line);
		if (kind === 'answer') return !this.#isForeign(line);
		if (kind === 'other') return false;
		if (mayInterrupt) return true;
		const atMs = timestampIn(line);
		if (atMs === undefined) return true;
		this.#times[this.#trackOf(isSidechain)] = atMs;
		return false;
	}

	take(value: unknown, at: LineAt): 'stop' | undefined {
		const line = transcriptLine(value);
		if (line === null) return undefined;
		const conversation = this.#conversation;
		conversation?.add(line, at.end - at.start);
		if (conversation !== null) conversation.readTo = Math.max(conversation.readTo, at.end);
		const isAnswer = isAnswerLine(line);
		if (isAnswer) this.#takeAnswer(line, at);
		else if (line.type === 'assistant') this.#takeFailure(line, at);
		else if (tellsInterrupt(line)) this.#takeInterrupt(line);
		if (line.atMs !== null && !line.echoed && (line.type === 'user' || line.type === 'assistant')) {
			this.#times[this.#trackOf(line.isSidechain === true)] = line.atMs;
		}
		return this.#full && !this.#options.whole ? 'stop' : undefined;
	}

	readAgainFrom(more: boolean): number | null {
		const open = [...this.#open()].flatMap((key) => this.#answers.get(key) ?? []);
		const [first] = open.sort((one, other) => one.start - other.start);
		const last = [...this.#answers.values()].at(-1);
		if (first === undefined || last === undefined || last.start - first.start > maxLookBack) return null;
		// A page that is all one answer would be read for ever.
		if (more && first.start <= this.#from) return null;
		this.#again = first;
		return first.start;
	}

	result(reading: LinesReading): TranscriptPage {
		return {
			reading,
			answers: [...this.#answers.values()],
			open: this.#again === null ? new Set() : this.#open(),
			times: this.#again?.before ?? this.#times,
			failures: this.#failures,
			malformed: reading.bad + reading.replaced + this.#nameless,
		};
	}

	#takeAnswer(line: TranscriptLine, at: LineAt): void {
		const key = keyOf(line);
		const track = this.#trackOf(line.isSidechain === true);
		if (key === null || (line.atMs === null && this.#times[track] === undefined)) {
			if (at.start >= this.#seen) this.#nameless++;
			return;
		}
		let answer = this.#answers.get(key);
		if (answer === undefined) {
			answer = new Answer(key, line, { start: at.start, track, times: this.#times });
			this.#options.began(answer);
			this.#answers.set(key, answer);
			this.#messages += answer.prompt?.length ?? 0;
			if (this.#answers.size > maxAnswers || this.#messages > maxMessages) this.#full = true;
		}
		answer.add(line);
		if (line.uuid != null) this.#byLine.set(line.uuid, answer);
	}

	/** A request failed. It is no call of its own when something of its answer had come. */
	#takeFailure(line: TranscriptLine, at: LineAt): void {
		const error = errorIn(line);
		if (error === null) return;
		const cut = line.parentUuid == null ? undefined : this.#byLine.get(line.parentUuid);
		if (cut !== undefined) cut.error = error;
		else if (at.start >= this.#seen) this.#failures++;
	}

	/** The line after the part that came. After a tool's result it stopped a request of which nothing had come. */
	#takeInterrupt({ parentUuid }: TranscriptLine): void {
		const cut = parentUuid == null ? undefined : this.#byLine.get(parentUuid);
		if (cut?.stopReason === null) cut.cancelled = true;
	}

	/** The last answer of the conversation, and of subagents beside it. */
	#open(): Set<string> {
		const answers = [...this.#answers.values()];
		const main = answers.filter(({ track }) => track === 'main').slice(-1);
		const side = answers.filter(({ track }) => track === 'side').slice(-openSidechains);
		return new Set([...main, ...side].map(({ key }) => key));
	}

	#trackOf(isSidechain: boolean): Track {
		return isSidechain && !this.#options.ofAgent ? 'side' : 'main';
	}

	/** Whether every folder that the line names is one of which nothing is wanted. */
	#isForeign(line: Buffer): boolean {
		let any = false;
		for (let at = line.indexOf(folderMark); at >= 0; at = line.indexOf(folderMark, at + 1)) {
			const from = at + folderMark.length;
			const to = line.indexOf(quote, from);
			const folder = line.toString('latin1', from, to < 0 ? line.length : to);
			if (folder.includes('\\') || /[^ -~]/.test(folder) || this.#options.wantsFolder(folder)) return false;
			any = true;
		}
		return any;
	}
}

const folderMark = Buffer.from('"cwd":"');
const quote = 0x22;
