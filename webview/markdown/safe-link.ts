const schemes = ['http:', 'https:', 'mailto:'];

/**
 * An address that may be followed, written so that it can be read for what it is (host in ASCII, the rest encoded), or
 * `null`: only `http`, `https` and `mailto`, and none that hides its host behind a name and password.
 */
export function safeLink(address: string): string | null {
	const url = URL.parse(address);
	if (url === null || !schemes.includes(url.protocol)) return null;
	if (url.username !== '' || url.password !== '') return null;
	return url.href;
}
