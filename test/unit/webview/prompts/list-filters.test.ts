import assert from 'node:assert/strict';
import { Format } from '../../../../webview/format.ts';
import type { ListFilter } from '../../../../webview/list-filter.ts';
import {
	activeFields,
	filterFields,
	readLimit,
	statuses,
	statusOf,
	valueText,
	without,
	withStatus,
} from '../../../../webview/prompts/list-filters.ts';

const everything: ListFilter = {
	event: 'paired',
	agentId: 'kilo-code',
	provider: 'anthropic',
	model: 'claude',
	kind: 'subagent',
	state: 'error',
	folder: '/w',
	source: 'kilo',
	minCostNanoUsd: 50_000_000,
	minLatencyMs: 30_000,
	sessionId: 's1',
};

describe('the filters of the list', () => {
	it('are each a chip with its value in words', () => {
		const format = new Format('en', 'UTC');
		assert.deepEqual(activeFields(everything), [...filterFields]);
		assert.deepEqual(
			filterFields.map((field) => valueText(everything, field, format)),
			[
				'🧠 → 💬 paired',
				'kilo-code',
				'anthropic',
				'claude',
				'Subagent',
				'Error',
				'/w',
				'kilo',
				'over $0.05',
				'over 30s',
				's1',
			],
		);
		assert.deepEqual(activeFields({}), []);
	});

	it('are taken off one by one until none is left', () => {
		let filter = everything;
		for (const field of filterFields) {
			filter = without(filter, field);
			assert.ok(!activeFields(filter).includes(field));
		}
		assert.deepEqual(filter, {});
	});

	it('have one status at a time, be it a state or what is remarkable', () => {
		let filter: ListFilter = { model: 'm' };
		for (const status of statuses) {
			filter = withStatus(filter, status);
			assert.equal(statusOf(filter), status);
			assert.equal(Object.keys(filter).length, 2, JSON.stringify(filter));
		}
	});

	it('take a limit as people write it', () => {
		assert.deepEqual(
			['0.05', '0,05', '$2', ' 30 ', '.5', ''].map((written) => readLimit(written)),
			[0.05, 0.05, 2, 30, 0.5, null],
		);
		for (const written of ['-1', 'much', '1e9', '1.2.3', '0x10', '99999999']) {
			assert.equal(readLimit(written), undefined, written);
		}
	});
});
