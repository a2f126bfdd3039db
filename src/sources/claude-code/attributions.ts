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
		if (place.agentId !== null) {
			// A subagent that was forked from the conversation repeats it.
			const sessionId = place.sessionId ?? first.sessionId ?? 'unknown';
			const session = await this.#index.of(place.sessionPath ?? sessionBeside(place, sessionId), signal);
			if (session?.answers.has(key)) return 'elsewhere';
			return agentAttribution(sessionId, place.agentId);
		}
		const from = copiedFrom(first, place);
		const sessionId = from ?? place.sessionId ?? 'unknown';
		const originals = from === null ? kin.relatives : [...kin.relatives, sessionBeside(place, from)];
		if (answer.sidechain) {
			if (await this.#hasOwnPlace(answer, [place.path, ...originals], signal)) return 'elsewhere';
			if (await this.#givesWay(answer, 'asides', { originals, older: kin.older, from }, signal)) return 'elsewhere';
			return agentAttribution(sessionId, first.agentId || null);
		}
		if (await this.#givesWay(answer, 'claims', { originals, older: kin.older, from }, signal)) return 'elsewhere';
		return { sessionId, parentSessionId: null, kind: 'chat' };
	}

	/** A subagent's answer has its place in a transcript of its own; one that repeats the conversation's, in that. */
	async #hasOwnPlace({ key, first }: Answer, sessions: readonly string[], signal: AbortSignal): Promise<boolean> {
		const agentId = first.agentId || null;
		const agents = agentId === null ? [] : sessions.map((path) => agentTranscript(path, agentId));
		for (const path of [...sessions.slice(0, 1), ...agents]) {
			if ((await this.#index.of(path, signal))?.answers.has(key)) return true;
		}
		return false;
	}

	/**
	 * What is marked as a copy gives way to any transcript that claims the answer; of the others, those with less of it to
	 * those with more, and the later to the earlier.
	 */
	async #givesWay(
		{ key, total }: Answer,
		set: 'claims' | 'asides',
		{ originals, older, from }: { originals: readonly string[]; older: readonly string[]; from: string | null },
		signal: AbortSignal,
	): Promise<boolean> {
		for (const path of originals) {
			const more = ((await this.#index.of(path, signal))?.[set].get(key) ?? -1) - total;
			if (more > 0 || (more === 0 && (from !== null || older.includes(path)))) return true;
		}
		return false;
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
