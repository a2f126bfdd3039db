import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

for (const fullText of ['auto', 'scan'] as const) {
	describe(`Search (${fullText === 'auto' ? 'with FTS5' : 'without FTS5'})`, () => {
		const folder = temporaryFolder();
		let store: LedgerStore;
		beforeEach(() => {
			store = openStore(folder.file, { fullText });
			store.record([
				callDraft('a', {
					systemPrompt: 'You are a careful gardener.',
					tools: [{ name: 'water_plants', description: 'Waters the roses' }],
					messages: [{ role: 'user', content: 'How do I prune a Über-rose? The café is closed.' }],
				}),
				responseDraft('a', { completion: 'Cut above the third bud.', reasoning: 'Spring is near.' }),
				callDraft('b', {
					sessionId: 's2',
					startedAtMs: T0 + 10,
					messages: [{ role: 'user', content: 'Write a parser for src/core/usage.ts' }],
				}),
				responseDraft('b', {
					sessionId: 's2',
					toolCalls: [
						{ id: 't', name: 'write_file', arguments: { path: 'parser.ts', text: 'export const zebra = 1;' } },
					],
				}),
			]);
		});
		afterEach(() => {
			store.close();
			folder.clean();
		});
		const hits = (text: string, filter = {}) => store.search({ text, limit: 10, filter }).hits;
		const found = (text: string, filter = {}) => hits(text, filter).map(({ callId, place }) => `${callId}:${place}`);

		it('uses what it was told to', () => assert.equal(store.fullText, fullText === 'auto' ? 'fts5' : 'scan'));

		it('finds words wherever they stand', () => {
			assert.deepEqual(found('gardener'), ['a:system']);
			assert.deepEqual(found('prune'), ['a:prompt']);
			assert.deepEqual(found('third bud'), ['a:completion']);
			assert.deepEqual(found('spring'), ['a:reasoning']);
			assert.deepEqual(found('roses'), ['a:system']);
			assert.deepEqual(found('zebra'), ['b:completion']);
		});

		it('finds the beginning of the last word', () => assert.deepEqual(found('careful garde'), ['a:system']));

		it('wants all words, and phrases as they stand', () => {
			assert.deepEqual(found('careful zebra'), []);
			assert.deepEqual(found('"above the third"'), ['a:completion']);
			assert.deepEqual(found('"third the above"'), []);
		});

		it('finds paths as they are typed', () => assert.deepEqual(found('src/core/usage.ts'), ['b:prompt']));

		it('keeps to the filter', () => {
			assert.deepEqual(
				found('a', { sessionId: 's2' }).filter((hit) => hit.startsWith('a:')),
				[],
			);
			assert.deepEqual(found('prune', { range: { fromMs: T0 + 1, toMs: T0 + 100 } }), []);
			assert.deepEqual(found('parser', { state: 'ok' }).length > 0, true);
			assert.deepEqual(found('parser', { state: 'pending' }), []);
		});

		it('shows the text around the match, and where the match is in it', () => {
			const [hit] = hits('prune');
			const [match] = hit?.matches ?? [];
			assert.ok(hit && match);
			assert.equal(hit.snippet.slice(...match), 'prune');
			assert.equal(hit.startedAtMs, T0);
		});

		it('has no query that is an error', () => {
			const signs = [
				'"',
				'*',
				'(',
				')',
				'AND',
				'OR',
				'NOT',
				'NEAR(a b)',
				'-',
				'^',
				':',
				'text:',
				'{',
				'}',
				"'",
				'\u0000',
				'👩‍🚀',
				'%',
				'_',
				'\\',
				'[a-z]',
			];
			fc.assert(
				fc.property(fc.array(fc.oneof(fc.constantFrom(...signs), fc.string())), (parts) => {
					hits(parts.join(' '));
					hits(parts.join(''));
				}),
				{ numRuns: 200 },
			);
		});

		it('finds nothing for nothing', () => assert.deepEqual(hits(' "" -- '), []));
	});
}

describe('Search', () => {
	it('finds words whatever their accents', () => {
		const folder = temporaryFolder();
		const store = openStore(folder.file);
		store.record([callDraft('a', { messages: [{ role: 'user', content: 'Der Käse im Café' }] })]);
		const [hit] = store.search({ text: 'kase cafe', limit: 5, filter: {} }).hits;
		assert.deepEqual(
			hit?.matches.map(([from, to]) => hit.snippet.slice(from, to)),
			['Käse', 'Café'],
		);
		store.close();
		folder.clean();
	});

	it('finds with the index what was stored before there was one, once it is sent again', () => {
		const folder = temporaryFolder();
		const messages = [{ role: 'user' as const, content: 'Elephants remember' }];
		let store = openStore(folder.file, { fullText: 'scan' });
		store.record([callDraft('a', { messages })]);
		store.close();
		store = openStore(folder.file);
		store.record([callDraft('b', { startedAtMs: T0 + 1, messages })]);
		assert.equal(store.search({ text: 'elephants', limit: 5, filter: {} }).hits[0]?.callId, 'a');
		store.close();
		folder.clean();
	});
});
