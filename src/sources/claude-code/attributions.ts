import type { Answer } from './answer.ts';
import type { Attribution } from './answer-drafts.ts';
import { agentTranscript, sessionBeside, type TranscriptPlace } from './places.ts';
import { agentNotes, siblingsOf } from './transcript-head.ts';
import { finalKey, type TranscriptIndex } from './transcript-index.ts';
import { copiedFrom } from './transcript-line.ts';

/** Transcripts that begin like the one at hand, and those of them that are older. */
export interface Kin {
	readonly relatives: readonly string[];
	readonly older: readonly string[];
}

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

	/** `elsewhere`: another transcript tells of it. Of all that have it, one always does. */
	async of(answer: Answer, place: TranscriptPlace, kin: Kin, signal: AbortSignal): Promise<Attribution | 'elsewhere'> {
		const { first, key } = answer;
		const isIn = async (set: 'answers' | 'claims', path: string): Promise<boolean> =>
			path !== place.path && (await this.#index.of(path, signal))?.[set].has(key) === true;

		if (place.agentId !== null) {
			// A subagent that was forked from the conversation repeats it.
			const sessionId = place.sessionId ?? first.sessionId ?? 'unknown';
			if (await isIn('answers', place.sessionPath ?? sessionBeside(place, sessionId))) return 'elsewhere';
			return agentAttribution(sessionId, place.agentId);
		}
		const from = copiedFrom(first, place);
		const sessionId = from ?? place.sessionId ?? 'unknown';
		if (answer.sidechain) return this.#ofSidechain(answer, place, sessionId, signal);
		// What is marked as a copy gives way to any transcript that claims it, the others to those that were there first.
		const originals = from === null ? kin.older : [...kin.relatives, sessionBeside(place, from)];
		for (const original of originals) if (await isIn('claims', original)) return 'elsewhere';
		return { sessionId, parentSessionId: null, kind: 'chat' };
	}

	/** Subagents in the session's own transcript, as older versions wrote them, and what is told of their progress. */
	async #ofSidechain(
		{ key, first }: Answer,
		place: TranscriptPlace,
		sessionId: string,
		signal: AbortSignal,
	): Promise<Attribution | 'elsewhere'> {
		const agentId = first.agentId || null;
		const others = [place.path, ...(agentId === null ? [] : [agentTranscript(place.path, agentId)])];
		for (const path of others) if ((await this.#index.of(path, signal))?.answers.has(key)) return 'elsewhere';
		return agentAttribution(sessionId, agentId);
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
