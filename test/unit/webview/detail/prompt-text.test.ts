import assert from 'node:assert/strict';
import { completionAsText, promptAsText } from '../../../../webview/detail/prompt-text.ts';

describe('text for the clipboard', () => {
	it('holds each message under its role, tool calls and results in place', () => {
		const copied = promptAsText({
			systemPrompt: 'Be brief.',
			messages: [
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'Hi' },
						{ type: 'image', url: 'x' },
					],
				},
				{ role: 'assistant', content: '', toolCalls: [{ id: 't1', name: 'read', arguments: { path: 'a.ts' } }] },
				{ role: 'tool', toolCallId: 't1', content: 'let a;' },
			],
		});
		assert.equal(
			copied,
			'[system]\nBe brief.\n\n[user]\nHi\n{"type":"image","url":"x"}\n\n[assistant]\n[tool call read]\n{\n  "path": "a.ts"\n}\n\n[tool t1]\nlet a;',
		);
	});

	it('holds the completion and the tool calls it asked for', () => {
		assert.equal(completionAsText({ completion: 'Done.', toolCalls: [] }), 'Done.');
		assert.equal(
			completionAsText({ completion: null, toolCalls: [{ id: '1', name: 'run', arguments: 'ls' }] }),
			'[tool call run]\nls',
		);
	});
});
