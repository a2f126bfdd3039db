import { type Found, type SecretKind, secretShapes } from './secret-shapes.ts';

/** A mask in the text: where it stands now. The secret itself is gone. */
export interface Finding {
	kind: SecretKind;
	offset: number;
	length: number;
}

export interface Masked {
	text: string;
	findings: Finding[];
}

const NOTHING: Finding[] = [];

/**
 * Masks secrets of well-known shapes: keys and tokens of providers and forges, JSON Web Tokens, PEM private keys,
 * authorization headers, passwords in URLs, and random-looking values under names like `API_KEY`. Each becomes
 * `[masked <kind>]`, which needs no escaping in JSON. A text without any is returned as it is.
 *
 * Takes time in proportion to the text, whatever is in it. Masking again changes nothing.
 */
export function maskSecrets(text: string): Masked {
	const found = text.length < 8 ? [] : findSecrets(text);
	return found.length === 0 ? { text, findings: NOTHING } : replace(text, found);
}

function findSecrets(text: string): Found[] {
	const found: Found[] = [];
	const failedTo = new Array<number>(secretShapes.length).fill(0);
	let at = nextBeginning(text, 0);
	while (at >= 0) {
		const secret = secretAt(text, at, failedTo);
		if (secret) found.push(secret);
		at = nextBeginning(text, secret ? secret.end : at + 1);
	}
	return found;
}

function secretAt(text: string, at: number, failedTo: number[]): Found | null {
	for (const { beginning, shape } of byTrigram.get(text.slice(at, at + 3)) ?? []) {
		if (at < (failedTo[shape] ?? 0) || !text.startsWith(beginning, at)) continue;
		const attempt = secretShapes[shape]?.tryAt(text, at, at + beginning.length);
		if (!attempt) continue;
		if ('kind' in attempt) return attempt;
		failedTo[shape] = attempt.failedTo;
	}
	return null;
}

/** The beginnings by their first three characters, in the order in which they are tried. */
const byTrigram = new Map<string, { beginning: string; shape: number }[]>();
/** One bit for each three ASCII characters, set for those of `byTrigram`: almost all text is passed by with a look at it. */
const trigramBits = new Uint32Array(2 ** 21 / 32);
for (const [shape, { beginnings }] of secretShapes.entries()) {
	for (const beginning of beginnings) {
		const trigram = beginning.slice(0, 3);
		byTrigram.set(trigram, [...(byTrigram.get(trigram) ?? []), { beginning, shape }]);
		const [a = 0, b = 0, c = 0] = [...trigram].map((char) => char.charCodeAt(0));
		const key = (a << 14) | (b << 7) | c;
		trigramBits[key >>> 5] = (trigramBits[key >>> 5] ?? 0) | (1 << (key & 31));
	}
}

/** Where the next three characters stand that begin a secret, from `from` on; -1 when there are none. */
function nextBeginning(text: string, from: number): number {
	let key = 0;
	let ascii = 0;
	for (let i = from; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code >= 128) {
			ascii = 0;
			continue;
		}
		key = ((key << 7) | code) & 0x1fffff;
		ascii++;
		if (ascii >= 3 && ((trigramBits[key >>> 5] ?? 0) >>> (key & 31)) & 1) return i - 2;
	}
	return -1;
}

function replace(text: string, found: readonly Found[]): Masked {
	const findings: Finding[] = [];
	let masked = '';
	let done = 0;
	for (const { kind, start, end } of found) {
		const mask = `[masked ${kind}]`;
		masked += text.slice(done, start);
		findings.push({ kind, offset: masked.length, length: mask.length });
		masked += mask;
		done = end;
	}
	return { text: masked + text.slice(done), findings };
}
