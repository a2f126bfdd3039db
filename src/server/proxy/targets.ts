import type { ProviderApi } from '../../core/provider-api.ts';

/** What the proxy may forward to, and how its requests are read. */
export interface ProxyTarget {
	/** The word in the proxy's path, and the provider that calls are recorded for. */
	name: string;
	/** Without a slash at its end. */
	baseUrl: string;
}

/** The providers that are known by name. Their own SDKs' base URLs. */
const known: readonly ProxyTarget[] = [
	{ name: 'anthropic', baseUrl: 'https://api.anthropic.com' },
	{ name: 'openai', baseUrl: 'https://api.openai.com' },
	{ name: 'google', baseUrl: 'https://generativelanguage.googleapis.com' },
];
/** Other words for them. */
const otherNames: Readonly<Record<string, string>> = { gemini: 'google' };

/** Reads the user's own targets, a base URL for each name; they win over the known ones. What is no URL is named. */
export function readTargets(setting: Readonly<Record<string, unknown>>): {
	targets: Map<string, ProxyTarget>;
	refused: string[];
} {
	const targets = new Map(known.map((target) => [target.name, target]));
	const refused: string[] = [];
	for (const [name, value] of Object.entries(setting)) {
		const baseUrl = typeof value === 'string' ? baseUrlOf(value) : null;
		if (baseUrl === null || !/^[\w.-]{1,64}$/.test(name)) refused.push(name);
		else targets.set(name, { name, baseUrl });
	}
	for (const [other, name] of Object.entries(otherNames)) {
		const target = targets.get(name);
		if (target !== undefined && !targets.has(other)) targets.set(other, target);
	}
	return { targets, refused };
}

function baseUrlOf(text: string): string | null {
	if (!URL.canParse(text)) return null;
	const { protocol, origin, pathname, username, password, search, hash } = new URL(text);
	if (protocol !== 'http:' && protocol !== 'https:') return null;
	// A password in a URL would end up in settings and logs.
	if (username !== '' || password !== '' || search !== '' || hash !== '') return null;
	return origin + pathname.replace(/\/+$/, '');
}

/** The API that a request speaks; `null`: it makes no completion. `path` is what stands behind the target's name, without the query. */
export function apiOf(method: string, path: string): ProviderApi | null {
	if (method !== 'POST') return null;
	if (/\/messages$/.test(path)) return 'anthropic';
	if (/\/chat\/completions$/.test(path)) return 'chat';
	if (/\/responses$/.test(path)) return 'responses';
	return /\/models\/[^/]+:(?:stream)?[gG]enerateContent$/.test(path) ? 'gemini' : null;
}
