import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { EraseRequest } from '../../../src/ledger/ledger.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

const DAY = 86_400_000;

describe('Erasing', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		// Uncompressed words are easier to find than compressed ones: short texts are stored as they are.
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const drafts = (name: string, at: number, sessionId = 'session-1') => [
		callDraft(name, {
			sessionId,
			startedAtMs: at,
			title: `titleof${name}`,
			systemPrompt: `systemof${name}`,
			tools: [{ name: `toolof${name}` }],
			parameters: { stop: [`stopof${name}`] },
			messages: [{ role: 'user', content: `promptof${name}` }],
		}),
		responseDraft(name, {
			sessionId,
			endedAtMs: at + 5,
			completion: `completionof${name}`,
			reasoning: `reasoningof${name}`,
			state: 'error',
			error: { message: `errorof${name}` },
		}),
	];
	const places = ['title', 'system', 'tool', 'stop', 'prompt', 'completion', 'reasoning', 'error'];
	/** Which of a call's words stand anywhere in the ledger's files. */
	const found = (name: string) => places.filter((place) => standing(`${place}of${name}`).length > 0);
	/** Which of the words stand anywhere in the ledger's files. */
	const standing = (...words: string[]) => {
		const bytes = readdirSync(folder.path).map((each) => readFileSync(join(folder.path, each), 'latin1').toLowerCase());
		return words.filter((word) => bytes.some((text) => text.includes(word)));
	};

	const salts = () => {
		const db = new DatabaseSync(folder.file, { readOnly: true });
		const { n } = db.prepare('SELECT count(salt) AS n FROM call').get() ?? {};
		db.close();
		return n;
	};

	it('takes the words out of every file, and keeps counts, costs and a chain that verifies', () => {
		store.record([...drafts('apple', T0), ...drafts('pear', T0 + DAY, 'session-2')]);
		assert.deepEqual(found('apple'), places);
		const before = store.totals({});
		const { messages, sessions } = store.erase({ what: 'content' });
		assert.deepEqual([messages, sessions], [14, 2]);
		assert.deepEqual(found('apple'), []);
		assert.deepEqual(found('pear'), []);
		assert.deepEqual(store.totals({}), before);
		assert.deepEqual(store.verify().firstBroken, null);
		assert.equal(store.call('apple')?.row.contentState, 'erased');
		assert.deepEqual(store.search({ text: 'promptofapple', limit: 5, filter: {} }).hits, []);
	});

	it('takes the title of a task whose only call turned out to be that of another', () => {
		const [request, response] = drafts('apple', T0);
		const [same] = drafts('pear', T0, 'session-2');
		assert.ok(request && response && same?.eventType === 'llm_call');
		store.record([request, response, { ...same, aliases: ['codex:apple'] }]);
		store.record([callDraft('apple', { aliases: ['codex:apple'], contentState: 'none' })]);
		const titles = () => store.sessions({ filter: {}, offset: 0, limit: 9 }).rows.map(({ title }) => title);
		assert.equal(store.totals({}).calls, 1);
		assert.ok(titles().includes('titleofpear'));
		assert.equal(store.erasable({ sessionId: 'session-2', what: 'content' }).emptiedSessions, 1);
		store.erase({ what: 'content', beforeMs: T0 + DAY });
		assert.deepEqual(titles(), [null, null]);
		assert.deepEqual([...found('apple'), ...found('pear')], []);
		assert.equal(store.verify().firstBroken, null);
	});

	it('takes the words also while another window has the file open', () => {
		store.record(drafts('apple', T0));
		const other = new DatabaseSync(folder.file, { readOnly: true });
		other.prepare('SELECT count(*) FROM message').get();
		store.erase({ what: 'content' });
		assert.deepEqual(found('apple'), []);
		other.close();
	});

	it('says whether the words are out of the files, and does not claim it while another window reads', () => {
		store.record(drafts('apple', T0));
		const other = new DatabaseSync(folder.file, { readOnly: true });
		other.exec('BEGIN');
		other.prepare('SELECT count(*) FROM message').get();
		assert.equal(store.erase({ what: 'content' }).scrubbed, false);
		assert.notDeepEqual(found('apple'), []);
		other.close();
		assert.equal(store.erase({ what: 'content' }).scrubbed, true);
		assert.deepEqual(found('apple'), []);
	}).timeout(20_000);

	it('names the files that were set aside: they keep what they had', () => {
		assert.deepEqual(store.erase({ what: 'content' }).setAside, []);
		store.close();
		writeFileSync(folder.file, 'no database at all');
		store = openStore(folder.file);
		writeFileSync(join(folder.path, 'other.damaged-2026-01-01.db'), '');
		assert.deepEqual(store.erase({ what: 'content' }).setAside, [store.setAside?.path]);
	});

	it('forgets the salts, so that no digest can be guessed back', () => {
		store.record(drafts('apple', T0));
		store.erase({ what: 'content' });
		assert.equal(salts(), 0);
	});

	it('takes the words of a reading that another one won over', () => {
		store.record(drafts('apple', T0));
		store.record([
			responseDraft('apple', {
				origin: { source: 'source-2' },
				endedAtMs: T0 + 5,
				finishReason: 'stop',
				completion: 'loserwords',
				reasoning: 'loserthoughts',
				error: { message: 'losererror' },
				contentState: 'none',
			}),
		]);
		assert.deepEqual(standing('loserwords', 'loserthoughts', 'losererror'), []);
		store.erase({ what: 'content' });
		assert.deepEqual(found('apple'), []);
		assert.deepEqual(standing('loser'), []);
	});

	it('takes texts that no call uses', () => {
		store.record(drafts('apple', T0));
		const db = new DatabaseSync(folder.file);
		db.exec(`DELETE FROM use WHERE place = 'reasoning'; UPDATE answer SET reasoning_n = NULL`);
		db.close();
		store.erase({ what: 'content' });
		assert.deepEqual(found('apple'), []);
	});

	it('spares what is younger, and what is in another session', () => {
		store.record([...drafts('old', T0), ...drafts('young', T0 + DAY), ...drafts('other', T0, 'session-2')]);
		store.erase({ beforeMs: T0 + 1, sessionId: 'session-1', what: 'content' });
		assert.deepEqual(found('old'), []);
		assert.equal(store.call('young')?.completion, 'completionofyoung');
		assert.deepEqual(store.call('young')?.messages, [{ role: 'user', content: 'promptofyoung' }]);
		assert.equal(store.call('other')?.systemPrompt, 'systemofother');
		assert.equal(store.verify().ok, true);
	});

	it('keeps a message that a younger call sent again', () => {
		const messages = [{ role: 'user' as const, content: 'sharedwords' }];
		store.record([
			callDraft('a', { startedAtMs: T0, messages }),
			callDraft('b', { startedAtMs: T0 + DAY, messages: [...messages, { role: 'user', content: 'more' }] }),
		]);
		store.erase({ beforeMs: T0 + 1, what: 'content' });
		assert.deepEqual(store.call('a')?.messages, []);
		assert.equal(store.call('b')?.messages.length, 2);
		assert.equal(store.search({ text: 'sharedwords', limit: 5, filter: {} }).hits[0]?.callId, 'b');
		assert.equal(store.verify().ok, true);
	});

	it('does not take erased content back when its record is read again', () => {
		store.record(drafts('apple', T0));
		store.erase({ what: 'content' });
		const { receipts } = store.record(drafts('apple', T0));
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['unchanged', 'unchanged'],
		);
		assert.deepEqual(found('apple'), []);
		assert.equal(store.verify().ok, true);
	});

	for (const contentState of ['none', 'off', 'redacted', 'full'] as const) {
		it(`does not take back what came with a record of content ${contentState}, its title and salt included`, () => {
			const records = [
				callDraft('a', { title: 'titleofapple', contentState, parameters: { temperature: 1, stop: ['stopofapple'] } }),
				responseDraft('a', { contentState, state: 'error', error: { message: 'errorofapple' } }),
			];
			store.record(records);
			store.erase({ what: 'content' });
			assert.deepEqual(found('apple'), []);
			const { receipts } = store.record(records);
			assert.deepEqual(
				receipts.map(({ outcome }) => outcome),
				['unchanged', 'unchanged'],
			);
			store.record([callDraft('a', { ...records[0], mode: 'ask' } as never)]);
			assert.equal(store.call('a')?.mode, 'ask');
			assert.equal(store.call('a')?.row.sessionTitle, null);
			assert.deepEqual(found('apple'), []);
			assert.equal(salts(), 0);
			assert.equal(store.verify().ok, true);
		});
	}

	it('takes a live answer that comes after the erasing: it is new', () => {
		const origin = { source: 'task-loop', live: true };
		store.record([callDraft('a', { origin, messages: [{ role: 'user', content: 'promptofapple' }] })]);
		store.erase({ what: 'content' });
		store.record([responseDraft('a', { origin, completion: 'completionofapple' })]);
		assert.deepEqual(found('apple'), ['completion']);
		assert.equal(store.verify().ok, true);
	});

	it('leaves a call erased when another record turns out to be the same call, whichever was first', () => {
		const later = { origin: { source: 'source-2' }, sessionId: 'session-2' };
		for (const [first, second] of [
			['apple', 'pear'],
			['pear', 'apple'],
		] as const) {
			store.close();
			folder.clean();
			folder.make();
			store = openStore(folder.file);
			const byName = { apple: drafts('apple', T0), pear: drafts('pear', T0).map((each) => ({ ...each, ...later })) };
			store.record(byName[first]);
			if (first === 'apple') store.erase({ what: 'content' });
			store.record(byName[second].map((each) => ({ ...each, usage: null })));
			if (second === 'apple') store.erase({ sessionId: 'session-1', what: 'content' });
			store.record([responseDraft(second, { ...(second === 'pear' ? later : {}), aliases: [first] })]);
			assert.equal(store.calls(everything).total, 1);
			assert.deepEqual([store.call('apple')?.messages, store.call('apple')?.completion], [[], null]);
			assert.equal(store.call('apple')?.row.contentState, 'erased');
			assert.equal(salts(), 0);
			assert.equal(store.verify().ok, true);
		}
	});

	it('takes also what came with a record that said it had none', () => {
		store.record([callDraft('a', { contentState: 'none', messages: [{ role: 'user', content: 'hiddenwords' }] })]);
		store.erase({ what: 'content' });
		assert.deepEqual(store.call('a')?.messages, []);
		assert.equal(store.call('a')?.row.contentState, 'erased');
	});

	it('takes content of calls that come afterwards', () => {
		store.record(drafts('apple', T0));
		store.erase({ what: 'content' });
		store.record(drafts('pear', T0 + DAY));
		assert.equal(store.call('pear')?.completion, 'completionofpear');
		assert.equal(store.search({ text: 'promptofpear', limit: 5, filter: {} }).hits.length, 1);
	});

	it('deletes sessions with all that is counted of them', () => {
		store.record([...drafts('apple', T0), ...drafts('pear', T0, 'session-2')]);
		store.record([
			{
				eventType: 'cost_tracked',
				sessionId: 'session-1',
				agentId: 'agent-1',
				origin: { source: 'source-1' },
				atMs: T0,
				costUsd: 1,
			},
		]);
		store.erase({ sessionId: 'session-1', what: 'all' });
		assert.deepEqual(found('apple'), []);
		assert.equal(store.call('apple'), null);
		assert.equal(store.calls(everything).total, 1);
		assert.equal(store.totals({}).calls, 1);
		assert.equal(store.totals({}).costNanoUsd, 600_000);
		assert.equal(store.sessions({ filter: {}, offset: 0, limit: 5 }).total, 1);
		assert.equal(store.verify().ok, true);
	});

	it('deletes many sessions at once, and none where none is named', () => {
		const named = (name: string) => drafts(name, T0, `session-${name}`);
		store.record(['apple', 'pear', 'plum', 'fig'].flatMap(named));
		assert.equal(store.erase({ sessionIds: [], what: 'all' }).sessions, 0);
		const { sessions, scrubbed } = store.erase({ sessionIds: ['session-apple', 'session-plum'], what: 'all' });
		assert.deepEqual([sessions, scrubbed], [2, true]);
		assert.deepEqual([found('apple'), found('plum'), found('pear')], [[], [], places]);
		assert.equal(store.totals({}).calls, 2);
		assert.deepEqual(store.facets({}).sources, [{ source: 'source-1', calls: 2 }]);
		store.erase({ sessionIds: ['session-pear'], sessionId: 'session-fig', what: 'content' });
		assert.deepEqual([found('pear'), found('fig')], [[], []]);
		assert.equal(store.totals({}).calls, 2);
		assert.equal(store.verify().ok, true);
	});

	it('leaves a session that goes on its events, so that its chain still verifies', () => {
		store.record([...drafts('old', T0), ...drafts('young', T0 + DAY), ...drafts('gone', T0, 'session-2')]);
		store.erase({ beforeMs: T0 + DAY, what: 'all' });
		assert.equal(store.totals({}).calls, 2);
		assert.equal(store.call('old')?.row.contentState, 'erased');
		assert.equal(store.call('gone'), null);
		assert.equal(store.verify().ok, true);
	});

	it('tells beforehand what goes, and changes nothing by that', () => {
		// `young` extends `old`, whose prompt it keeps alive, and goes on after the day; `said` is sent by two sessions.
		const said = { role: 'user', content: 'said twice' } as const;
		store.record([
			callDraft('old', { startedAtMs: T0, messages: [said, { role: 'user', content: 'first' }] }),
			responseDraft('old', { endedAtMs: T0 + 5, completion: 'one' }),
			callDraft('young', {
				startedAtMs: T0 + DAY,
				messages: [said, { role: 'user', content: 'first' }, { role: 'user', content: 'second' }],
			}),
			...drafts('gone', T0, 'session-2'),
			callDraft('other', { sessionId: 'session-3', startedAtMs: T0, messages: [said], title: null }),
			responseDraft('other', { sessionId: 'session-3', endedAtMs: T0 + 5, completion: null }),
		]);
		const requests: EraseRequest[] = [
			{ beforeMs: T0 + DAY, what: 'all' },
			{ beforeMs: T0 + DAY, what: 'content' },
			{ sessionId: 'session-2', what: 'all' },
			{ sessionId: 'nobody', what: 'all' },
			{ what: 'content' },
			{ what: 'all' },
		];
		const [revision, calls] = [store.revision(), store.calls(everything)];
		const told = requests.map((request) => store.erasable(request));
		assert.deepEqual(told[0], { sessions: 2, calls: 2, emptiedSessions: 1, emptiedCalls: 1, messages: 8 });
		assert.deepEqual(told[3], { sessions: 0, calls: 0, emptiedSessions: 0, emptiedCalls: 0, messages: 0 });
		assert.deepEqual([store.revision(), store.calls(everything)], [revision, calls]);
		assert.deepEqual(found('gone'), places);
		assert.equal(store.verify().ok, true);
		for (const request of requests) {
			const { sessions, emptiedSessions, messages } = store.erasable(request);
			const erased = store.erase(request);
			assert.deepEqual([erased.sessions, erased.messages], [sessions + emptiedSessions, messages]);
			assert.equal(store.verify().ok, true);
		}
		assert.equal(store.totals({}).calls, 0);
	});

	it('tells other windows, for the file has a new revision', () => {
		store.record(drafts('apple', T0));
		const before = store.revision();
		assert.ok(store.erase({ what: 'content' }).revision > before);
	});
});
