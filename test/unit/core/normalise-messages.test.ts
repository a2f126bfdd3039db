import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { messageSchema } from '../../../src/core/message.ts';
import { normaliseMessages } from '../../../src/core/normalise-messages.ts';

const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };

/** What a Kilo-style agent keeps: Anthropic's message parameters with fields of its own. */
const anthropic = [
	{ role: 'user', content: 'Fix the bug', ts: 1 },
	{
		role: 'assistant',
		content: [
			{ type: 'thinking', thinking: 'Where is it?', signature: 'c2ln' },
			{ type: 'text', text: 'Let me look.', cache_control: { type: 'ephemeral' } },
			{ type: 'tool_use', id: 'tu1', name: 'read_file', input: { path: 'a.ts' } },
			{ type: 'tool_use', id: 'tu2', name: 'list_files', input: {} },
		],
	},
	{
		role: 'user',
		content: [
			{ type: 'tool_result', tool_use_id: 'tu1', content: 'const a = 1' },
			{
				type: 'tool_result',
				tool_use_id: 'tu2',
				is_error: true,
				content: [{ type: 'text', text: 'no such folder' }, png],
			},
			{ type: 'text', text: '<environment_details>…</environment_details>' },
			png,
		],
	},
];

describe('normaliseMessages', () => {
	it("turns Anthropic's content blocks into messages, tool results in their place", () => {
		assert.deepEqual(normaliseMessages(anthropic), [
			{ role: 'user', content: 'Fix the bug' },
			{
				role: 'assistant',
				content: [
					{ type: 'reasoning', text: 'Where is it?', signature: 'c2ln' },
					{ type: 'text', text: 'Let me look.' },
				],
				toolCalls: [
					{ id: 'tu1', name: 'read_file', arguments: { path: 'a.ts' } },
					{ id: 'tu2', name: 'list_files', arguments: {} },
				],
			},
			{ role: 'tool', toolCallId: 'tu1', content: 'const a = 1' },
			{
				role: 'tool',
				toolCallId: 'tu2',
				content: [
					{ type: 'text', text: 'no such folder', isError: true },
					{ ...png, isError: true },
				],
			},
			{ role: 'user', content: [{ type: 'text', text: '<environment_details>…</environment_details>' }, png] },
		]);
	});

	it("reads OpenAI's chat messages", () => {
		assert.deepEqual(
			normaliseMessages([
				{ role: 'developer', content: 'Be brief' },
				{
					role: 'assistant',
					content: null,
					tool_calls: [
						{ id: 'c1', type: 'function', function: { name: 'run', arguments: '{"a":[1]}' } },
						{ id: 'c2', type: 'function', function: { name: 'run', arguments: '{"a":' } },
					],
				},
				{ role: 'tool', tool_call_id: 'c1', content: 'ok' },
			]),
			[
				{ role: 'system', content: 'Be brief' },
				{
					role: 'assistant',
					content: '',
					toolCalls: [
						{ id: 'c1', name: 'run', arguments: { a: [1] } },
						{ id: 'c2', name: 'run', arguments: '{"a":' },
					],
				},
				{ role: 'tool', toolCallId: 'c1', content: 'ok' },
			],
		);
	});

	it('leaves our own messages as they are', () => {
		const once = normaliseMessages(anthropic);
		assert.deepEqual(normaliseMessages(once), once);
	});

	it('gives the same for a message whose cache breakpoint has moved on', () => {
		const block = { type: 'text', text: 'long' };
		const marked = normaliseMessages([{ role: 'user', content: [{ ...block, cache_control: { type: 'ephemeral' } }] }]);
		assert.deepEqual(marked, normaliseMessages([{ role: 'user', content: [block] }]));
	});

	it('makes valid messages of anything', () => {
		const cycle: { type: string; self?: unknown } = { type: 'odd' };
		cycle.self = cycle;
		const odd = [
			null,
			'text',
			42,
			{},
			{ role: 'alien', content: { a: 1 } },
			{
				role: 'user',
				content: [null, 'bare', cycle, { type: 'file', data: new Uint8Array(3), size: 10n, run: () => 1 }],
			},
			{ role: 'assistant', content: [{ type: 'tool_use' }] },
			{ role: 'user', content: [{ type: 'tool_result', content: { ok: true } }] },
			{ role: 'user', content: [] },
		];
		const messages = normaliseMessages(odd);
		z.array(messageSchema).parse(messages);
		assert.equal(messages.length, odd.length);
		JSON.stringify(messages);
		assert.deepEqual(normaliseMessages('not a list'), []);
	});

	it('shares nothing that can change', () => {
		const input = { list: [1] };
		const messages = normaliseMessages([
			{ role: 'assistant', content: [{ type: 'tool_use', id: 'x', name: 'y', input }] },
		]);
		input.list.push(2);
		assert.deepEqual(messages[0]?.toolCalls?.[0]?.arguments, { list: [1] });
	});

	it('a key named __proto__ in tool arguments is data', () => {
		const input: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
		const [message] = normaliseMessages([
			{ role: 'assistant', content: [{ type: 'tool_use', id: 'x', name: 'y', input }] },
		]);
		const kept = message?.toolCalls?.[0]?.arguments;
		assert.equal(JSON.stringify(kept), '{"__proto__":{"polluted":true}}');
		assert.equal(Reflect.get(Object(kept), 'polluted'), undefined);
	});
});
