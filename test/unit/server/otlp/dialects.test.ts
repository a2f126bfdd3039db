import assert from 'node:assert/strict';
import { chat, claudeRequest, claudeSpan, logs, T0, traces } from './payloads.ts';
import { Receiving } from './receiving.ts';

const span1 = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' };
const messages = [{ role: 'user', parts: [{ type: 'text', content: 'What is the capital of France?' }] }];
const outputMessages = [
	{
		role: 'assistant',
		parts: [
			{ type: 'text', content: 'Paris.' },
			{ type: 'tool_call', id: 'call-1', name: 'get_weather', arguments: { city: 'Paris' } },
		],
		finish_reason: 'stop',
	},
];

describe('the OTLP receiver: what agents report', () => {
	let receiving: Receiving;
	beforeEach(async () => {
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(() => receiving.stop());

	const send = async (signal: 'traces' | 'logs', body: object): Promise<void> => {
		assert.equal((await receiving.post(signal, body)).status, 200);
	};

	describe('by the GenAI conventions', () => {
		it('is a call with its model, counts, times and price, from a span of the newer ones', async () => {
			await send('traces', traces(chat()));
			const { row, usage } = await receiving.only();
			assert.deepEqual(
				[row.agentId, row.sessionId, row.provider, row.actualModel, row.state, row.finishReason],
				['my.service', 'conversation-1', 'openai', 'gpt-4o-2024-08-06', 'ok', 'stop'],
			);
			assert.deepEqual([row.startedAtMs, row.latencyMs], [T0, 1_000]);
			assert.deepEqual(
				[usage?.inputTotal, usage?.uncachedInput, usage?.cacheRead, usage?.output],
				[1_000, 500, 500, 100],
			);
			// 500 at $2.50, 500 cached at $1.25 and 100 at $10 a million.
			assert.equal(row.cost?.nanoUsd, 2_875_000);
		});

		it('is the same from a span of the older ones', async () => {
			await send(
				'traces',
				traces({
					name: 'chat gpt-4o',
					values: {
						'gen_ai.system': 'openai',
						'llm.request.type': 'chat',
						'gen_ai.request.model': 'gpt-4o',
						'gen_ai.usage.prompt_tokens': 1_000,
						'gen_ai.usage.completion_tokens': 100,
						'gen_ai.usage.cache_read_input_tokens': 500,
					},
				}),
			);
			const { row } = await receiving.only();
			assert.deepEqual([row.inputTokens, row.outputTokens, row.cost?.nanoUsd], [1_000, 100, 2_875_000]);
		});

		it('counts requests to a model alone, not the agents and tools around them', async () => {
			const spans = [
				'chat',
				'generate_content',
				'text_completion',
				'invoke_agent',
				'execute_tool',
				'create_agent',
				'embeddings',
			].map((operation, index) =>
				chat({
					name: operation,
					spanId: `EEE19B7EC3C1B1${index}0`,
					values: { 'gen_ai.operation.name': operation, 'gen_ai.response.id': `response-of-${operation}-0123456789` },
				}),
			);
			await send('traces', traces(...spans));
			assert.deepEqual([(await receiving.rows()).length, receiving.receiver.counts.ignored], [3, 4]);
		});

		for (const [form, wrap] of [
			['JSON text', (value: unknown) => JSON.stringify(value)],
			['values', (value: unknown) => value as never],
		] as const) {
			it(`keeps prompt, answer, instructions and tools that come as ${form}`, async () => {
				const values = {
					'gen_ai.input.messages': wrap(messages),
					'gen_ai.output.messages': wrap(outputMessages),
					'gen_ai.system_instructions': wrap([{ type: 'text', content: 'Be brief.' }]),
					'gen_ai.tool.definitions': wrap([{ type: 'function', name: 'get_weather', description: 'Weather' }]),
				};
				await send('traces', traces(chat({ values })));
				const detail = await receiving.only();
				assert.deepEqual(detail.messages, [{ role: 'user', content: 'What is the capital of France?' }]);
				assert.equal(detail.systemPrompt, 'Be brief.');
				assert.equal(detail.completion, 'Paris.');
				assert.deepEqual(detail.toolCalls, [{ id: 'call-1', name: 'get_weather', arguments: { city: 'Paris' } }]);
				assert.equal(detail.tools[0]?.name, 'get_weather');
			});
		}

		it('is a failed call when the span failed, with the reason', async () => {
			const values = {
				'error.type': 'rate_limit_exceeded',
				'gen_ai.usage.input_tokens': undefined,
				'gen_ai.usage.output_tokens': undefined,
				'gen_ai.usage.cache_read.input_tokens': undefined,
			};
			await send('traces', traces(chat({ values, status: { code: 2, message: 'Too many requests' } })));
			const { row, error } = await receiving.only();
			assert.deepEqual([row.state, row.usageMissing, row.inputTokens], ['error', false, null]);
			assert.deepEqual([error?.message, error?.code], ['Too many requests', 'rate_limit_exceeded']);
		});

		it('says that counts are missing where a call that succeeded has none', async () => {
			const values = {
				'gen_ai.usage.input_tokens': undefined,
				'gen_ai.usage.output_tokens': undefined,
				'gen_ai.usage.cache_read.input_tokens': undefined,
			};
			await send('traces', traces(chat({ values })));
			const { row } = await receiving.only();
			assert.deepEqual([row.usageMissing, row.inputTokens, row.cost?.nanoUsd ?? null], [true, null, null]);
		});

		for (const order of ['the span first', 'the event first']) {
			it(`makes one call of a span and the event that has its content, ${order}`, async () => {
				const event = logs({
					eventName: 'gen_ai.client.inference.operation.details',
					...span1,
					values: {
						...chat().values,
						'gen_ai.input.messages': messages as never,
						'gen_ai.output.messages': outputMessages as never,
					},
				});
				const requests = [
					['traces', traces(chat())],
					['logs', event],
				] as const;
				for (const [signal, body] of order === 'the span first' ? requests : requests.toReversed())
					await send(signal, body);
				const { row, messages: prompt, completion } = await receiving.only();
				assert.deepEqual([row.startedAtMs, row.latencyMs, row.inputTokens], [T0, 1_000, 1_000]);
				assert.deepEqual([prompt.length, completion], [1, 'Paris.']);
			});

			it(`makes one call of a span and its message events of the earlier conventions, ${order}`, async () => {
				const said = logs(
					{ eventName: 'gen_ai.system.message', ...span1, body: { content: 'Be brief.' }, values: {} },
					{ eventName: 'gen_ai.user.message', ...span1, body: { content: 'Hello' }, values: {} },
					{
						eventName: 'gen_ai.choice',
						...span1,
						body: { index: 0, finish_reason: 'stop', message: { content: 'Hi.' } },
						values: {},
					},
				);
				const requests = [
					['traces', traces(chat())],
					['logs', said],
				] as const;
				for (const [signal, body] of order === 'the span first' ? requests : requests.toReversed())
					await send(signal, body);
				// As an exporter does that did not hear the answer.
				await send('logs', said);
				const { row, messages: prompt, completion } = await receiving.only();
				assert.deepEqual(
					prompt.map(({ role, content }) => [role, content]),
					[
						['system', 'Be brief.'],
						['user', 'Hello'],
					],
				);
				assert.deepEqual([row.inputTokens, completion], [1_000, 'Hi.']);
			});
		}

		it('reads messages from events within the span', async () => {
			const events = [
				{ name: 'gen_ai.user.message', values: { content: 'Hello' } },
				{ name: 'gen_ai.choice', values: { finish_reason: 'stop', message: '{"role":"assistant","content":"Hi."}' } },
			];
			await send('traces', traces(chat({ events })));
			const { messages: prompt, completion } = await receiving.only();
			assert.deepEqual([prompt, completion], [[{ role: 'user', content: 'Hello' }], 'Hi.']);
		});

		it('does not take two calls of a local server for one that share its short id', async () => {
			const values = { 'gen_ai.response.id': 'chatcmpl-7' };
			await send(
				'traces',
				traces(
					chat({ values, spanId: 'EEE19B7EC3C1B101' }),
					chat({ values, spanId: 'EEE19B7EC3C1B102', startMs: T0 + 60_000, endMs: T0 + 61_000 }),
				),
			);
			assert.equal((await receiving.rows()).length, 2);
		});

		it('counts a call once that a framework’s span repeats around the client’s', async () => {
			const values = { 'gen_ai.response.id': undefined };
			const inner = chat({ values, spanId: 'EEE19B7EC3C1B101', parentSpanId: 'EEE19B7EC3C1B102' });
			const outer = chat({ values, spanId: 'EEE19B7EC3C1B102', startMs: T0 - 5, endMs: T0 + 1_005 });
			await send('traces', traces(inner));
			await send('traces', traces(outer));
			assert.deepEqual([(await receiving.rows()).length, receiving.receiver.counts.ignored], [1, 1]);
		});

		it('keeps the text of a call that is told of again without it', async () => {
			const values = { 'gen_ai.input.messages': JSON.stringify(messages) };
			await send('traces', traces(chat({ values })));
			const event = { eventName: 'gen_ai.client.inference.operation.details', ...span1, values: chat().values };
			await send('logs', logs(event));
			assert.equal((await receiving.only()).messages.length, 1);
		});

		it('takes the folder from the resource', async () => {
			await send('traces', traces(chat({ resource: { 'process.working_directory': '/home/someone/project' } })));
			assert.equal((await receiving.only()).folder, '/home/someone/project');
		});
	});

	describe('by Claude Code', () => {
		it('is priced from its log, with the agent’s own cost beside it and a lower bound for a cache of unknown age', async () => {
			await send('logs', logs(claudeRequest));
			const { row, usage, cost } = await receiving.only();
			assert.deepEqual(
				[row.agentId, row.sessionId, row.latencyMs, row.startedAtMs],
				['claude-code', 'session-claude', 1_000, T0],
			);
			assert.deepEqual([usage?.inputTotal, usage?.cacheWriteUnknownTtl], [2 + 15_498 + 5_790, 5_790]);
			assert.deepEqual([cost?.reportedNanoUsd, cost?.reportedBy, cost?.bound], [68_859_000, 'agent', 'atLeast']);
			assert.ok((cost?.computedNanoUsd ?? Number.POSITIVE_INFINITY) < 68_859_000);
		});

		for (const order of ['log, span', 'span, log']) {
			it(`is one call, told by ${order}`, async () => {
				const requests = [
					['logs', logs(claudeRequest)],
					['traces', traces(claudeSpan)],
				] as const;
				for (const [signal, body] of order === 'log, span' ? requests : requests.toReversed()) await send(signal, body);
				const { row, cost } = await receiving.only();
				assert.deepEqual([row.inputTokens, row.outputTokens, row.timeToFirstTokenMs], [21_290, 128, 300]);
				assert.equal(cost?.reportedNanoUsd, 68_859_000);
				assert.equal((await receiving.ledger.totals({})).calls, 1);
			});
		}

		it('is one call, told by log and span without an id', async () => {
			const without = { request_id: undefined };
			await send('logs', logs({ ...claudeRequest, values: { ...claudeRequest.values, ...without } }));
			await send('traces', traces({ ...claudeSpan, values: { ...claudeSpan.values, ...without } }));
			assert.equal((await receiving.rows()).length, 1);
		});

		it('is two calls when two are told, however alike', async () => {
			const second = { ...claudeRequest.values, request_id: 'req_011CTestTestTestTesu' };
			await send('logs', logs(claudeRequest, { ...claudeRequest, values: second }));
			assert.equal((await receiving.rows()).length, 2);
		});

		it('is a failed call with its status', async () => {
			const values = {
				'event.name': 'api_error',
				'session.id': 's',
				model: 'claude-opus-4-6',
				error: 'Overloaded',
				status_code: '529',
				duration_ms: '250',
				attempt: 11,
			};
			await send('logs', logs({ service: 'claude-code', body: 'claude_code.api_error', values }));
			const { row, error } = await receiving.only();
			assert.deepEqual([row.state, row.latencyMs, row.usageMissing], ['error', 250, false]);
			assert.deepEqual([error?.message, error?.status], ['Overloaded', 529]);
		});

		it('leaves its other events out', async () => {
			const others = ['user_prompt', 'tool_result', 'tool_decision'].map((name) => ({
				service: 'claude-code',
				body: `claude_code.${name}`,
				values: { 'event.name': name, prompt_length: '12' },
			}));
			await send('logs', logs(...others));
			assert.deepEqual([(await receiving.rows()).length, receiving.receiver.counts.ignored], [0, 3]);
		});
	});

	// Constructed from its documentation: there is no recorded sample.
	describe('by Gemini CLI', () => {
		const response = {
			service: 'gemini-cli',
			body: 'API response from gemini-2.5-pro. Status: 200. Duration: 2000ms.',
			values: {
				'event.name': 'gemini_cli.api_response',
				'event.timestamp': '2026-03-04T10:00:02.000Z',
				'session.id': 'session-gemini',
				model: 'gemini-2.5-pro',
				status_code: 200,
				duration_ms: 2_000,
				input_token_count: 1_000,
				output_token_count: 100,
				cached_content_token_count: 400,
				thoughts_token_count: 50,
				tool_token_count: 0,
				total_token_count: 1_150,
				prompt_id: 'session-gemini########0',
				auth_type: 'gemini-api-key',
			},
		};

		it('has its thoughts among the output, where they are billed', async () => {
			await send('logs', logs(response));
			const { row, usage } = await receiving.only();
			assert.deepEqual(
				[row.agentId, row.provider, row.model, row.startedAtMs],
				['gemini-cli', 'google', 'gemini-2.5-pro', T0],
			);
			assert.deepEqual(
				[usage?.inputTotal, usage?.uncachedInput, usage?.cacheRead, usage?.output, usage?.reasoning],
				[1_000, 600, 400, 150, 50],
			);
		});

		it('is one call, told by its own event and by the one of the conventions', async () => {
			const details = {
				service: 'gemini-cli',
				body: 'GenAI operation details',
				values: {
					'event.name': 'gen_ai.client.inference.operation.details',
					'event.timestamp': '2026-03-04T10:00:02.000Z',
					'session.id': 'session-gemini',
					'gen_ai.operation.name': 'generate_content',
					'gen_ai.provider.name': 'gcp.gen_ai',
					'gen_ai.request.model': 'gemini-2.5-pro',
					'gen_ai.usage.input_tokens': 1_000,
					'gen_ai.usage.output_tokens': 100,
					'gen_ai.output.messages': JSON.stringify(outputMessages),
				},
			};
			for (const body of [logs(response, details), logs(details, response)]) await send('logs', body);
			const { row, completion } = await receiving.only();
			assert.deepEqual([row.outputTokens, row.latencyMs, completion], [150, 2_000, 'Paris.']);
		});

		it('is a failed call with its status', async () => {
			const values = {
				'event.name': 'gemini_cli.api_error',
				'session.id': 's',
				model: 'gemini-2.5-pro',
				'error.message': 'Quota',
				error_type: 'ApiError',
				status_code: 429,
				duration_ms: 90,
			};
			await send('logs', logs({ service: 'gemini-cli', values }));
			const { row, error } = await receiving.only();
			assert.deepEqual([row.state, error?.message, error?.status], ['error', 'Quota', 429]);
		});
	});

	// Constructed from its documentation: there is no recorded sample.
	describe('by Codex', () => {
		const completed = {
			service: 'codex_cli_rs',
			values: {
				'event.name': 'codex.sse_event',
				'event.kind': 'response.completed',
				'event.timestamp': '2026-03-04T10:00:03.000Z',
				'conversation.id': 'conversation-codex',
				auth_mode: 'Chatgpt',
				model: 'gpt-5.4',
				input_token_count: '1000',
				output_token_count: '200',
				cached_token_count: '800',
				reasoning_token_count: '150',
				tool_token_count: '1200',
			},
		};

		it('is a call with its counts, which may be text, paid with the plan that is signed in', async () => {
			await send('logs', logs(completed));
			const { row, usage } = await receiving.only();
			assert.deepEqual(
				[row.agentId, row.sessionId, row.provider, row.model, row.cost?.billing],
				['codex', 'conversation-codex', 'openai', 'gpt-5.4', 'subscription'],
			);
			assert.deepEqual(
				[usage?.inputTotal, usage?.uncachedInput, usage?.cacheRead, usage?.output, usage?.reasoning],
				[1_000, 200, 800, 200, 150],
			);
		});

		it('leaves the other events of a stream out', async () => {
			await send(
				'logs',
				logs({ ...completed, values: { ...completed.values, 'event.kind': 'response.output_item.done' } }),
			);
			assert.equal((await receiving.rows()).length, 0);
		});
	});

	// Constructed from the conventions it follows: there is no recorded sample.
	describe('by Copilot Chat', () => {
		it('is a call of its subscription, under the span that its debug log names too', async () => {
			const values = {
				'gen_ai.provider.name': 'github',
				'gen_ai.request.model': 'claude-sonnet-4.5',
				'gen_ai.response.model': 'claude-sonnet-4.5',
				'copilot_chat.time_to_first_token': 250,
			};
			await send('traces', traces(chat({ service: 'copilot-chat', values })));
			const { row } = await receiving.only();
			assert.deepEqual(
				[row.agentId, row.provider, row.cost?.billing, row.timeToFirstTokenMs],
				['copilot-chat', 'github-copilot', 'subscription', 250],
			);
			const known = await receiving.ledger.call('span:eee19b7ec3c1b174');
			assert.equal(known?.row.callId, row.callId);
		});
	});
});
