/**
 * Requests that a later line may extend: the last of each session, for as many sessions. Writer and reader of a file
 * keep the same ones, so that the reader always has what the writer refers to.
 */
const maxSessions = 16;

/** The last request of the sessions that were told of most recently. */
export class RecentRequests<Request> {
	readonly #bySession = new Map<string, Request>();

	get(sessionId: string): Request | null {
		return this.#bySession.get(sessionId) ?? null;
	}

	set(sessionId: string, request: Request): void {
		this.#bySession.delete(sessionId);
		this.#bySession.set(sessionId, request);
		if (this.#bySession.size <= maxSessions) return;
		const [oldest] = this.#bySession.keys();
		if (oldest !== undefined) this.#bySession.delete(oldest);
	}
}
