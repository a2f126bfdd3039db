import { canonicalJson } from './canonical-json.ts';
import type { Envelope } from './events.ts';
import type { Sha256 } from './sha256.ts';

export type { Sha256 } from './sha256.ts';

/**
 * Hash of an event: SHA-256 over the RFC 8785 text of every field of the envelope but `hash` itself. `prevHash` is
 * among them, and so each event vouches for all that came before it in its session.
 *
 * @throws {CanonicalJsonError} when payload or metadata hold what JSON cannot say.
 */
export function envelopeHash(envelope: Omit<Envelope, 'hash'>, sha256: Sha256): string {
	const { id, timestamp, sessionId, agentId, eventType, severity, payload, metadata, prevHash } = envelope;
	return sha256(canonicalJson({ id, timestamp, sessionId, agentId, eventType, severity, payload, metadata, prevHash }));
}

/**
 * Digest of one piece of content. The salt is secret and random (at least 16 bytes, as hex or base64), one for each
 * session: once it is deleted with the content, a short text cannot be found again by hashing guesses.
 */
export function contentDigest(salt: string, text: string, sha256: Sha256): string {
	return sha256(`${salt}\n${text.toWellFormed()}`);
}

/** Where a session's rolling prompt digest begins: an empty prompt. Takes the salt into every digest that rolls on from it. */
export function promptStart(salt: string, sha256: Sha256): string {
	return contentDigest(salt, '', sha256);
}

/**
 * The rolling digest of a prompt after one more message. A prompt that extends an earlier one costs one step for each
 * new message. Begin with `promptStart(salt)`, so that the salt is in it; `messageHash` is the SHA-256 of the message's
 * canonical JSON, as the store keys it.
 */
export function rollPrompt(previousDigest: string, messageHash: string, sha256: Sha256): string {
	return sha256(`${previousDigest}\n${messageHash}`);
}

/** An event as the check reads it. `seq`, where known, counts from 1 without gaps within a session. */
export type ChainLink = Omit<Envelope, 'payload'> & { payload: unknown; seq?: number };

/** `hash`: the event does not match its own hash. `prevHash`: it does not follow the one before. `missing`: events between are gone. */
export type ChainProblem = 'hash' | 'prevHash' | 'missing';

export interface ChainReport {
	ok: boolean;
	/** Events checked, the broken one included. */
	events: number;
	firstBroken: { index: number; id: string; problem: ChainProblem } | null;
	/** Hash of the last good event; `null` for an empty chain. Kept elsewhere, it shows a tail that was cut off, which the chain alone cannot. */
	head: string | null;
}

/** Checks the events of one session, oldest first, and names the first broken link. Reads them one at a time. */
export function verifyChain(events: Iterable<ChainLink>, sha256: Sha256): ChainReport {
	let head: string | null = null;
	let seq: number | null = null;
	let index = 0;
	for (const event of events) {
		const problem = linkProblem(event, head, seq, sha256);
		if (problem) {
			return { ok: false, events: index + 1, firstBroken: { index, id: event.id, problem }, head };
		}
		head = event.hash;
		seq = event.seq ?? null;
		index++;
	}
	return { ok: true, events: index, firstBroken: null, head };
}

function linkProblem(event: ChainLink, head: string | null, seq: number | null, sha256: Sha256): ChainProblem | null {
	const atStart = head === null;
	if (event.seq !== undefined && event.seq > (atStart ? 0 : (seq ?? event.seq - 1)) + 1) return 'missing';
	if (atStart && event.prevHash !== null) return event.seq === 1 ? 'prevHash' : 'missing';
	if (event.prevHash !== head) return 'prevHash';
	return hashMatches(event, sha256) ? null : 'hash';
}

function hashMatches(event: ChainLink, sha256: Sha256): boolean {
	try {
		return envelopeHash(event as Envelope, sha256) === event.hash;
	} catch {
		return false;
	}
}
