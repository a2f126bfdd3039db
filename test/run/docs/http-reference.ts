import { apiPaths } from '../../../src/server/api/api-paths.ts';
import { operations } from '../../../src/server/api/operations.ts';
import { fieldsOf, type JsonSchema, jsonSchema, outline, typeText } from './json-schema.ts';

/** What the parameters of queries mean, by their name; where one means something else for a request, by that and its name. */
const meanings: Readonly<Record<string, string>> = {
	challenge: 'New for each question: 16 to 128 letters, digits, `-` and `_`',
	from: 'Calls that began at this moment or after it',
	to: 'Calls that began before it',
	'llmAnalytics.from': 'Calls that began at this moment or after it. Default: 24 hours before `to`',
	'llmAnalytics.to': 'Calls that began before it. Default: now',
	granularity: 'How long a bucket of `byTime` is',
	tz: 'IANA time zone by whose clock days and weeks begin',
	agentId: 'Exactly this agent',
	model: 'The model that was asked for',
	provider: 'Exactly this provider',
	source: 'Where a call was seen: `http`, `claude-code`, …',
	sessionId: 'Only this session',
	kind: 'What a call was for',
	state: 'How a call ended, or that it has not',
	folder: 'Absolute working directory of the agent',
	unpriced: '`true`: only calls that ended without a known price',
	usageMissing: '`true`: only calls that ended without usage',
	minCostUsd: 'Only calls that cost at least this',
	minLatencyMs: 'Only calls that took at least this long',
	sort: 'Order',
	limit: 'How many',
	offset: 'How many to leave out first',
	content: '`false`: without prompts, completions, tools and titles',
	q: 'Words that all stand in one text; a phrase in quotes; the last word may be the beginning of one',
	events: 'Names of events with commas between. Absent: all',
};

/** Every request of the API with its parameters, the shape of its answer and its refusals. */
export function httpReference(): string {
	const used = new Set<string>();
	const sections = apiPaths.map(({ id, method, path }) => {
		const { summary, description, query, answer, refusals = [], open } = operations[id];
		const codes = [...refusals, ...(open === true ? [403] : [401, 403, 429, 503])].sort();
		return [
			`### ${method} /api${path}`,
			`${summary}.${description === undefined ? '' : ` ${description}`}`,
			...(query === undefined ? [] : [parameters(id, jsonSchema(query, 'input'), used)]),
			typeof answer === 'string'
				? `Answers \`${answer}\`.`
				: `Answers\n\n\`\`\`jsonc\n${outline(jsonSchema(answer, 'output'))}\n\`\`\``,
			`Refusals: ${codes.join(', ')}.`,
		].join('\n\n');
	});
	const stale = Object.keys(meanings).filter((name) => !used.has(name));
	if (stale.length > 0) throw new Error(`No request has ${stale}`);
	return sections.join('\n\n');
}

function parameters(id: string, query: JsonSchema, used: Set<string>): string {
	const rows = fieldsOf(query).map(({ name, schema, required }) => {
		const key = [`${id}.${name}`, name].find((each) => meanings[each] !== undefined);
		if (key === undefined) throw new Error(`Say what ${id}.${name} is`);
		used.add(key);
		const { default: standard } = schema;
		const otherwise = standard === undefined ? '' : `default \`${standard}\``;
		return `| \`${name}\` | ${typeText(schema)} | ${required ? 'required' : otherwise} | ${meanings[key]} |`;
	});
	return ['| parameter | type | | |', '|---|---|---|---|', ...rows].join('\n');
}
