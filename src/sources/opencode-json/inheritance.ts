import { basename, dirname } from 'node:path';
import { idTimeMs, isSameAnswer, mayBeCopy, sameTimeMs } from '../opencode-session/copies.ts';
import type { AssistantRow } from '../opencode-session/steps.ts';
import { readMessage } from './read-session.ts';
import type { Storage } from './storage.ts';

/** Sessions whose messages are looked through, at most, for what one session may have copied. */
const maxSessions = 200;

/**
 * Finds out whether a message was copied from another session of the project, where its calls are counted. Only a
 * message that is older than its id is looked up, by the times in the names of other sessions' messages.
 */
export class Inheritance {
	readonly #storage: Storage;
	readonly #sessionId: string;
	readonly #others: string[];
	/** The session that the last copies were found in: the rest are likely to be from there too. */
	#origin: string | null = null;

	constructor(storage: Storage, sessionFile: string) {
		this.#storage = storage;
		this.#sessionId = basename(sessionFile, '.json');
		// Ids of sessions descend with time: those after this one in order were made before it.
		const ids = storage.sessionIds(basename(dirname(sessionFile)));
		this.#others = ids.filter((id) => id > this.#sessionId).slice(0, maxSessions);
	}

	isInherited(message: AssistantRow): boolean {
		if (!mayBeCopy(message)) return false;
		if (this.#origin !== null && this.#isIn(message, this.#origin)) return true;
		for (const session of this.#others) {
			if (session === this.#origin || !this.#isIn(message, session)) continue;
			this.#origin = session;
			return true;
		}
		return false;
	}

	#isIn(message: AssistantRow, sessionId: string): boolean {
		const { created } = message.data.time;
		return this.#storage.messageIds(sessionId).some((id) => {
			const madeAtMs = idTimeMs(id, created);
			if (madeAtMs === null || Math.abs(madeAtMs - created) > sameTimeMs) return false;
			const other = readMessage(this.#storage, sessionId, id);
			return other !== null && other !== 'malformed' && isSameAnswer(message, other);
		});
	}
}
