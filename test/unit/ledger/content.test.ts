import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Message } from '../../../src/core/message.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

const user = (content: string): Message => ({ role: 'user', content });

describe('Content', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const count = (table: string): number => {
		const db = new DatabaseSync(folder.file, { readOnly: true });
		const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
		db.close();
		return Number(row?.n);
	};

	it('stores each message once, however often it is sent', () => {
		const messages: Message[] = [];
		for (let i = 0; i < 100; i++) {
			messages.push(user(`Question ${i}`));
			const completion = `Answer ${i}`;
			store.record([
				callDraft(`c${i}`, { startedAtMs: T0 + i * 1000, messages, systemPrompt: 'Be brief.' }),
				responseDraft(`c${i}`, { endedAtMs: T0 + i * 1000 + 500, completion }),
			]);
			messages.push({ role: 'assistant', content: completion });
		}
		// 100 questions, 100 answers that were stored as completions first, and the system prompt.
		assert.equal(count('message'), 201);
		for (const i of [0, 1, 31, 32, 33, 64, 99]) {
			const detail = store.call(`c${i}`);
			assert.deepEqual(detail?.messages, messages.slice(0, 2 * i + 1));
			assert.equal(detail?.systemPrompt, 'Be brief.');
			assert.equal(detail?.sharedPrefix, i === 0 ? 0 : 2 * i - 1);
			assert.equal(detail?.extendsCallId, i === 0 ? null : `c${i - 1}`);
		}
		assert.equal(store.verify().ok, true);
	}).timeout(20_000);

	it('follows two conversations that take turns in one session', () => {
		const talk = (name: string, length: number) => Array.from({ length }, (_, i) => user(`${name} ${i}`));
		for (let i = 1; i <= 10; i++) {
			store.record([
				callDraft(`a${i}`, { startedAtMs: T0 + i * 10, messages: talk('a', i) }),
				callDraft(`b${i}`, { startedAtMs: T0 + i * 10 + 5, messages: talk('b', i) }),
			]);
		}
		assert.equal(store.call('a9')?.extendsCallId, 'a8');
		assert.equal(store.call('b9')?.sharedPrefix, 8);
	});

	it('goes on from the stored prompt after the file was opened again', () => {
		store.record([callDraft('a', { messages: [user('one')] })]);
		store.close();
		store = openStore(folder.file);
		store.record([callDraft('b', { startedAtMs: T0 + 1, messages: [user('one'), user('two')] })]);
		assert.equal(store.call('b')?.extendsCallId, 'a');
	});

	it('re-hangs what extends a prompt that is replaced', () => {
		const messages = [user('one'), user('two'), user('three')];
		for (let i = 1; i <= 3; i++)
			store.record([callDraft(`c${i}`, { startedAtMs: T0 + i, messages: messages.slice(0, i) })]);
		store.record([callDraft('c2', { startedAtMs: T0 + 2, messages: [user('quite'), user('different')] })]);
		assert.deepEqual(store.call('c2')?.messages, [user('quite'), user('different')]);
		assert.deepEqual(store.call('c3')?.messages, messages);
		assert.equal(store.call('c3')?.extendsCallId, 'c1');
		assert.equal(store.verify().ok, true);
	});

	it('keeps tools, parameters, tool calls, reasoning and errors', () => {
		const tools = [{ name: 'read_file', description: 'Reads', parameters: { type: 'object' } }];
		const toolCalls = [{ id: 't1', name: 'read_file', arguments: { path: 'a.ts' } }];
		store.record([
			callDraft('a', { tools, parameters: { temperature: 0, stop: ['END'] } }),
			responseDraft('a', {
				toolCalls,
				reasoning: 'Look first.',
				state: 'error',
				error: { message: 'Cut off', status: 529 },
			}),
		]);
		const detail = store.call('a');
		assert.deepEqual(detail?.tools, tools);
		assert.deepEqual(detail?.parameters, { temperature: 0, stop: ['END'] });
		assert.deepEqual(detail?.toolCalls, toolCalls);
		assert.equal(detail?.completion, null);
		assert.equal(detail?.reasoning, 'Look first.');
		assert.deepEqual(detail?.error, { message: 'Cut off', status: 529, code: null });
	});

	it('tells an empty completion from none', () => {
		store.record([responseDraft('a', { completion: '' }), responseDraft('b', { completion: null })]);
		assert.equal(store.call('a')?.completion, '');
		assert.equal(store.call('b')?.completion, null);
	});

	it('takes lone surrogates, NUL characters and emoji anywhere', () => {
		const odd = 'a\ud800b\u0000c\udc00 👩‍🚀';
		store.record([
			callDraft(`id ${odd}`, { sessionId: `s ${odd}`, title: odd, mode: odd, messages: [user(odd)], aliases: [odd] }),
			responseDraft(`id ${odd}`, { sessionId: `s ${odd}`, completion: odd, finishReason: odd }),
		]);
		const well = odd.toWellFormed();
		const { rows } = store.calls({ filter: {}, sort: 'newest', offset: 0, limit: 5 });
		assert.equal(rows.length, 1);
		assert.equal(rows[0]?.state, 'ok');
		const detail = store.call(rows[0]?.callId ?? '');
		assert.deepEqual(detail?.messages, [user(well)]);
		assert.equal(detail?.completion, well);
		assert.deepEqual(store.verify().firstBroken, null);
		assert.deepEqual(
			store.record([
				callDraft(`id ${odd}`, { sessionId: `s ${odd}`, title: odd, mode: odd, messages: [user(odd)], aliases: [odd] }),
			]).receipts[0]?.outcome,
			'unchanged',
		);
	});

	it('LLM call tracking, story 1.3: a prompt of 20 MB loses no token, cost or callId, and stays whole', () => {
		const line = 'The quick brown fox jumps over the lazy dog. 0123456789\n';
		const huge = line.repeat(Math.ceil(20_000_000 / line.length));
		store.record([
			callDraft('huge', { messages: [user(huge)] }),
			responseDraft('huge', { completion: huge.slice(0, 5e6) }),
		]);
		const detail = store.call('huge');
		assert.equal(detail?.messages[0]?.content, huge);
		assert.equal(detail?.completion?.length, 5e6);
		assert.equal(detail?.row.inputTokens, 100);
		assert.equal(detail?.row.cost?.nanoUsd, 100 * 3_000 + 20 * 15_000);
		store.record([callDraft('next', { startedAtMs: T0 + 1 }), responseDraft('next')]);
		assert.equal(store.call('next')?.row.state, 'ok');
	}).timeout(30_000);

	for (const [name, options] of [
		['zstd', { codec: 'auto' }],
		['gzip', { codec: 'gzip' }],
	] as const) {
		it(`reads with either codec what was written with ${name}`, () => {
			store.close();
			store = openStore(folder.file, options);
			assert.equal(store.codec, name);
			const text = 'All work and no play. '.repeat(50);
			store.record([callDraft('a', { messages: [user(text)] })]);
			store.close();
			assert.ok(!readFileSync(folder.file).includes('All work and no play. All work'));
			for (const codec of ['auto', 'gzip'] as const) {
				store = openStore(folder.file, { codec });
				assert.deepEqual(store.call('a')?.messages, [user(text)]);
				store.close();
			}
			store = openStore(folder.file);
		});
	}
});
