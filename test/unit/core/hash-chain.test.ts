import assert from 'node:assert/strict';
import { createEvent, type Envelope, envelopeSchema } from '../../../src/core/events.ts';
import {
	type ChainLink,
	contentDigest,
	envelopeHash,
	promptStart,
	rollPrompt,
	verifyChain,
} from '../../../src/core/hash-chain.ts';
import type { LlmCallPayload, LlmResponsePayload } from '../../../src/core/ingress.ts';
import { callPayload, responsePayload } from './samples.ts';
import { sha256 } from './sha256.ts';

type Event = Envelope<LlmCallPayload | LlmResponsePayload>;

/** `pairs` calls with their responses, in one chain. */
function chain(pairs: number): Event[] {
	const events: Event[] = [];
	for (let i = 0; i < pairs * 2; i++) {
		const call = i % 2 === 0;
		const callId = `call-${i >> 1}`;
		events.push(
			createEvent<LlmCallPayload | LlmResponsePayload>(
				{
					id: `01JD${String(i).padStart(22, '0')}`,
					atMs: Date.UTC(2026, 10, 21, 12, 0, i),
					sessionId: 'task-1',
					agentId: 'callmeter',
					eventType: call ? 'llm_call' : 'llm_response',
					payload: call ? callPayload({ callId }) : responsePayload({ callId }),
					prevHash: events.at(-1)?.hash ?? null,
				},
				sha256,
			),
		);
	}
	return events;
}

describe('LLM call tracking, story 1.3: event creation and hash chain with LLM events', () => {
	it('story 1.3: event creation: an event with an LLM payload is one that its envelope schema accepts', () => {
		const [call] = chain(1);
		assert.ok(call);
		assert.deepEqual(envelopeSchema.parse(call), call);
		assert.equal(call.timestamp, '2026-11-21T12:00:00.000Z');
		assert.equal(call.severity, 'info');
		assert.equal(call.prevHash, null);
		assert.match(call.hash, /^[0-9a-f]{64}$/);
	});

	it('story 1.3: the hash chain works with LLM events', () => {
		const events = chain(3);
		const report = verifyChain(events, sha256);
		assert.deepEqual(report, { ok: true, events: 6, firstBroken: null, head: events[5]?.hash });
	});

	it('calls an empty chain whole', () => {
		assert.deepEqual(verifyChain([], sha256), { ok: true, events: 0, firstBroken: null, head: null });
	});

	it('still verifies after a trip through JSON', () => {
		const events: ChainLink[] = JSON.parse(JSON.stringify(chain(2)));
		assert.equal(verifyChain(events, sha256).ok, true);
	});

	it('hashes the same whatever the order of the fields', () => {
		const [event] = chain(1);
		assert.ok(event);
		const reversed = Object.fromEntries(Object.entries(event).reverse()) as unknown as Event;
		assert.equal(envelopeHash(reversed, sha256), event.hash);
	});

	it('names the event whose payload was changed', () => {
		const events = chain(3);
		const changed = events.map((event, i) =>
			i === 2 ? { ...event, payload: { ...event.payload, model: 'other' } } : event,
		);
		assert.deepEqual(verifyChain(changed, sha256).firstBroken, { index: 2, id: events[2]?.id, problem: 'hash' });
	});

	for (const field of ['timestamp', 'sessionId', 'agentId', 'eventType', 'severity', 'metadata', 'id'] as const) {
		it(`notices a changed ${field}`, () => {
			const events: ChainLink[] = chain(2).map((event, i) => (i === 1 ? { ...event, [field]: 'x' } : event));
			assert.equal(verifyChain(events, sha256).firstBroken?.problem, 'hash');
		});
	}

	it('names the event after one that was taken out', () => {
		const events = chain(3).map((event, i) => ({ ...event, seq: i + 1 }));
		const cut = events.toSpliced(2, 1);
		assert.deepEqual(verifyChain(cut, sha256).firstBroken, { index: 2, id: events[3]?.id, problem: 'missing' });
	});

	it('names the first event when the head of the chain is gone', () => {
		assert.deepEqual(verifyChain(chain(2).slice(1), sha256).firstBroken?.problem, 'missing');
	});

	it('names a link that follows another event', () => {
		const events = chain(3);
		const swapped = [events[0], events[2], events[1]].filter((event) => event !== undefined);
		assert.deepEqual(verifyChain(swapped, sha256).firstBroken, { index: 1, id: events[2]?.id, problem: 'prevHash' });
	});

	it('notices an event that was forged together with its hash', () => {
		const events = chain(2);
		const [first, second] = events;
		assert.ok(first && second);
		const forged = createEvent({ ...first, atMs: 0, payload: callPayload({ model: 'cheap' }) }, sha256);
		assert.equal(verifyChain([forged, second], sha256).firstBroken?.index, 1);
	});

	it('does not see a tail that was cut off, and gives the head to compare with', () => {
		const events = chain(3);
		const report = verifyChain(events.slice(0, 4), sha256);
		assert.equal(report.ok, true);
		assert.notEqual(report.head, events[5]?.hash);
	});
});

describe('content digests', () => {
	it('depend on the salt, so that a short text cannot be found by guessing', () => {
		assert.notEqual(contentDigest('salt-a', 'yes', sha256), contentDigest('salt-b', 'yes', sha256));
		assert.notEqual(promptStart('salt-a', sha256), promptStart('salt-b', sha256));
	});

	it('do not fail on a lone surrogate', () => {
		assert.equal(contentDigest('s', 'a\ud800', sha256), contentDigest('s', 'a\ufffd', sha256));
	});

	it('roll on from the prompt that a call extends', () => {
		const roll = (hashes: string[], from: string) =>
			hashes.reduce((digest, hash) => rollPrompt(digest, hash, sha256), from);
		const start = promptStart('salt', sha256);
		const first = roll(['m1', 'm2'], start);
		assert.equal(roll(['m3'], first), roll(['m1', 'm2', 'm3'], start));
		assert.notEqual(roll(['m2', 'm1'], start), first);
	});
});
