import assert from 'node:assert/strict';
import type { UsageRule } from '../../../../src/sources/kilo-task/providers.ts';
import type { RequestInfo } from '../../../../src/sources/kilo-task/records.ts';
import { leavesCacheOut, type TokenRates, usageTruthOf } from '../../../../src/sources/kilo-task/usage-truth.ts';

const sonnet: TokenRates = { input: 3e6, cacheRead: 0.3e6, cacheWrite: 3.75e6, output: 15e6 };

function truthOf(
	info: RequestInfo,
	more: { rule?: UsageRule; inclusive?: boolean; cut?: boolean; rates?: TokenRates[] } = {},
) {
	const { rule = 'asReported', inclusive = true, cut = false, rates = [] } = more;
	return usageTruthOf({ info, rule, inclusive, cut, agent: 'Roo Code', rates });
}

describe('usageTruthOf', () => {
	it('takes a dropped cache count as unknown, not as zero', () => {
		const info = { tokensIn: 6137, tokensOut: 143, cacheWrites: 0, cacheReads: 0, cost: 0.0091 };
		const { usage, usageBound, usageNotes } = truthOf(info, { rule: 'cacheMayBeDropped' });
		assert.equal(usage?.inputTotal, 6137);
		assert.equal(usage?.cacheRead, null);
		assert.equal(usage?.uncachedInput, null);
		assert.equal(usageBound, 'atMost');
		assert.match(usageNotes.join(' '), /does not pass on/);
	});

	it('believes a cache count that is not zero', () => {
		const info = { tokensIn: 100, tokensOut: 1, cacheWrites: 0, cacheReads: 60 };
		const { usage, usageBound } = truthOf(info, { rule: 'cacheMayBeDropped' });
		assert.deepEqual([usage?.cacheRead, usage?.uncachedInput, usageBound], [60, 40, 'exact']);
	});

	it('subtracts the start count that the cost of an anthropic stream gives away', () => {
		const info = { tokensIn: 9130, tokensOut: 211, cacheWrites: 1027, cacheReads: 8084, cost: 0.006378449999999999 };
		const { usage, usageNotes } = truthOf(info, { rule: 'anthropicStream', rates: [sonnet] });
		assert.equal(usage?.output, 208);
		assert.match(usageNotes.join(' '), /from 211 to 208/);
	});

	it('takes the output of an anthropic stream as a lower bound when the prices do not fit its cost', () => {
		const info = { tokensIn: 9130, tokensOut: 211, cacheWrites: 1027, cacheReads: 8084, cost: 0.0065 };
		const { usage, usageBound } = truthOf(info, { rule: 'anthropicStream', rates: [sonnet] });
		assert.deepEqual([usage?.output, usageBound], [179, 'atLeast']);
	});

	it('never takes a whole output for a start count', () => {
		const info = { tokensIn: 10, tokensOut: 20, cacheWrites: 0, cacheReads: 0, cost: (10 * 3 + 20 * 15) / 1e6 };
		const { usage, usageBound } = truthOf(info, { rule: 'anthropicStream', rates: [sonnet] });
		assert.deepEqual([usage?.output, usageBound], [10, 'atLeast']);
	});

	it('marks a cost with cache writes of unknown life as a lower bound', () => {
		const info = { tokensIn: 100, tokensOut: 5, cacheWrites: 30, cacheReads: 60 };
		const { usage, usageBound } = truthOf(info);
		assert.equal(usage?.cacheWriteUnknownTtl, 30);
		assert.equal(usage?.cacheWrite5m, null);
		assert.equal(usageBound, 'atLeast');
	});

	it('takes zeros without a word as usage that is missing', () => {
		const zeros = { tokensIn: 0, tokensOut: 0, cacheWrites: 0, cacheReads: 0, cost: 0 };
		const truth = truthOf({ ...zeros, usageMissing: true }, { rule: 'cacheMayBeDropped' });
		assert.deepEqual([truth.usage, truth.usageMissing, truth.reportedCostUsd], [null, true, null]);
	});

	it('takes the zeros of a cut stream as unknown', () => {
		const zeros = { tokensIn: 0, tokensOut: 0, cacheWrites: 0, cacheReads: 0, cost: 0 };
		const truth = truthOf(zeros, { rule: 'cacheMayBeDropped', cut: true });
		assert.deepEqual([truth.usage, truth.usageMissing], [null, false]);
	});

	it('keeps the input of a cut anthropic stream, and its first output as a lower bound', () => {
		const info = { tokensIn: 7096, tokensOut: 3, cacheWrites: 971, cacheReads: 6114, cost: 0.00555345 };
		const { usage, usageBound } = truthOf(info, { rule: 'anthropicStream', cut: true, rates: [sonnet] });
		assert.deepEqual([usage?.uncachedInput, usage?.output, usageBound], [11, 3, 'atLeast']);
	});

	it('takes no output from a stream that was cut after its final count, which is too high', () => {
		const info = { tokensIn: 100, tokensOut: 211, cacheWrites: 0, cacheReads: 0 };
		assert.equal(truthOf(info, { rule: 'anthropicStream', cut: true }).usage?.output, null);
	});

	it("takes Gemini's output as a lower bound, without its thinking", () => {
		const info = { tokensIn: 10364, tokensOut: 148, cacheWrites: 0, cacheReads: 8832, cost: 0.00701292 };
		const { usage, usageBound, reportedCostUsd } = truthOf(info, { rule: 'gemini' });
		assert.deepEqual([usage?.output, usage?.uncachedInput, usageBound], [148, 1532, 'atLeast']);
		assert.equal(reportedCostUsd, 0.00701292);
	});

	it('adds the cache to the input of an agent that leaves it out', () => {
		const info = { tokensIn: 19, tokensOut: 5, cacheWrites: 0, cacheReads: 8084 };
		const { usage } = truthOf(info, { inclusive: false });
		assert.deepEqual([usage?.inputTotal, usage?.uncachedInput], [8103, 19]);
	});

	it('does not pass on a cost of zero beside tokens: the agent knew no price', () => {
		assert.equal(truthOf({ tokensIn: 5, tokensOut: 5, cost: 0 }).reportedCostUsd, null);
	});

	it('refuses what is no count', () => {
		const { usage, usageNotes } = truthOf({ tokensIn: 10, tokensOut: -3, cacheReads: 0, cacheWrites: 0 });
		assert.equal(usage?.output, null);
		assert.equal(usageNotes.length, 1);
	});
});

describe('leavesCacheOut', () => {
	it('knows an old version by one anthropic row with more cache than input', () => {
		const old = { apiProtocol: 'anthropic', tokensIn: 19, cacheReads: 8084, cacheWrites: 1027 };
		const small = { apiProtocol: 'anthropic', tokensIn: 500, cacheReads: 20, cacheWrites: 0 };
		assert.equal(leavesCacheOut([small]), false);
		assert.equal(leavesCacheOut([small, old]), true);
	});

	it('knows one that did not name the protocol yet', () => {
		assert.equal(leavesCacheOut([{ tokensIn: 19, cacheReads: 8084 }]), true);
	});

	it('says nothing by the openai protocol, which was always inclusive', () => {
		assert.equal(leavesCacheOut([{ apiProtocol: 'openai', tokensIn: 1, cacheReads: 5 }]), false);
	});
});
