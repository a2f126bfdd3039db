import type * as z from 'zod';
import { costTrackedPayloadSchema, llmCallPayloadSchema, llmResponsePayloadSchema } from '../../../src/core/ingress.ts';
import { eventInputSchema } from '../../../src/core/outside/event-input.ts';
import { fieldsOf, jsonSchema, typeText } from './json-schema.ts';

/** What each field means: the tables have its type, its limits and whether it must be there from the schemas. */
const meanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	envelope: {
		id: 'Your own id of this event, unique within its session. Sent again, the event changes nothing',
		timestamp:
			'Of `llm_call`: when the request began. Of `llm_response`: when the answer had come. Default: now; of an `llm_call` whose answer comes in the same request with its `latencyMs`, that much before the answer',
		sessionId: 'The task that the call belongs to',
		agentId: 'Which agent made the call. Default: the way it came, `"http"` or `"sdk"`',
		eventType: '',
		severity: 'Default `"info"`; `"error"` of a call that failed',
		payload: 'See below',
		metadata: 'What the payload has no field for. Other fields are not kept',
		'metadata.title': "The task's title. Content",
		'metadata.mode': "The agent's mode, such as `code` or `plan`",
		'metadata.folder': 'Absolute working directory of the agent',
		'metadata.parentSessionId': 'The session that started this one',
		'metadata.kind': 'What the call was for. Default `"chat"`',
		'metadata.billing': '`"subscription"`: a plan pays, and the cost is what the API would take. Default `"api"`',
	},
	llm_call: {
		callId: 'Pairs the two events of a call',
		provider: '`anthropic`, `openai`, `google`, …',
		model: 'The model that was asked for',
		messages: 'The prompt. At least one',
		'messages[].role': '',
		'messages[].content': 'Text, or parts as providers write them: each has a `type`, and may have `text`',
		'messages[].toolCallId': 'Of role `tool`: the tool call that this answers',
		'messages[].toolCalls': 'Of role `assistant`: the tool calls that it made',
		'messages[].toolCalls[].id': '',
		'messages[].toolCalls[].name': '',
		'messages[].toolCalls[].arguments': 'Parsed, not JSON text',
		systemPrompt: 'Where it is not one of the messages',
		parameters: 'Others than these are kept, too',
		'parameters.temperature': '',
		'parameters.maxTokens': '',
		'parameters.topP': '',
		'parameters.stopSequences': '',
		tools: 'What was offered to the model',
		'tools[].name': '',
		'tools[].description': '',
		'tools[].parameters': 'JSON schema',
		protocol: 'How the provider counts. With `openai` and `gemini`, no word of cache writes means that there were none',
		redacted: 'The content was taken out before it was sent here',
	},
	llm_response: {
		callId: 'That of the `llm_call`',
		provider: '',
		model: 'The model that answered',
		completion: '`null`: it said nothing, or only asked for tools',
		reasoning: 'What the model thought, where the provider tells it. Content',
		toolCalls: 'What the model asked for',
		'toolCalls[].id': '',
		'toolCalls[].name': '',
		'toolCalls[].arguments': 'Parsed, not JSON text',
		finishReason: '`stop`, `length`, `tool_use`, `content_filter`, `error`, `cancelled`, or the provider’s own word',
		usage: '`null`: the provider told none',
		'usage.inputTokens': 'All prompt tokens, cache reads and writes included',
		'usage.outputTokens': 'All generated tokens, thinking included',
		'usage.totalTokens': '',
		'usage.thinkingTokens': 'Part of `outputTokens`',
		'usage.cacheReadTokens': 'Part of `inputTokens`',
		'usage.cacheWriteTokens': 'Part of `inputTokens`, whatever its time to live',
		'usage.cacheWrite5mTokens': 'Part of `cacheWriteTokens`: kept for five minutes',
		'usage.cacheWrite1hTokens': 'Part of `cacheWriteTokens`: kept for an hour',
		unpricedFees: 'what was billed beside the tokens, such as `"web search"`; a computed cost is then a lower bound',
		usageBound: '`"atLeast"`: the answer was cut before the final count. Default `"exact"`',
		costUsd: 'US dollars. `null`: you do not know, and Callmeter prices the tokens',
		costReportedBy: 'Who says so. A provider is believed more than the price table, an agent less. Default `"agent"`',
		latencyMs: 'From the request to the end of the answer, in milliseconds',
		timeToFirstTokenMs: 'From the request to the first token',
		responseId: "The provider's id of the answer: by it the same call is known where it is seen elsewhere, too",
		requestId: "The provider's id of the request",
		serviceTier: '`batch`, `priority`, `flex`, …: priced apart. Absent: the standard tier',
		inferenceProvider: 'Who served the call behind a gateway',
		protocol: 'As in `llm_call`',
		error: 'With a `finishReason` of `error`',
		'error.message': 'Content',
		'error.status': 'Of HTTP',
		'error.code': "The provider's word",
		redacted: 'As in `llm_call`',
	},
	cost_tracked: {
		callId: 'The call that the cost is of. It then adds nothing to an `llm_response` with the same id',
		provider: '',
		model: '',
		costUsd: 'US dollars',
		description: 'What for',
	},
};

const schemas: Readonly<Record<string, z.ZodType>> = {
	envelope: eventInputSchema,
	llm_call: llmCallPayloadSchema,
	llm_response: llmResponsePayloadSchema,
	cost_tracked: costTrackedPayloadSchema,
};

/** The table of an event's fields. Throws when a field has no meaning here, or a meaning no field. */
export function eventTable(name: string): string {
	const schema = schemas[name];
	const texts = meanings[name];
	if (schema === undefined || texts === undefined) throw new Error(`There is no table of ${name}`);
	const fields = fieldsOf(jsonSchema(schema, 'input')).filter(
		// A part of a message is the provider's; its fields are not ours to list.
		(field) => !/^messages\[\]\.content[[.]/.test(field.name),
	);
	const names = fields.map((field) => field.name);
	const missing = names.filter((each) => texts[each] === undefined);
	const stale = Object.keys(texts).filter((each) => !names.includes(each));
	if (missing.length + stale.length > 0) throw new Error(`${name}: say what ${missing} is, and nothing of ${stale}`);
	return [
		'| field | type | | |',
		'|---|---|---|---|',
		...fields.map(({ name: field, schema: inner, required }) =>
			['', `\`${field}\``, typeText(inner), required ? 'required' : '', texts[field] ?? '', ''].join(' | ').trim(),
		),
	].join('\n');
}
