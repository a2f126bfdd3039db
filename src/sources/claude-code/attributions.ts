import type { Answer } from './answer.ts';
import type { Attribution } from './answer-drafts.ts';
import { agentTranscript, sessionBeside, type TranscriptPlace } from './places.ts';
import { agentNotes, siblingsOf } from './transcript-head.ts';
import { finalKey, type TranscriptIndex } from './transcript-index.ts';

/** Agents that only sum up the conversation that they are part of. */
const compactingAgent = /^acompact/;

/**
 * Tells for whom an answer was given. One answer may stand in several transcripts, since resuming and forking copy lines:
 * it is of the session that made it, and told of by that session's transcript as long as that is there.
 */
export class Attributions {
	readonly #index: TranscriptIndex;

	constructor(index: TranscriptIndex) {
		this.#index = index;
	}

	/** `elsewhere`: another transcript tells of it. */
	async of(
		answer: Answer,
		place: TranscriptPlace,
		originals: readonly string[],
		signal: AbortSignal,
	): Promise<Attribution | 'elsewhere'> {
		const { first, key, sidechain } = answer;
		const has = async (path: string | null): Promise<boolean> =>
			path !== null && path !== place.path && (await this.#index.of(path, signal))?.answers.has(key) === true;

		const named = first.forkedFrom?.sessionId || first.sessionId || place.sessionId || 'unknown';
		const agentId = place.agentId ?? first.agentId ?? null;
		if (place.agentId !== null) {
			// A subagent that was forked from the conversation repeats it.
			const sessionPath = place.sessionPath ?? sessionBeside(place, named);
			if (await has(sessionPath)) return 'elsewhere';
			return agentAttribution(place.sessionId ?? named, agentId);
		}
		for (const original of originals) if (await has(original)) return 'elsewhere';
		if (named !== place.sessionId && (await has(sessionBeside(place, named)))) return 'elsewhere';
		if (!sidechain) return { sessionId: named, parentSessionId: null, kind: 'chat' };
		if (agentId !== null && (await has(agentTranscript(place.path, agentId)))) return 'elsewhere';
		const own = await this.#index.of(place.path, signal);
		if (own?.answers.has(key)) return 'elsewhere';
		return agentAttribution(named, agentId);
	}

	/**
	 * The final counts of an answer of which only the first tokens are in its own transcript. A subagent's result is noted
	 * by who started it, with the usage of its last message. `undefined`: not known.
	 */
	async finalOf(answer: Answer, place: TranscriptPlace, signal: AbortSignal): Promise<unknown> {
		const agentId = place.agentId ?? answer.first.agentId ?? null;
		const complete = answer.stopReason !== null || answer.error !== null;
		if (agentId === null || complete || answer.usage === undefined) return undefined;
		const sessionPath = place.sessionPath ?? sessionBeside(place, answer.first.sessionId ?? '');
		const isNested = place.agentId !== null && agentNotes(place.path).spawnDepth > 1;
		for (const path of [sessionPath, ...(isNested ? siblingsOf(place.path) : [])]) {
			const final = (await this.#index.of(path, signal))?.finals.get(finalKey(agentId, answer.usage));
			if (final !== undefined) return final;
		}
		return undefined;
	}
}

function agentAttribution(sessionId: string, agentId: string | null): Attribution {
	if (agentId === null) return { sessionId, parentSessionId: null, kind: 'subagent' };
	if (compactingAgent.test(agentId)) return { sessionId, parentSessionId: null, kind: 'condense' };
	return { sessionId: `${sessionId}:${agentId}`, parentSessionId: sessionId, kind: 'subagent' };
}
