import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fromPanelSchema, requestSchema } from '../../../src/protocol/messages.ts';

const page = { kind: 'calls', filter: {}, sort: 'newest', offset: 0, limit: 100 } as const;

describe('what the host takes from the panel', () => {
	it('takes a request as it is meant', () => {
		const message = { type: 'request', id: 1, request: page };
		assert.deepEqual(fromPanelSchema.parse(message), message);
	});

	for (const [why, request] of Object.entries({
		'more rows than a view can need': { ...page, limit: 501 },
		'no rows': { ...page, limit: 0 },
		'a place before the first row': { ...page, offset: -1 },
		'half a row': { ...page, offset: 0.5 },
		'an order that there is not': { ...page, sort: 'cheapest' },
		'a filter that is none': { ...page, filter: { state: 'lost' } },
		'a range in words': { ...page, filter: { range: { fromMs: 'yesterday', toMs: 0 } } },
		'a call without an id': { kind: 'callDetail', callId: '' },
		'an id as long as a book': { kind: 'callDetail', callId: 'x'.repeat(4097) },
		'a command that a page must not run': { kind: 'run', command: 'erasePromptContent' },
		'a command of VS Code': { kind: 'run', command: 'workbench.action.terminal.new' },
		'a kind that there is not': { kind: 'erase' },
	})) {
		it(`refuses ${why}`, () => {
			assert.equal(requestSchema.safeParse(request).success, false);
		});
	}

	it('lets nothing through beside what a request has', () => {
		const parsed = requestSchema.parse({ ...page, filter: { sql: '1=1' }, extra: true });
		assert.deepEqual(parsed, page);
	});
});
