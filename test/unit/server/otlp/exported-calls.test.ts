import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import root from 'otlp-schema/build/src/generated/root.js';
import { peek } from '../../../../src/core/foreign.ts';
import { openStream } from '../../../../src/ledger/export/open-stream.ts';
import type { LedgerStore } from '../../../../src/ledger/store.ts';
import { OtlpSender } from '../../../../src/telemetry/otlp-sender.ts';
import { sendRequests } from '../../../../src/telemetry/send-requests.ts';
import { exportRequest, partsOf } from '../../ledger/export/support.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from '../../ledger/support.ts';
import { Receiving } from './receiving.ts';

interface Decoded {
	resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: Span[] }[] }[];
}
interface KeyValue {
	key: string;
	value: Record<string, unknown>;
}
interface Span {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: KeyValue[];
}

/** Reads a request as OpenTelemetry's own schema has it; whatever that does not know is wrong. */
function decode(json: string): Decoded {
	const folder = ['opentelemetry', 'proto', 'collector', 'trace', 'v1', 'ExportTraceServiceRequest'];
	const type = folder.reduce<unknown>(peek, root) as {
		verify(value: object): string | null;
		fromObject(value: object): object;
		encode(message: object): { finish(): Uint8Array };
		decode(bytes: Uint8Array): object;
		toObject(message: object, options: object): Decoded;
	};
	const message = type.fromObject(JSON.parse(json) as object);
	assert.equal(type.verify(message), null);
	return type.toObject(type.decode(type.encode(message).finish()), { longs: String, bytes: String });
}

function spansOf(requests: readonly string[]): Span[] {
	return requests.flatMap((request) =>
		decode(request).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
	);
}

function attributesOf({ attributes }: Span): Record<string, unknown> {
	return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

const content = { messages: [{ role: 'user' as const, content: 'hello' }], systemPrompt: 'Be brief.' };

/** A task with a subagent; an error, a cancel, a call without a price, one that a subscription covers, one that still runs. */
function fill(store: LedgerStore): void {
	store.record([
		callDraft('a', { ...content, kind: 'chat', parameters: { temperature: 0.2, max_tokens: 4096 } }),
		responseDraft('a', {
			completion: 'done',
			finishReason: 'stop',
			timeToFirstTokenMs: 812.5,
			usage: usage({
				inputTotal: 9_100,
				uncachedInput: 100,
				cacheRead: 8_000,
				cacheWrite5m: 600,
				cacheWrite1h: 400,
				reasoning: 5,
			}),
		}),
		callDraft('b', { sessionId: 'sub', parentSessionId: 'session-1', startedAtMs: T0 + 500, kind: 'subagent' }),
		responseDraft('b', {
			sessionId: 'sub',
			endedAtMs: T0 + 900,
			latencyMs: 400,
			reportedCostUsd: 0.123456789,
			reportedBy: 'provider',
		}),
		callDraft('c', { model: 'in-house', provider: 'acme', startedAtMs: T0 + 3_000 }),
		responseDraft('c', { model: 'in-house', provider: 'acme', endedAtMs: T0 + 4_000, latencyMs: 1_000 }),
		callDraft('d', { startedAtMs: T0 + 5_000 }),
		responseDraft('d', {
			endedAtMs: T0 + 6_000,
			latencyMs: 1_000,
			state: 'error',
			usage: null,
			error: { message: 'no', status: 529, code: 'overloaded' },
		}),
		callDraft('e', { startedAtMs: T0 + 7_000, provider: 'google', model: 'gemini-2.5-pro' }),
		responseDraft('e', {
			endedAtMs: T0 + 8_000,
			latencyMs: 1_000,
			state: 'cancelled',
			provider: 'google',
			model: 'gemini-2.5-pro',
		}),
		callDraft('f', {
			startedAtMs: T0 + 9_000,
			agentId: 'codex',
			origin: { source: 'codex', billing: 'subscription' },
			provider: 'openai',
			model: 'gpt-5',
		}),
		responseDraft('f', {
			endedAtMs: T0 + 9_900,
			latencyMs: 900,
			agentId: 'codex',
			origin: { source: 'codex', billing: 'subscription' },
			provider: 'openai',
			model: 'gpt-5',
			reportedCostUsd: 0.5,
			reportedBy: 'agent',
		}),
		callDraft('g', { startedAtMs: T0 + 11_000 }),
	]);
}

describe('Calls exported over OTLP', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	before(() => {
		folder.make();
		store = openStore(folder.file);
		fill(store);
	});
	after(() => {
		store.close();
		folder.clean();
	});

	it("issue 6, export: OTLP is what OpenTelemetry's own schema reads, by the GenAI conventions", () => {
		const spans = spansOf(partsOf(store, { format: 'otlp' }));
		const call = spans.find((span) => attributesOf(span)['callmeter.call.id'] === 'a');
		assert.ok(call);
		const told = attributesOf(call);
		assert.deepEqual(
			[
				told['gen_ai.operation.name'],
				told['gen_ai.provider.name'],
				told['gen_ai.system'],
				told['gen_ai.request.model'],
			],
			['chat', 'anthropic', 'anthropic', 'claude-sonnet-4-5'],
		);
		assert.deepEqual(
			[
				told['gen_ai.usage.input_tokens'],
				told['gen_ai.usage.cache_read.input_tokens'],
				told['gen_ai.usage.cache_creation.input_tokens'],
			],
			['9100', '8000', '1000'],
		);
		assert.equal(told['gen_ai.usage.prompt_tokens'], '9100');
		assert.equal(told['gen_ai.response.time_to_first_chunk'], 0.8125);
		assert.equal(BigInt(call.endTimeUnixNano) - BigInt(call.startTimeUnixNano), 2_000_000_000n);
		const unpriced = spans.find((span) => attributesOf(span)['callmeter.call.id'] === 'c');
		assert.ok(unpriced);
		assert.deepEqual(
			[attributesOf(unpriced)['callmeter.cost.basis'], attributesOf(unpriced)['callmeter.cost.bound']],
			['unpriced', undefined],
		);
		const gemini = spans.find((span) => attributesOf(span)['callmeter.call.id'] === 'e');
		assert.equal(gemini && attributesOf(gemini)['gen_ai.provider.name'], 'gcp.gemini');
	});

	it('issue 6, export: whatever the names in it, a call can be told over OTLP', () => {
		const other = temporaryFolder();
		other.make();
		const hostile = openStore(other.file);
		try {
			const names = ['constructor', '__proto__', 'toString', '\ud800', '"', '\u0000', 'x'.repeat(10_000)];
			for (const [i, name] of names.entries()) {
				const same = { sessionId: name, agentId: name, provider: name, model: name };
				hostile.record([
					callDraft(`call-${i}`, { ...same, startedAtMs: T0 + i, title: name, mode: name }),
					responseDraft(`call-${i}`, { ...same, endedAtMs: T0 + i + 1, finishReason: name, serviceTier: name }),
				]);
			}
			const spans = spansOf(partsOf(hostile, { format: 'otlp', title: true }));
			const providers = spans.flatMap((span) => attributesOf(span)['gen_ai.provider.name'] ?? []);
			assert.deepEqual(
				providers,
				names.map((name) => name.toWellFormed()),
			);
		} finally {
			hostile.close();
			other.clean();
		}
	});

	it('issue 6, export: exporting twice makes the same spans, subagents below their task', () => {
		const [once, twice] = [partsOf(store, { format: 'otlp' }), partsOf(store, { format: 'otlp' })];
		assert.deepEqual(once, twice);
		const spans = spansOf(once);
		assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
		assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
		const named = (name: string, key: string) => spans.find((span) => attributesOf(span)[key] === name);
		const task = spans.find(
			(span) => span.name.startsWith('invoke_agent') && attributesOf(span)['gen_ai.conversation.id'] === 'session-1',
		);
		const subagent = spans.find(
			(span) => span.name.startsWith('invoke_agent') && attributesOf(span)['gen_ai.conversation.id'] === 'sub',
		);
		assert.equal(subagent?.parentSpanId, task?.spanId);
		assert.equal(named('b', 'callmeter.call.id')?.parentSpanId, subagent?.spanId);
		const part = spansOf(partsOf(store, { format: 'otlp', filter: { sessionId: 'sub' } }));
		assert.ok(part.every(({ spanId }) => spans.some((span) => span.spanId === spanId)));
	});

	it('issue 6, export: OTLP has content only when asked, and no call that still runs', () => {
		const plain = partsOf(store, { format: 'otlp' }).join('');
		assert.doesNotMatch(plain, /hello|Be brief|gen_ai\.input\.messages/);
		assert.match(partsOf(store, { format: 'otlp', content: true }).join(''), /gen_ai\.input\.messages.*hello/);
		const stream = openStream(store.file, exportRequest({ format: 'otlp' }));
		assert.deepEqual(
			[stream.next().running, spansOf([plain]).filter(({ name }) => name.startsWith('chat')).length],
			[1, 6],
		);
	});

	it('issue 6, export: our own receiver reads exported spans back with equal tokens and costs', async () => {
		const receiving = new Receiving();
		await receiving.start();
		try {
			async function* bodies() {
				yield* partsOf(store, { format: 'otlp', content: true });
			}
			const sender = new OtlpSender({ url: `${receiving.endpoint}/v1/traces`, headers: {}, userAgent: 'test' });
			const sent = await sendRequests(bodies(), sender);
			assert.deepEqual([sent.taken, sent.rejected, sent.problem], [1, 0, null]);
			const there = await receiving.rows();
			const here = store.calls({ ...everything, sort: 'oldest' }).rows.filter(({ state }) => state !== 'pending');
			const figures = (rows: typeof here) =>
				rows.map((row) => ({
					callId: row.callId,
					sessionId: row.sessionId,
					agentId: row.agentId,
					state: row.state,
					kind: row.kind,
					provider: row.provider,
					model: row.model,
					startedAtMs: row.startedAtMs,
					latencyMs: row.latencyMs && Math.round(row.latencyMs),
					tokens: [row.inputTokens, row.outputTokens, row.cacheReadTokens, row.cacheWriteTokens, row.reasoningTokens],
					cost: row.cost,
				}));
			assert.deepEqual(figures(there), figures(here));
			const detail = await receiving.ledger.call('a');
			assert.deepEqual([detail?.systemPrompt, detail?.completion], ['Be brief.', 'done']);
			await sendRequests(bodies(), sender);
			assert.equal((await receiving.rows()).length, there.length);
		} finally {
			await receiving.stop();
		}
	}).timeout(20_000);
});
