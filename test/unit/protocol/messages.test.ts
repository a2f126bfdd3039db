import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { fromPanelSchema, requestSchema } from '../../../src/protocol/messages.ts';
import { anyMessage } from './any-message.ts';

const ok = (message: unknown) => fromPanelSchema.safeParse(message).success;
const request = (over: object) => requestSchema.safeParse(over).success;

describe('what the panel may say to the host', () => {
	it('is one of its own messages', () => {
		assert.equal(ok({ type: 'ready' }), true);
		assert.equal(ok({ type: 'request', id: 0, request: { kind: 'callDetail', callId: 'c' } }), true);
		assert.equal(ok({ type: 'fault', message: 'TypeError at panel.js:1:2' }), true);
	});

	for (const [what, message] of Object.entries({
		nothing: undefined,
		'a text': 'ready',
		'an unknown type': { type: 'eval', code: '1' },
		'a request without an id': { type: 'request', request: { kind: 'sessions', offset: 0, limit: 1 } },
		'a request with a negative id': { type: 'request', id: -1, request: { kind: 'sessions', offset: 0, limit: 1 } },
		'an unknown request': { type: 'request', id: 1, request: { kind: 'sql', text: 'drop table call' } },
		'a fault of any length': { type: 'fault', message: 'x'.repeat(4001) },
	})) {
		it(`is not ${what}`, () => assert.equal(ok(message), false));
	}

	it('starts no command but those of its buttons', () => {
		assert.equal(request({ kind: 'run', command: 'runSampleTask' }), true);
		for (const command of ['erasePromptContent', 'setApiKey', 'workbench.action.terminal.new', '']) {
			assert.equal(request({ kind: 'run', command }), false, command);
		}
	});

	it('is never misread: whatever comes is taken as it is meant, or refused, and changes nothing else', () => {
		fc.assert(
			fc.property(anyMessage, (message) => {
				const result = fromPanelSchema.safeParse(message);
				if (result.success && result.data.type === 'request') {
					// Nothing gets through that the schema does not name.
					assert.deepEqual(fromPanelSchema.parse(result.data), result.data);
					assert.equal(Object.hasOwn(result.data.request, '__proto__'), false);
				}
				assert.equal(({} as Record<string, unknown>).polluted, undefined);
			}),
			{ numRuns: 3000 },
		);
	});

	it('is not a filter by what filters do not have', () => {
		const calls = { kind: 'calls', sort: 'newest', offset: 0, limit: 1 };
		const filter = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"x": 1}, "model": "m"}');
		const parsed = requestSchema.parse({ ...calls, filter });
		assert.deepEqual(parsed.kind === 'calls' && Object.keys(parsed.filter), ['model']);
		for (const wrong of [
			{ range: { fromMs: -1, toMs: 1 } },
			{ state: 'gone' },
			{ minCostNanoUsd: 0.5 },
			{ model: 7 },
		]) {
			assert.equal(request({ ...calls, filter: wrong }), false, JSON.stringify(wrong));
		}
	});

	it('asks for at most 500 rows at once', () => {
		const calls = { kind: 'calls', filter: {}, sort: 'newest', offset: 0, limit: 500 };
		assert.equal(request(calls), true);
		for (const over of [{ limit: 501 }, { limit: 0 }, { offset: -1 }, { offset: 1.5 }, { sort: 'random' }]) {
			assert.equal(request({ ...calls, ...over }), false, JSON.stringify(over));
		}
	});
});
