import { hash, timingSafeEqual } from 'node:crypto';
import { serverProof } from '../discovery/server-proof.ts';

/** Tells the one token from all else, in a time that says nothing of how near a guess was. */
export class BearerToken {
	readonly #token: string;
	readonly #digest: Buffer;

	constructor(token: string) {
		this.#token = token;
		this.#digest = digestOf(token);
	}

	/** Of a header `Authorization: Bearer <token>` (RFC 6750, 2.1). */
	isIn(authorization: string | undefined): boolean {
		const given = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
		// Digests are as long as each other, whatever was given.
		return timingSafeEqual(digestOf(given ?? ''), this.#digest) && given !== undefined;
	}

	/** Shows to whoever has the token that this server, at this port, has it too. */
	prove(port: number, challenge: string): string {
		return serverProof(this.#token, port, challenge);
	}
}

function digestOf(text: string): Buffer {
	return hash('sha256', text, 'buffer');
}
