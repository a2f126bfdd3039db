import { isSameAnswer, mayBeCopy } from '../opencode-session/copies.ts';
import type { AssistantRow } from '../opencode-session/steps.ts';
import type { AgentQueries } from './queries.ts';

/** Whole-table look-ups that one session may cost before its copies are taken for originals. */
const maxSearches = 4;

/**
 * Finds out whether a message was copied: a fork writes the messages of its parent again under new ids, with their own
 * times and counts in them. An id carries the time at which it was made, so that only a message that is older than its
 * id has to be looked up.
 */
export class Inheritance {
	readonly #queries: AgentQueries;
	readonly #origins = new Set<string>();
	#searches = 0;

	constructor(queries: AgentQueries) {
		this.#queries = queries;
	}

	isInherited(message: AssistantRow): boolean {
		if (!mayBeCopy(message)) return false;
		for (const origin of this.#origins) {
			if (this.#matches(message, origin)) return true;
		}
		if (this.#searches >= maxSearches) return false;
		this.#searches++;
		return this.#matches(message, null);
	}

	#matches(message: AssistantRow, sessionId: string | null): boolean {
		const original = this.#queries.earlierWritten(message, sessionId).find((row) => isSameAnswer(message, row));
		if (original === undefined) return false;
		this.#origins.add(original.sessionId);
		return true;
	}
}
