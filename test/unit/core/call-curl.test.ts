import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { callAsCurl } from '../../../src/core/call-curl.ts';
import type { CallDetail } from '../../../src/core/views.ts';
import { sampleCall } from '../../browser/dev-page/generate-calls.ts';
import { sampleDetail } from '../../browser/dev-page/generate-detail.ts';

interface Change extends Partial<Omit<CallDetail, 'row'>> {
	provider?: string;
	model?: string;
}

function curlOf({ provider = 'anthropic', model = 'claude-sonnet-4-5', ...change }: Change): string {
	const detail = sampleDetail(sampleCall(0, 1_700_000_000_000));
	return callAsCurl({ ...detail, ...change, row: { ...detail.row, provider, model } });
}

/** What a shell hands to `curl`, with the keys of the environment filled in. */
function run(command: string): { args: string[]; body: unknown } {
	const script = `curl() { printf '%s\\0' "$@"; printf '\\0'; cat; }\n${command}`;
	const env = { PATH: process.env.PATH ?? '', ANTHROPIC_API_KEY: 'sk-a', OPENAI_API_KEY: 'sk-o', GEMINI_API_KEY: 'g' };
	const { stdout, status } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
	assert.equal(status, 0);
	const [args = '', body = ''] = stdout.split('\0\0');
	return { args: args.split('\0'), body: JSON.parse(body) };
}

describe('a call as a curl command', () => {
	const messages: CallDetail['messages'] = [
		{
			role: 'user',
			content: [
				{ type: 'text', text: 'Look' },
				{ type: 'image_url', image_url: { url: `data:image/png;base64,iVBORw0KGgo${'A'.repeat(41)}` } },
			],
		},
		{
			role: 'assistant',
			content: [
				{ type: 'reasoning', text: 'Hm.', signature: 'sig' },
				{ type: 'text', text: 'I read.' },
			],
			toolCalls: [
				{ id: 't1', name: 'read', arguments: { path: 'a' } },
				{ id: 't2', name: 'read', arguments: { path: 'b' } },
			],
		},
		{ role: 'tool', toolCallId: 't1', content: 'A' },
		{ role: 'tool', toolCallId: 't2', content: [{ type: 'text', text: 'B' }] },
	];
	const image = `iVBORw0KGgo${'A'.repeat(41)}`;
	const request: Change = {
		systemPrompt: 'Be brief.',
		messages,
		tools: [{ name: 'read', description: 'Reads.', parameters: { type: 'object' } }],
		parameters: { temperature: 0.2, maxTokens: 100, stopSequences: ['x'], stream: true, apiKey: 'sk-secret' },
	};

	it('speaks the protocol of Anthropic', () => {
		const { args, body } = run(curlOf(request));
		assert.equal(args[0], 'https://api.anthropic.com/v1/messages');
		assert.ok(args.includes('x-api-key: sk-a') && args.includes('anthropic-version: 2023-06-01'));
		assert.deepEqual(body, {
			max_tokens: 100,
			temperature: 0.2,
			stop_sequences: ['x'],
			model: 'claude-sonnet-4-5',
			system: 'Be brief.',
			messages: [
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'Look' },
						{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
					],
				},
				{
					role: 'assistant',
					content: [
						{ type: 'thinking', thinking: 'Hm.', signature: 'sig' },
						{ type: 'text', text: 'I read.' },
						{ type: 'tool_use', id: 't1', name: 'read', input: { path: 'a' } },
						{ type: 'tool_use', id: 't2', name: 'read', input: { path: 'b' } },
					],
				},
				{
					role: 'user',
					content: [
						{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'A' }] },
						{ type: 'tool_result', tool_use_id: 't2', content: [{ type: 'text', text: 'B' }] },
					],
				},
			],
			tools: [{ name: 'read', description: 'Reads.', input_schema: { type: 'object' } }],
		});
	});

	it('speaks the protocol of OpenAI, there and wherever else', () => {
		const { args, body } = run(curlOf({ ...request, provider: 'openai', model: 'gpt-5' }));
		assert.equal(args[0], 'https://api.openai.com/v1/chat/completions');
		assert.ok(args.includes('authorization: Bearer sk-o'));
		assert.deepEqual(body, {
			temperature: 0.2,
			max_tokens: 100,
			stop: ['x'],
			model: 'gpt-5',
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'Look' },
						{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
					],
				},
				{
					role: 'assistant',
					content: 'I read.',
					tool_calls: [
						{ id: 't1', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } },
						{ id: 't2', type: 'function', function: { name: 'read', arguments: '{"path":"b"}' } },
					],
				},
				{ role: 'tool', content: 'A', tool_call_id: 't1' },
				{ role: 'tool', content: 'B', tool_call_id: 't2' },
			],
			tools: [{ type: 'function', function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } } }],
		});
		assert.match(curlOf({ provider: 'kilocode' }), /^curl "https:\/\/openrouter\.ai\/api\/v1\/chat\/completions"/);
		assert.match(curlOf({ provider: 'my gateway' }), /^curl "\$OPENAI_BASE_URL\/chat\/completions"/);
		assert.match(curlOf({ provider: '__proto__' }), /^curl "\$OPENAI_BASE_URL\//);
	});

	it('speaks the protocol of Gemini', () => {
		const { args, body } = run(curlOf({ ...request, provider: 'gemini', model: 'models/gemini-2.5-pro' }));
		assert.equal(args[0], 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent');
		assert.ok(args.includes('x-goog-api-key: g'));
		assert.deepEqual(body, {
			systemInstruction: { parts: [{ text: 'Be brief.' }] },
			contents: [
				{ role: 'user', parts: [{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data: image } }] },
				{
					role: 'model',
					parts: [
						{ text: 'I read.' },
						{ functionCall: { name: 'read', args: { path: 'a' } } },
						{ functionCall: { name: 'read', args: { path: 'b' } } },
					],
				},
				{ role: 'user', parts: [{ functionResponse: { name: 'read', response: { result: 'A' } } }] },
				{ role: 'user', parts: [{ functionResponse: { name: 'read', response: { result: 'B' } } }] },
			],
			tools: [{ functionDeclarations: request.tools }],
			generationConfig: { temperature: 0.2, maxOutputTokens: 100, stopSequences: ['x'] },
		});
	});

	it('never holds a key, only the name of a variable', () => {
		for (const provider of ['anthropic', 'openai', 'gemini', 'openrouter', 'xai', 'other']) {
			const command = curlOf({ ...request, provider });
			assert.match(command, /-H "(x-api-key: |authorization: Bearer |x-goog-api-key: )\$[A-Z]+_API_KEY"/);
			assert.doesNotMatch(command, /sk-secret/);
		}
	});

	it('means to the shell what it says, whatever was said', () => {
		const hostile = fc.constantFrom(
			...[
				"'",
				'"',
				'`',
				'$(',
				')',
				'$HOME',
				'\\',
				'\n',
				'\r',
				'!',
				'!!',
				';',
				'&',
				'|',
				'END_OF_REQUEST',
				'\nEND_OF_REQUEST\n',
			],
			...['\u0000', '\u001b[201~', '\u009b', '\u202e', '\u2028', '\ud800', '\u200b', '😀', ' ', 'x', '<<', '#'],
		);
		fc.assert(
			fc.property(fc.array(hostile, { maxLength: 30 }), (parts) => {
				const text = parts.join('');
				for (const provider of ['anthropic', 'gemini', text]) {
					const command = curlOf({
						provider,
						model: text === '' ? 'm' : text,
						messages: [{ role: 'user', content: `a${text}` }],
						tools: [],
					});
					// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
					assert.doesNotMatch(command, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e\ud800]/);
					const { args, body } = run(command);
					assert.match(args[0] ?? '', /^(https:\/\/[\w./-]+|\/)/);
					assert.ok(JSON.stringify(body).includes(JSON.stringify(`a${text}`)));
				}
			}),
			{ numRuns: 15 },
		);
	});
});
