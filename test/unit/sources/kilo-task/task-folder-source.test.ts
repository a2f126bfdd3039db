import assert from 'node:assert/strict';
import {
	mkdirSync,
	mkdtempSync,
	renameSync,
	rmSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DraftInput } from '../../../../src/core/draft.ts';
import { kiloCode, rooCode } from '../../../../src/sources/kilo-task/dialects.ts';
import { taskFolderSource } from '../../../../src/sources/kilo-task/task-folder-source.ts';
import type { Places, ReadOptions, RecordUnit } from '../../../../src/sources/source.ts';
import { readAll } from './recorded.ts';
import {
	assistantMessage,
	requestRow,
	responsesOf,
	simpleTask,
	usageInfo,
	userMessage,
	writeTask,
	writeWhole,
} from './task-builder.ts';

const openAi = { rates: () => [], reading: { retryMs: [1, 1] } };

describe('taskFolderSource', () => {
	let home = '';
	let tasks = '';
	let nowMs = 2_000_000;
	const source = taskFolderSource(rooCode, { ...openAi, now: () => nowMs });

	beforeEach(() => {
		home = mkdtempSync(join(tmpdir(), 'callmeter-tasks-'));
		tasks = join(home, 'globalStorage', rooCode.storageFolder, 'tasks');
		mkdirSync(tasks, { recursive: true });
		nowMs = 2_000_000;
	});
	afterEach(() => rmSync(home, { recursive: true }));

	function places(): Places {
		return { home, env: {}, platform: 'linux', globalStorage: [join(home, 'globalStorage')], customPlaces: {} };
	}

	async function units(from = places()): Promise<RecordUnit[]> {
		return listed(source.units(from));
	}

	async function read(key: string, options: Partial<ReadOptions> = {}) {
		return source.read({ key, changedAtMs: 0, stamp: '' }, { ...readAll(), ...options });
	}

	describe('units', () => {
		it('lists task folders below each storage and in the place that the agent was told', async () => {
			writeTask(tasks, 'one', simpleTask(1));
			writeTask(join(home, 'elsewhere/tasks'), 'two', simpleTask(1));
			mkdirSync(join(tasks, 'empty'));
			writeFileSync(join(tasks, '_index.json'), '{}');
			const custom = { ...places(), customPlaces: { 'roo-code': [join(home, 'elsewhere')] } };
			assert.deepEqual(
				(await units(custom)).map(({ key }) => key),
				[join(tasks, 'one'), join(home, 'elsewhere/tasks/two')],
			);
			assert.deepEqual(await listed(taskFolderSource(kiloCode, openAi).units(custom)), []);
		});

		it('gives the same stamp until a file is written, also within the same millisecond and size', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			const [before] = await units();
			assert.deepEqual(await units(), [before]);
			const path = join(folder, 'ui_messages.json');
			writeWhole(path, simpleTask(1).rows);
			utimesSync(path, 1000, 1000);
			const [after] = await units();
			assert.notEqual(after?.stamp, before?.stamp);
		});

		it('finds the unit of a changed file', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			const unit = await source.unitAt?.(join(folder, 'ui_messages.json'), places());
			assert.deepEqual([unit], await units());
			assert.equal(await source.unitAt?.(join(home, 'other/ui_messages.json'), places()), null);
		});

		it('tells what there is of an agent, and of one that is not here', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			utimesSync(join(folder, 'ui_messages.json'), 5, 5);
			utimesSync(join(folder, 'api_conversation_history.json'), 5, 5);
			assert.deepEqual(await source.detect(places()), { places: [tasks], units: 1, sinceMs: 5000, lastSeenMs: 5000 });
			assert.equal(await taskFolderSource(kiloCode, openAi).detect(places()), null);
		});

		it('lists 10,000 tasks and lets others have their turn meanwhile', async () => {
			for (let index = 0; index < 10_000; index++) {
				const folder = join(tasks, String(index));
				mkdirSync(folder);
				writeFileSync(join(folder, 'ui_messages.json'), '[]');
			}
			let turns = 0;
			const counting = setInterval(() => turns++, 0);
			const found = await units();
			clearInterval(counting);
			assert.equal(found.length, 10_000);
			assert.ok(turns >= 10, `${turns} turns`);
		}).timeout(20_000);
	});

	describe('read', () => {
		it('gives each call its prompt, its answer and its time', async () => {
			const { drafts } = await read(writeTask(tasks, 'one', simpleTask(2)));
			const [, , call] = drafts;
			assert.ok(call?.eventType === 'llm_call');
			assert.deepEqual([call.callId, call.sessionId, call.title], ['roo-code:one:1001000', 'one', 'Do it']);
			assert.deepEqual(
				call.messages?.map(({ role, content }) => [role, content]),
				[
					['user', [{ type: 'text', text: 'ask 1000000' }]],
					['assistant', [{ type: 'text', text: 'answer 1000000' }]],
					['user', [{ type: 'text', text: 'ask 1001000' }]],
				],
			);
			const [, response] = responsesOf(drafts);
			assert.deepEqual([response?.completion, response?.latencyMs], ['answer 1001000', 500]);
		});

		it('takes the smaller of what it reads and what was seen live for the end of a call', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			const facts = { model: 'gpt-5', mode: null, parentSessionId: null, state: 'ok' as const };
			const live = { 'roo-code:one:1000000': { ...facts, provider: 'openai-native', endedAtMs: 1_000_300 } };
			const [response] = responsesOf((await read(folder, { live })).drafts);
			assert.deepEqual([response?.latencyMs, response?.provider, response?.model], [300, 'openai', 'gpt-5']);
		});

		it('nests a subtask under its parent', async () => {
			const folder = writeTask(tasks, 'child', { ...simpleTask(1), item: { parentTaskId: 'parent', mode: 'code' } });
			const [call] = (await read(folder)).drafts;
			assert.ok(call?.eventType === 'llm_call');
			assert.deepEqual([call.parentSessionId, call.kind, call.mode], ['parent', 'subagent', 'code']);
		});

		it('leaves a task of another folder out, and counts it', async () => {
			const folder = writeTask(tasks, 'one', { ...simpleTask(2), item: { workspace: '/elsewhere' } });
			const seen: (string | null)[] = [];
			const accepts = (workspace: string | null): 'otherWorkspace' => {
				seen.push(workspace);
				return 'otherWorkspace';
			};
			const { drafts, skipped, cursor } = await read(folder, { accepts });
			assert.deepEqual([drafts, skipped, cursor, seen], [[], { otherWorkspace: 1 }, null, ['/elsewhere']]);
		});

		it('reads a task that was seen live whatever its folder: a window may have none', async () => {
			const folder = writeTask(tasks, 'one', { ...simpleTask(1), item: { workspace: '/elsewhere' } });
			const facts = { provider: 'openai', model: 'gpt-5', mode: null, parentSessionId: null, endedAtMs: 1_000_300 };
			const accepts = (): 'otherWorkspace' => 'otherWorkspace';
			const seen = { ...facts, state: 'ok' as const };
			const reading = await read(folder, { accepts, live: { 'roo-code:one:1000000': seen } });
			assert.deepEqual([responsesOf(reading.drafts)[0]?.completion, reading.skipped], ['answer 1000000', {}]);
			const other = await read(folder, { accepts, live: { 'roo-code:two:1000000': seen } });
			assert.deepEqual(other.drafts, []);
		});

		it('leaves out calls that are too old, and the content of those before its own limit', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(3));
			const { drafts, skipped } = await read(folder, { metadataSinceMs: 1_000_500, contentSinceMs: 1_001_500 });
			const calls = drafts.flatMap((draft) =>
				draft.eventType === 'llm_call' ? [[draft.contentState, draft.messages?.length, draft.messageCount]] : [],
			);
			assert.deepEqual(calls, [
				['off', 0, 3],
				['full', 5, null],
			]);
			assert.equal(responsesOf(drafts)[0]?.completion, null);
			assert.deepEqual(skipped, { tooOld: 1 });
		});

		it('hands over only what can have changed since its last reading', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(3));
			const first = await read(folder);
			assert.equal(responsesOf(first.drafts).length, 3);
			writeTask(tasks, 'one', simpleTask(4));
			const second = await read(folder, { cursor: first.cursor });
			assert.deepEqual(
				responsesOf(second.drafts).map(({ callId }) => callId),
				['roo-code:one:1003000'],
			);
		});

		it('hands everything over again when more is asked for', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(3));
			const first = await read(folder, { metadataSinceMs: 1_001_500 });
			assert.equal(responsesOf(first.drafts).length, 1);
			const second = await read(folder, { earlierCursor: first.cursor });
			assert.equal(responsesOf(second.drafts).length, 3);
		});

		it('starts over with a cursor that it does not know', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			for (const cursor of ['{', '{"version":2}', 'null']) {
				assert.equal((await read(folder, { cursor })).drafts.length, 2);
			}
		});

		it('keeps a call open while it runs, and looks again when it should be over', async () => {
			const rows = [requestRow(1_999_000, { apiProtocol: 'openai' })];
			const folder = writeTask(tasks, 'one', { rows, history: [userMessage(1_999_005, 'go')] });
			const running = await read(folder);
			assert.deepEqual(
				running.drafts.map(({ eventType }) => eventType),
				['llm_call'],
			);
			assert.ok(running.recheckAtMs !== undefined && running.recheckAtMs > nowMs);

			nowMs = running.recheckAtMs + 1;
			const over = await read(folder, { cursor: running.cursor });
			const [response] = responsesOf(over.drafts);
			assert.equal(response?.state, 'error');
			assert.match(response.error?.message ?? '', /Interrupted/);
			assert.equal(over.recheckAtMs, undefined);
		});

		describe('of a call whose row the agent removes', () => {
			const callId = 'roo-code:one:1999000';
			const history = [userMessage(1_999_005, 'go')];
			const open = { rows: [requestRow(1_999_000, { apiProtocol: 'openai' })], history };
			const removed = { rows: [{ ts: 1_999_400, type: 'ask', ask: 'resume_task' }], history };
			const ends = (reading: { drafts: DraftInput[] }) =>
				responsesOf(reading.drafts).map(({ callId: id, state, usage, usageMissing }) => [
					id,
					state,
					usage,
					usageMissing,
				]);

			it('takes it for cancelled, once, with unknown tokens', async () => {
				const folder = writeTask(tasks, 'one', open);
				const running = await read(folder);
				writeTask(tasks, 'one', removed);
				const over = await read(folder, { cursor: running.cursor });
				assert.deepEqual(ends(over), [[callId, 'cancelled', null, true]]);
				assert.equal(over.recheckAtMs, undefined);
				assert.deepEqual(ends(await read(folder, { cursor: over.cursor })), []);
				assert.deepEqual(ends(await read(folder, { earlierCursor: running.cursor })), ends(over));
			});

			it('leaves it to what was seen live', async () => {
				const folder = writeTask(tasks, 'one', open);
				const { cursor } = await read(folder);
				writeTask(tasks, 'one', removed);
				const facts = { provider: 'openai', model: 'gpt-5', mode: null, parentSessionId: null, endedAtMs: 1_999_300 };
				const live = { [callId]: { ...facts, state: 'cancelled' as const } };
				assert.deepEqual(ends(await read(folder, { cursor, live })), []);
			});

			it('waits while the rows cannot be read whole', async () => {
				const folder = writeTask(tasks, 'one', open);
				const { cursor } = await read(folder);
				truncateSync(join(folder, 'ui_messages.json'), 5);
				const torn = await read(folder, { cursor });
				assert.deepEqual(ends(torn), []);
				writeTask(tasks, 'one', removed);
				assert.deepEqual(ends(await read(folder, { cursor: torn.cursor })), [[callId, 'cancelled', null, true]]);
			});
		});

		it('waits for usage that comes late, and takes it up even later', async () => {
			const history = [userMessage(1_990_005, 'a'), assistantMessage(1_990_500, 'b'), userMessage(1_991_005, 'c')];
			const later = requestRow(1_991_000, { apiProtocol: 'openai' });
			const rows = [requestRow(1_990_000, { apiProtocol: 'openai' }), later];
			const folder = writeTask(tasks, 'one', { rows, history });
			const early = await read(folder);
			assert.deepEqual([responsesOf(early.drafts), early.recheckAtMs], [[], 2_000_500]);

			nowMs = 2_000_500;
			const without = await read(folder, { cursor: early.cursor });
			assert.deepEqual(
				responsesOf(without.drafts).map(({ usageMissing }) => usageMissing),
				[true],
			);

			writeTask(tasks, 'one', { rows: [requestRow(1_990_000, usageInfo(77)), later], history });
			const after = await read(folder, { cursor: without.cursor });
			assert.deepEqual(
				responsesOf(after.drafts).map(({ usage }) => usage?.inputTotal),
				[77],
			);
		});

		it('knows a call that the user cancelled by what was seen live, where its row was left', async () => {
			const rows = [
				requestRow(1_000_000, { apiProtocol: 'openai' }),
				{ ts: 1_000_900, type: 'ask', ask: 'resume_task' },
			];
			const folder = writeTask(tasks, 'one', { rows, history: [userMessage(1_000_005, 'go')] });
			const facts = { provider: 'openai', model: 'gpt-5', mode: null, parentSessionId: null, endedAtMs: 1_000_400 };
			const live = { 'roo-code:one:1000000': { ...facts, state: 'cancelled' as const } };
			assert.equal(responsesOf((await read(folder, { live })).drafts)[0]?.state, 'cancelled');
			assert.equal(responsesOf((await read(folder)).drafts)[0]?.state, 'error');
		});

		it('makes a call of each condensation', async () => {
			const condense = {
				ts: 1_000_800,
				type: 'say',
				say: 'condense_context',
				contextCondense: { cost: 0.5, summary: 'short' },
			};
			const task = simpleTask(1);
			const folder = writeTask(tasks, 'one', { ...task, rows: [...task.rows, condense] });
			const [, response] = responsesOf((await read(folder)).drafts);
			assert.deepEqual(
				[response?.callId, response?.completion, response?.reportedCostUsd, response?.usage],
				['roo-code:one:1000800', 'short', 0.5, null],
			);
		});

		it('counts the cache out for a version that left it out, in the anthropic protocol only', async () => {
			const old = { apiProtocol: 'anthropic', tokensIn: 10, tokensOut: 5, cacheReads: 500, cacheWrites: 0 };
			const early = { ...old, tokensIn: 600 };
			const rows = [requestRow(1_000_000, early), requestRow(1_001_000, old), requestRow(1_002_000, usageInfo(100))];
			const { drafts } = await read(writeTask(tasks, 'one', { rows }));
			assert.deepEqual(
				responsesOf(drafts).map(({ usage }) => usage?.inputTotal),
				[1100, 510, 100],
			);
		});
	});

	describe('faults', () => {
		it('reads a folder again that is written while it is read', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			let written = false;
			const signal = new AbortController().signal;
			// Between the first look at the folder and the end of reading it, the agent adds a call.
			signal.throwIfAborted = () => {
				if (written) return;
				written = true;
				setImmediate(() => writeTask(tasks, 'one', simpleTask(2)));
			};
			const { drafts, stamp, skipped } = await read(folder, { signal });
			const [unit] = await units();
			assert.equal(stamp, unit?.stamp);
			assert.equal(responsesOf(drafts).length, 2);
			assert.deepEqual(skipped, {});
		});

		it('waits for a half-written file', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(2));
			truncateSync(join(folder, 'ui_messages.json'), 300);
			const patient = taskFolderSource(rooCode, { rates: () => [], reading: { retryMs: [5, 5, 5, 5] } });
			const reading = patient.read({ key: folder, changedAtMs: 0, stamp: '' }, readAll());
			setTimeout(() => writeTask(tasks, 'one', simpleTask(2)), 8);
			const { drafts, skipped } = await reading;
			assert.deepEqual([responsesOf(drafts).length, skipped], [2, {}]);
		});

		it('takes what there is of a file that stays half-written, and counts it once', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(2));
			truncateSync(join(folder, 'ui_messages.json'), 300);
			const first = await read(folder);
			assert.deepEqual([responsesOf(first.drafts).length, first.skipped], [1, { malformed: 1 }]);
			const second = await read(folder, { cursor: first.cursor });
			assert.deepEqual(second.skipped, {});
		});

		for (const [what, damage] of [
			['half written', (path: string) => truncateSync(path, 200)],
			['gone for a moment', (path: string) => rmSync(path)],
		] as const) {
			it(`hands prompts over once a conversation that was ${what} is whole again`, async () => {
				const task = simpleTask(3);
				const without = requestRow(1_001_000, { apiProtocol: 'openai' });
				task.rows[2] = without;
				const folder = writeTask(tasks, 'one', task);
				damage(join(folder, 'api_conversation_history.json'));
				const first = await read(folder);
				assert.ok(responsesOf(first.drafts).every(({ state }) => state === 'ok'));

				writeTask(tasks, 'one', task);
				const { drafts } = await read(folder, { cursor: first.cursor });
				const prompts = drafts.flatMap((draft) => (draft.eventType === 'llm_call' ? [draft.messages?.length] : []));
				assert.deepEqual(prompts, [1, 3, 5]);
				assert.deepEqual(
					responsesOf(drafts).map(({ state, completion }) => [state, completion]),
					[1_000_000, 1_001_000, 1_002_000].map((ts) => ['ok', `answer ${ts}`]),
				);
			});
		}

		it('looks again at a task that it may not read, and then hands over what it had not', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(2));
			const path = join(folder, 'api_conversation_history.json');
			// A folder in its place cannot be read by anyone, whoever runs the tests.
			renameSync(path, `${path}.kept`);
			mkdirSync(path);
			const first = await source.read({ key: folder, changedAtMs: nowMs, stamp: '' }, readAll());
			assert.deepEqual([first.drafts, first.skipped, first.recheckAtMs], [[], { unreadable: 1 }, nowMs + 60_000]);
			rmSync(path, { recursive: true });
			renameSync(`${path}.kept`, path);
			assert.equal(responsesOf((await read(folder, { cursor: first.cursor })).drafts).length, 2);
		});

		it('reads the calls of a task whose conversation is damaged', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			writeFileSync(join(folder, 'api_conversation_history.json'), Buffer.from('[{"role":"\xff"}]', 'latin1'));
			const { drafts, skipped } = await read(folder);
			assert.deepEqual([responsesOf(drafts)[0]?.usage?.inputTotal, skipped], [100, { malformed: 1 }]);
		});

		it('counts a row that is none, and reads the others', async () => {
			const task = simpleTask(1);
			const rows = [...task.rows, { ts: 'x', say: 'api_req_started' }, requestRow(1_001_000, usageInfo(7))];
			const { drafts, skipped } = await read(writeTask(tasks, 'one', { ...task, rows }));
			assert.deepEqual([responsesOf(drafts).length, skipped], [2, { malformed: 1 }]);
		});

		it('has nothing to say of a task that is gone', async () => {
			const reading = await read(join(tasks, 'gone'));
			assert.deepEqual(reading, { drafts: [], skipped: {}, cursor: null, stamp: '' });
		});

		it('follows no link out of the folder of the agent', async () => {
			const outside = writeTask(join(home, 'private'), 'one', simpleTask(1));
			symlinkSync(outside, join(tasks, 'linked'));
			const inside = writeTask(tasks, 'file', simpleTask(1));
			rmSync(join(inside, 'api_conversation_history.json'));
			symlinkSync(join(outside, 'api_conversation_history.json'), join(inside, 'api_conversation_history.json'));

			assert.deepEqual((await units()).map(({ key }) => key).sort(), [inside, join(tasks, 'linked')]);
			for (const key of [inside, join(tasks, 'linked')]) {
				const { drafts, skipped } = await read(key);
				assert.deepEqual([drafts, skipped], [[], { outsideAgentFolder: 1 }]);
			}
		});

		it('follows a link of the storage itself: that is where the agent was put', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			const link = join(home, 'link');
			symlinkSync(dirname(tasks), link);
			const { drafts } = await read(join(link, 'tasks/one'));
			assert.equal(drafts.length, 2);
			assert.ok(folder);
		});

		it('keeps the calls of a conversation that is too large, without its content', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(2));
			const small = taskFolderSource(rooCode, { rates: () => [], reading: { maxHistoryBytes: 10 } });
			const { drafts } = await small.read({ key: folder, changedAtMs: 0, stamp: '' }, readAll());
			const [call] = drafts;
			assert.ok(call?.eventType === 'llm_call');
			assert.deepEqual([call.contentState, call.messageCount, call.messages], ['off', 1, []]);
			assert.equal(responsesOf(drafts)[1]?.latencyMs, 500);
		});

		it('stops when it is told to', async () => {
			const folder = writeTask(tasks, 'one', simpleTask(1));
			await assert.rejects(read(folder, { signal: AbortSignal.abort() }), { name: 'AbortError' });
		});

		it('has nothing against a file where the tasks should be', async () => {
			rmSync(tasks, { recursive: true });
			writeFileSync(tasks, 'x');
			assert.deepEqual(await units(), []);
		});
	});
});

async function listed(units: AsyncIterable<RecordUnit>): Promise<RecordUnit[]> {
	const list: RecordUnit[] = [];
	for await (const unit of units) list.push(unit);
	return list;
}
