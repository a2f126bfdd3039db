import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cline } from '../../../../src/sources/kilo-task/dialects.ts';
import { taskFolderSource } from '../../../../src/sources/kilo-task/task-folder-source.ts';
import type { ReadOptions } from '../../../../src/sources/source.ts';
import { readAll } from './recorded.ts';
import { assistantMessage, type BuiltTask, responsesOf, userMessage, writeTask } from './task-builder.ts';

/** A row as Cline 3.x writes it: input without cache, and the model named. */
function clineRow(ts: number, info: object, say = 'api_req_started'): object {
	const modelInfo = { modelId: 'claude-sonnet-4-5', providerId: 'openrouter', mode: 'act' };
	return { ts, type: 'say', say, text: JSON.stringify(info), modelInfo };
}

const counts = { tokensIn: 10, tokensOut: 5, cacheWrites: 0, cacheReads: 90, cost: 0.01 };

describe("Cline's task folders", () => {
	let tasks = '';
	const source = taskFolderSource(cline, { rates: () => [], now: () => 10_000_000 });
	beforeEach(() => {
		tasks = join(mkdtempSync(join(tmpdir(), 'callmeter-cline-')), 'saoudrizwan.claude-dev', 'tasks');
	});
	afterEach(() => rmSync(join(tasks, '../..'), { recursive: true }));

	async function read(task: BuiltTask, cursor: string | null = null, more: Partial<ReadOptions> = {}) {
		const key = writeTask(tasks, '1795304787949', { history: [], ...task });
		return source.read({ key, changedAtMs: 0, stamp: '' }, { ...readAll(), cursor, ...more });
	}

	it('takes the input as not counting the cache, and the model from the row', async () => {
		const { drafts } = await read({ rows: [clineRow(1000, counts)] });
		const [call, response] = drafts;
		assert.ok(call?.eventType === 'llm_call' && response?.eventType === 'llm_response');
		assert.deepEqual([call.provider, call.model, call.mode], ['openrouter', 'claude-sonnet-4-5', 'act']);
		assert.deepEqual(
			[response.usage?.inputTotal, response.usage?.uncachedInput, response.usage?.cacheRead],
			[100, 10, 90],
		);
		assert.equal(response.callId, 'cline:1795304787949:1000');
	});

	it('are found at home too, where the command line kept them before version 3', async () => {
		const home = join(tasks, '../..');
		const path = writeTask(join(home, '.cline/data/tasks'), '1', { rows: [clineRow(1000, counts)] });
		const places = { home, env: {}, platform: process.platform, globalStorage: [], customPlaces: {} };
		const keys: string[] = [];
		for await (const { key } of source.units(places)) keys.push(key);
		assert.deepEqual(keys, [path]);
	});

	it('finds the answers in a conversation without times', async () => {
		const history = [userMessage(0, 'a'), assistantMessage(0, 'b'), userMessage(0, 'c'), assistantMessage(0, 'd')].map(
			(message) => ({ ...message, ts: undefined }),
		);
		const { drafts } = await read({ rows: [clineRow(1000, counts), clineRow(2000, counts)], history });
		assert.deepEqual(
			responsesOf(drafts).map(({ completion }) => completion),
			['b', 'd'],
		);
	});

	it("counts a subagent's calls by their sum", async () => {
		const { drafts } = await read({ rows: [clineRow(1000, counts), clineRow(1500, counts, 'subagent_usage')] });
		const [, , call] = drafts;
		assert.ok(call?.eventType === 'llm_call');
		assert.equal(call.kind, 'subagent');
		assert.equal(responsesOf(drafts)[1]?.usage?.inputTotal, 100);
	});

	it('counts deleted calls that it never saw by their sum', async () => {
		const { drafts } = await read({ rows: [clineRow(3000, { ...counts, tokensIn: 40 }, 'deleted_api_reqs')] });
		assert.deepEqual(
			responsesOf(drafts).map(({ usage }) => usage?.uncachedInput),
			[40],
		);
	});

	it('does not count a call again that it handed over before the user deleted it', async () => {
		const first = await read({ rows: [clineRow(1000, counts), clineRow(2000, { ...counts, tokensIn: 30 })] });
		const sum = { ...counts, tokensIn: 30 };
		const second = await read(
			{ rows: [clineRow(1000, counts), clineRow(3000, sum, 'deleted_api_reqs')] },
			first.cursor,
		);
		assert.deepEqual(responsesOf(second.drafts), []);

		const more = { tokensIn: 45, tokensOut: 11, cacheWrites: 0, cacheReads: 90, cost: 0.03 };
		const third = await read(
			{ rows: [clineRow(1000, counts), clineRow(3000, more, 'deleted_api_reqs')] },
			first.cursor,
		);
		const [rest] = responsesOf(third.drafts);
		assert.deepEqual([rest?.usage?.uncachedInput, rest?.usage?.output], [15, 6]);
		assert.ok(Math.abs((rest?.reportedCostUsd ?? 0) - 0.02) < 1e-9);
	});

	it('does not count it again either when other things are recorded, or it was left out meanwhile', async () => {
		const left = [clineRow(1000, counts), clineRow(3000, { ...counts, tokensIn: 30 }, 'deleted_api_reqs')];
		const { cursor } = await read({ rows: [clineRow(1000, counts), clineRow(2000, { ...counts, tokensIn: 30 })] });
		const settled = await read({ rows: left }, cursor);
		const elsewhere = { earlierCursor: settled.cursor, accepts: () => 'otherWorkspace' as const };
		const out = await read({ rows: left }, null, elsewhere);
		assert.deepEqual(out.drafts, []);
		for (const earlierCursor of [cursor, settled.cursor, out.cursor]) {
			const again = await read({ rows: left }, null, { earlierCursor });
			assert.deepEqual(
				responsesOf(again.drafts).map(({ callId }) => callId),
				['cline:1795304787949:1000'],
			);
		}
	});

	it('does not count it again after a reading that failed', async () => {
		const first = await read({ rows: [clineRow(1000, counts), clineRow(2000, counts)] });
		const path = join(tasks, '1795304787949', 'ui_messages.json');
		truncateSync(path, 10);
		const key = join(tasks, '1795304787949');
		const failed = await source.read({ key, changedAtMs: 0, stamp: '' }, { ...readAll(), cursor: first.cursor });
		const after = await read(
			{ rows: [clineRow(1000, counts), clineRow(3000, counts, 'deleted_api_reqs')] },
			failed.cursor,
		);
		assert.ok(responsesOf(after.drafts).every(({ callId }) => callId.endsWith(':1000')));
	});

	it('counts what one sum took in from another once', async () => {
		const sum = (ts: number, tokensIn: number) =>
			clineRow(ts, { tokensIn, tokensOut: 1, cacheWrites: 0, cacheReads: 0, cost: 0 }, 'deleted_api_reqs');
		const call = (ts: number) => clineRow(ts, { tokensIn: 10, tokensOut: 1, cacheWrites: 0, cacheReads: 0, cost: 0 });
		// 1000 and an unseen call are deleted; then 4000, keeping the first sum; then all of it.
		let { cursor } = await read({ rows: [call(1000)] });
		const said = new Map([['1000', 10]]);
		for (const rows of [
			[sum(3000, 15)],
			[sum(3000, 15), call(4000)],
			[sum(3000, 15), sum(5000, 10)],
			[sum(6000, 25)],
		]) {
			const reading = await read({ rows }, cursor);
			for (const { callId, usage } of responsesOf(reading.drafts)) {
				said.set(callId.split(':')[2] ?? '', usage?.uncachedInput ?? 0);
			}
			cursor = reading.cursor;
		}
		assert.equal(
			[...said.values()].reduce((total, tokens) => total + tokens, 0),
			25,
		);
	});

	it('finds the usage of early versions, which came in a row of its own', async () => {
		const rows = [clineRow(1000, { request: 'go' }), clineRow(1500, counts, 'api_req_finished')];
		const { drafts } = await read({ rows });
		assert.deepEqual(
			responsesOf(drafts).map(({ usage }) => usage?.inputTotal),
			[100],
		);
	});
});
