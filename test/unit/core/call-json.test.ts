import assert from 'node:assert/strict';
import { callAsJson } from '../../../src/core/call-json.ts';
import { sampleCall } from '../../browser/dev-page/generate-calls.ts';
import { sampleDetail } from '../../browser/dev-page/generate-detail.ts';

describe('a call as JSON', () => {
	const detail = sampleDetail({ ...sampleCall(3, 1_700_000_000_000), state: 'ok' });

	it('says what was sent, what came back, and every figure, in USD and ISO 8601', () => {
		const call = JSON.parse(callAsJson(detail));
		assert.equal(call.callId, detail.row.callId);
		assert.equal(call.startedAt, new Date(detail.row.startedAtMs).toISOString());
		assert.deepEqual(call.request.messages, detail.messages);
		assert.deepEqual(call.request.tools, detail.tools);
		assert.equal(call.response.completion, detail.completion);
		assert.deepEqual(call.usage, detail.usage);
		assert.equal(call.cost.usd, (detail.cost?.shownNanoUsd ?? Number.NaN) / 1e9);
		assert.equal(call.cost.lines[0].usdPerMillionTokens, 3);
	});

	it('says that something is unknown, and never that it is 0', () => {
		const cost = detail.cost && { ...detail.cost, shownNanoUsd: null, computedNanoUsd: null };
		const call = JSON.parse(callAsJson({ ...detail, usage: null, cost }));
		assert.equal(call.usage, null);
		assert.equal(call.cost.usd, null);
		assert.equal(JSON.parse(callAsJson({ ...detail, cost: null })).cost, null);
	});
});
