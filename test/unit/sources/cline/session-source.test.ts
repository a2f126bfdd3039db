import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClineSessionSource } from '../../../../src/sources/cline/session-source.ts';
import type { ReadOptions, RecordUnit, UnitReading } from '../../../../src/sources/source.ts';
import { parsed, placesAt, readAll, remove, temporaryFolder, unitsOf } from '../kilo-db/agent-database.ts';
import { SessionBuilder } from './session-builder.ts';

describe('sessions of Cline 4 and its command line', () => {
	let home: string;
	let source: ClineSessionSource;
	const nowMs = Date.UTC(2026, 10, 21);

	beforeEach(() => {
		home = temporaryFolder();
		source = new ClineSessionSource({ now: () => nowMs, retryMs: [] });
	});
	afterEach(() => remove(home));

	async function unitAt(path: string): Promise<RecordUnit> {
		const unit = await source.unitAt(path, placesAt(home));
		assert.ok(unit, `no unit at ${path}`);
		return unit;
	}

	async function read(path: string, options: Partial<ReadOptions> = {}): Promise<UnitReading> {
		return source.read(await unitAt(path), { ...readAll, ...options });
	}

	/** Reads all files in the order given, as one ledger would know them: by call, the last one wins. */
	async function totalsOf(paths: readonly string[]): Promise<{ calls: number; input: number; output: number }> {
		const inputs = new Map<string, [number, number]>();
		for (const path of paths) {
			for (const { callId, usage } of parsed(await read(path)).responses) {
				inputs.set(callId, [usage?.inputTotal ?? 0, usage?.output ?? 0]);
			}
		}
		const sum = (which: 0 | 1): number => [...inputs.values()].reduce((total, counts) => total + counts[which], 0);
		return { calls: inputs.size, input: sum(0), output: sum(1) };
	}

	function session(id: string, answers = 2): SessionBuilder {
		const builder = new SessionBuilder(home, id);
		for (let nth = 0; nth < answers; nth++) builder.user(`Question ${nth}`).answer();
		return builder;
	}

	describe('where they are', () => {
		const here = (env: Record<string, string>) => unitsOf(source, placesAt(home, env));

		it('are found at home, by the files of their messages alone', async () => {
			const path = session('s1').write();
			writeFileSync(join(home, '.cline/data/sessions/index.json'), '{}');
			assert.deepEqual(
				(await here({})).map(({ key }) => key),
				[path],
			);
			const found = await source.detect(placesAt(home));
			assert.deepEqual([found?.places, found?.units], [[join(home, '.cline/data/sessions')], 1]);
		});

		for (const [variable, below] of [
			['CLINE_DIR', 'data/sessions'],
			['CLINE_DATA_DIR', 'sessions'],
			['CLINE_SESSION_DATA_DIR', ''],
		] as const) {
			it(`are found where ${variable} says, and at home all the same`, async () => {
				session('s1').write();
				const elsewhere = join(home, 'elsewhere');
				const folder = join(elsewhere, below, 's2');
				mkdirSync(folder, { recursive: true });
				writeFileSync(join(folder, 's2.messages.json'), session('s2').text());
				const units = await here({ [variable]: elsewhere });
				assert.equal(units.length, 2);
				assert.ok(units.some(({ key }) => key === join(folder, 's2.messages.json')));
			});
		}

		it('are not followed out of the folder by a link', async () => {
			if (process.platform === 'win32') return;
			const path = session('s1').write();
			const outside = temporaryFolder();
			writeFileSync(join(outside, 'secret.messages.json'), session('s9').text());
			symlinkSync(join(outside, 'secret.messages.json'), join(home, '.cline/data/sessions/s1/agent_x.messages.json'));
			const units = await here({});
			const link = units.find(({ key }) => key !== path);
			assert.ok(link);
			const reading = await source.read(link, readAll);
			assert.deepEqual([reading.drafts, reading.skipped], [[], { outsideAgentFolder: 1 }]);
			remove(outside);
		});

		it('gives null where there is no Cline', async () => {
			assert.equal(await source.detect(placesAt(home)), null);
		});
	});

	describe('calls', () => {
		it('count cached tokens in their input, and leave the time to live of writes open', async () => {
			const { responses } = parsed(await read(session('s1', 1).write()));
			assert.deepEqual(responses[0]?.usage, {
				inputTotal: 110,
				uncachedInput: 10,
				cacheRead: 60,
				cacheWrite5m: null,
				cacheWrite1h: null,
				cacheWriteUnknownTtl: 40,
				output: 10,
				reasoning: null,
			});
		});

		it('take a cost of 0 for one that is not known', async () => {
			const builder = new SessionBuilder(home, 's1').user('a').answer({ cost: 0 }).answer({ cost: 0.25 });
			const { responses } = parsed(await read(builder.write()));
			assert.deepEqual(
				responses.map(({ reportedCostUsd, reportedBy }) => [reportedCostUsd, reportedBy]),
				[
					[null, null],
					[0.25, 'agent'],
				],
			);
		});

		it('have no usage where the provider sent none, and are counted still', async () => {
			const zero = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
			const builder = new SessionBuilder(home, 's1').user('a').answer(zero).user('b').answer(null);
			const { responses } = parsed(await read(builder.write()));
			assert.deepEqual(
				responses.map(({ usage, usageMissing }) => [usage, usageMissing]),
				[
					[null, true],
					[null, true],
				],
			);
		});

		it('are no answers that no model gave', async () => {
			const builder = new SessionBuilder(home, 's1').user('a').answer(null, { modelInfo: undefined });
			const reading = await read(builder.write());
			assert.deepEqual([reading.drafts, reading.skipped], [[], { noUsage: 1 }]);
		});

		it('leave out a figure that is no count, and say so', async () => {
			const builder = new SessionBuilder(home, 's1').user('a').answer({ inputTokens: -5, outputTokens: 'many' });
			const { responses } = parsed(await read(builder.write()));
			assert.deepEqual([responses[0]?.usage?.inputTotal, responses[0]?.usage?.output], [null, null]);
			assert.equal(responses[0]?.usageNotes.length, 2);
		});

		it('are labelled as paid by the month where the provider is', async () => {
			const modelInfo = { id: 'claude-opus-4-6', provider: 'claude-code' };
			const builder = new SessionBuilder(home, 's1').user('a').answer({}, { modelInfo });
			const { calls } = parsed(await read(builder.write()));
			assert.deepEqual([calls[0]?.origin.billing, calls[0]?.provider], ['subscription', 'anthropic']);
		});

		it('end as their session ended, where their answer did not come', async () => {
			for (const [status, state] of [
				['cancelled', 'cancelled'],
				['failed', 'error'],
				['completed', 'ok'],
			]) {
				const builder = session(`s-${status}`, 1).user('more').answer(null);
				builder.manifest.status = status;
				const { responses } = parsed(await read(builder.write()));
				assert.deepEqual(
					responses.map((response) => response.state),
					['ok', state],
				);
			}
		});

		it('wait for the counts of an answer that is still being written, for an hour at most', async () => {
			const builder = session('s1', 1).user('more').answer(null);
			builder.manifest.status = 'running';
			const unit = await unitAt(builder.write());
			const fresh = await source.read({ ...unit, changedAtMs: nowMs - 1_000 }, readAll);
			assert.equal(fresh.drafts.length, 2);
			assert.equal(fresh.recheckAtMs, nowMs - 1_000 + 60 * 60_000 + 1);
			const later = await source.read(
				{ ...unit, changedAtMs: nowMs - 60 * 60_000 - 1 },
				{ ...readAll, cursor: fresh.cursor },
			);
			assert.equal(later.drafts.length, 2);
			assert.equal(later.recheckAtMs, undefined);
		});

		it('show what tools gave as text', async () => {
			const builder = new SessionBuilder(home, 's1').user('a').answer();
			builder.messages.push({
				id: 'results',
				role: 'user',
				content: [
					{ type: 'tool_result', tool_use_id: 't1', content: [{ query: 'a.txt', result: 'the file', success: true }] },
				],
				ts: builder.nowMs + 1,
			});
			const { calls } = parsed(await read(builder.answer().write()));
			assert.deepEqual(calls[1]?.messages.at(-1), {
				role: 'tool',
				toolCallId: 't1',
				content: [{ type: 'text', text: 'the file' }],
			});
		});
	});

	describe('forks and subagents', () => {
		function fork(of: SessionBuilder, id: string): SessionBuilder {
			const forked = session(id, 0);
			forked.messages = [...of.messages];
			forked.manifest.metadata = { fork: { forkedFromSessionId: of.id, forkedAt: '2026-11-20T13:00:00.000Z' } };
			forked.nowMs = of.nowMs + 10_000;
			return forked.user('another way').answer({ outputTokens: 77 });
		}

		it('leaves the messages of the session it was forked from to that one', async () => {
			const parent = session('parent', 3);
			parent.write();
			const reading = await read(fork(parent, 'child').write());
			assert.deepEqual(
				parsed(reading).responses.map(({ usage, sessionId }) => [usage?.output, sessionId]),
				[[77, 'child']],
			);
			assert.deepEqual(reading.skipped, { inherited: 3 });
			// What the fork itself sent has all of it in its prompt.
			assert.equal(parsed(reading).calls[0]?.messages.length, 7);
		});

		it('counts a message once in any order, with the parent, without it, and through a fork of a fork', async () => {
			const parent = session('parent', 3);
			const child = fork(parent, 'child');
			const grandchild = fork(child, 'grandchild');
			const paths = [parent, child, grandchild].map((each) => each.write());
			const truth = { calls: 5, input: 550, output: 30 + 77 * 2 };
			assert.deepEqual(await totalsOf(paths), truth);
			assert.deepEqual(await totalsOf(paths.toReversed()), truth);
			assert.deepEqual(await totalsOf([...paths, ...paths]), truth);
			rmSync(parent.folder, { recursive: true });
			assert.deepEqual(await totalsOf(paths.slice(1)), truth);
			assert.deepEqual(await totalsOf(paths.slice(1).toReversed()), truth);
		});

		it('does not let a fork name a file outside of the sessions', async () => {
			const forked = session('child', 1);
			forked.manifest.metadata = { fork: { forkedFromSessionId: '../../../secret' } };
			assert.equal(parsed(await read(forked.write())).calls.length, 1);
		});

		it('nests the calls of a subagent under the session that started it', async () => {
			const lead = session('lead', 1);
			lead.write();
			const agent = session('agent', 2);
			const path = lead.write('agent_x7.messages.json', agent.messages);
			lead.write();
			const { calls } = parsed(await read(path));
			assert.deepEqual(
				calls.map(({ kind, sessionId, parentSessionId, title }) => [kind, sessionId, parentSessionId, title]),
				[
					['subagent', 'lead__agent_x7', 'lead', 'Question 0'],
					['subagent', 'lead__agent_x7', 'lead', 'Question 0'],
				],
			);
			assert.equal((await unitsOf(source, placesAt(home))).length, 2);
		});
	});

	describe('reading again', () => {
		it('hands over only what is new, and nothing when nothing is', async () => {
			const builder = session('s1', 2);
			const first = await read(builder.write());
			assert.equal(first.drafts.length, 4);
			builder.user('more').answer();
			const second = await read(builder.write(), { cursor: first.cursor });
			assert.equal(second.drafts.length, 2);
			const third = await read(builder.path, { cursor: second.cursor });
			assert.deepEqual([third.drafts, third.skipped], [[], {}]);
		});

		it('hands over everything when an earlier call changed', async () => {
			const builder = session('s1', 2);
			const first = await read(builder.write());
			Object.assign(builder.messages[1] ?? {}, { metrics: { inputTokens: 1, outputTokens: 2 } });
			const second = await read(builder.write(), { cursor: first.cursor });
			assert.equal(parsed(second).responses[0]?.usage?.output, 2);
			assert.equal(second.drafts.length, 4);
		});

		it('starts anew with a cursor that it does not know', async () => {
			const path = session('s1', 2).write();
			for (const cursor of ['', 'nonsense', '{"version":9}', '[]']) {
				assert.equal((await read(path, { cursor })).drafts.length, 4);
			}
		});

		it('gives the same totals wherever the file was cut when it was read', async () => {
			const builder = session('s1', 3);
			const path = builder.write();
			const whole = builder.text();
			const truth = await totalsOf([path]);
			for (let length = 0; length < whole.length; length += 37) {
				writeFileSync(path, whole.slice(0, length));
				const cut = await read(path);
				writeFileSync(path, whole);
				const after = await read(path, { cursor: cut.cursor });
				const ids = [...parsed(cut).responses, ...parsed(after).responses].map(({ callId }) => callId);
				assert.equal(new Set(ids).size, truth.calls, `cut at ${length}`);
				assert.equal(ids.length, truth.calls, `cut at ${length}`);
			}
		});

		it('gives the same in pages as at once', async () => {
			const path = session('s1', 9).write();
			const atOnce = await read(path);
			source = new ClineSessionSource({ now: () => nowMs, retryMs: [], pageMessages: 10 });
			const drafts: UnitReading['drafts'] = [];
			let cursor: string | null = null;
			let pages = 0;
			for (let more = true; more; pages++) {
				const page: UnitReading = await read(path, { cursor });
				drafts.push(...page.drafts);
				cursor = page.cursor;
				more = page.more === true;
			}
			assert.ok(pages > 3);
			assert.deepEqual(drafts, atOnce.drafts);
		});

		it('forgets a session that is gone', async () => {
			const unit = await unitAt(session('s1').write());
			rmSync(unit.key);
			assert.deepEqual(await source.read(unit, readAll), { drafts: [], skipped: {}, cursor: null, stamp: '' });
		});
	});

	describe('what is left out', () => {
		it('is counted: another workspace, no folder', async () => {
			const path = session('s1').write();
			const other = await read(path, { accepts: () => 'otherWorkspace' });
			assert.deepEqual([other.drafts, other.skipped, other.cursor], [[], { otherWorkspace: 1 }, null]);
			rmSync(join(home, '.cline/data/sessions/s1/s1.json'));
			const accepts = (folder: string | null) => (folder === null ? ('noFolder' as const) : ('yes' as const));
			assert.deepEqual((await read(path, { accepts })).skipped, { noFolder: 1 });
		});

		it('is counted once: calls that are too old', async () => {
			const builder = session('s1', 3);
			const since = builder.nowMs - 2_500;
			const path = builder.write();
			const first = await read(path, { metadataSinceMs: since });
			assert.equal(parsed(first).calls.length, 1);
			assert.deepEqual(first.skipped, { tooOld: 2 });
			builder.user('more').answer().write();
			const second = await read(path, { metadataSinceMs: since, cursor: first.cursor });
			assert.deepEqual([parsed(second).calls.length, second.skipped], [1, {}]);
		});

		it('is content from before its time', async () => {
			const builder = session('s1', 2);
			const reading = parsed(await read(builder.write(), { contentSinceMs: builder.nowMs - 1_500 }));
			assert.deepEqual(
				reading.calls.map(({ contentState, messages, systemPrompt, messageCount }) => [
					contentState,
					messages.length,
					systemPrompt,
					messageCount,
				]),
				[
					['off', 0, null, 2],
					['full', 3, 'You are an agent.', 4],
				],
			);
			assert.deepEqual(
				reading.responses.map(({ completion }) => completion),
				[null, 'Answer 3'],
			);
		});

		it('is a message that is none, and the rest is read', async () => {
			const builder = session('s1', 1);
			builder.messages.splice(1, 0, { role: 'assistant' }, { id: 5 } as object);
			const path = builder.write();
			const reading = await read(path);
			assert.equal(parsed(reading).calls.length, 1);
			assert.deepEqual(reading.skipped, { malformed: 2 });
		});

		it('is the end of a file that was cut off, which is looked at again', async () => {
			const path = session('s1', 3).write();
			truncateSync(path, 1_500);
			const unit = await unitAt(path);
			const reading = await source.read({ ...unit, changedAtMs: nowMs }, readAll);
			assert.ok((reading.skipped.malformed ?? 0) > 0);
			assert.equal(reading.recheckAtMs, nowMs + 60_000);
		});

		it('is no reason to stop: not JSON, not UTF-8, empty, another shape', async () => {
			const path = session('s1').write();
			for (const content of [
				'',
				'not json',
				'[]',
				'{"messages":{}}',
				'{"messages":[[],1,null,{}]}',
				Buffer.from([0xff, 0xfe, 0]),
			]) {
				writeFileSync(path, content);
				const reading = await read(path);
				assert.deepEqual(reading.drafts, []);
			}
		});

		it('is the content of a file that is too large to be held', async () => {
			const builder = session('s1', 2);
			const path = builder.write();
			source = new ClineSessionSource({ now: () => nowMs, retryMs: [], reading: { maxContentBytes: 1_000 } });
			const { calls, responses } = parsed(await read(path));
			assert.deepEqual(
				calls.map(({ contentState, messageCount }) => [contentState, messageCount]),
				[
					['none', 2],
					['none', 4],
				],
			);
			assert.equal(responses[1]?.usage?.inputTotal, 110);
		});
	});

	it('reads a session of 300 MB in memory that does not grow with it', async () => {
		const builder = session('s1', 1);
		const path = builder.write('s1.messages.json', []);
		writeFileSync(path, '{"messages":[');
		const large = JSON.stringify({ id: 'x', role: 'user', content: 'word '.repeat(400_000), ts: builder.nowMs });
		for (let nth = 0; nth < 150; nth++) appendFileSync(path, `${large},`);
		appendFileSync(path, `${JSON.stringify(builder.messages[1])}]}`);
		const idle = process.memoryUsage.rss();
		let peak = idle;
		const timer = setInterval(() => {
			peak = Math.max(peak, process.memoryUsage.rss());
		}, 5);
		const { calls } = parsed(await read(path));
		clearInterval(timer);
		assert.equal(calls.length, 1);
		const grownMb = (peak - idle) / 1024 / 1024;
		assert.ok(grownMb <= 250, `${grownMb.toFixed(0)} MB`);
	}).timeout(60_000);
});
