import { cacheWriteTotal } from '../usage.ts';
import type { ExportedCall } from './exported-call.ts';

/** What a spreadsheet may take for the start of a formula, the wide characters of East Asian ones included. */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;
const needsQuotes = /[",\r\n]/;

type Cell = string | number | boolean | null;

interface Column {
	name: string;
	/** What it holds, for the documentation. */
	about: string;
	cell: (call: ExportedCall) => Cell;
}

const usd = (nanoUsd: number | null | undefined) => (nanoUsd == null ? null : exactUsd(nanoUsd));

/** Columns of the calls, in order. Names and meanings stay: a new column is added at the end, before those of the content. */
export const csvColumns: readonly Column[] = [
	{ name: 'call_id', about: 'Id of the call.', cell: ({ row }) => row.callId },
	{ name: 'session_id', about: 'Id of the task.', cell: ({ row }) => row.sessionId },
	{
		name: 'parent_session_id',
		about: 'Id of the task that started this one.',
		cell: ({ row }) => row.parentSessionId,
	},
	{ name: 'seq', about: 'Order of the call within its task, from 1.', cell: ({ row }) => row.seq },
	{ name: 'agent_id', about: 'The agent, such as `claude-code`.', cell: ({ row }) => row.agentId },
	{ name: 'source', about: 'Where the call was seen.', cell: ({ row }) => row.source },
	{
		name: 'kind',
		about: 'What the call was for: `chat`, `condense`, `subagent`, `title`, `tool` or `replay`.',
		cell: ({ row }) => row.kind,
	},
	{ name: 'state', about: '`pending`, `ok`, `error` or `cancelled`.', cell: ({ row }) => row.state },
	{ name: 'provider', about: 'Whom the agent asked.', cell: ({ row }) => row.provider },
	{
		name: 'inference_provider',
		about: 'Who served the call behind a router.',
		cell: ({ inferenceProvider }) => inferenceProvider,
	},
	{ name: 'model', about: 'The model that was asked for.', cell: ({ row }) => row.model },
	{
		name: 'response_model',
		about: 'The model that answered, where it is another one.',
		cell: ({ row }) => row.actualModel,
	},
	{ name: 'service_tier', about: 'Empty is the standard tier.', cell: ({ serviceTier }) => serviceTier },
	{ name: 'started_at', about: 'ISO 8601, UTC, milliseconds.', cell: ({ row }) => iso(row.startedAtMs) },
	{ name: 'ended_at', about: 'ISO 8601, UTC, milliseconds.', cell: ({ row }) => iso(row.endedAtMs) },
	{ name: 'latency_ms', about: 'Request start to the end of the response.', cell: ({ row }) => row.latencyMs },
	{
		name: 'time_to_first_token_ms',
		about: 'Request start to the first of the response.',
		cell: ({ row }) => row.timeToFirstTokenMs,
	},
	{ name: 'message_count', about: 'Messages in the request.', cell: ({ row }) => row.messageCount },
	{
		name: 'input_tokens',
		about: 'All tokens of the prompt, cache reads and writes included.',
		cell: ({ row }) => row.inputTokens,
	},
	{
		name: 'uncached_input_tokens',
		about: 'Those billed at the full input rate.',
		cell: ({ usage }) => usage?.uncachedInput ?? null,
	},
	{ name: 'cache_read_tokens', about: 'Tokens read from a cache.', cell: ({ row }) => row.cacheReadTokens },
	{
		name: 'cache_write_tokens',
		about: 'Tokens written to a cache.',
		cell: ({ usage, row }) => (usage ? cacheWriteTotal(usage) : row.cacheWriteTokens),
	},
	{
		name: 'cache_write_5m_tokens',
		about: 'Those of them that stay for 5 minutes.',
		cell: ({ usage }) => usage?.cacheWrite5m ?? null,
	},
	{
		name: 'cache_write_1h_tokens',
		about: 'Those of them that stay for an hour.',
		cell: ({ usage }) => usage?.cacheWrite1h ?? null,
	},
	{ name: 'output_tokens', about: 'Generated tokens, reasoning included.', cell: ({ row }) => row.outputTokens },
	{
		name: 'reasoning_tokens',
		about: 'The part of the output that is reasoning.',
		cell: ({ row }) => row.reasoningTokens,
	},
	{
		name: 'usage_bound',
		about: 'How the counts relate to what was served: `exact`, `atLeast` or `atMost`.',
		cell: ({ usage, usageBound }) => (usage ? usageBound : null),
	},
	{
		name: 'cost_usd',
		about: 'What the call cost, USD. Empty: no price is known, which is not 0.',
		cell: ({ cost }) => usd(cost?.shownNanoUsd),
	},
	{
		name: 'cost_basis',
		about: '`provider`, `computed`, `agent`, `unpriced` or `refused`: how the cost is known.',
		cell: ({ cost }) => cost?.basis ?? null,
	},
	{
		name: 'cost_bound',
		about: 'How the cost relates to the true one: `exact`, `atLeast` or `atMost`. Empty: no price is known.',
		cell: ({ cost }) => (cost?.shownNanoUsd == null ? null : cost.bound),
	},
	{
		name: 'computed_cost_usd',
		about: 'By the price table, USD.',
		cell: ({ cost }) => usd(cost?.computedNanoUsd),
	},
	{
		name: 'reported_cost_usd',
		about: 'As the provider or the agent reported it, USD.',
		cell: ({ cost }) => usd(cost?.reportedNanoUsd),
	},
	{ name: 'reported_by', about: '`provider` or `agent`.', cell: ({ cost }) => cost?.reportedBy ?? null },
	{
		name: 'billing',
		about: '`subscription`: the tokens are covered, and the cost is what they would come to through the API.',
		cell: ({ origin }) => origin.billing,
	},
	{
		name: 'price_table',
		about: 'Version of the price table that the cost was computed by.',
		cell: ({ cost }) => cost?.price?.tableDate ?? null,
	},
	{ name: 'finish_reason', about: 'Why the model stopped.', cell: ({ row }) => row.finishReason },
	{ name: 'error_status', about: 'HTTP status of a failed call.', cell: ({ error }) => error?.status ?? null },
	{ name: 'error_code', about: 'Code of a failed call.', cell: ({ error }) => error?.code ?? null },
	{ name: 'tool_calls', about: 'Tools that the model asked for.', cell: ({ toolCallCount }) => toolCallCount },
	{ name: 'usage_missing', about: '`true`: the response ended without usage.', cell: ({ row }) => row.usageMissing },
	{ name: 'orphan', about: '`true`: the request was never seen.', cell: ({ row }) => row.orphan },
	{
		name: 'possible_duplicate_of',
		about: 'Id of a call that may be this one.',
		cell: ({ row }) => row.possibleDuplicateOf,
	},
	{ name: 'mode', about: 'The mode of the agent.', cell: ({ mode }) => mode },
	{ name: 'folder', about: 'Working directory of the agent.', cell: ({ folder }) => folder },
	{ name: 'git_branch', about: 'Branch at the time.', cell: ({ gitBranch }) => gitBranch },
	{ name: 'git_commit', about: 'Commit at the time.', cell: ({ gitCommit }) => gitCommit },
	{ name: 'content_state', about: 'Why content is, or is not, in the ledger.', cell: ({ row }) => row.contentState },
];

/** Columns that are there only when content is asked for. */
export const csvContentColumns: readonly Column[] = [
	{ name: 'title', about: 'Title of the task.', cell: ({ row }) => row.sessionTitle },
	{ name: 'system_prompt', about: 'The system prompt.', cell: ({ systemPrompt }) => systemPrompt },
	{ name: 'messages', about: 'The messages of the request, JSON.', cell: ({ messages }) => json(messages) },
	{ name: 'tools', about: 'The tools offered, JSON.', cell: ({ tools }) => json(tools) },
	{ name: 'completion', about: 'What the model said.', cell: ({ completion }) => completion },
	{ name: 'reasoning', about: 'What it thought.', cell: ({ reasoning }) => reasoning },
	{
		name: 'tool_call_arguments',
		about: 'The tools that it asked for, JSON.',
		cell: ({ toolCalls }) => json(toolCalls),
	},
	{ name: 'error_message', about: 'Message of a failed call.', cell: ({ error }) => error?.message || null },
];

/** The line of headings. `bom`: begin with a byte order mark, by which Excel knows UTF-8. */
export function csvHead({ content, bom }: { content: boolean; bom: boolean }): string {
	return (bom ? '\ufeff' : '') + csvLine(columnsOf(content).map(({ name }) => name));
}

/** A call as a line, by RFC 4180: CRLF at its end. Unknown is empty. */
export function csvOfCall(call: ExportedCall, content: boolean): string {
	return csvLine(columnsOf(content).map(({ cell }) => cell(call)));
}

/** USD with all digits that count and no others. Nano-USD are whole numbers, and so is this exact. */
export function exactUsd(nanoUsd: number): string {
	const digits = BigInt(nanoUsd).toString().padStart(10, '0');
	const fraction = digits.slice(-9).replace(/0+$/, '');
	return fraction === '' ? digits.slice(0, -9) : `${digits.slice(0, -9)}.${fraction}`;
}

function columnsOf(content: boolean): readonly Column[] {
	return content ? [...csvColumns, ...csvContentColumns] : csvColumns;
}

function csvLine(cells: readonly Cell[]): string {
	return `${cells.map(field).join(',')}\r\n`;
}

/** Text that a spreadsheet would run as a formula gets a quote before it: names of models and folders are foreign. */
function field(value: Cell): string {
	if (value === null) return '';
	if (typeof value !== 'string') return String(value);
	const text = value.replaceAll('\u0000', '');
	const safe = formulaStart.test(text) ? `'${text}` : text;
	return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function iso(ms: number | null): string | null {
	return ms === null ? null : new Date(ms).toISOString();
}

function json(list: readonly unknown[]): string | null {
	return list.length === 0 ? null : JSON.stringify(list);
}
