import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { DraftInput } from '../../../src/core/draft.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from './support.ts';

const HOUR = 3_600_000;
/** An id of a server that draws from a thousand. */
const AGAIN = 'chatcmpl-123';

/** The request and the response of a call at `atMs` of two seconds that a provider gave the id `AGAIN`. */
function pair(callId: string, atMs: number, output = 20, source = 'source-1'): DraftInput[] {
	const identity = { origin: { source }, aliases: [AGAIN] };
	return [
		callDraft(callId, { ...identity, startedAtMs: atMs }),
		responseDraft(callId, { ...identity, endedAtMs: atMs + 2_000, usage: usage({ output }) }),
	];
}

describe('An id that links two records', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const callIds = () =>
		store
			.calls(everything)
			.rows.map(({ callId }) => callId)
			.sort();

	it('is that of two calls when it comes again an hour later', () => {
		store.record([...pair('a', T0), ...pair('b', T0 + HOUR, 50)]);
		assert.deepEqual(callIds(), ['a', 'b']);
		assert.equal(store.totals({}).outputTokens, 70);
		assert.deepEqual(store.call('b')?.aliases, [AGAIN]);
	});

	it('is that of two calls in whatever order their four events come', () => {
		const drafts = [...pair('a', T0), ...pair('b', T0 + HOUR, 50)];
		fc.assert(
			fc.property(fc.shuffledSubarray(drafts, { minLength: 4 }), fc.boolean(), (shuffled, together) => {
				const own = temporaryFolder();
				const other = openStore(own.file);
				try {
					if (together) other.record(shuffled);
					else for (const draft of shuffled) other.record([draft]);
					assert.equal(other.totals({}).calls, 2);
					assert.equal(other.call('a')?.row.outputTokens, 20);
					assert.equal(other.call('b')?.row.outputTokens, 50);
				} finally {
					other.close();
					own.clean();
				}
			}),
			{ numRuns: 24 },
		);
	}).timeout(60_000);

	it('is that of one call as transcript, span and log, in whatever order', () => {
		const drafts = [
			...pair('transcript:1', T0),
			...pair('span:1', T0 + 900, 20, 'source-2'),
			// A log tells when it was written, and of a stream that was read half-way.
			responseDraft('log:1', {
				origin: { source: 'source-3' },
				aliases: [AGAIN],
				endedAtMs: T0 + 2_500,
				usage: usage({ output: 3 }),
				usageBound: 'atLeast',
			}),
		];
		fc.assert(
			fc.property(fc.shuffledSubarray(drafts, { minLength: 5 }), (shuffled) => {
				const own = temporaryFolder();
				const other = openStore(own.file);
				try {
					for (const draft of shuffled) other.record([draft]);
					assert.equal(other.totals({}).calls, 1);
					assert.equal(other.totals({}).outputTokens, 20);
				} finally {
					other.close();
					own.clean();
				}
			}),
			{ numRuns: 40 },
		);
	}).timeout(60_000);

	it('finds each of several calls again for records of another source', () => {
		store.record([...pair('a', T0), ...pair('b', T0 + HOUR, 50), ...pair('c', T0 + 2 * HOUR, 90)]);
		const seen = (atMs: number, output: number) =>
			store.record(pair(`seen:${output}`, atMs, output, 'source-2')).receipts;
		assert.deepEqual(
			[...seen(T0 + 2 * HOUR + 300, 90), ...seen(T0 + 300, 20), ...seen(T0 + HOUR + 300, 50)].map(
				({ callId }) => callId,
			),
			['c', 'c', 'a', 'a', 'b', 'b'],
		);
		assert.equal(store.totals({}).calls, 3);
	});

	it('is that of two calls at the same time when neither input nor output agree', () => {
		store.record(pair('a', T0));
		const [, response] = pair('b', T0 + 10_000, 900);
		store.record([
			{ ...response, usage: usage({ inputTotal: 7_000, uncachedInput: 7_000, output: 900 }) } as DraftInput,
		]);
		assert.deepEqual(callIds(), ['a', 'b']);
	});

	it('is that of one call when one origin counts a little more, or leaves the cache out', () => {
		store.record(pair('a', T0, 208));
		store.record(pair('b', T0, 211, 'source-2'));
		assert.deepEqual(callIds(), ['a']);
	});

	it('does not part a record from the call it supersedes, whenever that was', () => {
		store.record(pair('a', T0));
		store.record([responseDraft('a', { endedAtMs: T0 + 5 * HOUR, usage: usage({ output: 4_000 }) })]);
		assert.deepEqual(callIds(), ['a']);
		assert.equal(store.call('a')?.row.outputTokens, 4_000);
	});

	it('joins copies of a call by a name that a source made, whatever their times', () => {
		const aliases = ['codex:turn-1:100'];
		store.record([callDraft('a', { aliases }), responseDraft('a', { aliases })]);
		store.record([responseDraft('copy', { aliases, endedAtMs: T0 + 9 * HOUR })]);
		assert.deepEqual(callIds(), ['a']);
	});

	it('is still told apart after the ledger was opened again', () => {
		store.record([...pair('a', T0), ...pair('b', T0 + HOUR, 50)]);
		store.close();
		store = openStore(folder.file);
		store.record([responseDraft('log', { aliases: [AGAIN], origin: { source: 's' }, endedAtMs: T0 + HOUR + 2_000 })]);
		assert.deepEqual(callIds(), ['a', 'b']);
	});

	it('keeps calls apart however often it comes', () => {
		for (let at = 0; at < 40; at++) store.record(pair(`call-${at}`, T0 + at * HOUR));
		assert.equal(store.totals({}).calls, 40);
		assert.equal(store.totals({}).outputTokens, 40 * 20);
	});
});
