import type { ResponseDraftInput } from '../../core/draft.ts';
import type { CliCall } from './cli-call.ts';

/** Calls of which more may be told. */
const maxKnown = 16;

/** Finds the call that a line tells more of, by the ids that lines have in common. */
export class KnownCalls {
	/** By the id that the provider gave, or that of the answer. */
	readonly #byAnswer = new Map<string, CliCall>();
	/** Calls of compactions by the ids of their requests. */
	readonly #compactions = new Map<string, CliCall>();
	/** Ids of requests whose usage was recorded. */
	readonly #recorded = new Set<string>();
	/** Answers of calls that are another session's. */
	readonly #left = new Set<string>();
	/** Calls whose usage did not name the answer that it is of. */
	readonly #unnamed = new WeakSet<CliCall>();
	/** The compaction that was told of last, of which a second line may follow. */
	#latestCompaction: CliCall | null = null;

	get size(): number {
		return this.#byAnswer.size + this.#compactions.size;
	}

	byAnswer(id: string): CliCall | undefined {
		return this.#byAnswer.get(id);
	}

	compactionOf(requestIds: readonly string[]): CliCall | undefined {
		return requestIds.map((id) => this.#compactions.get(id)).find((call) => call !== undefined);
	}

	/** Whether an answer may be that of a turn's own call, whose usage was recorded: one of the two lines names no answer. */
	isOfTurn(turn: CliCall | undefined, apiCallId: string | undefined): turn is CliCall {
		return turn?.isRecorded === true && (apiCallId === undefined || this.#unnamed.has(turn));
	}

	/** The last compaction, where a line without an id in common with it has the same counts. */
	compactionLike(usage: ResponseDraftInput['usage']): CliCall | undefined {
		const told = this.#latestCompaction?.end?.counts.usage;
		const isSame = told != null && usage?.inputTotal === told.inputTotal && usage?.output === told.output;
		return isSame ? (this.#latestCompaction ?? undefined) : undefined;
	}

	/** The next one begins: what is told from now on is not of the last one. */
	beginCompaction(): void {
		this.#latestCompaction = null;
	}

	isRecorded(requestIds: readonly string[]): boolean {
		return requestIds.some((id) => this.#recorded.has(id));
	}

	isLeft(id: string): boolean {
		return this.#left.has(id);
	}

	leave(id: string): void {
		this.#left.add(id);
	}

	add(id: string, call: CliCall): void {
		this.#byAnswer.set(id, call);
		forgetOldest(this.#byAnswer, maxKnown);
	}

	addUnnamed(call: CliCall): void {
		this.#unnamed.add(call);
	}

	addCompaction(requestIds: readonly string[], call: CliCall): void {
		this.#latestCompaction = call;
		for (const id of requestIds) this.#compactions.set(id, call);
		forgetOldest(this.#compactions, maxKnown);
	}

	addRecorded(requestIds: readonly string[]): void {
		for (const id of requestIds) this.#recorded.add(id);
	}
}

function forgetOldest(calls: Map<string, CliCall>, kept: number): void {
	for (const id of calls.keys()) {
		if (calls.size <= kept) return;
		calls.delete(id);
	}
}
