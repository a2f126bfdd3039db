/** Whom OTLP is sent to. */
export interface OtlpTarget {
	/** The address of one signal: `https://collector.example.com/v1/logs`. */
	url: string;
	/** What the receiver asks for, a key perhaps. Never logged. */
	headers: Readonly<Record<string, string>>;
}

/** Why an address is none that OTLP may be sent to. */
export type AddressProblem = 'notAUrl' | 'notHttps' | 'hasCredentials' | 'hasQuery';

/**
 * The address to which one signal is sent, of what a person wrote: a base address, to which the signal's own path is
 * added, or the full address of the signal.
 *
 * Takes https, and http to this machine alone. Refuses credentials, and a query, which often holds a key: a setting is no
 * place for one, a header is.
 *
 * Source: OpenTelemetry Protocol Exporter, "Endpoint URLs for OTLP/HTTP".
 */
export function otlpAddress(
	text: string,
	signal: 'logs' | 'traces',
): { url: string; origin: string } | { problem: AddressProblem } {
	const url = URL.parse(text.trim());
	if (url === null || !/^https?:\/\//i.test(text.trim())) return { problem: 'notAUrl' };
	if (url.protocol === 'http:' && !isLoopback(url.hostname)) return { problem: 'notHttps' };
	if (url.username !== '' || url.password !== '') return { problem: 'hasCredentials' };
	if (url.search !== '' || url.hash !== '') return { problem: 'hasQuery' };
	const path = url.pathname.replace(/\/+$/, '');
	url.pathname = path.endsWith(`/v1/${signal}`) ? path : `${path}/v1/${signal}`;
	return { url: url.href, origin: url.origin };
}

/** Does this host name stand for this machine, as `URL.hostname` has it? */
function isLoopback(host: string): boolean {
	return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}

/** Headers that belong to the transport, whatever a person writes. */
const ownHeaders = new Set([
	'accept-encoding',
	'connection',
	'content-encoding',
	'content-length',
	'content-type',
	'cookie',
	'expect',
	'host',
	'keep-alive',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
	'user-agent',
]);

/**
 * Headers as OpenTelemetry's `OTEL_EXPORTER_OTLP_HEADERS` has them: `api-key=secret,x-team=blue`, values percent-encoded
 * where they hold a comma. `Name: value`, one a line, is taken as well. An empty text has none.
 *
 * `null`: that is no list of headers, or one of them belongs to the transport.
 */
export function parseHeaders(text: string): Record<string, string> | null {
	const headers: Record<string, string> = {};
	const byLine = /^[^=,]*?:/.test(text.trim());
	for (const part of text.split(byLine ? /\r?\n/ : /[,\r\n]/)) {
		if (part.trim() === '') continue;
		const cut = part.indexOf(byLine ? ':' : '=');
		if (cut < 0) return null;
		const name = part.slice(0, cut).trim().toLowerCase();
		const value = byLine ? part.slice(cut + 1).trim() : decoded(part.slice(cut + 1).trim());
		// RFC 9110: a token, and visible text.
		if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || ownHeaders.has(name)) return null;
		if (value === null || !/^[\x20-\x7e]+$/.test(value)) return null;
		headers[name] = value;
	}
	return headers;
}

function decoded(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch {
		return null;
	}
}
