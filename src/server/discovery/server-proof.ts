import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a client may ask a server to prove itself with. */
export const challengePattern = /^[\w-]{16,128}$/;

/** A new one, which no server has heard before. */
export function newChallenge(): string {
	return randomBytes(24).toString('base64url');
}

/**
 * What shows that a server has the token, without telling it: HMAC-SHA256 with the token as its key over
 * `callmeter <port> <challenge>`, in base64url. The port is in it, so that a program at another port cannot have a real
 * server answer in its place; the challenge, so that no answer is of use again.
 */
export function serverProof(token: string, port: number, challenge: string): string {
	return createHmac('sha256', token).update(`callmeter ${port} ${challenge}`).digest('base64url');
}

/** Whether what a server answered is the proof that was asked for. */
export function isProof(said: unknown, ...asked: Parameters<typeof serverProof>): boolean {
	const [given, expected] = [Buffer.from(typeof said === 'string' ? said : ''), Buffer.from(serverProof(...asked))];
	return given.length === expected.length && timingSafeEqual(given, expected);
}
