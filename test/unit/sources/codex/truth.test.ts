import assert from 'node:assert/strict';
import { CodexSource } from '../../../../src/sources/codex/codex-source.ts';
import { collect, copyRecorded, placesAt, remove, temporaryFolder } from '../folded/reading.ts';
import {
	computedCost,
	type Matched,
	readTruth,
	type Served,
	trueCost,
	writeTruthTable,
	wrongCounts,
} from '../folded/truth.ts';

const folders = ['codex-0.169.0', 'codex-0.169.0-disconnect'];

describe('Codex against what was served', () => {
	const table: { folder: string; truth: Served[]; matches: Matched[] }[] = [];
	after(() => writeTruthTable('codex', table));

	for (const folder of folders) {
		describe(folder, () => {
			let home: string;
			let truth: Served[];
			let matches: Matched[];

			before(async () => {
				home = temporaryFolder();
				copyRecorded(folder, home);
				truth = readTruth(folder);
				const { calls, responses } = await collect(new CodexSource(), placesAt(home));
				matches = truth.flatMap((each, index) => {
					const call = [...calls.values()][index];
					const response = call && responses.get(call.callId);
					return call && response ? [{ truth: each, call, response }] : [];
				});
				assert.equal(matches.length, calls.size);
				table.push({ folder, truth, matches });
			});
			after(() => remove(home));

			it('finds every call that was served, the one whose stream was cut included', () => {
				assert.equal(matches.length, truth.length);
				for (const { truth: said, response } of matches) {
					const aliases = response.aliases.includes(said.responseId);
					assert.equal(aliases, said.outcome === 'ok', said.responseId);
				}
			});

			it('has every token count right, and does not know those of the cut call', () => {
				for (const { truth: said, response } of matches) {
					assert.deepEqual(wrongCounts(said, response.usage), []);
					assert.equal(response.usage === null, said.outcome === 'disconnected');
					assert.equal(response.usageMissing, said.outcome === 'disconnected');
				}
			});

			it('has the state of each call', () => {
				for (const { truth: said, response } of matches) {
					assert.equal(response.state, said.outcome === 'ok' ? 'ok' : 'error');
					assert.equal(response.error?.code ?? null, said.outcome === 'ok' ? null : 'cut');
				}
			});

			it('computes the true cost to within 1e-9 USD a call', () => {
				for (const match of matches.filter(({ truth: said }) => said.outcome === 'ok')) {
					const computed = computedCost(match);
					assert.ok(computed !== null && Math.abs(computed - trueCost(match.truth)) <= 1e-9, String(computed));
				}
			});

			it('brackets the time in which each call was served', () => {
				for (const { truth: said, call, response } of matches) {
					assert.ok(call.startedAtMs <= said.tsStart, `${call.startedAtMs - said.tsStart} ms late`);
					assert.ok(said.tsStart - call.startedAtMs <= 250, `${said.tsStart - call.startedAtMs} ms early`);
					assert.ok(Math.abs(response.endedAtMs - said.tsEnd) <= 250, `${response.endedAtMs - said.tsEnd} ms off`);
				}
			});

			it('rebuilds the prompt of each call', () => {
				for (const { truth: said, call } of matches) {
					// The wire has each item apart (reasoning, text, request of a tool), and the instructions as one more.
					const items = call.messages.map(({ role, content, toolCalls = [] }) =>
						role === 'assistant' ? (typeof content === 'string' ? 1 : content.length) + toolCalls.length : 1,
					);
					assert.equal(
						items.reduce((sum, count) => sum + count, 1),
						said.messagesCount,
					);
				}
			});
		});
	}
});
