import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageStore } from './message-store.ts';

/** What came back, as numbers of `message`. The completion is stored as the assistant message it becomes in the next prompt. */
export interface StoredAnswer {
	message: number | null;
	reasoning: number | null;
	error: number | null;
}

/** The content of responses. */
export class AnswerStore {
	readonly #messages: MessageStore;
	readonly #insert: StatementSync;
	readonly #read: StatementSync;
	readonly #remove: StatementSync;

	constructor(db: DatabaseSync, messages: MessageStore) {
		this.#messages = messages;
		this.#insert = db.prepare(
			'INSERT OR REPLACE INTO answer (call_n, message_n, reasoning_n, error_n) VALUES (?, ?, ?, ?)',
		);
		this.#read = db.prepare('SELECT message_n, reasoning_n, error_n FROM answer WHERE call_n = ?');
		this.#remove = db.prepare('DELETE FROM answer WHERE call_n = ?');
	}

	/** Stores the content of a call in place of what it had. */
	replace(call: number, next: StoredAnswer): void {
		const old = this.get(call);
		if (!old && next.message === null && next.reasoning === null && next.error === null) return;
		this.#insert.run(call, next.message, next.reasoning, next.error);
		if (next.message !== null) this.#messages.use(next.message, call, 'completion');
		if (next.reasoning !== null) this.#messages.use(next.reasoning, call, 'reasoning');
		if (next.error !== null) this.#messages.use(next.error, call, 'error');
		if (!old) return;
		if (old.message !== null && old.message !== next.message) this.#messages.release(old.message, call, 'completion');
		if (old.reasoning !== null && old.reasoning !== next.reasoning) {
			this.#messages.release(old.reasoning, call, 'reasoning');
		}
		if (old.error !== null && old.error !== next.error) this.#messages.release(old.error, call, 'error');
	}

	get(call: number): StoredAnswer | null {
		const row = this.#read.get(call) as Record<string, number | null> | undefined;
		if (!row) return null;
		return { message: row.message_n ?? null, reasoning: row.reasoning_n ?? null, error: row.error_n ?? null };
	}

	/** Deletes the content. Returns the number of texts that went with it. */
	remove(call: number): number {
		if (this.#remove.run(call).changes === 0) return 0;
		let removed = 0;
		for (const place of ['completion', 'reasoning', 'error'] as const)
			removed += this.#messages.releaseAll(call, place);
		return removed;
	}
}
