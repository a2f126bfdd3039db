import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Message } from '../../../src/core/message.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

describe('Previews', () => {
	const folder = temporaryFolder();
	let store: LedgerStore;
	beforeEach(() => {
		store = openStore(folder.file);
	});
	afterEach(() => {
		store.close();
		folder.clean();
	});
	const user = (content: Message['content']): Message => ({ role: 'user', content });
	const reopened = (content: 'redacted' | 'off') => {
		store.close();
		store = openStore(folder.file, { content });
	};

	it('show the last message that a call added, and what came back', () => {
		const messages = [user('first'), user('second')];
		store.record([
			callDraft('a', { messages }),
			responseDraft('a', { completion: 'Done', toolCalls: [{ id: 't', name: 'read_file', arguments: {} }] }),
		]);
		assert.deepEqual(store.preview('a', 100), {
			callId: 'a',
			contentState: 'full',
			prompt: { text: 'second', length: 6, role: 'user' },
			completion: { text: 'Done', length: 4 },
			toolCalls: ['read_file'],
			error: null,
		});
	});

	it('show it of any call of a conversation that grows, and of one that was sent again', () => {
		const messages: Message[] = [];
		for (let i = 0; i < 70; i++) {
			messages.push({ role: i % 2 ? 'assistant' : 'user', content: `message ${i}` });
			store.record([callDraft(`c${i}`, { startedAtMs: T0 + i, messages: [...messages] })]);
		}
		store.record([callDraft('again', { startedAtMs: T0 + 100, messages })]);
		for (let i = 0; i < 70; i++) assert.equal(store.preview(`c${i}`, 100)?.prompt?.text, `message ${i}`);
		assert.deepEqual(store.preview('again', 100)?.prompt, { text: 'message 69', length: 10, role: 'assistant' });
	});

	it('join the texts of a message with parts, and leave out what is no text', () => {
		const parts = [
			{ type: 'text', text: 'Look:' },
			{ type: 'image', data: 'AAAA' },
			{ type: 'text', text: 'here' },
		];
		store.record([callDraft('a', { messages: [user(parts)] })]);
		assert.deepEqual(store.preview('a', 100)?.prompt, { text: 'Look:\nhere', length: 10, role: 'user' });
	});

	it('are no longer than asked for, and never end in half a character', () => {
		store.record([callDraft('a', { messages: [user('ab👩cd')] }), responseDraft('a', { completion: '👩👩' })]);
		const texts = [1, 2, 3, 4, 5, 6, 7].map((length) => store.preview('a', length)?.prompt?.text);
		assert.deepEqual(texts, ['a', 'ab', 'ab', 'ab👩', 'ab👩c', 'ab👩cd', 'ab👩cd']);
		assert.deepEqual(store.preview('a', 3)?.completion, { text: '👩', length: 4 });
		assert.deepEqual(store.preview('a', 1)?.completion, { text: '', length: 4 });
	});

	it('have nothing of a call that is pending, or failed, but what there is', () => {
		store.record([
			callDraft('a', { messages: [user('hello')] }),
			callDraft('b'),
			responseDraft('b', { state: 'error', error: { message: 'Overloaded' } }),
		]);
		assert.deepEqual(store.preview('a', 9)?.completion, null);
		assert.deepEqual([store.preview('b', 9)?.prompt, store.preview('b', 9)?.error], [null, 'Overloade']);
	});

	for (const content of ['redacted', 'off'] as const) {
		it(`show no text where the content setting is ${content}`, () => {
			reopened(content);
			const toolCalls = [{ id: 't', name: 'secret_tool', arguments: {} }];
			store.record([
				callDraft('a', { messages: [user('secret')] }),
				responseDraft('a', { completion: 'c', toolCalls }),
			]);
			const nothing = { prompt: null, completion: null, toolCalls: [], error: null };
			assert.deepEqual(store.preview('a', 100), { callId: 'a', contentState: content, ...nothing });
		});
	}

	it('show nothing of what was erased, and say so', () => {
		store.record([callDraft('a', { messages: [user('hello')] }), responseDraft('a', { completion: 'Done' })]);
		store.erase({ what: 'content' });
		const { contentState, prompt, completion } = store.preview('a', 100) ?? {};
		assert.deepEqual([contentState, prompt, completion], ['erased', null, null]);
	});

	it('find a call by any name of it, and none that is not there', () => {
		store.record([callDraft('a', { aliases: ['other'], messages: [user('hello')] })]);
		assert.equal(store.preview('other', 100)?.callId, 'a');
		assert.equal(store.preview('nobody', 100), null);
	});
});
