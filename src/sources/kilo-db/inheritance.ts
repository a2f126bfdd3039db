import type { AssistantRow } from '../opencode-session/steps.ts';
import type { AgentQueries } from './queries.ts';

/** An id's own clock and the message's may differ by what lies between making the one and the other. */
const sameTimeMs = 5_000;
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
		const madeAtMs = idTimeMs(message.id, message.data.time.created);
		if (madeAtMs !== null && Math.abs(madeAtMs - message.data.time.created) <= sameTimeMs) return false;
		for (const origin of this.#origins) {
			if (this.#matches(message, origin)) return true;
		}
		if (this.#searches >= maxSearches) return false;
		this.#searches++;
		return this.#matches(message, null);
	}

	#matches(message: AssistantRow, sessionId: string | null): boolean {
		const { data } = message;
		const original = this.#queries
			.earlierWritten(message, sessionId)
			.find(
				(row) =>
					row.data.role === 'assistant' &&
					row.data.modelID === data.modelID &&
					row.data.providerID === data.providerID &&
					row.data.finish === data.finish &&
					row.data.tokens?.input === data.tokens?.input &&
					row.data.tokens?.output === data.tokens?.output,
			);
		if (original === undefined) return false;
		this.#origins.add(original.sessionId);
		return true;
	}
}

/**
 * When an ascending id was made, epoch milliseconds; `null` for an id of another form.
 * `msg_` + 12 hex digits: 48 bits of (milliseconds × 4096 + counter), so the time wraps every 2^36 ms (2.2 years); the
 * turn nearest to `nearMs` is taken.
 */
export function idTimeMs(id: string, nearMs: number): number | null {
	const hex = /^[a-z]+_([0-9a-f]{12})/.exec(id)?.[1];
	if (hex === undefined) return null;
	const turn = 2 ** 36;
	const low = Math.floor(Number.parseInt(hex, 16) / 4096);
	return low + turn * Math.round((nearMs - low) / turn);
}
