import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GroupTotals, SessionRow, Totals } from '../../../src/core/views.ts';
import { costText, type TickerFigures, type TickerWords, tooltipTable } from '../../../src/host/ticker-text.ts';

const words: TickerWords = {
	heading: 'LLM usage',
	task: 'This task',
	today: 'Today',
	month: 'This month',
	calls: 'Calls',
	tokens: 'Tokens',
	cost: 'Cost',
	unpriced: (count) => `${count} unpriced`,
	apiEquivalent: (cost) => `${cost} as if`,
	subscriptions: (cost) => `Subscriptions: ${cost}`,
	nothing: 'Nothing yet',
};

function totals(over: Partial<Totals> = {}): Totals {
	return {
		calls: 2,
		pending: 0,
		errors: 0,
		cancelled: 0,
		unpriced: 0,
		usageMissing: 0,
		inputTokens: 12_431,
		outputTokens: 812,
		cacheReadTokens: 0,
		cacheToldTokens: 0,
		cacheWriteTokens: 0,
		reasoningTokens: 0,
		costNanoUsd: 1_240_000_000,
		subscriptionNanoUsd: 0,
		bound: 'exact',
		latency: { avgMs: null, p50Ms: null, p90Ms: null, p99Ms: null },
		...over,
	};
}

const model = (name: string, over: Partial<Totals> = {}): GroupTotals => ({
	...totals(over),
	provider: 'openai',
	model: name,
});

const task: SessionRow = {
	sessionId: 'task-1',
	agentId: 'callmeter',
	parentSessionId: null,
	title: 'What the user wrote',
	startedAtMs: 0,
	lastAtMs: 0,
	calls: 1,
	pending: 0,
	unpriced: 0,
	inputTokens: 10,
	outputTokens: 5,
	cacheReadTokens: 0,
	cacheWriteTokens: 0,
	costNanoUsd: 20_000_000,
	subscriptionNanoUsd: 0,
	bound: 'exact',
	folder: null,
};

const figures = (over: Partial<TickerFigures> = {}): TickerFigures => ({
	today: totals(),
	month: totals(),
	byModel: [model('gpt-4o')],
	task,
	...over,
});

describe('the cost in the status bar', () => {
	const text = (over: Partial<Totals>) => costText(totals(over), 'en-US', 'unpriced');

	it('is plain when every call has a price', () => {
		assert.equal(text({}), '$1.24');
	});

	it('is a lower bound when some calls have no known price', () => {
		assert.equal(text({ unpriced: 1 }), '≥ $1.24');
	});

	it('is no sum at all when nothing has a known price', () => {
		assert.equal(text({ unpriced: 2, costNanoUsd: 0 }), 'unpriced');
		assert.equal(text({ calls: 5, pending: 3, unpriced: 2, costNanoUsd: 0 }), 'unpriced');
	});

	it('is zero when nothing was called', () => {
		assert.equal(text({ calls: 0, costNanoUsd: 0 }), '$0.00');
	});

	it('says when it is too high', () => {
		assert.equal(text({ bound: 'atMost' }), '≤ $1.24');
	});
});

describe('the tooltip of the status bar', () => {
	it('is a table of this task, today, this month and the models', () => {
		assert.equal(
			tooltipTable(figures(), words, 'en-US').replaceAll('&nbsp;', ''),
			[
				'**LLM usage**',
				'',
				'| | Calls | Tokens | Cost |',
				'|:--|--:|--:|--:|',
				'| This task | 1 | 10 → 5 | $0.02 |',
				'| Today | 2 | 12.4K → 812 | $1.24 |',
				'| This month | 2 | 12.4K → 812 | $1.24 |',
				'| gpt-4o | 2 | 12.4K → 812 | $1.24 |',
			].join('\n'),
		);
	});

	it('lists the five costliest models, costliest first', () => {
		const byModel = [1, 3, 2, 6, 5, 4].map((cost) => model(`m${cost}`, { costNanoUsd: cost * 1e9 }));
		const names = tooltipTable(figures({ byModel }), words, 'en-US').match(/(?<=\| )m\d/g);
		assert.deepEqual(names, ['m6', 'm5', 'm4', 'm3', 'm2']);
	});

	it('keeps a hostile model name within its cell', () => {
		const hostile = 'a|b [x](command:evil) **b**\n| row | <img src=x> https://x.y $(zap)';
		const table = tooltipTable(figures({ byModel: [model(hostile)] }), words, 'en-US');
		const last = table.split('\n').at(-1) ?? '';
		assert.equal(table.split('\n').length, 8);
		assert.equal(last.replace(/\\./g, '').split('|').length - 2, 4);
		assert.equal(/(?<!\\)[[\]()<*:$]/.test(last.split('$1.24')[0] ?? ''), false);
	});

	for (const [over, cost] of [
		[{ costNanoUsd: 0, subscriptionNanoUsd: 2e9 }, '$2.00 as if'],
		[{ costNanoUsd: 5e8, subscriptionNanoUsd: 2e9 }, '$0.50 + $2.00 as if'],
		[{ costNanoUsd: 0, subscriptionNanoUsd: 2e9, unpriced: 1 }, '≥ $2.00 as if'],
		[{ costNanoUsd: 5e8, subscriptionNanoUsd: 2e9, bound: 'atMost' }, '≤ $0.50 + ≤ $2.00 as if'],
		[{ costNanoUsd: 5e8, bound: 'about' }, '≈ $0.50'],
	] as const) {
		it(`keeps what a subscription covers apart from what the task is billed: ${cost}`, () => {
			const table = tooltipTable(figures({ task: { ...task, ...over } }), words, 'en-US');
			const row = table.split('\n').find((line) => line.startsWith('| This task'));
			assert.ok(row?.endsWith(`| ${cost} |`), row);
		});
	}

	it('holds no content, not even the title of the task', () => {
		assert.equal(tooltipTable(figures(), words, 'en-US').includes('What the user wrote'), false);
	});

	it('says how many calls a sum leaves out', () => {
		const table = tooltipTable(figures({ month: totals({ unpriced: 3 }) }), words, 'en-US');
		assert.ok(table.endsWith('\n\n3 unpriced'));
	});

	it('keeps subscriptions out of the sums and says what they would have cost', () => {
		const table = tooltipTable(figures({ month: totals({ subscriptionNanoUsd: 2e9 }) }), words, 'en-US');
		assert.ok(table.endsWith('\n\nSubscriptions: $2.00'));
	});

	it('says what to do when nothing was recorded yet', () => {
		const none = totals({ calls: 0, costNanoUsd: 0 });
		const table = tooltipTable({ today: none, month: none, byModel: [], task: null }, words, 'en-US');
		assert.equal(table, '**LLM usage**\n\nNothing yet');
	});
});
