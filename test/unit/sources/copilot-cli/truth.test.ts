import assert from 'node:assert/strict';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { CopilotCliSource } from '../../../../src/sources/copilot-cli/copilot-cli-source.ts';
import {
	copyRecorded,
	parsed,
	placesAt,
	readAll,
	remove,
	temporaryFolder,
	unitsOf,
} from '../kilo-db/agent-database.ts';
import { chargedNanoUsd, costOf, readServed, type Served, wrongCounts } from '../served-truth.ts';

for (const folder of ['copilot-1.0.102', 'copilot-1.0.102-anthropic']) {
	describe(`Copilot CLI against what was served: ${folder}`, () => {
		let home: string;
		let truth: Served[];
		let calls: CallDraft[];
		let responses: ResponseDraft[];

		before(async () => {
			home = temporaryFolder();
			copyRecorded(folder, home);
			truth = readServed(folder);
			const source = new CopilotCliSource();
			const units = await unitsOf(source, placesAt(home));
			assert.equal(units.length, 1);
			const [unit] = units;
			assert.ok(unit);
			const reading = await source.read(unit, readAll);
			assert.deepEqual(reading.skipped, {});
			({ calls, responses } = parsed(reading));
		});
		after(() => remove(home));

		it('has each call once, in its order, and no name for it that others may have', () => {
			assert.equal(truth.length, 3);
			for (const events of [calls, responses]) assert.equal(events.length, truth.length);
			assert.equal(new Set(calls.map(({ callId }) => callId)).size, truth.length);
			// The recordings' ids count from 0 in each of them.
			assert.deepEqual(
				calls.flatMap(({ aliases }) => aliases),
				[],
			);
		});

		it('has every token count right, or says that it does not know', () => {
			for (const [nth, served] of truth.entries()) {
				assert.deepEqual(wrongCounts(served, responses[nth]?.usage ?? null), []);
				assert.ok(responses[nth]?.usage?.inputTotal);
			}
		});

		it('costs what was charged, but for 1-hour cache writes, and takes no 0 for a cost', () => {
			for (const [nth, served] of truth.entries()) {
				const response = responses[nth];
				assert.ok(response);
				const cost = costOf(response, served.tsStart);
				assert.equal(cost.computedNanoUsd, chargedNanoUsd(served, 'cacheWrite5m'));
				assert.equal(cost.reportedNanoUsd, null);
				assert.equal(cost.bound, served.canonical.cacheWrite1h > 0 ? 'atLeast' : 'exact');
			}
		});

		it('rebuilds as many messages as were sent', () => {
			for (const [nth, served] of truth.entries()) {
				const call = calls[nth];
				assert.ok(call);
				// Anthropic takes the system prompt apart, and all results of a turn in one message.
				const results = call.messages.filter(({ role }) => role === 'tool').length;
				const turns = call.messages.filter(({ toolCalls }) => toolCalls !== undefined).length;
				const sent = served.model === 'gpt-5' ? call.messages.length + 1 : call.messages.length - results + turns;
				assert.equal(sent, served.messagesCount);
				assert.equal(call.messageCount, call.messages.length + 1);
				assert.equal(call.systemPrompt, '(removed from this sample)');
			}
		});

		it('brackets the time in which each call was served', () => {
			for (const [nth, served] of truth.entries()) {
				const [call, response] = [calls[nth], responses[nth]];
				assert.ok(call && response);
				assert.ok(call.startedAtMs <= served.tsStart && call.startedAtMs > served.tsStart - 50);
				assert.ok(Math.abs(response.endedAtMs - served.tsEnd) < 50);
				assert.equal(response.latencyMs, response.endedAtMs - call.startedAtMs);
				assert.ok((response.timeToFirstTokenMs ?? 0) > 20);
			}
		});

		it('knows the task, its folder and branch, and that it was paid with a key of the user', () => {
			for (const call of calls) {
				assert.deepEqual(
					[call.title, call.folder, call.gitBranch, call.provider, call.model, call.kind, call.origin.billing],
					[
						'Read the README and the source, then summarise this project.',
						'/home/dev/project',
						'master',
						folder.endsWith('anthropic') ? 'anthropic' : 'openai',
						truth[0]?.model,
						'chat',
						'api',
					],
				);
			}
			assert.deepEqual(
				responses.map(({ toolCalls, finishReason }) => [toolCalls.map(({ name }) => name), finishReason]),
				[
					[['view'], 'tool_calls'],
					[['view', 'bash'], 'tool_calls'],
					[[], 'stop'],
				],
			);
			assert.match(responses[2]?.completion ?? '', /^Here is a summary/);
			assert.equal(responses[0]?.reasoning, folder.endsWith('anthropic') ? 'Thinking about turn 1.' : null);
		});
	});
}
