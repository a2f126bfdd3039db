import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sendableProperties, WITHHELD } from '../../../src/telemetry/completion-record.ts';
import { completionProperties } from './completion-properties.ts';

describe('the properties that may leave the machine', () => {
	it('are those of the event', () => {
		assert.deepEqual(sendableProperties(completionProperties()), completionProperties());
	});

	it('are no others, whoever added them', () => {
		const more = { ...completionProperties(), 'common.vscodemachineid': 'abc', title: 'my words', folder: '/home/me' };
		assert.deepEqual(sendableProperties(more), completionProperties());
	});

	it('are none when they are not of the event', () => {
		assert.equal(sendableProperties({ ...completionProperties(), inputTokens: 'many' }), null);
		assert.equal(sendableProperties(undefined), null);
	});

	for (const name of ['modelId', 'apiProvider', 'inferenceProvider', 'agentId', 'mode'] as const) {
		it(`withhold a ${name} that could be a path, an address or a sentence`, () => {
			for (const text of [
				'/home/me/models/llama.gguf',
				'C:\\models\\llama.gguf',
				'~/llama.gguf',
				'../llama.gguf',
				'<REDACTED: user-file-path>/llama.gguf',
				'http://me.example/v1',
				'me@example.com',
				'What I asked for',
				'x'.repeat(201),
			]) {
				assert.equal(sendableProperties(completionProperties({ [name]: text }))?.[name], WITHHELD, text);
			}
			assert.equal(sendableProperties(completionProperties({ [name]: 'a/b-1.5:free' }))?.[name], 'a/b-1.5:free');
		});
	}

	for (const name of ['taskId', 'parentTaskId'] as const) {
		it(`withhold a ${name} that could be a title, a path or an address`, () => {
			for (const text of ['/home/me/project', 'project/notes', 'Mend the login page', 'me@example.com', '']) {
				assert.equal(sendableProperties(completionProperties({ [name]: text }))?.[name], WITHHELD, text);
			}
			for (const text of ['0199c0de-0000-7000-8000-000000000001', 'ses_71abc', '01J9ZZZZZZZZZZZZZZZZZZZZZZ', 'a@b:1']) {
				assert.equal(sendableProperties(completionProperties({ [name]: text }))?.[name], text);
			}
		});
	}
});
