import assert from 'node:assert/strict';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { clineSessions } from '../../../../src/sources/cline/session-source.ts';
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

for (const folder of ['cline-3.0.65', 'cline-3.0.65-anthropic']) {
	describe(`Cline's command line against what was served: ${folder}`, () => {
		let home: string;
		let truth: Served[];
		let calls: CallDraft[];
		let responses: ResponseDraft[];

		before(async () => {
			home = temporaryFolder();
			copyRecorded(folder, home);
			truth = readServed(folder);
			const units = await unitsOf(clineSessions, placesAt(home));
			assert.equal(units.length, 1);
			const [unit] = units;
			assert.ok(unit);
			const reading = await clineSessions.read(unit, readAll);
			assert.deepEqual(reading.skipped, {});
			({ calls, responses } = parsed(reading));
		});
		after(() => remove(home));

		it('has each call once, in its order', () => {
			assert.equal(truth.length, 3);
			assert.equal(new Set(calls.map(({ callId }) => callId)).size, truth.length);
			assert.deepEqual(
				calls.map(({ callId }) => callId),
				responses.map(({ callId }) => callId),
			);
		});

		it('has every token count right, or says that it does not know', () => {
			for (const [nth, served] of truth.entries()) {
				assert.deepEqual(wrongCounts(served, responses[nth]?.usage ?? null), []);
				assert.ok(responses[nth]?.usage?.inputTotal);
			}
		});

		it('costs what was charged, but for 1-hour cache writes, whose time to live the record does not tell', () => {
			for (const [nth, served] of truth.entries()) {
				const response = responses[nth];
				assert.ok(response);
				const cost = costOf(response, served.tsStart);
				assert.equal(cost.computedNanoUsd, chargedNanoUsd(served, 'cacheWrite5m'));
				// Cline knows a price for Anthropic's own models, and takes every write for one of 5 minutes.
				const expected = served.model === 'gpt-5' ? null : chargedNanoUsd(served, 'cacheWrite5m');
				assert.equal(cost.reportedNanoUsd, expected);
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
				assert.ok(call.startedAtMs <= served.tsStart && call.startedAtMs > served.tsStart - 500);
				assert.ok(response.endedAtMs >= served.tsEnd && response.endedAtMs < served.tsEnd + 250);
				assert.equal(response.latencyMs, response.endedAtMs - call.startedAtMs);
			}
		});

		it('knows the task, its mode, folder, provider and model', () => {
			const provider = folder.endsWith('anthropic') ? 'anthropic' : 'openai-compatible';
			for (const call of calls) {
				assert.deepEqual(
					[call.title, call.mode, call.folder, call.provider, call.model, call.kind, call.agentId, call.origin.billing],
					[
						'Read the README and the source, then summarise this project.',
						'act',
						'/home/dev/project',
						provider,
						truth[0]?.model,
						'chat',
						'cline',
						'api',
					],
				);
			}
			assert.deepEqual(
				responses.map(({ toolCalls }) => toolCalls.map(({ name }) => name)),
				[['read_files'], ['read_files', 'run_commands'], []],
			);
			assert.match(responses[2]?.completion ?? '', /^Here is a summary/);
		});
	});
}
