import { calcPrice } from '@pydantic/genai-prices';
import type { ResponseDraft } from '../../../src/core/draft.ts';
import type { Usage } from '../../../src/core/usage.ts';
import type { ProtocolName, Served } from '../../fixtures/providers/fake-provider.ts';
import type { TrueUsage } from '../../fixtures/providers/script.ts';

/** What a call must be recorded as, by what the provider served. */
export interface Truth {
	/** The HTTP requests of the call; those before the last were tried again by the client library. */
	requests: Served[];
	what: string;
	state: ResponseDraft['state'];
	status: number | null;
	/** What the provider's stream said of usage; `null` = nothing. */
	usage: Usage | null;
	usageBound: ResponseDraft['usageBound'];
	usageMissing: boolean;
	/** USD of that usage, by the price library itself; `null` without usage. */
	costUsd: number | null;
}

/** Groups requests into calls: a client library tries a refused one again, up to `maxRetries` times. */
export function truthOf(served: readonly Served[], protocol: ProtocolName, model: string, maxRetries: number): Truth[] {
	const calls: Served[][] = [];
	let requests: Served[] = [];
	for (const request of served) {
		requests.push(request);
		if (request.turn === null && requests.length <= maxRetries) continue;
		calls.push(requests);
		requests = [];
	}
	return calls.map((group) => truth(group, protocol, model));
}

function truth(requests: Served[], protocol: ProtocolName, model: string): Truth {
	const last = requests.at(-1);
	if (last === undefined) throw new Error('A call without a request');
	const fault = last.turn?.fault?.kind;
	const refused = requests.filter(({ turn }) => turn === null).length;
	const again =
		refused > 0 && last.turn !== null
			? `${last.turn.fault?.kind === 'status' ? last.turn.fault.status : ''} × ${refused}, then `
			: '';
	if (last.turn === null) {
		return {
			requests,
			what: `${last.status} × ${refused}`,
			state: 'error',
			status: last.status,
			usage: null,
			usageBound: 'exact',
			usageMissing: false,
			costUsd: null,
		};
	}
	const { turn, complete } = last;
	// Anthropic's first event carries the input, and each of Gemini's; the output is a first guess then. OpenAI says
	// everything at the end.
	const guessed = { anthropic: 2, gemini: 1, 'openai-chat': null, 'openai-responses': null }[protocol];
	const startOnly = !complete && guessed !== null && last.events.length > 0;
	const told = complete || startOnly ? fault !== 'noUsage' : false;
	const counted = startOnly
		? { ...turn.usage, output: Math.min(guessed, turn.usage.output), reasoning: 0 }
		: turn.usage;
	return {
		requests,
		what: `${again}${complete ? (fault === 'noUsage' ? 'no usage' : 'complete') : fault}`,
		state: complete ? 'ok' : 'error',
		// Only Gemini's error event names a status.
		status: fault === 'error' && protocol === 'gemini' ? 503 : null,
		usage: told ? usageTold(counted, protocol, turn.hidesTtl === true) : null,
		usageBound: told && !complete ? 'atLeast' : 'exact',
		usageMissing: !told,
		costUsd: told ? costOf(counted, protocol, model) : null,
	};
}

/** The truth as far as the protocol has words for it. */
function usageTold(usage: TrueUsage, protocol: ProtocolName, hidesTtl: boolean): Usage {
	const writes = usage.cacheWrite5m + usage.cacheWrite1h;
	const anthropic = protocol === 'anthropic';
	return {
		inputTotal: usage.uncachedInput + usage.cacheRead + writes,
		uncachedInput: usage.uncachedInput,
		cacheRead: usage.cacheRead,
		cacheWrite5m: anthropic && !hidesTtl ? usage.cacheWrite5m : null,
		cacheWrite1h: anthropic && !hidesTtl ? usage.cacheWrite1h : null,
		cacheWriteUnknownTtl: anthropic ? (hidesTtl ? writes : 0) : null,
		output: usage.output,
		reasoning: anthropic && usage.reasoning === 0 ? null : usage.reasoning,
	};
}

const providerIds = { anthropic: 'anthropic', 'openai-chat': 'openai', 'openai-responses': 'openai', gemini: 'google' };

/** USD of that usage, by the price library itself. */
export function costOf(usage: TrueUsage, protocol: ProtocolName, model: string): number {
	const writes = usage.cacheWrite5m + usage.cacheWrite1h;
	const priced = calcPrice(
		{
			input_tokens: usage.uncachedInput + usage.cacheRead + writes,
			cache_read_tokens: usage.cacheRead,
			cache_write_tokens: writes,
			cache_write_1h_tokens: usage.cacheWrite1h,
			output_tokens: usage.output,
		},
		model,
		{ providerId: providerIds[protocol], timestamp: new Date() },
	);
	if (priced === null) throw new Error(`No price for ${model}`);
	return priced.total_price;
}
