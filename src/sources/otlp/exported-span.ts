import { callKindSchema } from '../../core/draft.ts';
import { countIn, textIn } from './attributes.ts';
import type { Attributes } from './records.ts';
import type { ReportedCall } from './reported-call.ts';

const unnamedError = { message: 'The call failed.', code: null };
const states = ['ok', 'error', 'cancelled'] as const;

/**
 * A call that Callmeter itself exported, by the attributes that the conventions have no name for: under its own id, with
 * cache writes by their time to live, and with what was reported of its cost. Others' calls stay as they are.
 */
export function withExported(call: ReportedCall, attributes: Attributes): ReportedCall {
	const callId = textIn(attributes, 'callmeter.call.id');
	if (callId === null) return call;
	const notes: string[] = [];
	const count = (name: string) => countIn(attributes, notes, name);
	const reportedNanoUsd = count('callmeter.cost.reported_nano_usd');
	const usage = {
		inputTotal: count('gen_ai.usage.input_tokens'),
		uncachedInput: count('callmeter.usage.uncached_input_tokens'),
		cacheRead: count('gen_ai.usage.cache_read.input_tokens'),
		cacheWrite5m: count('callmeter.usage.cache_write_5m_tokens'),
		cacheWrite1h: count('callmeter.usage.cache_write_1h_tokens'),
		cacheWriteUnknownTtl: count('callmeter.usage.cache_write_unknown_ttl_tokens'),
		output: count('gen_ai.usage.output_tokens'),
		reasoning: count('gen_ai.usage.reasoning.output_tokens'),
	};
	const kind = callKindSchema.safeParse(textIn(attributes, 'callmeter.call.kind'));
	const state = states.find((each) => each === textIn(attributes, 'callmeter.call.state'));
	return {
		...call,
		callId,
		aliases: [...call.aliases, call.callId],
		provider: textIn(attributes, 'callmeter.provider') ?? call.provider,
		kind: kind.success ? kind.data : call.kind,
		state: state ?? call.state,
		error: state === 'error' ? { ...(call.error ?? unnamedError), status: count('http.response.status_code') } : null,
		billing: textIn(attributes, 'callmeter.billing') === 'subscription' ? 'subscription' : 'api',
		usage: Object.values(usage).some((each) => each !== null) ? usage : null,
		usageNotes: notes,
		costUsd: reportedNanoUsd === null ? call.costUsd : reportedNanoUsd / 1e9,
		costBy: textIn(attributes, 'callmeter.cost.reported_by') === 'provider' ? 'provider' : 'agent',
	};
}
