// A process that records calls until it is killed, and says which drafts were acknowledged.
// Arguments: ledger file, prefix of the call ids, calls to record (0 = without end).
import { LedgerStore } from '../../../src/ledger/store.ts';

const [file = '', prefix, count] = process.argv.slice(2);
const store = new LedgerStore({
	file,
	readOnly: false,
	content: 'full',
	prices: undefined,
	fullText: 'auto',
	codec: 'auto',
	maxPages: null,
});
const end = Number(count) || Number.POSITIVE_INFINITY;
for (let i = 0; i < end; i++) {
	const callId = `${prefix}-${i}`;
	const identity = { callId, sessionId: `session-${i % 3}`, agentId: 'agent-1', origin: { source: 'source-1' } };
	const model = { provider: 'anthropic', model: 'claude-sonnet-4-5' };
	const messages = Array.from({ length: 1 + (i % 7) }, (_, k) => ({
		role: 'user',
		content: `Message ${k} of ${prefix}`,
	}));
	const drafts = [
		{ eventType: 'llm_call', ...identity, ...model, startedAtMs: 1_772_000_000_000 + i * 1000, messages },
		{
			eventType: 'llm_response',
			...identity,
			...model,
			endedAtMs: 1_772_000_000_500 + i * 1000,
			state: 'ok',
			completion: `Answer ${i} of ${prefix}`,
			usage: {
				inputTotal: 10,
				uncachedInput: 10,
				cacheRead: 0,
				cacheWrite5m: 0,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 1,
				reasoning: null,
			},
		},
	];
	store.record(drafts);
	process.stdout.write(`${callId}\n`);
}
store.close();
