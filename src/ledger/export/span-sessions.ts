import type { SpanSession } from '../../core/export/otlp-span.ts';
import type { Reader } from '../queries/reader.ts';

/** The tasks of exported calls, each looked up once. */
export class SpanSessions {
	readonly #reader: Reader;
	readonly #known = new Map<string, SpanSession>();

	constructor(reader: Reader) {
		this.#reader = reader;
	}

	/** `isFirst`: it was not asked for before. */
	of(sessionId: string): { session: SpanSession; isFirst: boolean } {
		const known = this.#known.get(sessionId);
		if (known) return { session: known, isFirst: false };
		const row = this.#row(sessionId);
		const startedAtMs = Number(row?.started_ms ?? 0);
		const session: SpanSession = {
			sessionId,
			parentSessionId: textOf(row?.parent_session_id),
			rootSessionId: this.#rootOf(sessionId),
			agentId: textOf(row?.agent_id) ?? '',
			startedAtMs,
			lastAtMs: Number(row?.last_ms ?? startedAtMs),
		};
		this.#known.set(sessionId, session);
		return { session, isFirst: true };
	}

	titleOf({ sessionId }: SpanSession): string | null {
		return textOf(this.#reader.sql('SELECT title FROM session WHERE session_id = ?').get(sessionId)?.title);
	}

	/** The topmost task; of those that are each other's parent the one whose id comes first. */
	#rootOf(sessionId: string): string {
		const way = [sessionId];
		for (;;) {
			const parent = textOf(this.#row(way.at(-1) ?? '')?.parent_session_id);
			if (parent === null) return way.at(-1) ?? sessionId;
			const ring = way.indexOf(parent);
			if (ring >= 0) return way.slice(ring).sort()[0] ?? sessionId;
			way.push(parent);
		}
	}

	#row(sessionId: string): Record<string, unknown> | undefined {
		return this.#reader
			.sql('SELECT agent_id, parent_session_id, started_ms, last_ms FROM session WHERE session_id = ?')
			.get(sessionId);
	}
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}
