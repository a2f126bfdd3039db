import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseSearchQuery } from '../../../src/ledger/search-query.ts';
import { makeSnippet } from '../../../src/ledger/snippet.ts';
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

		it('gives one hit a call, newest first, in pages, with the call as it stands', () => {
			store.record(
				Array.from({ length: 9 }, (_, i) =>
					callDraft(`n${i}`, {
						sessionId: i % 2 ? 's3' : 's4',
						// Recorded in another order than they began in.
						startedAtMs: T0 + 1_000 + ((i * 4) % 9),
						systemPrompt: `Magnolia system ${i}`,
						messages: [
							{ role: 'user', content: 'Magnolia, sent by all' },
							{ role: 'user', content: `A magnolia of call ${i}` },
							{ role: 'user', content: `And magnolia ${i} again` },
						],
					}),
				),
			);
			const page = (offset: number, limit: number, filter = {}) =>
				store.search({ text: 'magnolia', offset, limit, filter });
			const all = page(0, 50);
			const byTime = Array.from({ length: 9 }, (_, i) => `n${i}`).sort(
				(a, b) => ((Number(b.slice(1)) * 4) % 9) - ((Number(a.slice(1)) * 4) % 9),
			);
			assert.deepEqual(
				all.hits.map(({ callId }) => callId),
				byTime,
			);
			assert.equal(all.more, false);
			for (const hit of all.hits) {
				assert.deepEqual([hit.row.callId, hit.row.sessionId, hit.place], [hit.callId, hit.sessionId, 'prompt']);
				assert.equal(hit.row.startedAtMs, hit.startedAtMs);
			}
			assert.deepEqual([...page(0, 4).hits, ...page(4, 4).hits, ...page(8, 4).hits], all.hits);
			assert.deepEqual(
				[page(0, 4).more, page(4, 4).more, page(5, 4).more, page(8, 4).more],
				[true, true, false, false],
			);
			assert.deepEqual(
				page(1, 2, { sessionId: 's3' }).hits.map(({ callId }) => callId),
				byTime.filter((id) => Number(id.slice(1)) % 2 === 1).slice(1, 3),
			);
			assert.deepEqual(page(0, 5, { state: 'ok' }), { hits: [], more: false });
		});

		it('finds a text that many calls sent once, by the first that passes the filter', () => {
			const messages = [{ role: 'user' as const, content: 'Wisteria' }];
			store.record(
				Array.from({ length: 3 }, (_, i) =>
					callDraft(`w${i}`, { sessionId: `w${i}`, startedAtMs: T0 + 100 + i, messages, model: `model-${i}` }),
				),
			);
			assert.deepEqual(found('wisteria'), ['w0:prompt']);
			assert.deepEqual(found('wisteria', { model: 'model-2' }), ['w2:prompt']);
			assert.deepEqual(found('wisteria', { minLatencyMs: 1 }), []);
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

describe('Snippets', () => {
	const snippetOf = (text: string, query: string) => makeSnippet(text, parseSearchQuery(query));
	const matched = ({ snippet, matches }: ReturnType<typeof makeSnippet>) =>
		matches.map(([from, to]) => snippet.slice(from, to));

	it('never cut a character in two, wherever they begin and end', () => {
		const character = fc.constantFrom('👩‍🚀', '🇩🇪', 'e\u0301', 'ש', 'م', '\u202e', 'x', ' ', '𝔘');
		fc.assert(
			fc.property(fc.array(character, { maxLength: 300 }), fc.array(character, { maxLength: 300 }), (before, after) => {
				const text = `${before.join('')} needle ${after.join('')}`;
				const found = snippetOf(text, 'needle');
				assert.equal(found.snippet.isWellFormed(), true);
				assert.ok(text.includes(found.snippet));
				assert.deepEqual(matched(found), ['needle']);
			}),
		);
	});

	it('mark words in scripts that run from right to left, and between marks that turn the text around', () => {
		assert.deepEqual(matched(snippetOf('לפני שלום אחרי', 'שלום')), ['שלום']);
		assert.deepEqual(matched(snippetOf('abc \u202eneedle\u202c def needle', 'needle')), ['needle', 'needle']);
	});

	it('mark no part of a word that they cut off', () => {
		const text = `${'x'.repeat(40)}rose ${'a '.repeat(29)}the rose`;
		const found = snippetOf(text, '"the rose" rose');
		assert.deepEqual(matched(found), ['the rose']);
	});

	it('mark a match that goes on beyond them as far as they go', () => {
		const found = snippetOf(`needle ${'a'.repeat(228)} needlework`, 'needle');
		for (const [from, to] of found.matches) assert.ok(from < to && to <= found.snippet.length);
	});

	it('come at once from a line of five megabytes', () => {
		const text = `${'lorem ipsum '.repeat(420_000)}needle`;
		const startedAt = performance.now();
		assert.deepEqual(matched(snippetOf(text, 'needle')), ['needle']);
		assert.ok(performance.now() - startedAt < 2_000);
	});
});
