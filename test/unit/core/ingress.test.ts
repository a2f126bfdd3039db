import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeIssues } from '../../../src/core/describe-issues.ts';
import { EVENT_TYPES, type EventPayload, type EventType, eventTypeSchema } from '../../../src/core/events.ts';
import {
	costTrackedPayloadSchema,
	llmCallPayloadSchema,
	llmMessageSchema,
	llmResponsePayloadSchema,
	payloadSchemasByEventType,
} from '../../../src/core/ingress.ts';
import { callPayload, responsePayload } from './samples.ts';

/** What a sender is told about a refused payload. */
function refusal(schema: typeof llmCallPayloadSchema | typeof llmResponsePayloadSchema, payload: unknown): string {
	const result = schema.safeParse(payload);
	assert.equal(result.success, false, 'the payload was accepted');
	return describeIssues(result.error);
}

const root = join(import.meta.dirname, '../../..');

/** Compiles a text that imports from EVENTS and INGRESS, and gives the lines that TypeScript refuses. */
async function faultyLines(text: string): Promise<number[]> {
	const folder = await mkdtemp(join(tmpdir(), 'callmeter-types-'));
	try {
		const place = (name: string) => join(root, 'src/core', name).replaceAll('\\', '/');
		await writeFile(
			join(folder, 'probe.mts'),
			text.replace('EVENTS', place('events.ts')).replace('INGRESS', place('ingress.ts')),
		);
		const compilerOptions = {
			extends: join(root, 'tsconfig.json'),
			include: ['probe.mts'],
			compilerOptions: { types: [] },
		};
		await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions));
		const compiler = join(root, 'node_modules/typescript/bin/tsc');
		const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
		return stdout.split('\n').flatMap((line) => {
			const place = /probe\.mts\((\d+),/.exec(line);
			return place === null ? [] : [Number(place[1])];
		});
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

describe('LLM call tracking, story 1.1: llm_call and llm_response event types', () => {
	it('story 1.1: llm_call and llm_response are valid EventType values', () => {
		const types: EventType[] = ['llm_call', 'llm_response'];
		for (const type of types) assert.equal(eventTypeSchema.parse(type), type);
		assert.equal(eventTypeSchema.safeParse('llm_guess').success, false);
	});

	it('story 1.1: TypeScript compilation succeeds with the event types, and fails with any other', async function () {
		this.timeout(60_000);
		const lines = [
			"import type { EventPayload, EventType } from 'EVENTS';",
			"import type { LlmCallPayload, LlmResponsePayload } from 'INGRESS';",
			"export const types: EventType[] = ['llm_call', 'llm_response'];",
			'export const union = (call: LlmCallPayload, response: LlmResponsePayload): EventPayload[] => [call, response];',
			"export const wrong: EventType = 'llm_guess';",
		];
		assert.deepEqual(await faultyLines(lines.join('\n')), [5]);
	});

	it('story 1.1: EVENT_TYPES array includes both new types', () => {
		assert.deepEqual([...EVENT_TYPES], ['llm_call', 'llm_response', 'cost_tracked']);
	});

	it('story 1.1: payloads are part of EventPayload: each event type has a schema that takes its own', () => {
		const payloads: Record<EventType, EventPayload> = {
			llm_call: callPayload(),
			llm_response: responsePayload(),
			cost_tracked: { costUsd: 0.1 },
		};
		for (const type of EVENT_TYPES) {
			assert.deepEqual(payloadSchemasByEventType[type].parse(payloads[type]), payloads[type]);
		}
		assert.equal(llmCallPayloadSchema.safeParse(payloads.llm_response).success, false);
		assert.equal(llmResponsePayloadSchema.safeParse(payloads.llm_call).success, false);
	});
});

describe('LLM call tracking, story 1.2: zod validation schemas for LLM payloads', () => {
	it('story 1.2: valid llm_call payloads pass validation', () => {
		const full = callPayload({
			systemPrompt: 'You are a coding agent.',
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'Hi' },
						{ type: 'image', source: { data: 'AA==' } },
					],
				},
				{ role: 'assistant', content: '', toolCalls: [{ id: 't1', name: 'read_file', arguments: { path: 'a.ts' } }] },
				{ role: 'tool', content: 'export {}', toolCallId: 't1' },
			],
			parameters: { temperature: 0.2, maxTokens: 4096, topP: 1, stopSequences: ['END'], seed: 7 },
			tools: [{ name: 'read_file', description: 'Reads a file', parameters: { type: 'object' } }],
			redacted: false,
		});
		assert.deepEqual(llmCallPayloadSchema.parse(full), full);
		assert.deepEqual(llmCallPayloadSchema.parse(callPayload()), callPayload());
	});

	it('story 1.2: valid llm_response payloads pass validation', () => {
		const full = responsePayload({
			toolCalls: [{ id: 't2', name: 'list_files', arguments: {} }],
			usage: {
				inputTokens: 1200,
				outputTokens: 80,
				totalTokens: 1280,
				thinkingTokens: 20,
				cacheReadTokens: 900,
				cacheWriteTokens: 100,
			},
			redacted: false,
		});
		assert.deepEqual(llmResponsePayloadSchema.parse(full), full);
	});

	it('accepts a response without text, which only calls tools', () => {
		const payload = responsePayload({ completion: null, finishReason: 'tool_use' });
		assert.equal(llmResponsePayloadSchema.parse(payload).completion, null);
	});

	it('accepts a finish reason of the provider itself', () => {
		assert.equal(
			llmResponsePayloadSchema.parse(responsePayload({ finishReason: 'pause_turn' })).finishReason,
			'pause_turn',
		);
	});

	it('story 1.2: invalid payloads (missing callId, empty messages) fail with descriptive errors', () => {
		const { callId: _, ...withoutId } = callPayload();
		assert.match(refusal(llmCallPayloadSchema, withoutId), /^callId: callId is required: the id that pairs/);
		assert.match(
			refusal(llmCallPayloadSchema, callPayload({ messages: [] })),
			/^messages: messages is empty: a request/,
		);
	});

	it('refuses an empty callId, provider or model and names it', () => {
		const text = refusal(llmCallPayloadSchema, callPayload({ callId: '', provider: '', model: '' }));
		assert.equal(text, 'callId: callId is empty; provider: provider is empty; model: model is empty');
	});

	it('names the message that has an unknown role', () => {
		const messages = [
			{ role: 'user', content: 'a' },
			{ role: 'robot', content: 'b' },
		];
		assert.match(refusal(llmCallPayloadSchema, { ...callPayload(), messages }), /^messages\.1\.role: /);
	});

	it('names a content part without a type', () => {
		const message = { role: 'user', content: [{ text: 'a' }] };
		assert.equal(llmMessageSchema.safeParse(message).success, false);
		assert.match(
			refusal(llmCallPayloadSchema, { ...callPayload(), messages: [message] }),
			/^messages\.0\.content: content must be text or a list/,
		);
	});

	it('tells the sender to parse tool arguments that are still text', () => {
		const toolCalls = [{ id: 't', name: 'n', arguments: '{"a":1}' }];
		const text = refusal(llmResponsePayloadSchema, { ...responsePayload(), toolCalls });
		assert.equal(text, 'toolCalls.0.arguments: arguments must be an object: parse the JSON text before sending it');
	});

	it('refuses counts that are negative, fractions or text', () => {
		for (const inputTokens of [-1, 1.5, '12', Number.NaN, Number.POSITIVE_INFINITY]) {
			const usage = { inputTokens, outputTokens: 1, totalTokens: 2 };
			assert.match(refusal(llmResponsePayloadSchema, { ...responsePayload(), usage }), /^usage\.inputTokens: must/);
		}
	});

	it('names usage, cost and latency when they are missing', () => {
		const { usage: _u, costUsd: _c, latencyMs: _l, ...rest } = responsePayload();
		const text = refusal(llmResponsePayloadSchema, rest);
		assert.match(text, /usage: usage is required/);
		assert.match(text, /costUsd: costUsd must be a number of US dollars/);
		assert.match(text, /latencyMs: latencyMs must be a number of milliseconds/);
	});

	it('counts the problems that it does not spell out', () => {
		const messages = Array.from({ length: 9 }, () => ({ role: 'robot', content: 'x' }));
		assert.match(refusal(llmCallPayloadSchema, { ...callPayload(), messages }), /; and 4 more$/);
	});

	it('story 1.2: schema map includes both new types', () => {
		assert.equal(payloadSchemasByEventType.llm_call, llmCallPayloadSchema);
		assert.equal(payloadSchemasByEventType.llm_response, llmResponsePayloadSchema);
		assert.equal(payloadSchemasByEventType.cost_tracked, costTrackedPayloadSchema);
		assert.deepEqual(Object.keys(payloadSchemasByEventType).sort(), [...EVENT_TYPES].sort());
	});
});

describe('LLM call tracking, story 1.3: event types in schema validation', () => {
	const good: Record<EventType, EventPayload> = {
		llm_call: callPayload({ systemPrompt: 'Be brief.', parameters: { temperature: 0 } }),
		llm_response: responsePayload({ completion: null, finishReason: 'tool_use' }),
		cost_tracked: { costUsd: 0 },
	};

	for (const type of EVENT_TYPES) {
		it(`story 1.3: valid payloads: ${type} passes unchanged`, () => {
			assert.deepEqual(payloadSchemasByEventType[type].parse(good[type]), good[type]);
		});
	}

	for (const [type, payload, complaint] of [
		['llm_call', { ...callPayload(), messages: undefined }, /^messages: /],
		['llm_call', { ...callPayload(), model: 7 }, /^model: /],
		['llm_response', { ...responsePayload(), callId: '' }, /^callId: /],
		['llm_response', { ...responsePayload(), completion: undefined }, /^completion: /],
		['llm_response', { ...responsePayload(), finishReason: '' }, /^finishReason: /],
		['cost_tracked', { costUsd: 'much' }, /^costUsd: /],
	] as const) {
		it(`story 1.3: invalid payloads: ${type} is refused for its ${complaint.source.slice(1, -2)}`, () => {
			const result = payloadSchemasByEventType[type].safeParse(payload);
			assert.equal(result.success, false);
			assert.match(describeIssues(result.error), complaint);
		});
	}
});
