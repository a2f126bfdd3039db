import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import type { Cost } from '../../../src/core/pricing/cost.ts';
import {
	type StoredCallPayload,
	type StoredCostPayload,
	type StoredResponsePayload,
	storedCallPayloadSchema,
	storedCostPayloadSchema,
	storedResponsePayloadSchema,
} from '../../../src/core/stored-events.ts';
import { storedText } from '../../../src/core/stored-text.ts';

const count = fc.oneof(fc.constant(0), fc.nat());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const word = fc.oneof(fc.constantFrom('api', 'chat', 'ok', 'null', ''), fc.string({ unit: 'grapheme' }), fc.string());
const name = word.map((text) => text.toWellFormed());
const digest = maybe(fc.constantFrom('d1', 'd2'));
const texts = fc.array(name, { maxLength: 3 });
const durationMs = maybe(fc.double({ min: 0, max: 1e9, noNaN: true }).map((ms) => ms + 0));
const contentState = fc.constantFrom('full', 'redacted', 'off', 'none');

const identity = {
	version: fc.constant(1 as const),
	callId: name.map((text) => `c${text}`),
	aliases: texts,
	origin: fc.record(
		{
			source: name.map((text) => `s${text}`),
			record: name,
			billing: fc.constantFrom('api', 'subscription'),
			live: fc.boolean(),
		},
		{ requiredKeys: ['source', 'billing', 'live'] },
	),
	provider: name,
	model: name,
	protocol: maybe(fc.constantFrom('anthropic', 'openai', 'gemini')),
};

const cost = fc.record({
	shownNanoUsd: maybe(count),
	basis: fc.constantFrom('provider', 'computed', 'agent', 'unpriced', 'refused'),
	bound: fc.constantFrom('exact', 'atLeast', 'atMost'),
	computedNanoUsd: maybe(count),
	reportedNanoUsd: maybe(count),
	reportedBy: maybe(fc.constantFrom('provider', 'agent')),
	diverges: fc.boolean(),
	lines: fc.array(
		fc.record({
			bucket: fc.constantFrom('uncachedInput', 'output', 'requests'),
			tokens: count,
			ratePicoUsd: count,
			tierStart: count,
		}),
		{ maxLength: 3 },
	),
	price: maybe(
		fc.record({
			provider: name,
			model: name,
			from: fc.constantFrom('table', 'overlay', 'override'),
			validFrom: maybe(name),
			tableDate: name,
		}),
	),
	unpriced: maybe(fc.constantFrom('unknownModel', 'noUsage', 'noRate')),
	notes: texts,
}) as fc.Arbitrary<Cost>;

const usage = fc.record({
	inputTotal: maybe(count),
	uncachedInput: maybe(count),
	cacheRead: maybe(count),
	cacheWrite5m: maybe(count),
	cacheWrite1h: maybe(count),
	cacheWriteUnknownTtl: maybe(count),
	output: maybe(count),
	reasoning: maybe(count),
});

const call = fc.record({
	...identity,
	startedAtMs: count,
	kind: fc.constantFrom('chat', 'condense', 'subagent', 'title', 'tool', 'replay'),
	parentSessionId: maybe(name),
	mode: maybe(name),
	folder: maybe(name),
	gitBranch: maybe(name),
	gitCommit: maybe(name),
	contentState,
	masked: count,
	messageCount: maybe(count),
	promptDigest: digest,
	systemPromptDigest: digest,
	toolsDigest: digest,
	titleDigest: digest,
	parameters: fc.dictionary(
		name.filter((key) => key !== '__proto__'),
		fc.oneof(fc.nat(), fc.boolean()),
		{ maxKeys: 3, noNullPrototype: true },
	),
	parametersDigest: digest,
}) as fc.Arbitrary<StoredCallPayload>;

const response = fc.record({
	...identity,
	endedAtMs: count,
	state: fc.constantFrom('ok', 'error', 'cancelled'),
	finishReason: maybe(name),
	usage: maybe(usage),
	usageMissing: fc.boolean(),
	usageBound: fc.constantFrom('exact', 'atLeast', 'atMost'),
	usageNotes: texts,
	cost,
	unpricedFees: texts,
	latencyMs: durationMs,
	timeToFirstTokenMs: durationMs,
	completionTimeMs: durationMs,
	inferenceProvider: maybe(name),
	serviceTier: maybe(name),
	error: maybe(fc.record({ status: maybe(fc.integer()), code: maybe(name), messageDigest: digest })),
	contentState,
	masked: count,
	completionDigest: digest,
	reasoningDigest: digest,
	toolCallsDigest: digest,
	toolCallCount: count,
}) as fc.Arbitrary<StoredResponsePayload>;

const tracked = fc.record({
	version: fc.constant(1 as const),
	callId: maybe(name),
	origin: identity.origin,
	provider: maybe(name),
	model: maybe(name),
	costUsd: fc.double({ min: 0, max: 100, noNaN: true }).map((usd) => usd + 0),
	descriptionDigest: digest,
}) as fc.Arbitrary<StoredCostPayload>;

describe('storedText', () => {
	const kinds = [
		['llm_call', call, storedCallPayloadSchema],
		['llm_response', response, storedResponsePayloadSchema],
		['cost_tracked', tracked, storedCostPayloadSchema],
	] as const;
	for (const [type, arbitrary, schema] of kinds) {
		it(`gives every ${type} back as it was, whatever is left out of its text`, () => {
			fc.assert(
				fc.property(arbitrary as fc.Arbitrary<StoredCallPayload>, (payload) => {
					assert.deepEqual(schema.parse(JSON.parse(storedText(type, payload))), structuredClone(payload));
				}),
				{ numRuns: 500 },
			);
		});

		it(`writes a ${type} as canonical JSON, so that it can be hashed again from what is stored`, () => {
			fc.assert(
				fc.property(arbitrary as fc.Arbitrary<StoredCallPayload>, (payload) => {
					const text = storedText(type, payload);
					assert.equal(canonicalJson(JSON.parse(text)), text);
				}),
				{ numRuns: 500 },
			);
		});

		it(`reads a ${type} of an earlier version, which has every member`, () => {
			fc.assert(
				fc.property(arbitrary as fc.Arbitrary<StoredCallPayload>, (payload) => {
					assert.deepEqual(schema.parse(JSON.parse(canonicalJson(payload))), structuredClone(payload));
				}),
			);
		});
	}

	it('leaves out nulls, empty lists and what else goes without saying', () => {
		const payload = storedCallPayloadSchema.parse({
			version: 1,
			callId: 'c',
			origin: { source: 's' },
			provider: 'p',
			model: 'm',
			startedAtMs: 5,
			contentState: 'off',
		});
		const text =
			'{"callId":"c","contentState":"off","model":"m","origin":{"source":"s"},"provider":"p","startedAtMs":5,"version":1}';
		assert.equal(storedText('llm_call', payload), text);
	});

	it('writes a lone surrogate as U+FFFD, as canonical JSON does', () => {
		const payload = storedCostPayloadSchema.parse({
			version: 1,
			origin: { source: 's' },
			model: 'a\ud800"',
			costUsd: 1,
		});
		assert.equal(
			storedText('cost_tracked', payload),
			'{"costUsd":1,"model":"a\ufffd\\"","origin":{"source":"s"},"version":1}',
		);
	});
});
