import type { IncomingMessage } from 'node:http';

/**
 * Why a request is refused, for whoever sent it; `null`: it may pass.
 *
 * A page in a browser can send requests to this machine, either openly, with its `Origin`, or by a name of its own that
 * leads to 127.0.0.1 (DNS rebinding), which then stands in `Host`. A program on this machine sends neither.
 *
 * @param port where the server listens
 */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>, port: number): string | null {
	const host = headers.host?.toLowerCase();
	if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
		return `Only 127.0.0.1:${port} and localhost:${port} are answered.`;
	}
	if (headers.origin !== undefined) return 'Requests of web pages are not answered.';
	// Browsers alone send it, with each request a page makes; `none` is a person at the address bar.
	const site = headers['sec-fetch-site'];
	return site === undefined || site === 'none' ? null : 'Requests of web pages are not answered.';
}
