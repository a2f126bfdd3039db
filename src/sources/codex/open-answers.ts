import { Stretch } from './stretch.ts';

/**
 * What the model has said since its last call was counted, and when: an answer may come in several stretches, with a
 * tool's result written in between. Also the times by which the next one is dated.
 */
export class OpenAnswers {
	#open: Stretch[] = [];
	/** A message or a result was written after the last of them. */
	#heardSince = false;
	/** Counts without news came after the last of them: its stream was over. */
	#overAtMs: number | null = null;
	/** The last word from outside, after which the next request leaves. */
	#heardAtMs: number | null = null;
	#firstTokenAtMs: number | null = null;

	get isEmpty(): boolean {
		return this.#open.length === 0;
	}

	/** When the last of them began, epoch milliseconds; `null` for none. */
	get sinceMs(): number | null {
		return this.#open.at(-1)?.startedAtMs ?? null;
	}

	get wasHeardSince(): boolean {
		return this.#heardSince;
	}

	/** Something other than the model spoke. */
	heard(atMs: number): void {
		this.#heardAtMs = atMs;
	}

	/** A message or a result of a tool was written. */
	heardItem(atMs: number): void {
		this.#heardAtMs = atMs;
		this.#heardSince = true;
	}

	sawFirstToken(atMs: number | null): void {
		this.#firstTokenAtMs ??= atMs;
	}

	/** The stream is over, without counts. */
	end(atMs: number): void {
		if (!this.isEmpty) this.#overAtMs = atMs;
	}

	/** Whether what comes next is of another request than what is open. */
	isAnotherRequest(sampledThrough: number | null): boolean {
		const current = this.#open.at(-1);
		return current !== undefined && sampledThrough !== null && current.sampledThrough !== sampledThrough;
	}

	/** The stretch at hand; `null` when the next item begins one. */
	current(): Stretch | null {
		if (this.#heardSince) return null;
		const current = this.#open.at(-1) ?? null;
		// What the record dates is the next item of the same answer.
		if (current !== null) this.#firstTokenAtMs = null;
		return current;
	}

	/** Begins a stretch. `retriedAtMs`: the stream before it was cut then. */
	begin(at: {
		atMs: number;
		promptLength: number;
		sampledThrough: number | null;
		retriedAtMs: number | null;
	}): Stretch {
		const stretch = new Stretch({
			startedAtMs: Math.max(this.#heardAtMs ?? at.atMs, at.retriedAtMs ?? 0),
			firstItemAtMs: at.atMs,
			firstTokenAtMs: this.#firstTokenAtMs,
			promptLength: at.promptLength,
			sampledThrough: at.sampledThrough,
		});
		this.#firstTokenAtMs = null;
		this.#heardSince = false;
		this.#overAtMs = null;
		this.#open.push(stretch);
		return stretch;
	}

	/** A stretch of which nothing is known but when it ended. */
	unseen(atMs: number, promptLength: number): Stretch {
		return new Stretch({
			startedAtMs: this.#heardAtMs ?? atMs,
			firstItemAtMs: atMs,
			firstTokenAtMs: null,
			promptLength,
			sampledThrough: null,
		});
	}

	/** Closes all of them. `overAtMs`: when the stream of the last one was over, if that is known. */
	takeAll(): { answers: Stretch[]; overAtMs: number | null } {
		const taken = { answers: this.#open, overAtMs: this.#overAtMs };
		this.#open = [];
		this.#overAtMs = null;
		return taken;
	}
}
