import type { TaskProvider } from './settings.ts';

/** Whom the built-in task sends its requests to. */
export interface Endpoint {
	/** Whose API it speaks. */
	kind: TaskProvider;
	baseUrl: string;
	/** Scheme, host and port, as `URL.origin` has them: whom a key is meant for. */
	origin: string;
	/** Whether that is the provider's own address and not a compatible service's. */
	isOwn: boolean;
	/** Who serves it, for the record and for prices: `openai`, `openrouter`, `local`, else the host's name. */
	provider: string;
}

const ownUrls: Readonly<Record<TaskProvider, string>> = {
	openai: 'https://api.openai.com/v1',
	anthropic: 'https://api.anthropic.com',
	gemini: 'https://generativelanguage.googleapis.com',
};

/** Services by their domain, subdomains included, under the names that the price table has for them. */
const providerByDomain: Readonly<Record<string, string>> = {
	'api.openai.com': 'openai',
	'api.anthropic.com': 'anthropic',
	'openrouter.ai': 'openrouter',
	'groq.com': 'groq',
	'together.xyz': 'together',
	'together.ai': 'together',
	'fireworks.ai': 'fireworks',
	'deepseek.com': 'deepseek',
	'mistral.ai': 'mistral',
	'x.ai': 'x-ai',
	'perplexity.ai': 'perplexity',
	'cerebras.ai': 'cerebras',
	'generativelanguage.googleapis.com': 'google',
	'openai.azure.com': 'azure',
	'moonshot.ai': 'moonshotai',
	'moonshot.cn': 'moonshotai',
	'z.ai': 'zai',
	'bigmodel.cn': 'zhipuai',
	'novita.ai': 'novita',
	'minimax.io': 'minimax',
};

/** The endpoint at this address; an empty one stands for the provider's own. `null`: no address of the web. */
export function endpointOf(kind: TaskProvider, address: string): Endpoint | null {
	const baseUrl = address === '' ? ownUrls[kind] : address;
	const url = URL.parse(baseUrl);
	if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
	const isOwn = url.origin === new URL(ownUrls[kind]).origin;
	return { kind, baseUrl, origin: url.origin, isOwn, provider: providerAt(url.hostname) };
}

function providerAt(host: string): string {
	if (/^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(host)) return 'local';
	const domain = Object.keys(providerByDomain).find((name) => host === name || host.endsWith(`.${name}`));
	return (domain === undefined ? undefined : providerByDomain[domain]) ?? host;
}
