import { hasTokens } from '../../core/usage.ts';
import { usageOfInclusiveInput } from '../../core/usage-counting.ts';
import { billingOfAgent, folderOf } from './agent-of.ts';
import { countIn, textIn } from './attributes.ts';
import type { Attributes } from './records.ts';
import { nothingTold, type ReportedCall } from './reported-call.ts';

export const codexEvent = 'codex.sse_event';

/** Whether an event of the stream ends a call: `completed` with its counts, `failed` with the reason. */
export function codexEnd(attributes: Attributes): 'completed' | 'failed' | null {
	const kind = textIn(attributes, 'event.kind');
	return kind === 'response.completed' ? 'completed' : kind === 'response.failed' ? 'failed' : null;
}

/**
 * A request of Codex, as the last event of its stream tells it. Input counts cached tokens in, output counts reasoning
 * in. When it began is not told, nor an id: its record on disk has both, and is found by its counts and time.
 * Source: Codex documentation, "Observability and telemetry", event `codex.sse_event`.
 */
export function codexCall(
	resource: Attributes,
	attributes: Attributes,
	about: Pick<ReportedCall, 'callId' | 'record' | 'endedAtMs'> & { failed: boolean },
): ReportedCall {
	const { failed, ...rest } = about;
	const notes: string[] = [];
	const count = (key: string) => countIn(attributes, notes, key);
	const usage = usageOfInclusiveInput(
		{
			input: count('input_token_count'),
			output: count('output_token_count'),
			cacheRead: count('cached_token_count'),
			cacheWrite: null,
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: count('reasoning_token_count'),
		},
		false,
		notes,
	);
	const counted = hasTokens(usage);
	return {
		...nothingTold,
		...rest,
		aliases: [],
		sessionId: textIn(attributes, 'conversation.id') ?? 'otlp:codex',
		agentId: 'codex',
		billing: billingOfAgent('codex', attributes),
		startedAtMs: rest.endedAtMs,
		provider: 'openai',
		model: textIn(attributes, 'model', 'slug'),
		protocol: 'openai',
		folder: folderOf(resource, attributes),
		...(failed
			? {
					state: 'error' as const,
					error: { message: textIn(attributes, 'error.message') ?? 'The request failed.', status: null, code: null },
				}
			: {}),
		usage: counted ? usage : null,
		usageNotes: counted ? notes : [],
	};
}
