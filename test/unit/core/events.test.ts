import assert from 'node:assert/strict';
import { describeIssues } from '../../../src/core/describe-issues.ts';
import { draftSchema } from '../../../src/core/draft.ts';
import { createEvent, envelopeSchema } from '../../../src/core/events.ts';
import { callDraft } from './drafts.ts';
import { callPayload } from './samples.ts';
import { sha256 } from './sha256.ts';

describe('envelopeSchema', () => {
	const event = createEvent(
		{
			id: '01JD0000000000000000000000',
			atMs: 0,
			sessionId: 'task-1',
			agentId: 'callmeter',
			eventType: 'llm_call',
			payload: callPayload(),
			severity: 'warn',
			metadata: { note: 1 },
			prevHash: 'a'.repeat(64),
		},
		sha256,
	);

	it('accepts what createEvent makes', () => {
		assert.deepEqual(envelopeSchema.parse(event), event);
		assert.deepEqual(
			[event.timestamp, event.severity, event.metadata],
			['1970-01-01T00:00:00.000Z', 'warn', { note: 1 }],
		);
	});

	for (const [field, value, complaint] of [
		['id', 'not-a-ulid', /^id: must be a ULID/],
		['id', '81JD0000000000000000000000', /^id: must be a ULID/],
		['timestamp', '2026-11-21T12:00:00Z', /^timestamp: must be ISO 8601/],
		['timestamp', '2026-11-21T12:00:00.000+01:00', /^timestamp: must be ISO 8601/],
		['eventType', 'tool_call', /^eventType: /],
		['severity', 'loud', /^severity: /],
		['sessionId', '', /^sessionId: /],
		['prevHash', 'abc', /^prevHash: must be a SHA-256/],
		['hash', null, /^hash: /],
		['payload', [], /^payload: /],
	] as const) {
		it(`refuses ${field} ${JSON.stringify(value)}`, () => {
			const result = envelopeSchema.safeParse({ ...event, [field]: value });
			assert.equal(result.success, false);
			assert.match(describeIssues(result.error), complaint);
		});
	}
});

describe('describeIssues', () => {
	it('names the place inside the closest form of a field that has several', () => {
		const draft = { ...callDraft(), messages: [{ role: 'user', content: [{ type: 'text' }, { type: 7 }] }] };
		const result = draftSchema.safeParse(draft);
		assert.equal(result.success, false);
		assert.match(describeIssues(result.error), /^messages\.0\.content\.1\.type: /);
	});

	it('never repeats what was sent', () => {
		const result = draftSchema.safeParse({
			...callDraft(),
			provider: ['plum'],
			messages: 'plum',
			eventType: 'llm_call',
		});
		assert.equal(result.success, false);
		assert.doesNotMatch(describeIssues(result.error), /plum/);
	});
});
