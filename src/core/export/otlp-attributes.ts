import { plainParameters } from '../stored-events.ts';
import { cacheWriteTotal } from '../usage.ts';
import type { ExportedCall } from './exported-call.ts';
import { inputMessages, outputMessages, systemInstructions, toolDefinitions } from './otlp-messages.ts';

/** An attribute's value, before it is one of OTLP's. Numbers that are counts are whole; `{ double }` is not. */
export type Value = string | number | boolean | { double: number } | readonly string[] | null;

export interface Attribute {
	name: string;
	about: string;
	value: (call: ExportedCall) => Value;
}

/** Names that the conventions have for providers (`gen_ai.provider.name`), where the ledger has others. */
const conventionalProviders: ReadonlyMap<string, string> = new Map([
	['google', 'gcp.gemini'],
	['gemini', 'gcp.gemini'],
	['aws', 'aws.bedrock'],
	['bedrock', 'aws.bedrock'],
	['azure', 'azure.ai.openai'],
	['mistral', 'mistral_ai'],
	['xai', 'x_ai'],
	['x-ai', 'x_ai'],
]);

/** Parameters of the request by the conventions' names. */
const requestParameters: Readonly<Record<string, readonly string[]>> = {
	temperature: ['temperature'],
	top_p: ['top_p', 'topP'],
	top_k: ['top_k', 'topK'],
	max_tokens: ['max_tokens', 'maxTokens', 'max_output_tokens', 'max_completion_tokens'],
	frequency_penalty: ['frequency_penalty', 'frequencyPenalty'],
	presence_penalty: ['presence_penalty', 'presencePenalty'],
	seed: ['seed'],
};
const wholeParameters: ReadonlySet<string> = new Set(['max_tokens', 'seed']);

const provider = ({ row }: ExportedCall) => conventionalProviders.get(row.provider) ?? row.provider;
const count = (value: number | null | undefined) => value ?? null;
const real = (value: number | null | undefined) => (value == null ? null : { double: value });

/**
 * Attributes of a call's span. Source: OpenTelemetry semantic conventions for generative AI; names of an earlier
 * generation stand beside those that replaced them, and `callmeter.*` is what the conventions have no name for.
 */
export const otlpAttributes: readonly Attribute[] = [
	{ name: 'gen_ai.operation.name', about: 'Always `chat`.', value: () => 'chat' },
	{ name: 'gen_ai.provider.name', about: 'Whom the agent asked.', value: provider },
	{ name: 'gen_ai.system', about: 'The same, in the earlier conventions.', value: provider },
	{ name: 'gen_ai.request.model', about: 'The model that was asked for.', value: ({ row }) => row.model },
	{
		name: 'gen_ai.response.model',
		about: 'The model that answered.',
		value: ({ row }) => (row.endedAtMs === null ? null : (row.actualModel ?? row.model)),
	},
	{
		name: 'gen_ai.response.finish_reasons',
		about: 'Why the model stopped.',
		value: ({ row }) => (row.finishReason === null ? null : [row.finishReason]),
	},
	{ name: 'gen_ai.conversation.id', about: 'Id of the task.', value: ({ row }) => row.sessionId },
	{ name: 'gen_ai.agent.name', about: 'The agent, such as `claude-code`.', value: ({ row }) => row.agentId },
	{
		name: 'gen_ai.usage.input_tokens',
		about: 'All tokens of the prompt, cache reads and writes included.',
		value: ({ row }) => count(row.inputTokens),
	},
	{
		name: 'gen_ai.usage.output_tokens',
		about: 'Generated tokens, reasoning included.',
		value: ({ row }) => count(row.outputTokens),
	},
	{
		name: 'gen_ai.usage.prompt_tokens',
		about: 'As `input_tokens`, in the earlier conventions.',
		value: ({ row }) => count(row.inputTokens),
	},
	{
		name: 'gen_ai.usage.completion_tokens',
		about: 'As `output_tokens`, in the earlier conventions.',
		value: ({ row }) => count(row.outputTokens),
	},
	{
		name: 'gen_ai.usage.cache_read.input_tokens',
		about: 'Tokens read from a cache.',
		value: ({ row }) => count(row.cacheReadTokens),
	},
	{
		name: 'gen_ai.usage.cache_creation.input_tokens',
		about: 'Tokens written to a cache.',
		value: ({ usage }) => (usage ? cacheWriteTotal(usage) : null),
	},
	{
		name: 'gen_ai.usage.reasoning.output_tokens',
		about: 'The part of the output that is reasoning.',
		value: ({ row }) => count(row.reasoningTokens),
	},
	...Object.entries(requestParameters).map(([name, names]) => ({
		name: `gen_ai.request.${name}`,
		about: 'A parameter of the request.',
		value: ({ parameters }: ExportedCall): Value => {
			const plain = plainParameters(parameters);
			const found = names.map((each) => plain[each]).find((each) => typeof each === 'number');
			if (typeof found !== 'number') return null;
			return wholeParameters.has(name) && Number.isInteger(found) ? found : { double: found };
		},
	})),
	{
		name: 'gen_ai.response.time_to_first_chunk',
		about: 'Request start to the first of the response, seconds.',
		value: ({ row }) => real(row.timeToFirstTokenMs === null ? null : row.timeToFirstTokenMs / 1000),
	},
	{
		name: 'error.type',
		about: 'Code or HTTP status of a failed call.',
		value: ({ row, error }) =>
			row.state === 'ok'
				? null
				: (error?.code ?? error?.status?.toString() ?? (row.state === 'error' ? '_OTHER' : null)),
	},
	{
		name: 'http.response.status_code',
		about: 'HTTP status of a failed call.',
		value: ({ error }) => count(error?.status),
	},
	{
		name: 'openai.response.service_tier',
		about: 'The tier that served the call.',
		value: ({ serviceTier }) => serviceTier,
	},
	{ name: 'callmeter.call.id', about: 'Id of the call.', value: ({ row }) => row.callId },
	{ name: 'callmeter.call.seq', about: 'Order of the call within its task, from 1.', value: ({ row }) => row.seq },
	{
		name: 'callmeter.call.kind',
		about: 'What the call was for: `chat`, `condense`, `subagent`, …',
		value: ({ row }) => row.kind,
	},
	{ name: 'callmeter.call.state', about: '`ok`, `error` or `cancelled`.', value: ({ row }) => row.state },
	{ name: 'callmeter.call.source', about: 'Where the call was seen.', value: ({ row }) => row.source },
	{
		name: 'callmeter.call.possible_duplicate_of',
		about: 'Id of a call that may be this one.',
		value: ({ row }) => row.possibleDuplicateOf,
	},
	{
		name: 'callmeter.provider',
		about: 'Whom the agent asked, as the ledger names it.',
		value: ({ row }) => row.provider,
	},
	{
		name: 'callmeter.inference_provider',
		about: 'Who served the call behind a router.',
		value: ({ inferenceProvider }) => inferenceProvider,
	},
	{
		name: 'callmeter.parent_session.id',
		about: 'Id of the task that started this one.',
		value: ({ row }) => row.parentSessionId,
	},
	{
		name: 'callmeter.billing',
		about: '`subscription`: the cost is what the tokens would come to through the API.',
		value: ({ origin }) => origin.billing,
	},
	{
		name: 'callmeter.usage.uncached_input_tokens',
		about: 'Tokens billed at the full input rate.',
		value: ({ usage }) => count(usage?.uncachedInput),
	},
	{
		name: 'callmeter.usage.cache_write_5m_tokens',
		about: 'Tokens written to a cache for 5 minutes.',
		value: ({ usage }) => count(usage?.cacheWrite5m),
	},
	{
		name: 'callmeter.usage.cache_write_1h_tokens',
		about: 'Tokens written to a cache for an hour.',
		value: ({ usage }) => count(usage?.cacheWrite1h),
	},
	{
		name: 'callmeter.usage.cache_write_unknown_ttl_tokens',
		about: 'Tokens written to a cache for a time that is not known.',
		value: ({ usage }) => count(usage?.cacheWriteUnknownTtl),
	},
	{
		name: 'callmeter.usage.bound',
		about: 'How the counts relate to what was served: `exact`, `atLeast` or `atMost`.',
		value: ({ usage, usageBound }) => (usage ? usageBound : null),
	},
	{
		name: 'callmeter.cost.usd',
		about: 'What the call cost, USD. Absent: no price is known.',
		value: ({ cost }) => real(cost?.shownNanoUsd == null ? null : cost.shownNanoUsd / 1e9),
	},
	{
		name: 'callmeter.cost.nano_usd',
		about: 'The same in billionths of a USD, which is exact.',
		value: ({ cost }) => count(cost?.shownNanoUsd),
	},
	{
		name: 'callmeter.cost.basis',
		about: '`provider`, `computed`, `agent`, `unpriced` or `refused`: how the cost is known.',
		value: ({ cost }) => cost?.basis ?? null,
	},
	{
		name: 'callmeter.cost.bound',
		about: 'How the cost relates to the true one: `exact`, `atLeast` or `atMost`. Absent: no price is known.',
		value: ({ cost }) => (cost?.shownNanoUsd == null ? null : cost.bound),
	},
	{
		name: 'callmeter.cost.reported_nano_usd',
		about: 'As the provider or the agent reported it, billionths of a USD.',
		value: ({ cost }) => count(cost?.reportedNanoUsd),
	},
	{
		name: 'callmeter.cost.reported_by',
		about: '`provider` or `agent`.',
		value: ({ cost }) => cost?.reportedBy ?? null,
	},
	{
		name: 'callmeter.cost.price_table',
		about: 'Version of the price table that the cost was computed by.',
		value: ({ cost }) => cost?.price?.tableDate ?? null,
	},
];

/** Attributes that are there only when content is asked for. Each is JSON, in the conventions' shapes. */
export const otlpContentAttributes: readonly Attribute[] = [
	{
		name: 'gen_ai.system_instructions',
		about: 'The system prompt.',
		value: ({ systemPrompt }) => systemInstructions(systemPrompt),
	},
	{
		name: 'gen_ai.input.messages',
		about: 'The messages of the request.',
		value: ({ messages }) => inputMessages(messages),
	},
	{ name: 'gen_ai.output.messages', about: 'What the model said, thought and asked for.', value: outputMessages },
	{ name: 'gen_ai.tool.definitions', about: 'The tools offered.', value: ({ tools }) => toolDefinitions(tools) },
];
