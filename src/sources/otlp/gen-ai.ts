import type { Protocol } from '../../core/draft.ts';
import { providerName } from '../../core/pricing/provider-names.ts';
import { hasTokens } from '../../core/usage.ts';
import { usageOfInclusiveInput } from '../../core/usage-counting.ts';
import { answerOf, instructionsOf, messagesOf, toolsOf } from '../genai-messages.ts';
import { agentOf, aliasesOf, billingOfAgent, folderOf } from './agent-of.ts';
import { countIn, numberIn, textIn, textsIn } from './attributes.ts';
import { withExported } from './exported-span.ts';
import type { Attributes } from './records.ts';
import { nothingTold, type ReportedCall } from './reported-call.ts';

/** Operations that ask a model once. `invoke_agent` repeats the sums of what it contains, `execute_tool` asks none. */
const leafOperations: ReadonlySet<string> = new Set(['chat', 'generate_content', 'text_completion']);
/** The same, as instrumentations named it before the conventions did. */
const earlyOperations: ReadonlySet<string> = new Set(['chat', 'completion']);

/** Request attributes that are kept as parameters, without `gen_ai.request.`. */
const parameters = [
	'temperature',
	'top_p',
	'top_k',
	'max_tokens',
	'frequency_penalty',
	'presence_penalty',
	'seed',
	'stop_sequences',
] as const;

/** Whether attributes of the GenAI conventions tell of one request to a model. */
export function isModelCall(attributes: Attributes): boolean {
	const operation = textIn(attributes, 'gen_ai.operation.name');
	if (operation !== null) return leafOperations.has(operation);
	return earlyOperations.has(textIn(attributes, 'llm.request.type') ?? '');
}

/**
 * A call by the GenAI conventions, old (`gen_ai.system`, `gen_ai.usage.prompt_tokens`) or new (`gen_ai.provider.name`).
 * Source: OpenTelemetry semantic conventions, "Spans for generative AI client operations" and "Events".
 */
export function genAiCall(
	resource: Attributes,
	attributes: Attributes,
	about: Pick<ReportedCall, 'callId' | 'record' | 'startedAtMs' | 'endedAtMs'> & {
		aliases: string[];
		/** For a session when none is named. */
		traceId: string | null;
	},
): ReportedCall {
	const agentId = agentOf(resource);
	const provider = textIn(attributes, 'gen_ai.provider.name', 'gen_ai.system');
	const model = textIn(attributes, 'gen_ai.request.model');
	const responseModel = textIn(attributes, 'gen_ai.response.model');
	const errorType = textIn(attributes, 'error.type');
	const output = attributes.get('gen_ai.output.messages') ?? attributes.get('gen_ai.completion');
	const tools = attributes.get('gen_ai.tool.definitions');
	const { traceId, aliases, ...times } = about;
	const firstTokenS = numberIn(attributes, 'gen_ai.response.time_to_first_chunk');
	const call: ReportedCall = {
		...nothingTold,
		...times,
		aliases: [...aliases, ...aliasesOf(textIn(attributes, 'gen_ai.response.id'))],
		sessionId: textIn(attributes, 'gen_ai.conversation.id', 'session.id') ?? traceId ?? `otlp:${agentId}`,
		agentId,
		billing: billingOfAgent(agentId, attributes),
		timeToFirstTokenMs:
			numberIn(attributes, 'copilot_chat.time_to_first_token') ?? (firstTokenS === null ? null : firstTokenS * 1000),
		...targetOf(agentId, provider, responseModel ?? model),
		model,
		responseModel,
		folder: folderOf(resource, attributes),
		parameters: parametersOf(attributes),
		systemPrompt: instructionsOf(attributes.get('gen_ai.system_instructions')),
		messages: messagesOf(attributes.get('gen_ai.input.messages') ?? attributes.get('gen_ai.prompt')),
		tools: tools === undefined ? null : toolsOf(tools),
		answer: output === undefined ? null : answerOf(output),
		state: errorType === null ? 'ok' : 'error',
		error: errorType === null ? null : { message: errorType, status: null, code: errorType },
		finishReason: textsIn(attributes, 'gen_ai.response.finish_reasons')[0] ?? null,
		...usageOfGenAi(attributes, provider, responseModel ?? model),
		serviceTier: serviceTierOf(attributes),
	};
	return withExported(call, attributes);
}

/** Token counts: input counts cache reads and writes in, output counts reasoning in. */
function usageOfGenAi(
	attributes: Attributes,
	provider: string | null,
	model: string | null,
): Pick<ReportedCall, 'usage' | 'usageNotes'> {
	const notes: string[] = [];
	const count = (...names: string[]) => countIn(attributes, notes, ...names.map((name) => `gen_ai.usage.${name}`));
	const usage = usageOfInclusiveInput(
		{
			input: count('input_tokens', 'prompt_tokens'),
			output: count('output_tokens', 'completion_tokens'),
			cacheRead: count('cache_read.input_tokens', 'cache_read_input_tokens'),
			cacheWrite: count('cache_write.input_tokens', 'cache_creation.input_tokens', 'cache_creation_input_tokens'),
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: count('reasoning.output_tokens', 'reasoning_tokens'),
		},
		billsCacheWrites(provider, model),
		notes,
	);
	return hasTokens(usage) ? { usage, usageNotes: notes } : { usage: null, usageNotes: [] };
}

function billsCacheWrites(provider: string | null, model: string | null): boolean {
	return provider === 'anthropic' || /claude/i.test(model ?? '');
}

/** Copilot stands between: it is asked, whoever makes the model. */
function targetOf(
	agentId: string,
	named: string | null,
	model: string | null,
): Pick<ReportedCall, 'provider' | 'protocol'> {
	if (agentId === 'copilot-chat' || agentId === 'copilot-cli') return { provider: 'github-copilot', protocol: null };
	const provider = named === null ? null : named === 'aws.bedrock' ? 'aws' : providerName(named);
	return { provider, protocol: protocolOf(provider, model) };
}

function protocolOf(provider: string | null, model: string | null): Protocol {
	if (provider === 'anthropic' || /claude/i.test(model ?? '')) return 'anthropic';
	if (provider === 'google') return 'gemini';
	return provider === 'openai' || provider === 'azure' ? 'openai' : null;
}

function parametersOf(attributes: Attributes): Record<string, unknown> {
	const given = parameters.map((name) => [name, attributes.get(`gen_ai.request.${name}`)] as const);
	return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
}

function serviceTierOf(attributes: Attributes): string | null {
	const tier = textIn(
		attributes,
		'openai.response.service_tier',
		'gen_ai.openai.response.service_tier',
		'gen_ai.response.service_tier',
	);
	return tier === 'default' || tier === 'auto' || tier === 'standard' ? null : tier;
}
