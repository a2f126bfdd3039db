import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { CopilotCliSource } from '../../../../src/sources/copilot-cli/copilot-cli-source.ts';
import type { ReadOptions, RecordUnit, UnitReading } from '../../../../src/sources/source.ts';
import { parsed, placesAt, readAll, remove, temporaryFolder, unitsOf } from '../kilo-db/agent-database.ts';
import { EventBuilder } from './event-builder.ts';

describe('sessions of the Copilot CLI', () => {
	let home: string;
	let source: CopilotCliSource;
	let nowMs: number;

	beforeEach(() => {
		home = temporaryFolder();
		nowMs = Date.now();
		source = new CopilotCliSource(() => nowMs);
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

	/** As the ledger would know them: by call, the last word counts. */
	function known(
		drafts: UnitReading['drafts'],
	): { call: CallDraft | undefined; response: ResponseDraft | undefined }[] {
		const { calls, responses } = parsed({ drafts });
		const ids = [...new Set([...calls, ...responses].map(({ callId }) => callId))];
		return ids.map((id) => ({
			call: calls.findLast(({ callId }) => callId === id),
			response: responses.findLast(({ callId }) => callId === id),
		}));
	}

	function session(id = 's1'): EventBuilder {
		return new EventBuilder(home, id).start().user('Do it');
	}

	describe('where they are', () => {
		it('are found below the home, also as early versions named them', async () => {
			const path = session().turn('a').write();
			const early = join(home, '.copilot/session-state/early.jsonl');
			writeFileSync(early, session('early').turn('b').text);
			writeFileSync(join(dirname(path), 'other.jsonl'), '');
			const units = await unitsOf(source, placesAt(home));
			assert.deepEqual(units.map(({ key }) => key).sort(), [early, path].sort());
			assert.equal(known((await read(early)).drafts)[0]?.call?.sessionId, 'early');
		});

		for (const [variable, below] of [
			['COPILOT_HOME', ''],
			['XDG_STATE_HOME', '.copilot'],
		] as const) {
			it(`are found where ${variable} says`, async () => {
				const path = join(home, 'elsewhere', below, 'session-state/s9/events.jsonl');
				mkdirSync(dirname(path), { recursive: true });
				writeFileSync(path, session('s9').text);
				const units = await unitsOf(source, placesAt(home, { [variable]: join(home, 'elsewhere') }));
				assert.deepEqual(
					units.map(({ key }) => key),
					[path],
				);
			});
		}

		it('are not followed out of the folder by a link', async () => {
			if (process.platform === 'win32') return;
			session().write();
			const outside = temporaryFolder();
			writeFileSync(join(outside, 'events.jsonl'), session('s9').turn('a').text);
			mkdirSync(join(home, '.copilot/session-state/s2'));
			symlinkSync(join(outside, 'events.jsonl'), join(home, '.copilot/session-state/s2/events.jsonl'));
			const readings = [];
			for (const unit of await unitsOf(source, placesAt(home))) readings.push(await source.read(unit, readAll));
			assert.deepEqual(readings.map(({ skipped }) => skipped.outsideAgentFolder ?? 0).sort(), [0, 1]);
			remove(outside);
		});
	});

	describe('calls', () => {
		it('are part of a Copilot plan unless the user has a key of their own', async () => {
			const builder = session()
				.turn('a', { isByok: false })
				.turn('b', { isByok: undefined, providerType: 'copilot' })
				.turn('c', { isByok: undefined, providerType: 'anthropic' })
				.turn('d', { isByok: true, providerType: 'azure' });
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ call }) => [call?.provider, call?.origin.billing]),
				[
					['github-copilot', 'subscription'],
					['github-copilot', 'subscription'],
					['anthropic', 'api'],
					['azure', 'api'],
				],
			);
		});

		it('have the cost that Copilot charged in AI credits, and none of its multipliers', async () => {
			const builder = session()
				.turn('a', { cost: 3, copilotUsage: { totalNanoAiu: 2_500_000_000 } })
				.turn('b', { cost: 1, copilotUsage: { totalNanoAiu: 0 } });
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ response }) => [
					response?.reportedCostUsd,
					response?.reportedBy,
				]),
				[
					[0.025, 'provider'],
					[null, null],
				],
			);
		});

		it('are known by the ids of the provider, where those are unique', async () => {
			const builder = session()
				.turn('msg_01XFDUDYJgAACzvnptvVoYEL', { providerCallId: 'req_011CSHoEeqs5C35K2UUqR7Fy' })
				.turn('chatcmpl-123', { providerCallId: 'req_1' });
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ call, response }) => [call?.aliases, response?.aliases]),
				[
					[
						['msg_01XFDUDYJgAACzvnptvVoYEL', 'req_011CSHoEeqs5C35K2UUqR7Fy'],
						['msg_01XFDUDYJgAACzvnptvVoYEL', 'req_011CSHoEeqs5C35K2UUqR7Fy'],
					],
					[[], []],
				],
			);
		});

		it('leave cache counts open where the service told nothing of its cache', async () => {
			const counts = { cacheReadTokens: 0, cacheWriteTokens: 0, cacheDetailsReported: false };
			const [pair] = known((await read(session().turn('a', counts).write())).drafts);
			assert.deepEqual(
				[pair?.response?.usage?.inputTotal, pair?.response?.usage?.cacheRead, pair?.response?.usage?.uncachedInput],
				[110, null, null],
			);
		});

		it('are pending from the start of their turn, and end under the same id', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			const path = builder.write();
			const first = await read(path);
			const [pending] = known(first.drafts);
			assert.deepEqual([pending?.call?.startedAtMs, pending?.response], [builder.nowMs, undefined]);
			assert.ok(first.recheckAtMs !== undefined);
			appendFileSync(path, builder.usage('a').answer('a', 'Done').lines.slice(-2).join('\n').concat('\n'));
			const second = await read(path, { cursor: first.cursor });
			const [ended] = known(second.drafts);
			assert.equal(ended?.call?.callId, pending?.call?.callId);
			assert.deepEqual([ended?.response?.state, ended?.response?.completion], ['ok', 'Done']);
			assert.equal(second.recheckAtMs, undefined);
		});

		it('are given up when nothing is written for an hour', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			const path = builder.write();
			const unit = await unitAt(path);
			nowMs = unit.changedAtMs + 60 * 60_000 + 1;
			const [pair] = known((await source.read(unit, readAll)).drafts);
			assert.deepEqual(
				[pair?.response?.state, pair?.response?.error?.code, pair?.response?.usageMissing],
				['error', 'interrupted', true],
			);
		});

		for (const [type, data, expected] of [
			[
				'session.error',
				{ errorType: 'rate_limit', message: 'Too many', statusCode: 429 },
				['error', 'rate_limit', false],
			],
			['abort', { reason: 'user initiated' }, ['cancelled', 'aborted', true]],
			['session.shutdown', {}, ['error', 'interrupted', true]],
			['session.resume', {}, ['error', 'interrupted', true]],
			['assistant.turn_end', {}, ['error', 'noAnswer', false]],
		] as const) {
			it(`end with ${type} when no answer came before it`, async () => {
				const builder = session().turn('a');
				builder.event('assistant.turn_start', { turnId: '1' });
				builder.event(type, data);
				const pairs = known((await read(builder.write())).drafts);
				const last = pairs.at(-1)?.response;
				assert.deepEqual([last?.state, last?.error?.code, last?.usageMissing], expected);
				assert.equal(pairs[0]?.response?.state, 'ok');
			});
		}

		it('go on after an error when the turn was tried again', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			builder.event('session.error', { errorType: 'query', message: 'lost' });
			const pairs = known((await read(builder.usage('a').answer('a', 'Done').write())).drafts);
			assert.deepEqual(
				pairs.map(({ response }) => [response?.state, response?.usage?.output]),
				[['ok', 10]],
			);
		});

		it('are as many as were recorded in one turn', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			builder.usage('a').usage('b').answer('b', 'Done');
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual(
				pairs.map(({ response }) => [response?.usage?.output, response?.completion]),
				[
					[10, null],
					[10, 'Done'],
				],
			);
		});

		it('are not taken for one when a server gives its answers the same id', async () => {
			const builder = session().turn('chatcmpl-1').turn('chatcmpl-1');
			builder.event('assistant.turn_start', {});
			builder.usage('chatcmpl-1').usage('chatcmpl-1').answer('chatcmpl-1', 'Last');
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual(
				pairs.map(({ response }) => response?.completion),
				['Answer chatcmpl-1', 'Answer chatcmpl-1', null, 'Last'],
			);
		});

		for (const [named, usage, answer] of [
			['its usage', { apiCallId: undefined }, {}],
			['its answer', {}, { apiCallId: undefined }],
			['either', { apiCallId: undefined }, { apiCallId: undefined }],
		] as const) {
			it(`are one for each turn when ${named} does not name the provider's call`, async () => {
				const builder = session();
				for (const id of ['a', 'b']) {
					builder.event('assistant.turn_start', { turnId: id });
					builder.usage(id, usage).answer(id, `Answer ${id}`, answer);
					builder.event('assistant.turn_end', { turnId: id });
				}
				const pairs = known((await read(builder.write())).drafts);
				assert.deepEqual(
					pairs.map(({ response }) => [response?.state, response?.usage?.inputTotal, response?.completion]),
					[
						['ok', 110, 'Answer a'],
						['ok', 110, 'Answer b'],
					],
				);
			});
		}

		it('gather an answer that comes in pieces, also before its counts', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			const request = { toolCallId: 't1', name: 'view', arguments: { path: 'a' } };
			builder
				.answer('a', 'One')
				.answer('a', 'two', { toolRequests: [request] })
				.usage('a');
			builder.event('tool.execution_complete', { toolCallId: 't1', result: { content: 'the file' } });
			const pairs = known((await read(builder.turn('b').write())).drafts);
			assert.deepEqual(
				pairs.map(({ response }) => [response?.completion, response?.toolCalls.length, response?.usage?.output]),
				[
					['One\ntwo', 1, 10],
					['Answer b', 0, 10],
				],
			);
			assert.deepEqual(pairs[1]?.call?.messages, [
				{ role: 'user', content: '<now/>Do it' },
				{
					role: 'assistant',
					content: [
						{ type: 'text', text: 'One' },
						{ type: 'text', text: 'two' },
					],
					toolCalls: [{ id: 't1', name: 'view', arguments: { path: 'a' } }],
				},
				{ role: 'tool', toolCallId: 't1', content: 'the file' },
			]);
		});

		it('have at least their output in sessions of versions without records of usage', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			builder.answer('a', 'Done', { outputTokens: 33, apiCallId: undefined });
			builder.event('assistant.turn_end', {});
			const [pair] = known((await read(builder.write())).drafts);
			assert.deepEqual(
				[pair?.response?.state, pair?.response?.usage?.output, pair?.response?.usage?.inputTotal],
				['ok', 33, null],
			);
		});

		it('are placed where the agent worked at the time', async () => {
			const builder = session().turn('a');
			builder.event('session.context_changed', { cwd: '/home/dev/other', branch: 'topic', headCommit: 'abc' });
			assert.deepEqual(
				known((await read(builder.turn('b').write())).drafts).map(({ call }) => [
					call?.folder,
					call?.gitBranch,
					call?.gitCommit,
				]),
				[
					['/home/dev/project', 'main', null],
					['/home/dev/other', 'topic', 'abc'],
				],
			);
		});
	});

	describe('compactions', () => {
		const used = {
			inputTokens: 500,
			outputTokens: 50,
			cacheReadTokens: 400,
			cacheWriteTokens: 0,
			model: 'gpt-5',
			duration: 70,
		};

		function compacted(data: object): EventBuilder {
			const builder = session().turn('a');
			builder.event('session.compaction_start');
			builder.user('meanwhile');
			builder.event('session.compaction_complete', { success: true, summaryContent: 'All so far', ...data });
			return builder;
		}

		it('are calls of a kind of their own, after which the summary is sent in place of what it sums up', async () => {
			const builder = compacted({ compactionTokensUsed: used, requestId: 'r1' }).turn('b');
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual(
				pairs.map(({ call, response }) => [call?.kind, call?.model, response?.usage?.inputTotal, response?.completion]),
				[
					['chat', 'claude-sonnet-4.5', 110, 'Answer a'],
					['condense', 'gpt-5', 500, 'All so far'],
					['chat', 'claude-sonnet-4.5', 110, 'Answer b'],
				],
			);
			assert.deepEqual(
				pairs[2]?.call?.messages.map(({ content }) => content),
				['All so far', '<now/>meanwhile'],
			);
		});

		it('are counted by either generation of names', async () => {
			const older = { input: 500, output: 50, cachedInput: 400 };
			const pairs = known((await read(compacted({ compactionTokensUsed: older }).write())).drafts);
			assert.deepEqual(
				[
					pairs[1]?.response?.usage?.inputTotal,
					pairs[1]?.response?.usage?.cacheRead,
					pairs[1]?.response?.usage?.output,
				],
				[500, 400, 50],
			);
		});

		it('are counted once when their usage is recorded too, before or after', async () => {
			const record = { providerCallId: 'r1', interactionType: 'conversation-compaction', inputTokens: 500 };
			const before = session().turn('a').usage('c', record);
			before.event('session.compaction_complete', { success: true, compactionTokensUsed: used, requestId: 'r1' });
			const after = compacted({ compactionTokensUsed: used, requestId: 'r1' }).usage('c', record);
			for (const builder of [before, after]) {
				const pairs = known((await read(builder.write())).drafts);
				assert.deepEqual(
					pairs.map(({ call, response }) => [call?.kind, response?.usage?.inputTotal]),
					[
						['chat', 110],
						['condense', 500],
					],
				);
			}
		});

		it('are counted once by their tokens where neither line has an id, and twice when there were two', async () => {
			const record = { interactionType: 'conversation-compaction', inputTokens: 500, outputTokens: 50 };
			const before = session().turn('a');
			before.event('session.compaction_start');
			before.usage('c', record).event('session.compaction_complete', { success: true, compactionTokensUsed: used });
			const after = compacted({ compactionTokensUsed: used }).usage('c', record);
			for (const builder of [before, after]) {
				const kinds = async (): Promise<unknown[]> =>
					known((await read(builder.write())).drafts).map(({ call }) => call?.kind);
				assert.deepEqual(await kinds(), ['chat', 'condense']);
				builder.event('session.compaction_start');
				builder.event('session.compaction_complete', { success: true, compactionTokensUsed: used });
				assert.deepEqual(await kinds(), ['chat', 'condense', 'condense']);
			}
		});

		it('that failed are billed all the same, and change nothing', async () => {
			const builder = compacted({ success: false, error: 'no', compactionTokensUsed: used }).turn('b');
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual([pairs[1]?.response?.state, pairs[1]?.response?.usage?.output], ['error', 50]);
			assert.equal(pairs[2]?.call?.messages.length, 3);
		});
	});

	describe('subagents and copies', () => {
		it('nests what a subagent does under its session, with a conversation of its own', async () => {
			const builder = session().turn('a');
			builder.agentId = 'explore-1';
			builder.event('subagent.started', { agentName: 'explore', agentDisplayName: 'Explore' });
			builder.user('Look around').turn('b');
			builder.agentId = undefined;
			const pairs = known((await read(builder.turn('c').write())).drafts);
			assert.deepEqual(
				pairs.map(({ call }) => [
					call?.kind,
					call?.sessionId,
					call?.parentSessionId,
					call?.title,
					call?.messages.length,
				]),
				[
					['chat', 's1', null, 'Do it', 1],
					['subagent', 's1:explore-1', 's1', 'Explore', 1],
					['chat', 's1', null, 'Do it', 2],
				],
			);
		});

		it('keeps the turns of a session and its subagent apart, and stops both at once', async () => {
			const builder = session();
			builder.event('assistant.turn_start', { turnId: '0' });
			builder.agentId = 'sub';
			builder.event('assistant.turn_start', { turnId: '0' });
			builder.usage('b');
			builder.event('assistant.turn_start', { turnId: '1' });
			builder.agentId = undefined;
			builder.event('abort', { reason: 'user' });
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual(
				pairs.map(({ call, response }) => [call?.kind, response?.state]),
				[
					['chat', 'cancelled'],
					['subagent', 'ok'],
					['subagent', 'cancelled'],
				],
			);
		});

		it('leaves lines copied from another session to that one, as long as it is there', async () => {
			const original = session('original').turn('a', { accounting: { sourceSessionId: 'original' } });
			original.write();
			const copy = new EventBuilder(home, 'copy').start();
			copy.lines.push(...original.lines.slice(1));
			copy.nowMs = original.nowMs;
			const path = copy.turn('b', { accounting: { sourceSessionId: 'copy' } }).write();
			const reading = await read(path);
			assert.deepEqual(
				known(reading.drafts).map(({ response }) => response?.completion),
				['Answer b'],
			);
			assert.deepEqual(reading.skipped, { inherited: 1 });
			const [first] = known((await read(original.path)).drafts);
			rmSync(original.path);
			const alone = known((await read(path)).drafts);
			assert.deepEqual([alone.length, alone[0]?.call?.callId], [2, first?.call?.callId]);
		});
	});

	describe('reading', () => {
		function long(): EventBuilder {
			const builder = session();
			for (let nth = 0; nth < 6; nth++) builder.user(`Question ${nth} é`).turn(`call-${nth}`);
			builder.event('session.compaction_complete', {
				success: true,
				summaryContent: 'Sum',
				requestId: 'r',
				compactionTokensUsed: { inputTokens: 7, outputTokens: 3 },
			});
			builder.event('assistant.turn_start', {});
			builder.event('abort', {});
			return builder;
		}

		const summary = (drafts: UnitReading['drafts']): unknown[] =>
			known(drafts)
				.map(({ call, response }) => [
					call?.callId,
					call?.messageCount,
					response?.state,
					response?.completion,
					response?.usage,
					response?.endedAtMs,
				])
				.sort();

		it('gives the same wherever it was divided, with a reader that remembers and one that starts again', async () => {
			const whole = Buffer.from(long().text);
			const builder = long();
			const atOnce = await read(builder.write());
			const expected = summary(atOnce.drafts);
			assert.equal(expected.length, 8);
			for (let cut = 0; cut < whole.length; cut += 131) {
				for (const isRestarted of [false, true]) {
					writeFileSync(builder.path, whole.subarray(0, cut));
					const first = await read(builder.path);
					writeFileSync(builder.path, whole);
					if (isRestarted) source = new CopilotCliSource(() => nowMs);
					const second = await read(builder.path, { cursor: first.cursor });
					assert.deepEqual(summary([...first.drafts, ...second.drafts]), expected, `cut at ${cut}`);
				}
			}
		});

		it('hands over nothing twice', async () => {
			const path = long().write();
			const first = await read(path);
			const again = await read(path, { cursor: first.cursor });
			assert.deepEqual([again.drafts, again.skipped], [[], {}]);
		});

		it('starts anew when the file was cut or written anew', async () => {
			const builder = long();
			const first = await read(builder.write());
			const other = session().turn('z');
			builder.write(other.text);
			const second = await read(builder.path, { cursor: first.cursor });
			assert.deepEqual(
				known(second.drafts).map(({ response }) => response?.completion),
				['Answer z'],
			);
		});

		it('leaves out what is of another workspace, and what has no folder', async () => {
			const path = session().turn('a').write();
			const refuse = await read(path, { accepts: () => 'otherWorkspace' });
			assert.deepEqual([refuse.drafts, refuse.skipped], [[], { otherWorkspace: 1 }]);
			const accepts = (folder: string | null) => (folder === null ? ('noFolder' as const) : ('yes' as const));
			const bare = new EventBuilder(home, 's2').start({ context: undefined }).turn('a').write();
			assert.deepEqual((await read(bare, { accepts })).skipped, { noFolder: 1 });
			writeFileSync(join(dirname(bare), 'workspace.yaml'), 'id: s2\ncwd: /home/dev/project\n');
			assert.equal((await read(bare, { accepts })).drafts.length, 2);
		});

		it('leaves out what is too old, once, and content from before its time', async () => {
			const builder = session().turn('a').turn('b');
			const since = builder.nowMs - 350;
			const path = builder.write();
			const first = await read(path, { metadataSinceMs: since });
			assert.deepEqual([known(first.drafts).length, first.skipped], [1, { tooOld: 1 }]);
			const again = await read(path, { metadataSinceMs: since, cursor: first.cursor });
			assert.deepEqual(again.skipped, {});
			const pairs = known((await read(path, { contentSinceMs: since })).drafts);
			assert.deepEqual(
				pairs.map(({ call, response }) => [call?.contentState, call?.messages.length, response?.completion]),
				[
					['off', 0, null],
					['full', 2, 'Answer b'],
				],
			);
		});

		it('goes on behind what is damaged, and counts it', async () => {
			const builder = session().turn('a');
			builder.lines.push('{"type":', '[]', '{"type":"x"}', 'null');
			builder.lines.push(
				JSON.stringify({ type: 'session.usage_record', data: {}, id: 'e', timestamp: '2026-11-20T12:00:00Z' }),
			);
			builder.lines.push(JSON.stringify({ type: 'later.kind', data: 5, id: 'e', timestamp: '2026-11-20T12:00:00Z' }));
			const reading = await read(builder.turn('b').write());
			assert.equal(known(reading.drafts).length, 2);
			assert.deepEqual(reading.skipped, { malformed: 5 });
		});

		it('reads a session of 300 MB in memory that does not grow with it, and counts each call', async () => {
			const builder = session();
			const path = builder.write();
			const result = { toolCallId: 't', result: { content: 'word '.repeat(400_000) } };
			const rounds = 150;
			for (let nth = 0; nth < rounds; nth++) {
				builder.lines = [];
				builder.event('tool.execution_complete', result);
				appendFileSync(path, builder.turn(`call-${nth}`).text);
			}
			builder.lines = [];
			const summary = {
				success: true,
				summaryContent: 'Sum',
				compactionTokensUsed: { inputTokens: 1, outputTokens: 1 },
			};
			builder.event('session.compaction_complete', summary);
			appendFileSync(path, builder.turn('last').text);
			const idle = process.memoryUsage.rss();
			let peak = idle;
			const states = new Map<string, string>();
			const counts: (number | null)[] = [];
			let cursor: string | null = null;
			for (let more = true; more; ) {
				const page: UnitReading = await read(path, { cursor });
				for (const { call, response } of known(page.drafts)) {
					if (call === undefined) continue;
					states.set(call.callId, call.contentState);
					if (response?.usage?.inputTotal === 110) counts.push(call.messageCount);
				}
				({ cursor, more = false } = page);
				peak = Math.max(peak, process.memoryUsage.rss());
			}
			assert.equal(states.size, rounds + 2);
			// The number of messages is known to the end, their texts until there are too many; a summary begins anew.
			assert.deepEqual([counts[0], counts[rounds - 1], counts[rounds]], [2, 2 * rounds, 1]);
			const [first, ...rest] = [...states.values()];
			assert.deepEqual([first, rest.at(-3), rest.at(-1)], ['full', 'none', 'full']);
			const grownMb = (peak - idle) / 1024 / 1024;
			assert.ok(grownMb <= 300, `${grownMb.toFixed(0)} MB`);
		}).timeout(60_000);

		it('counts a line that is too long, and goes on behind it', async () => {
			const builder = session().turn('a');
			builder.event('tool.execution_complete', { toolCallId: 't', result: { content: 'x'.repeat(40 << 20) } });
			const reading = await read(builder.turn('b').write());
			const drafts = [...reading.drafts];
			let { cursor, more = false } = reading;
			let malformed = reading.skipped.malformed ?? 0;
			while (more) {
				const page: UnitReading = await read(builder.path, { cursor });
				drafts.push(...page.drafts);
				malformed += page.skipped.malformed ?? 0;
				({ cursor, more = false } = page);
			}
			assert.deepEqual([known(drafts).length, malformed], [2, 1]);
		}).timeout(30_000);

		it('forgets a session that is gone', async () => {
			const unit = await unitAt(session().write());
			rmSync(unit.key);
			const reading = await source.read(unit, readAll);
			assert.deepEqual([reading.drafts, reading.stamp], [[], '']);
		});
	});
});
