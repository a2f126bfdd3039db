import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
	callQuerySchema,
	filterSchema,
	hookOptionsSchema,
	parseInput,
	seriesQuerySchema,
} from '../../../src/host/api-input.ts';
import { LedgerError } from '../../../src/ledger/ledger.ts';

const refusal = (field: RegExp) => (error: unknown) =>
	error instanceof LedgerError && error.reason === 'badInput' && field.test(error.message);

describe('what other extensions hand to the API', () => {
	it('is taken as it is when it is right', () => {
		const options = { agentId: 'my-agent', mode: 'code', billing: 'subscription' };
		assert.deepEqual(parseInput(hookOptionsSchema, options), options);
	});

	it('needs the name of an agent', () => {
		assert.throws(() => parseInput(hookOptionsSchema, {}), refusal(/agentId/));
		assert.throws(() => parseInput(hookOptionsSchema, undefined), refusal(/./));
		assert.throws(() => parseInput(hookOptionsSchema, { agentId: '' }), refusal(/agentId/));
	});

	it('names the option that is wrong', () => {
		assert.throws(() => parseInput(hookOptionsSchema, { agentId: 'a', billing: 'free' }), refusal(/billing/));
		assert.throws(() => parseInput(hookOptionsSchema, { agentId: 'a', folder: 7 }), refusal(/folder/));
	});

	it('asks for the newest 100 calls when it asks for nothing', () => {
		assert.deepEqual(parseInput(callQuerySchema, {}), { filter: {}, sort: 'newest', offset: 0, limit: 100 });
		assert.deepEqual(parseInput(filterSchema, undefined), {});
	});

	it('cannot ask for more rows than a thread should copy at once', () => {
		assert.throws(() => parseInput(callQuerySchema, { limit: 5001 }), refusal(/limit/));
		assert.throws(() => parseInput(callQuerySchema, { offset: -1 }), refusal(/offset/));
		assert.throws(() => parseInput(callQuerySchema, { limit: Number.NaN }), refusal(/limit/));
	});

	it('names the time zone and the range of a series', () => {
		assert.throws(() => parseInput(seriesQuerySchema, { granularity: 'day' }), refusal(/range/));
	});
});
