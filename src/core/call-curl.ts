import { providerName } from './pricing/provider-names.ts';
import { type RequestProtocol, requestBody } from './provider-request.ts';
import type { CallDetail } from './views.ts';

/** Where a provider takes requests, and the name under which people keep its key. */
interface Endpoint {
	protocol: RequestProtocol;
	/** In double quotes in the shell, so it may name a variable. */
	url: string;
	key: string;
}

const openAi = (url: string, key: string): Endpoint => ({ protocol: 'openai', url: `${url}/chat/completions`, key });

const endpoints: Record<string, Endpoint> = {
	anthropic: { protocol: 'anthropic', url: 'https://api.anthropic.com/v1/messages', key: 'ANTHROPIC_API_KEY' },
	google: {
		protocol: 'gemini',
		url: 'https://generativelanguage.googleapis.com/v1beta/models',
		key: 'GEMINI_API_KEY',
	},
	openai: openAi('https://api.openai.com/v1', 'OPENAI_API_KEY'),
	openrouter: openAi('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
	deepseek: openAi('https://api.deepseek.com', 'DEEPSEEK_API_KEY'),
	mistral: openAi('https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
	groq: openAi('https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
	'x-ai': openAi('https://api.x.ai/v1', 'XAI_API_KEY'),
	moonshotai: openAi('https://api.moonshot.ai/v1', 'MOONSHOT_API_KEY'),
	together: openAi('https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
	fireworks: openAi('https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'),
	cerebras: openAi('https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY'),
	ollama: openAi('http://localhost:11434/v1', 'OLLAMA_API_KEY'),
	lmstudio: openAi('http://localhost:1234/v1', 'LMSTUDIO_API_KEY'),
};
/** Most servers speak OpenAI's protocol; where this one is, the reader knows. */
const elsewhere = openAi('$OPENAI_BASE_URL', 'OPENAI_API_KEY');

/** Ends the body. A line of JSON can't be this: it would be no JSON. */
const end = 'END_OF_REQUEST';

/**
 * A call as a `curl` command for a POSIX shell that sends it again. The key is the name of an environment variable, never
 * a key. The body comes as a quoted here-document: the shell replaces nothing in it, and it may be of any length. Marks
 * that are not seen are written as escapes, so that what is pasted is what is read.
 */
export function callAsCurl(detail: CallDetail): string {
	const { row } = detail;
	const name = providerName(row.provider);
	const endpoint = Object.hasOwn(endpoints, name) ? (endpoints[name] ?? elsewhere) : elsewhere;
	const { protocol, key } = endpoint;
	const body = requestBody(protocol, {
		model: row.model,
		systemPrompt: detail.systemPrompt,
		messages: detail.messages,
		tools: detail.tools,
		parameters: detail.parameters,
	});
	const lines = [
		`curl "${addressOf(endpoint, row.model)}"`,
		`-H "content-type: application/json"`,
		...keyHeaders(protocol, key).map((header) => `-H "${header}"`),
		`--data-binary @- <<'${end}'`,
	];
	return `${lines.join(' \\\n  ')}\n${visibleJson(body)}\n${end}\n`;
}

function addressOf({ protocol, url }: Endpoint, model: string): string {
	if (protocol !== 'gemini') return url;
	// What is left as it is (letters, digits, `-_.!~*'()`) means nothing within double quotes, but for `!`.
	const path = encodeURIComponent(model.toWellFormed().replace(/^models\//, '')).replaceAll('!', '%21');
	return `${url}/${path}:generateContent`;
}

function keyHeaders(protocol: RequestProtocol, key: string): string[] {
	switch (protocol) {
		case 'anthropic':
			return [`x-api-key: $${key}`, 'anthropic-version: 2023-06-01'];
		case 'gemini':
			return [`x-goog-api-key: $${key}`];
		case 'openai':
			return [`authorization: Bearer $${key}`];
	}
}

const unseen = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu;

/** JSON escapes controls below U+0020 and lone surrogates by itself. */
function visibleJson(value: unknown): string {
	return JSON.stringify(value, null, 2).replace(unseen, (mark) =>
		Array.from(mark.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
	);
}
