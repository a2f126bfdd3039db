import assert from 'node:assert/strict';
import { cacheWriteTotal, inputTotalOf, type Usage, unknownUsage } from '../../../src/core/usage.ts';
import { mergeUsageChunks } from '../../../src/core/usage-merge.ts';
import {
	usageFromAnthropic,
	usageFromChunk,
	usageFromGemini,
	usageFromOpenAi,
} from '../../../src/core/usage-protocols.ts';

const known = (over: Partial<Usage>): Usage => ({ ...unknownUsage, ...over });

describe('usageFromAnthropic', () => {
	it('adds cache reads and writes to an input that leaves them out', () => {
		const raw = {
			input_tokens: 10,
			cache_read_input_tokens: 50_000,
			cache_creation_input_tokens: 5_000,
			cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 3_000 },
			output_tokens: 1_000,
			output_tokens_details: { thinking_tokens: 400 },
			service_tier: 'standard',
		};
		assert.deepEqual(usageFromAnthropic(raw), {
			inputTotal: 55_010,
			uncachedInput: 10,
			cacheRead: 50_000,
			cacheWrite5m: 2_000,
			cacheWrite1h: 3_000,
			cacheWriteUnknownTtl: 0,
			output: 1_000,
			reasoning: 400,
		});
	});

	it('keeps writes without a time to live apart', () => {
		const usage = usageFromAnthropic({
			input_tokens: 1,
			cache_creation_input_tokens: 7,
			cache_read_input_tokens: 0,
			output_tokens: 2,
		});
		assert.deepEqual(
			usage,
			known({ inputTotal: 8, uncachedInput: 1, cacheRead: 0, cacheWriteUnknownTtl: 7, output: 2 }),
		);
	});

	it('reads zero writes as zero in every bucket', () => {
		const usage = usageFromAnthropic({
			input_tokens: 1,
			cache_creation_input_tokens: 0,
			cache_read_input_tokens: 0,
			output_tokens: 2,
		});
		assert.deepEqual(
			usage,
			known({
				inputTotal: 1,
				uncachedInput: 1,
				cacheRead: 0,
				cacheWrite5m: 0,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 2,
			}),
		);
	});

	it('does not make up cache counts that a compatible server leaves out', () => {
		const usage = usageFromAnthropic({ input_tokens: 100, output_tokens: 5 });
		assert.deepEqual(usage, known({ uncachedInput: 100, output: 5 }));
		assert.equal(usage && inputTotalOf(usage), 100);
	});

	it('trusts the split by time to live where it adds up to more than the total', () => {
		const notes: string[] = [];
		const usage = usageFromAnthropic(
			{
				input_tokens: 0,
				cache_read_input_tokens: 0,
				cache_creation_input_tokens: 5,
				cache_creation: { ephemeral_1h_input_tokens: 9 },
			},
			notes,
		);
		assert.equal(usage && cacheWriteTotal(usage), 9);
		assert.equal(notes.length, 1);
	});

	it('gives null for no usage', () => {
		for (const raw of [null, undefined, {}, 'x', [], { service_tier: 'standard' }])
			assert.equal(usageFromAnthropic(raw), null);
	});

	it('leaves out what is no count and says so', () => {
		const notes: string[] = [];
		const usage = usageFromAnthropic(
			{ input_tokens: -3, output_tokens: 1.5, cache_read_input_tokens: 4, cache_creation_input_tokens: '7' },
			notes,
		);
		assert.deepEqual(usage, known({ cacheRead: 4 }));
		assert.equal(notes.length, 3);
	});
});

describe('usageFromOpenAi', () => {
	it('takes cached tokens out of a chat input that includes them', () => {
		const raw = {
			prompt_tokens: 1_000,
			completion_tokens: 100,
			total_tokens: 1_100,
			prompt_tokens_details: { cached_tokens: 500, audio_tokens: 0 },
			completion_tokens_details: { reasoning_tokens: 40 },
		};
		assert.deepEqual(
			usageFromOpenAi(raw),
			known({ inputTotal: 1_000, uncachedInput: 500, cacheRead: 500, output: 100, reasoning: 40 }),
		);
	});

	it('reads the responses shape', () => {
		const raw = {
			input_tokens: 6137,
			input_tokens_details: { cached_tokens: 1024 },
			output_tokens: 143,
			output_tokens_details: { reasoning_tokens: 64 },
			total_tokens: 6280,
		};
		assert.deepEqual(
			usageFromOpenAi(raw),
			known({ inputTotal: 6137, uncachedInput: 5113, cacheRead: 1024, output: 143, reasoning: 64 }),
		);
	});

	it('takes cache writes out of the plain input where they are told', () => {
		const usage = usageFromOpenAi({
			prompt_tokens: 100,
			completion_tokens: 1,
			prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: 30 },
		});
		assert.deepEqual(
			usage,
			known({ inputTotal: 100, uncachedInput: 20, cacheRead: 50, cacheWriteUnknownTtl: 30, output: 1 }),
		);
	});

	it('knows no cache where the server says nothing about it', () => {
		assert.deepEqual(
			usageFromOpenAi({ prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 }),
			known({ inputTotal: 100, output: 5 }),
		);
	});

	it('reads the cache hits of DeepSeek', () => {
		const usage = usageFromOpenAi({
			prompt_tokens: 100,
			completion_tokens: 5,
			prompt_cache_hit_tokens: 60,
			prompt_cache_miss_tokens: 40,
		});
		assert.equal(usage?.uncachedInput, 40);
	});

	it('adds reasoning that the total shows to be counted apart', () => {
		const usage = usageFromOpenAi({
			prompt_tokens: 10,
			completion_tokens: 20,
			total_tokens: 60,
			completion_tokens_details: { reasoning_tokens: 30 },
		});
		assert.deepEqual([usage?.output, usage?.reasoning], [50, 30]);
	});

	it('takes more cached than input tokens as an input that leaves the cache out, and says so', () => {
		const notes: string[] = [];
		const usage = usageFromOpenAi(
			{ prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 90 } },
			notes,
		);
		assert.deepEqual([usage?.inputTotal, usage?.uncachedInput], [100, 10]);
		assert.match(notes.join(), /not counting the cache/);
	});
});

describe('usageFromGemini', () => {
	it('adds thoughts to the output and takes the cache out of the input', () => {
		const raw = {
			promptTokenCount: 250_000,
			cachedContentTokenCount: 50_000,
			candidatesTokenCount: 800,
			thoughtsTokenCount: 200,
			totalTokenCount: 251_000,
		};
		assert.deepEqual(
			usageFromGemini(raw),
			known({ inputTotal: 250_000, uncachedInput: 200_000, cacheRead: 50_000, output: 1_000, reasoning: 200 }),
		);
	});

	it('reads counts that the API left out as zero', () => {
		assert.deepEqual(
			usageFromGemini({ promptTokenCount: 10 }),
			known({ inputTotal: 10, uncachedInput: 10, cacheRead: 0, output: 0, reasoning: 0 }),
		);
	});

	it('counts the prompts of built-in tools as input', () => {
		assert.equal(
			usageFromGemini({ promptTokenCount: 10, toolUsePromptTokenCount: 5, candidatesTokenCount: 1 })?.inputTotal,
			15,
		);
	});

	it('gives null for no usage', () => {
		assert.equal(usageFromGemini({}), null);
	});
});

describe('usageFromChunk', () => {
	const chunk = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 90, cacheWriteTokens: 20 };

	it('counts the cache on top for the anthropic protocol', () => {
		assert.equal(usageFromChunk(chunk, 'anthropic')?.inputTotal, 120);
	});

	it('counts the cache in for the openai and gemini protocols', () => {
		const usage = usageFromChunk({ ...chunk, inputTokens: 200 }, 'openai');
		assert.deepEqual([usage?.inputTotal, usage?.uncachedInput], [200, 90]);
		assert.equal(usageFromChunk({ ...chunk, inputTokens: 200 }, 'gemini')?.inputTotal, 200);
	});

	it('says so when the protocol is not known and it matters', () => {
		const notes: string[] = [];
		usageFromChunk({ inputTokens: 200, outputTokens: 1 }, null, notes);
		assert.deepEqual(notes, []);
		usageFromChunk({ ...chunk, inputTokens: 200 }, null, notes);
		assert.equal(notes.length, 1);
	});
});

describe('mergeUsageChunks', () => {
	it('replaces with a cumulative chunk, as message_start and message_delta mean it', () => {
		const merged = mergeUsageChunks([
			{ inputTokens: 10, outputTokens: 3, cacheReadTokens: 900, cacheWriteTokens: 50 },
			{ outputTokens: 100 },
			{ outputTokens: 208, inputTokens: 12 },
		]);
		assert.deepEqual(merged, { inputTokens: 12, outputTokens: 208, cacheReadTokens: 900, cacheWriteTokens: 50 });
	});

	it('does not let filler zeros of a later chunk wipe counts', () => {
		const merged = mergeUsageChunks([
			{ inputTokens: 10, outputTokens: 1 },
			{ inputTokens: 0, outputTokens: 208 },
		]);
		assert.deepEqual(merged, { inputTokens: 10, outputTokens: 208 });
	});

	it('adds partial chunks', () => {
		const merged = mergeUsageChunks([
			{ counting: 'partial', inputTokens: 10, outputTokens: 4, totalCost: 0.5 },
			{ counting: 'partial', inputTokens: 0, outputTokens: 6, totalCost: 0.25 },
		]);
		assert.deepEqual(merged, { inputTokens: 10, outputTokens: 10, totalCost: 0.75 });
	});

	it('keeps a count that is zero apart from one that was not told', () => {
		const merged = mergeUsageChunks([{ inputTokens: 1, outputTokens: 0, cacheReadTokens: 0 }]);
		assert.equal(merged?.cacheReadTokens, 0);
		assert.equal(merged?.cacheWriteTokens, undefined);
	});

	it('keeps the latest names', () => {
		const merged = mergeUsageChunks([
			{ responseId: 'r1', model: 'a' },
			{ model: 'b', inferenceProvider: 'p' },
		]);
		assert.deepEqual(merged, { responseId: 'r1', model: 'b', inferenceProvider: 'p' });
	});

	it('gives null for no chunks', () => {
		assert.equal(mergeUsageChunks([]), null);
	});
});
