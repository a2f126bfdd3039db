import { type CharSet, charSet, runEnd, runEndBefore } from './char-run.ts';

/** What was masked. */
export type SecretKind =
	| 'anthropic'
	| 'openai'
	| 'stripe'
	| 'github'
	| 'gitlab'
	| 'slack'
	| 'aws'
	| 'google'
	| 'npm'
	| 'pypi'
	| 'huggingface'
	| 'xai'
	| 'groq'
	| 'perplexity'
	| 'replicate'
	| 'cerebras'
	| 'sendgrid'
	| 'digitalocean'
	| 'jwt'
	| 'private-key'
	| 'authorization'
	| 'url-password'
	| 'assignment';

/** A secret in a text: `[start, end)`. */
export interface Found {
	kind: SecretKind;
	start: number;
	end: number;
}

/**
 * `failedTo`: up to there no secret of this shape begins, so that it need not be tried again. This is what keeps
 * hostile text, full of beginnings, as cheap as plain text: a run of characters is read once for a shape.
 */
export type Attempt = Found | { failedTo: number };

/** A shape of secret. */
export interface SecretShape {
	/** What such a secret, or the name of one, begins with: three characters or more each. */
	beginnings: readonly string[];
	/** Asked where such a beginning was seen, in `[at, after)`. */
	tryAt(text: string, at: number, after: number): Attempt;
}

const WORD = charSet('A-Za-z0-9_');
const ALNUM = charSet('A-Za-z0-9');
const DASHED = charSet('A-Za-z0-9_-');
const SLASHED = charSet('A-Za-z0-9/');
const HEX = charSet('0-9abcdef');
const CAPITALS = charSet('A-Z0-9');

interface TokenRule {
	/** Characters after the beginning. */
	chars: CharSet;
	min: number;
	max?: number;
	/** Further doubts, for beginnings that are words too. */
	mixed?: boolean;
}

/** Tokens that are known by how they begin (beginnings, with a space between): a run of characters of a certain length follows. */
function token(
	kind: SecretKind,
	beginnings: string,
	{ chars, min, max = Number.POSITIVE_INFINITY, mixed = false }: TokenRule,
): SecretShape {
	return {
		beginnings: beginnings.split(' '),
		tryAt(text, at, after) {
			if (WORD[text.charCodeAt(at - 1)] === 1) return { failedTo: after };
			const end = runEnd(text, after, chars);
			const length = end - after;
			const real = length >= min && length <= max && (!mixed || isMixed(text, at, end));
			return real ? { kind, start: at, end } : { failedTo: end };
		},
	};
}

/** The specific shapes: what begins so is hardly anything else. Where two begin alike, the narrower comes first. */
const specific: readonly SecretShape[] = [
	token('anthropic', 'sk-ant-', { chars: DASHED, min: 20 }),
	token('stripe', 'sk_live_ sk_test_ rk_live_ rk_test_ whsec_', { chars: ALNUM, min: 16 }),
	token('openai', 'sk-', { chars: DASHED, min: 20, mixed: true }),
	token('github', 'ghp_ gho_ ghu_ ghs_ ghr_', { chars: ALNUM, min: 30 }),
	token('github', 'github_pat_', { chars: WORD, min: 30 }),
	token('gitlab', 'glpat- glptt- gldt- glrt- glcbt- gloas- glsoat- glft- glimt- glagent-', { chars: DASHED, min: 20 }),
	token('slack', 'xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-', { chars: DASHED, min: 20, mixed: true }),
	token('slack', 'hooks.slack.com/services/', { chars: SLASHED, min: 20 }),
	token('aws', 'AKIA ASIA', { chars: CAPITALS, min: 16, max: 16 }),
	token('google', 'AIza', { chars: DASHED, min: 35, max: 35 }),
	token('google', 'ya29. GOCSPX-', { chars: DASHED, min: 20 }),
	token('npm', 'npm_', { chars: ALNUM, min: 36, max: 36 }),
	token('pypi', 'pypi-AgE', { chars: DASHED, min: 20 }),
	token('huggingface', 'hf_', { chars: ALNUM, min: 30 }),
	token('xai', 'xai-', { chars: ALNUM, min: 40, mixed: true }),
	token('groq', 'gsk_', { chars: ALNUM, min: 40, mixed: true }),
	token('perplexity', 'pplx-', { chars: ALNUM, min: 40, mixed: true }),
	token('replicate', 'r8_', { chars: ALNUM, min: 30, mixed: true }),
	token('cerebras', 'csk-', { chars: ALNUM, min: 40, mixed: true }),
	token('sendgrid', 'SG.', { chars: charSet('A-Za-z0-9_.-'), min: 40, max: 90, mixed: true }),
	token('digitalocean', 'doo_v1_ dop_v1_ dor_v1_', { chars: HEX, min: 40 }),
	/** A JSON Web Token (RFC 7519): two parts of base64url that are JSON objects, and a signature. */
	{
		beginnings: ['eyJ'],
		tryAt(text, at) {
			const header = runEnd(text, at, DASHED);
			if (WORD[text.charCodeAt(at - 1)] === 1 || text[header] !== '.') return { failedTo: header };
			const payload = runEnd(text, header + 1, DASHED);
			const real = text.startsWith('eyJ', header + 1) && text[payload] === '.' && payload - at >= 20;
			return real ? { kind: 'jwt', start: at, end: runEnd(text, payload + 1, DASHED) } : { failedTo: header };
		},
	},
	/**
	 * A private key in PEM (RFC 7468), also inside JSON text, where its lines end in a written `\n`. One that is cut off
	 * is masked as far as it goes.
	 */
	{
		beginnings: ['-----BEGIN '],
		tryAt(text, at) {
			PEM_BEGIN.lastIndex = at;
			if (!PEM_BEGIN.test(text)) return { failedTo: at + 1 };
			const bodyStart = PEM_BEGIN.lastIndex;
			const bodyEnd = runEnd(text, bodyStart, PEM_BODY);
			if (bodyEnd - bodyStart < 40) return { failedTo: bodyEnd };
			PEM_END.lastIndex = bodyEnd;
			return { kind: 'private-key', start: at, end: PEM_END.test(text) ? PEM_END.lastIndex : bodyEnd };
		},
	},
];
const PEM_BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
/** Base64, line ends (also written ones), and the headers of encrypted keys but for their dashes. */
const PEM_BODY = charSet('A-Za-z0-9+/=\r\n\t \\:,.');
const PEM_END = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;

/** `Authorization: Bearer …` and its like: the credential, not the scheme. */
const authorization: SecretShape = {
	beginnings: ['Bearer ', 'bearer ', 'BEARER ', 'Authorization', 'authorization', 'AUTHORIZATION'],
	tryAt(text, at) {
		SCHEME.lastIndex = at;
		if (!SCHEME.test(text)) return { failedTo: at + 1 };
		const start = SCHEME.lastIndex;
		if (isSpecific(text, start)) return { failedTo: start };
		const end = runEnd(text, start, CREDENTIAL);
		const real = end - start >= 16 && isMixed(text, start, end);
		return real ? { kind: 'authorization', start, end } : { failedTo: end };
	},
};
const SCHEME =
	/(?:(?:[Aa]uthorization|AUTHORIZATION)\\?["']?\s{0,4}[:=,]\s{0,4}\\?["'`]?)?(?:[Bb]earer|BEARER|[Bb]asic|[Tt]oken|[Aa]pi[Kk]ey)\s{1,4}/y;
const CREDENTIAL = charSet('A-Za-z0-9._~+/=-');

/** The password of `scheme://user:password@host`. */
const urlPassword: SecretShape = {
	beginnings: ['://'],
	tryAt(text, _at, after) {
		const colon = runEndBefore(text, after, URL_STOPS);
		if (text[colon] !== ':') return { failedTo: colon };
		const end = runEndBefore(text, colon + 1, URL_STOPS);
		const real =
			text[end] === '@' && end - colon > 3 && end - colon <= 256 && !isPlaceholder(text.slice(colon + 1, end));
		return real ? { kind: 'url-password', start: colon + 1, end } : { failedTo: end };
	},
};
const URL_STOPS = charSet(':@/"\'`<>\\ \t\r\n()[]{}');

const SECRET_WORDS =
	'secret Secret SECRET token Token TOKEN passw Passw PASSW PWD apikey apiKey api_key api-key ApiKey Api-Key API_KEY APIKEY accessKey access_key access-key AccessKey ACCESS_KEY AccountKey accountKey privateKey private_key PRIVATE_KEY credential Credential CREDENTIAL'.split(
		' ',
	);

/** `API_KEY=…`, `"password": "…"`, `secret: '…'`: a value that looks random, under a name that says it is secret. */
const assignment: SecretShape = {
	beginnings: SECRET_WORDS,
	tryAt(text, at, after) {
		ASSIGNED.lastIndex = after;
		if (!ASSIGNED.test(text)) return { failedTo: after };
		const start = ASSIGNED.lastIndex;
		if (isSpecific(text, start)) return { failedTo: start };
		const quoted = QUOTES[text.charCodeAt(start - 1)] === 1;
		const end = quoted ? runEndBefore(text, start, QUOTED_STOPS) : runEnd(text, start, BARE_VALUE);
		const ends = quoted
			? QUOTED_END[text.charCodeAt(end)] === 1
			: end >= text.length || BARE_END[text.charCodeAt(end)] === 1;
		if (!ends || end - start < 6 || end - start > MAX_VALUE) return { failedTo: end };
		const value = text.slice(start, end);
		const password = text.startsWith('PASSW', at) || text.startsWith('PWD', at);
		const random = value.length >= 16 && isMixed(text, start, end) && entropy(value) >= 3.2;
		return (password || random) && !isPlaceholder(value) ? { kind: 'assignment', start, end } : { failedTo: end };
	},
};
/** From a telling word to its value: the rest of the name, a closing quote, the sign, an opening quote. */
const ASSIGNED = /[A-Za-z0-9_-]{0,40}\\?["'`]?\]?\s{0,4}(?::=|=>|[:=])\s{0,4}\\?["'`]?/y;
const QUOTES = charSet('"\'`');
const QUOTED_STOPS = charSet('"\'`\\ \t\r\n');
const QUOTED_END = charSet('"\'`\\');
const BARE_VALUE = charSet('A-Za-z0-9+/=_~!@#$%^&*-');
/** Where a bare value ends. What goes on as code (`read(`, `a.b`) is none. */
const BARE_END = charSet(' \t\r\n,;}])"\'`\\');
/** A longer one is data under an unlucky name. */
const MAX_VALUE = 4096;

/** All shapes, in the order in which they are tried. */
export const secretShapes: readonly SecretShape[] = [...specific, authorization, urlPassword, assignment];

/** Whether a specific shape begins where a value does: it is left to that shape, which knows better what it is. */
function isSpecific(text: string, at: number): boolean {
	return specific.some(({ beginnings, tryAt }) =>
		beginnings.some((beginning) => text.startsWith(beginning, at) && 'kind' in tryAt(text, at, at + beginning.length)),
	);
}

/** Letters and digits together: words and numbers alone are no keys. Looks at the first 256. */
function isMixed(text: string, start: number, end: number): boolean {
	const sample = text.slice(start, Math.min(end, start + 256));
	return /[0-9]/.test(sample) && /[A-Za-z]/.test(sample);
}

/** What stands in documents and templates in place of a secret. */
function isPlaceholder(value: string): boolean {
	return PLACEHOLDER_START.test(value) || PLACEHOLDER.test(value);
}
const PLACEHOLDER_START = /^(?:[$%{<[(*]|process\.env|os\.)/;
const PLACEHOLDER =
	/^(?:[x*.\-_]+|(?:your|my|the|some|test|dummy|fake|sample|example|change-?me|placeholder|password|passwd|secret|token|null|none|undefined|true|false|string|redacted)[-_a-z]*)$/i;

/** Shannon entropy in bits a character, of the first 256. */
function entropy(text: string): number {
	const counts = new Map<string, number>();
	const sample = text.slice(0, 256);
	for (const char of sample) counts.set(char, (counts.get(char) ?? 0) + 1);
	let bits = 0;
	for (const count of counts.values()) bits -= (count / sample.length) * Math.log2(count / sample.length);
	return bits;
}
