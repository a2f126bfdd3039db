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

	get size(): number {
		return this.#byAnswer.size + this.#compactions.size;
	}

	byAnswer(id: string): CliCall | undefined {
		return this.#byAnswer.get(id);
	}

	compactionOf(requestIds: readonly string[]): CliCall | undefined {
		return requestIds.map((id) => this.#compactions.get(id)).find((call) => call !== undefined);
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

	addCompaction(requestIds: readonly string[], call: CliCall): void {
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
