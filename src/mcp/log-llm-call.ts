import { randomUUID } from 'node:crypto';
import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Draft } from '../core/draft.ts';
import { draftOfEvent } from '../core/outside/event-input.ts';
import { eventsOfLoggedCall, loggedCallSchema } from '../core/outside/logged-call.ts';
import { QuestionProblem } from '../ledger/answers/answer.ts';
import { named } from '../ledger/answers/foreign-text.ts';
import { callUri } from '../ledger/answers/resource-uris.ts';
import { moneyText } from '../ledger/answers/wording.ts';
import type { Ledger, Receipt } from '../ledger/ledger.ts';
import type { LedgerAtHand } from './ledger-at-hand.ts';
import { type ReportFault, toolProblem } from './tool-problem.ts';
import { toolSchema } from './tool-schema.ts';

/** The disk may be away for a moment; a client waits no longer than a minute for a tool. */
const patienceMs = 30_000;
/** Stands for an agent that does not say who it is. */
const unnamedAgent = 'mcp';

const { shape } = loggedCallSchema;

/** Each field of a call, with what it means for a model that fills it in. */
const fields = {
	sessionId: z
		.string('sessionId is required: the task that the call belongs to')
		.min(1, 'sessionId is empty')
		.max(500, 'sessionId is longer than 500 characters')
		.describe('The task that the call belongs to: the same for all calls of one task.'),
	provider: shape.provider.describe('Who served the call, such as anthropic, openai, google.'),
	model: shape.model.describe('The model that was asked for, such as claude-sonnet-4-5.'),
	messages: shape.messages.describe('What was sent to the model, at least one message.'),
	systemPrompt: shape.systemPrompt.describe('The system prompt, where it is apart from the messages.'),
	completion: shape.completion.describe('The text that came back; null when there was none.'),
	reasoning: shape.reasoning.describe('What the model thought, where the provider tells it.'),
	toolCalls: shape.toolCalls.describe('Tool calls that the model asked for.'),
	finishReason: shape.finishReason.describe(
		"stop, length, tool_use, content_filter, error, or the provider's own word.",
	),
	usage: shape.usage.describe(
		'Token counts. inputTokens includes cache reads and writes, outputTokens includes thinking. null: the provider told none.',
	),
	unpricedFees: shape.unpricedFees.describe(
		'What was billed beside the tokens and has no price of its own, such as "web search": the computed cost is then a lower bound.',
	),
	usageBound: shape.usageBound.describe('How the counts relate to what was served: atLeast of a stream that was cut.'),
	costUsd: shape.costUsd.describe(
		'What the call cost, US dollars. Absent or null: the price table is asked. Do not make one up.',
	),
	costReportedBy: shape.costReportedBy.describe(
		'Who says what it cost. A provider is believed more than the price table, an agent less. Default: agent.',
	),
	latencyMs: shape.latencyMs.describe('From the request to the end of the answer, milliseconds.'),
	timeToFirstTokenMs: shape.timeToFirstTokenMs.describe('From the request to the first token of the answer.'),
	parameters: shape.parameters.describe('Parameters of the request, such as temperature.'),
	tools: shape.tools.describe('Definitions of the tools that were offered to the model.'),
	redact: shape.redact.describe(
		'true: leave out all content before it is stored: texts, arguments, results, definitions.',
	),
	responseModel: shape.responseModel.describe('The model that answered, where it is another than was asked for.'),
	responseId: shape.responseId.describe(
		"The provider's id of the answer: by it the same call is known when it is seen elsewhere.",
	),
	requestId: shape.requestId.describe("The provider's id of the request."),
	serviceTier: shape.serviceTier.describe('batch, priority, flex, fast, …: tiers that are priced apart.'),
	inferenceProvider: shape.inferenceProvider.describe('The provider behind a gateway that really served the call.'),
	protocol: shape.protocol.describe(
		'The API family, by its way to count: with openai and gemini, no word of cache writes means that there were none.',
	),
	agentId: shape.agentId.describe(`Which agent made the call. Default: ${unnamedAgent}.`),
	endedAt: shape.endedAt.describe('When the answer had come, ISO 8601 with a zone. Default: now.'),
	error: shape.error.describe('What went wrong, for a finishReason of error.'),
	title: shape.title.describe("The task's title."),
	mode: shape.mode.describe("The agent's mode, such as code or plan."),
	folder: shape.folder.describe("The agent's working directory, absolute."),
	parentSessionId: shape.parentSessionId.describe('The task that started this one, for a subagent.'),
	kind: shape.kind.describe('What the call was for. Default: chat.'),
	billing: shape.billing.describe(
		'subscription: the call is covered by one, and not billed by the token. Default: api.',
	),
} satisfies Record<'sessionId' | keyof typeof shape, z.ZodType>;

/** The specification's parameters, with what else is known of a call. */
export const logCallInput = z.object(fields);

export const logCallOutput = z.object({
	callId: z.string().describe('The generated id of the call: both events have it.'),
	eventCount: z.int().describe('Events that were recorded: llm_call and llm_response.'),
	costUsd: z.number().nullable().describe('US dollars; null: no price is known, which is not 0.'),
	costBound: z.enum(['exact', 'atLeast', 'atMost']).describe('How costUsd relates to what was spent.'),
	content: z.enum(['full', 'redacted', 'off']).describe('How prompt and completion were kept.'),
	uri: z.string().describe('The resource with everything that is known of the call.'),
});

export const logCallTool = {
	name: 'log_llm_call',
	title: 'Log an LLM call',
	description:
		'Record one LLM call that you made yourself, request and answer in one piece. It becomes two events, llm_call and llm_response, with one generated callId. For agents and scripts whose calls Callmeter does not see otherwise: do not log calls of agents that it reads already.',
	input: logCallInput,
	output: logCallOutput,
} as const;

/** Adds the tool to a server. */
export function addLogCallTool(server: McpServer, ledgers: LedgerAtHand, report: ReportFault): void {
	const { name, title, description, input, output } = logCallTool;
	server.registerTool(
		name,
		{
			title,
			description,
			inputSchema: toolSchema(input),
			outputSchema: toolSchema(output),
			annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
		},
		async (call) => {
			try {
				const structuredContent = await ledgers.write(async ({ ledger, renew }) => {
					const kept = await renew();
					return logCall(call, ledger, call.redact === true && kept === 'full' ? 'redacted' : kept, report);
				});
				const text = confirmation(structuredContent, call.sessionId);
				return { content: [{ type: 'text', text }], structuredContent };
			} catch (error) {
				return toolProblem(error, report);
			}
		},
	);
}

type LoggedCall = z.infer<typeof logCallOutput>;

async function logCall(
	{ sessionId, ...call }: z.output<typeof logCallInput>,
	ledger: Ledger,
	content: LoggedCall['content'],
	report: ReportFault,
): Promise<LoggedCall> {
	const callId = randomUUID();
	const nowMs = Date.now();
	const events = eventsOfLoggedCall(call, { callId, sessionId, nowMs, agentId: unnamedAgent });
	const drafts = events.map((event): Draft => {
		const made = draftOfEvent(event, { source: 'mcp', nowMs });
		if ('problem' in made) throw new QuestionProblem(made.problem);
		return made.draft;
	});
	const receipts = await recorded(ledger, drafts, report);
	const rejected = receipts.find(({ outcome }) => outcome === 'rejected');
	if (rejected) throw new QuestionProblem(`The call was not recorded: ${rejected.reason ?? 'it is not valid'}.`);
	// Another one where the same call was seen before, by the provider's id.
	const known = receipts.at(-1)?.callId ?? callId;
	const [cost] = await ledger.costs([known]);
	const nanoUsd = cost?.cost.shownNanoUsd ?? null;
	return {
		callId: known,
		eventCount: receipts.length,
		costUsd: nanoUsd === null ? null : nanoUsd / 1e9,
		costBound: cost?.cost.bound ?? 'exact',
		content,
		uri: callUri(known),
	};
}

/** A disk that does not take the call is said so; the call waits in memory, and is written when it does. */
async function recorded(ledger: Ledger, drafts: Draft[], report: ReportFault): Promise<Receipt[]> {
	const recording = ledger.record(drafts);
	let timer: NodeJS.Timeout | undefined;
	const tooLong = new Promise<null>((resolve) => {
		timer = setTimeout(() => resolve(null), patienceMs);
	});
	try {
		const receipts = await Promise.race([recording, tooLong]);
		if (receipts !== null) return receipts;
		// Whoever logged it is told of no end: the server's own is that of the call.
		recording.catch((error: unknown) => {
			const why = error instanceof Error ? error.message : String(error);
			report(`A call that was logged was not written: ${why}`);
		});
		const { error } = await ledger.health();
		throw new QuestionProblem(
			`The ledger does not take the call now${error === null ? '' : `: ${error.message}`} It is written as soon as it can be, while this server runs: do not log it again.`,
		);
	} finally {
		clearTimeout(timer);
	}
}

function confirmation({ callId, eventCount, costUsd, costBound, content }: LoggedCall, sessionId: string): string {
	const cost = moneyText(costUsd === null ? null : Math.round(costUsd * 1e9), costBound);
	const kept = content === 'full' ? '' : ' Its texts were left out.';
	return `Recorded call ${callId} as ${eventCount} events (llm_call, llm_response) of task ${named(sessionId)}. Cost: ${cost}.${kept}`;
}
