import assert from 'node:assert/strict';
import { GeminiCliSource } from '../../../../src/sources/gemini-cli/gemini-cli-source.ts';
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

describe('Gemini CLI against what was served', () => {
	const folder = 'gemini-0.61.0';
	let home: string;
	let truth: Served[];
	let matches: Matched[];

	before(async () => {
		home = temporaryFolder();
		copyRecorded(folder, home);
		truth = readTruth(folder);
		const { calls, responses } = await collect(new GeminiCliSource(), placesAt(home));
		matches = truth.flatMap((each, index) => {
			const call = [...calls.values()][index];
			const response = call && responses.get(call.callId);
			return call && response ? [{ truth: each, call, response }] : [];
		});
		assert.equal(matches.length, calls.size);
		writeTruthTable('gemini-cli', [{ folder, truth, matches }]);
	});
	after(() => remove(home));

	it('finds every call that was served, once', () => {
		assert.equal(matches.length, truth.length);
	});

	it('has every token count right', () => {
		for (const { truth: said, response } of matches) {
			assert.ok(response.usage);
			assert.deepEqual(wrongCounts(said, response.usage), []);
			assert.equal(response.usage.output, said.canonical.output);
		}
	});

	it('computes the true cost to within 1e-9 USD a call', () => {
		for (const match of matches) {
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

	it('finds the project’s folder by the files that the chat names', () => {
		for (const { call } of matches) assert.equal(call.folder, '/home/dev/project');
	});

	it('rebuilds the prompt of each call', () => {
		for (const { truth: said, call } of matches) {
			// On the wire what the user says is one message, and so are all results of a turn.
			const roles = call.messages.map(({ role }) => (role === 'assistant' ? 'model' : 'user'));
			assert.equal(roles.filter((role, index) => role !== roles[index - 1]).length, said.messagesCount);
		}
	});
});
