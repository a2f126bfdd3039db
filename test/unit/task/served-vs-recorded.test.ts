import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type CallDraft, draftSchema, type ResponseDraft } from '../../../src/core/draft.ts';
import { builtInPrices } from '../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../src/core/pricing/compute-cost.ts';
import { unknownUsage } from '../../../src/core/usage.ts';
import type { CallDetail, CallRow } from '../../../src/core/views.ts';
import type { Receipt } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import type { CallSink } from '../../../src/task/call-sink.ts';
import { loadHandler } from '../../../src/task/handlers/load.ts';
import { startTask } from '../../../src/task/start-task.ts';
import { type ProtocolName, startFakeProvider } from '../../fixtures/providers/fake-provider.ts';
import type { Turn } from '../../fixtures/providers/script.ts';
import { RecordingSink } from './hook/recording-sink.ts';
import { faultyTask } from './served-script.ts';
import { type ServedRow, servedTable } from './served-table.ts';
import { type Truth, truthOf } from './served-truth.ts';

const workspaceRoot = join(import.meta.dirname, '../../fixtures/sample-workspace');
const output = join(import.meta.dirname, '../../../out/served-vs-recorded.md');
const workerPath = join(import.meta.dirname, '../../../src/ledger/worker.ts');
/** As the client libraries have it by default. */
const maxRetries = 2;

const runs: { protocol: ProtocolName; model: string }[] = [
	{ protocol: 'anthropic', model: 'claude-opus-4-6' },
	{ protocol: 'openai-chat', model: 'gpt-5.4' },
	{ protocol: 'openai-responses', model: 'gpt-5.4' },
	{ protocol: 'gemini', model: 'gemini-2.5-pro' },
];

describe('LLM Completion event: the hooked loop against real HTTP providers yields exactly what was served', () => {
	const rows: ServedRow[] = [];

	after(() => {
		mkdirSync(join(output, '..'), { recursive: true });
		writeFileSync(output, servedTable(rows));
	});

	for (const { protocol, model } of runs) {
		describe(protocol, () => {
			let truths: Truth[] = [];
			let stored: CallRow[] = [];
			let details: (CallDetail | null)[] = [];
			let receipts: Receipt[] = [];
			let verified: boolean | undefined;
			const sink = new RecordingSink();

			before(async () => {
				const directory = mkdtempSync(join(tmpdir(), 'callmeter-served-'));
				const ledger = openLedger({ directory, workerPath });
				const recorded: Promise<Receipt[]>[] = [];
				const provider = await startFakeProvider(protocol, model, script(protocol));
				try {
					const options = { apiKey: 'sk-test-secret', model, baseUrl: provider.baseUrl, maxRetries };
					const handler = await loadHandler({ ...kinds[protocol], ...options });
					const both: CallSink = {
						accept(draft) {
							sink.accept(draft);
							recorded.push(ledger.record([draftSchema.parse(draft)]));
						},
					};
					const task = startTask({ handler, sink: both, workspaceRoot, prompt: 'What is this?', retryDelayMs: 1 });
					const result = await task.done;
					assert.deepEqual(result, { state: 'completed', result: 'A library for **tides**.' });
					truths = truthOf(provider.served, protocol, model, maxRetries);
					receipts = (await Promise.all(recorded)).flat();
					stored = (await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 100 })).rows;
					details = await Promise.all(stored.map(({ callId }) => ledger.call(callId)));
					verified = (await ledger.verify()).ok;
				} finally {
					await provider.close();
					await ledger.close();
					rmSync(directory, { recursive: true, force: true });
				}
			});

			it('one call for each request of the loop, in order, each with its response', () => {
				assert.equal(sink.calls.length, truths.length);
				assert.equal(new Set(sink.calls.map(({ callId }) => callId)).size, truths.length);
				const order = sink.drafts.map(({ eventType, callId }) => `${eventType} ${callId}`);
				const expected = sink.calls.flatMap(({ callId }) => [`llm_call ${callId}`, `llm_response ${callId}`]);
				assert.deepEqual(order, expected);
			});

			it('state, tokens by bucket and what is missing', () => {
				for (const [index, truth] of truths.entries()) {
					const response = responseAt(sink, index);
					const { state, usage, usageBound, usageMissing } = response;
					assert.deepEqual(
						{ state, usage, usageBound, usageMissing },
						{ state: truth.state, usage: truth.usage, usageBound: truth.usageBound, usageMissing: truth.usageMissing },
						`call ${index + 1}: ${truth.what}`,
					);
					assert.equal(response.error?.status ?? null, truth.status);
				}
			});

			it('cost, priced by core, equal to what the price library makes of the served tokens', () => {
				for (const [index, truth] of truths.entries()) {
					const cost = costOf(sink, index);
					if (truth.costUsd === null) assert.equal(cost.shownNanoUsd, null, `call ${index + 1}`);
					else
						assert.ok(
							Math.abs((cost.shownNanoUsd ?? 0) / 1e9 - truth.costUsd) <= 1e-9,
							`call ${index + 1}: ${truth.costUsd}`,
						);
					assert.equal(cost.bound, truth.usageBound);
					rows.push({ protocol, model, truth, call: callAt(sink, index), response: responseAt(sink, index), cost });
				}
			});

			it('what was sent and what came back', () => {
				for (const [index, { requests }] of truths.entries()) {
					const call = callAt(sink, index);
					const response = responseAt(sink, index);
					for (const { body } of requests) assert.ok(JSON.stringify(body).includes('What is this?'));
					const sent = requests.at(-1)?.body;
					// Gemini's model stands in the path, without which the provider would not have answered.
					assert.equal(protocol === 'gemini' ? model : sent?.model, call.model);
					assert.equal(call.tools.length, 4);
					const turn = requests.at(-1)?.turn;
					if (!turn || response.state === 'error') continue;
					assert.equal(response.completion, turn.text);
					assert.equal(response.reasoning, turn.reasoning ?? null);
					assert.deepEqual(response.toolCalls, withIds(turn.tools, response.toolCalls, protocol));
					assert.equal(response.model, model);
				}
			});

			it('ids of the provider, so that the same call seen elsewhere is one call', () => {
				for (const [index, { requests }] of truths.entries()) {
					const last = requests.at(-1);
					// The request id of a refusal comes with the error, that of an answer with its first event. Google's client
					// has none in its errors.
					const inError = protocol === 'gemini' ? [] : [last?.requestId];
					const expected = last?.turn === null ? inError : [last?.responseId, last?.requestId];
					assert.deepEqual(responseAt(sink, index).aliases, expected, `call ${index + 1}`);
				}
			});

			it('a 429 that the client library tries again is one call', () => {
				const retried = truths.findIndex(({ requests }) => requests.length === 3 && requests.at(-1)?.turn);
				assert.equal(truths[retried]?.state, 'ok');
				assert.equal(responseAt(sink, retried).state, 'ok');
			});

			it('the ledger holds the same: paired, in order, with the same tokens and cost, and its chain verifies', () => {
				assert.deepEqual(new Set(receipts.map(({ outcome }) => outcome)), new Set(['appended']));
				assert.deepEqual(
					stored.map(({ callId }) => callId),
					sink.calls.map(({ callId }) => callId),
				);
				for (const [index, truth] of truths.entries()) {
					const [row, detail] = [stored[index], details[index]];
					assert.ok(row !== undefined && detail);
					const usage = truth.usage ?? unknownUsage;
					const { state, usageMissing, orphan, seq, inputTokens, outputTokens, cacheReadTokens } = row;
					assert.deepEqual(
						{ state, usageMissing, orphan, seq, inputTokens, outputTokens, cacheReadTokens },
						{
							state: truth.state,
							usageMissing: truth.usageMissing,
							orphan: false,
							seq: index + 1,
							inputTokens: usage.inputTotal,
							outputTokens: usage.output,
							cacheReadTokens: usage.cacheRead,
						},
						`call ${index + 1}: ${truth.what}`,
					);
					assert.deepEqual(detail.usage, truth.usage);
					assert.equal(row.cost?.nanoUsd, costOf(sink, index).shownNanoUsd);
					assert.deepEqual(detail.messages, callAt(sink, index).messages);
					assert.equal(detail.completion, responseAt(sink, index).completion);
				}
				assert.equal(verified, true);
			});

			it('no key in any record', () => {
				assert.ok(!JSON.stringify(sink.drafts).includes('sk-test-secret'));
			});
		});
	}
});

const kinds = {
	anthropic: { kind: 'anthropic' },
	'openai-chat': { kind: 'openai', api: 'chat' },
	'openai-responses': { kind: 'openai', api: 'responses' },
	gemini: { kind: 'gemini' },
} as const;

/** A status that the client library tries again stands for overload. */
function script(protocol: ProtocolName): Turn[] {
	return faultyTask({ writes: protocol === 'anthropic', ...(protocol === 'gemini' && { overloaded: 503 }) });
}

/** Gemini gives its calls no id: one is made up for each, and no two are the same. */
function withIds(served: Turn['tools'], recorded: ResponseDraft['toolCalls'], protocol: ProtocolName): Turn['tools'] {
	if (protocol !== 'gemini') return served;
	assert.equal(new Set(recorded.map(({ id }) => id)).size, recorded.length);
	return served?.map((call, index) => ({ ...call, id: recorded[index]?.id ?? '' }));
}

function callAt(sink: RecordingSink, index: number): CallDraft {
	const call = sink.calls[index];
	assert.ok(call !== undefined);
	return call;
}

function responseAt(sink: RecordingSink, index: number): ResponseDraft {
	const response = sink.responses[index];
	assert.ok(response !== undefined);
	return response;
}

function costOf(sink: RecordingSink, index: number): ReturnType<typeof priceCall> {
	const call = callAt(sink, index);
	return priceCall({ ...responseAt(sink, index), atMs: call.startedAtMs, askedModel: call.model }, builtInPrices());
}
