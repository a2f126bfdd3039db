import assert from 'node:assert/strict';
import {
	appendFileSync,
	mkdirSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { CodexSource } from '../../../../src/sources/codex/codex-source.ts';
import { Collected, collect, placesAt, readAll, remove, temporaryFolder, unitsOf } from '../folded/reading.ts';
import { RolloutBuilder, type Style, uuid7 } from './rollout-builder.ts';

describe('reading rollouts of Codex', () => {
	let home: string;
	beforeEach(() => {
		home = temporaryFolder();
	});
	afterEach(() => remove(home));

	const read = (options = {}, env = {}): Promise<Collected> => collect(new CodexSource(), placesAt(home, env), options);
	const rollout = (options: ConstructorParameters<typeof RolloutBuilder>[0] = {}): RolloutBuilder =>
		new RolloutBuilder(options).header();

	for (const style of ['records', 'itemsFirst', 'countsFirst'] satisfies Style[]) {
		describe(`a call that is written as ${style}`, () => {
			it('has its counts, input with the cache in it and output with reasoning', async () => {
				const counts = { input: 5000, cached: 3000, cacheWrite: 500, output: 90, reasoning: 40 };
				rollout({ style }).turn('Do it.').call({ counts }).endTurn().write(home);
				const { responses } = await read();
				assert.deepEqual(responses.values().next().value?.usage, {
					inputTotal: 5000,
					uncachedInput: 1500,
					cacheRead: 3000,
					cacheWrite5m: null,
					cacheWrite1h: null,
					cacheWriteUnknownTtl: 500,
					output: 90,
					reasoning: 40,
				});
			});

			it('has what was said before it as its prompt, and what came back as its answer', async () => {
				const tool = { id: 'call_1', name: 'shell', args: { cmd: 'ls' }, output: 'a.md' };
				const builder = rollout({ style }).turn('List them.');
				builder
					.call({ reasoning: 'To list.', text: 'I will.', tool })
					.call({ text: 'One file.' })
					.endTurn()
					.write(home);
				const { calls, responses } = await read();
				const [first, second] = [...calls.values()];
				assert.deepEqual(first?.messages, [{ role: 'user', content: 'List them.' }]);
				assert.deepEqual(second?.messages.slice(1), [
					{
						role: 'assistant',
						content: [
							{ type: 'reasoning', text: 'To list.' },
							{ type: 'text', text: 'I will.' },
						],
						toolCalls: [{ id: 'call_1', name: 'shell', arguments: { cmd: 'ls' } }],
					},
					{ role: 'tool', toolCallId: 'call_1', content: 'a.md' },
				]);
				const answers = [...responses.values()].map(({ completion, reasoning, toolCalls }) => [
					completion,
					reasoning,
					toolCalls.map(({ name }) => name),
				]);
				assert.deepEqual(answers, [
					['I will.', 'To list.', ['shell']],
					['One file.', null, []],
				]);
			});

			it('counts a repeated token_count as nothing', async () => {
				const builder = rollout({ style }).turn('Do it.').call();
				builder
					.tokenCount({ input: 1000, cached: 400, output: 50, reasoning: 20 })
					.tokenCount(null)
					.endTurn()
					.write(home);
				assert.deepEqual((await read()).tokens(), { calls: 1, input: 1000, output: 50, unknown: 0 });
			});

			it('takes nothing for a call that a compaction or a full context only estimated', async () => {
				const builder = rollout({ style }).turn('Do it.').call();
				const estimated = { input_tokens: 0, output_tokens: 0, total_tokens: 4777 };
				const full = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, total_tokens: 272_000 };
				builder.event('token_count', { info: { total_token_usage: full, last_token_usage: estimated } });
				builder.call().endTurn().write(home);
				assert.deepEqual((await read()).tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
			});
		});
	}

	it('keeps two answers apart that a server of the user’s own gave the same id', async () => {
		const builder = rollout().turn('One.').call({ text: 'First.' }).call({ text: 'Second.' }).endTurn();
		for (const [at, line] of builder.lines.entries()) builder.lines[at] = line.replace(/"resp_[^"]*"/g, '"resp_123"');
		builder.write(home);
		const { responses } = await read();
		assert.deepEqual(
			[...responses.values()].map(({ completion }) => completion),
			['First.', 'Second.'],
		);
	});

	it('takes the difference of totals where the counts of the call itself are not there', async () => {
		const builder = rollout({ style: 'itemsFirst' }).turn('Do it.');
		const total = (input: number, output: number): object => ({
			info: { total_token_usage: { input_tokens: input, cached_input_tokens: 0, output_tokens: output } },
		});
		builder
			.event('token_count', total(100, 10))
			.event('token_count', { info: null })
			.event('token_count', total(350, 30));
		builder.write(home);
		const { responses } = await read();
		assert.deepEqual(
			[...responses.values()].map(({ usage }) => [usage?.inputTotal, usage?.output]),
			[
				[100, 10],
				[250, 20],
			],
		);
	});

	it('has the model, effort, mode, tier and folder of the turn in which the call was made', async () => {
		const builder = rollout();
		builder.turn('One.').call();
		const context = { model: 'gpt-5.1', cwd: '/home/dev/other', effort: 'high', collaboration_mode: { mode: 'plan' } };
		builder.turn('Two.', context);
		builder.event('thread_settings_applied', { thread_settings: { model: 'gpt-5.1', service_tier: 'priority' } });
		builder.call().write(home);
		const { calls, responses } = await read();
		const [one, two] = [...calls.values()];
		assert.deepEqual([one?.model, one?.mode, one?.folder, one?.parameters], ['gpt-5', null, '/home/dev/project', {}]);
		assert.deepEqual(
			[two?.model, two?.mode, two?.folder, two?.parameters],
			['gpt-5.1', 'plan', '/home/dev/other', { reasoning_effort: 'high', service_tier: 'priority' }],
		);
		assert.equal(responses.get(two?.callId ?? '')?.serviceTier, 'priority');
	});

	it('has the thread’s instructions, branch, commit, provider and first words', async () => {
		const builder = new RolloutBuilder();
		builder.header({
			base_instructions: { text: 'Be brief.' },
			git: { branch: 'main', commit_hash: 'abc123' },
			model_provider: 'azure',
		});
		builder.item({ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Sandboxed.' }] });
		builder.turn('Rename the module\nand its tests').call().write(home);
		const [call] = (await read()).calls.values();
		assert.deepEqual(
			[call?.systemPrompt, call?.gitBranch, call?.gitCommit, call?.provider, call?.title],
			['Be brief.', 'main', 'abc123', 'azure', 'Rename the module'],
		);
		assert.deepEqual(call?.messages[0], { role: 'system', content: 'Sandboxed.' });
		assert.equal(call?.messageCount, 3);
	});

	it('labels calls on a ChatGPT plan as a subscription, the first included', async () => {
		rollout().turn('Do it.').call({ planType: 'plus' }).call({ planType: 'plus' }).write(home);
		const { calls, responses } = await read();
		for (const { origin } of [...calls.values(), ...responses.values()]) assert.equal(origin.billing, 'subscription');
	});

	describe('calls without counts', () => {
		it('keeps a stream that was cut as a failed call of unknown tokens, and the retry as another', async () => {
			rollout().turn('Do it.').cutCall().call().endTurn().write(home);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 2, input: 1000, output: 50, unknown: 1 });
			const [cut] = [...collected.responses.values()].filter(({ usage }) => usage === null);
			assert.deepEqual([cut?.state, cut?.error?.code, cut?.usageMissing], ['error', 'cut', true]);
		});

		it('keeps an answer that the user stopped as cancelled', async () => {
			const builder = rollout({ style: 'itemsFirst' }).turn('Do it.').call().call({ counts: null });
			builder.event('turn_aborted', { reason: 'interrupted' }).write(home);
			const states = [...(await read()).responses.values()].map(({ state, usageMissing }) => [state, usageMissing]);
			assert.deepEqual(states, [
				['ok', false],
				['cancelled', true],
			]);
		});

		it('keeps each answer of a provider that sends no counts', async () => {
			const tool = { id: 'call_1', name: 'shell', args: {}, output: 'a.md' };
			const builder = rollout({ style: 'itemsFirst' }).turn('Do it.');
			builder.call({ counts: null, tool }).call({ counts: null, text: 'One.' }).endTurn().write(home);
			assert.deepEqual((await read()).tokens(), { calls: 2, input: 0, output: 0, unknown: 2 });
		});

		it('ends an answer that is open once its time has come, and not before', async () => {
			const builder = rollout({ style: 'itemsFirst' }).turn('Do it.').call({ counts: null });
			const path = builder.write(home);
			const changedAtMs = statSync(path).mtimeMs;
			let nowMs = changedAtMs + 1_000;
			const source = new CodexSource(() => nowMs);
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			const first = await source.read(unit, readAll);
			assert.equal(first.drafts.length, 0);
			assert.ok(first.recheckAtMs !== undefined && first.recheckAtMs > nowMs);
			nowMs = first.recheckAtMs;
			const second = await source.read(unit, { ...readAll, cursor: first.cursor });
			assert.deepEqual(
				second.drafts.map((draft) => (draft.eventType === 'llm_response' ? draft.error?.code : draft.eventType)),
				['llm_call', 'interrupted'],
			);
			assert.equal(second.recheckAtMs, undefined);
		});
	});

	describe('compaction', () => {
		it('shows the call that made the summary, and what was left of the conversation after it', async () => {
			const builder = rollout().turn('First.').call({ text: 'Did first.' });
			builder.line('token_usage_record', {
				thread_id: builder.id,
				response_id: 'resp_compact',
				usage: { input_tokens: 1200, cached_input_tokens: 0, output_tokens: 80, reasoning_output_tokens: 0 },
			});
			const replacement_history = [
				{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'First.' }] },
				{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'A summary.' }] },
			];
			builder.line('compacted', { message: 'A summary.', replacement_history });
			builder.turn('Second.').call().write(home);
			const { calls, responses } = await read();
			assert.deepEqual(
				[...calls.values()].map(({ kind, messages }) => [kind, messages.map(({ content }) => content)]),
				[
					['chat', ['First.']],
					['condense', ['First.', [{ type: 'text', text: 'Did first.' }]]],
					['chat', ['First.', 'A summary.', 'Second.']],
				],
			);
			const [, summary] = [...responses.values()];
			assert.deepEqual([summary?.completion, summary?.usage?.output], ['A summary.', 80]);
		});

		it('takes back the turns that the user took back', async () => {
			const builder = rollout().turn('First.').call({ text: 'One.' }).endTurn().turn('Wrong.').call().endTurn();
			builder.event('thread_rolled_back', { num_turns: 1 }).turn('Right.').call().write(home);
			const [, , last] = [...(await read()).calls.values()];
			assert.deepEqual(
				last?.messages.map(({ role, content }) => [role, typeof content === 'string' ? content : 'answer']),
				[
					['user', 'First.'],
					['assistant', 'answer'],
					['user', 'Right.'],
				],
			);
		});
	});

	describe('forks and subagents', () => {
		const parentAtMs = Date.UTC(2026, 10, 21, 12);
		const childAtMs = parentAtMs + 3_600_000;

		/** A parent of two calls, and a child that has copied its lines. */
		function family(style: Style, meta: object, turnIds: boolean): { parent: RolloutBuilder; child: RolloutBuilder } {
			const turnId = (atMs: number): { turnId: string | null } => ({ turnId: turnIds ? uuid7(atMs) : null });
			const parent = rollout({ style, atMs: parentAtMs });
			parent
				.turn('Parent.', {}, turnId(parentAtMs + 100))
				.call()
				.call({ counts: { input: 2000, output: 70 } })
				.endTurn();
			const child = new RolloutBuilder({ style, atMs: childAtMs, total: parent.total });
			child.header(meta);
			for (const line of parent.lines) {
				const { type, payload } = JSON.parse(line);
				if (type !== 'token_usage_record') child.line(type, payload);
			}
			child.nowMs += 5_000;
			child
				.turn('Child.', {}, turnId(childAtMs + 6_000))
				.call({ counts: { input: 3000, output: 30 } })
				.endTurn();
			return { parent, child };
		}

		const forked = { forked_from_id: uuid7(parentAtMs) };
		const spawned = { source: { subagent: { thread_spawn: { parent_thread_id: uuid7(parentAtMs), depth: 1 } } } };

		for (const [what, style, meta, turnIds, keepParent] of [
			['a fork, by the ids of its turns', 'itemsFirst', forked, true, false],
			['a fork without turn ids, by its parent’s counts', 'itemsFirst', forked, false, true],
			['a fork without turn ids or parent, by being written at once', 'itemsFirst', forked, false, false],
			['a subagent, by the ids of its turns', 'records', spawned, true, true],
			['a subagent of an older release', 'countsFirst', spawned, true, true],
		] as const) {
			it(`leaves out what was copied to the head of ${what}`, async () => {
				const { parent, child } = family(style, meta, turnIds);
				if (keepParent) parent.write(home);
				child.write(home);
				const collected = await read();
				const own = { calls: 1, input: 3000, output: 30, unknown: 0 };
				const both = { calls: 3, input: 6000, output: 150, unknown: 0 };
				assert.deepEqual(collected.tokens(), keepParent ? both : own);
				assert.equal(collected.skipped.inherited, 2);
				const last = [...collected.calls.values()].find(({ sessionId }) => sessionId === child.id);
				assert.equal(last?.messages[0]?.content, 'Parent.');
				assert.equal(last?.title, 'Child.');
			});
		}

		it('goes by the ordinal that a subagent’s header gives before all else', async () => {
			const child = rollout({ atMs: childAtMs });
			child.lines.length = 0;
			const meta = { parent_thread_id: uuid7(parentAtMs), subagent_history_start_ordinal: 6 };
			const again = new RolloutBuilder({ atMs: childAtMs }).header(meta);
			again.turn('Copied.').tokenCount({ input: 900, output: 9 });
			again
				.turn('Own.')
				.call({ counts: { input: 3000, output: 30 } })
				.write(home);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 1, input: 3000, output: 30, unknown: 0 });
			const [call] = collected.calls.values();
			assert.deepEqual([call?.kind, call?.parentSessionId], ['subagent', uuid7(parentAtMs)]);
		});

		it('does not count the total with which a thread goes on from another file', async () => {
			const total = { input: 90_000, cached: 0, cacheWrite: 0, output: 900, reasoning: 0 };
			const child = new RolloutBuilder({ style: 'itemsFirst', atMs: childAtMs, total });
			child.header({ forked_from_id: uuid7(parentAtMs), history_base: { thread_id: uuid7(parentAtMs) } });
			child.event('task_started', { turn_id: uuid7(childAtMs + 50) }).tokenCount({ input: 9_035, output: 0 });
			child
				.user('Go on.')
				.call({ counts: { input: 3000, output: 30 } })
				.write(home);
			assert.deepEqual((await read()).tokens(), { calls: 1, input: 3000, output: 30, unknown: 0 });
		});

		it('leaves out what Codex took over from another agent’s session', async () => {
			const builder = rollout({ style: 'itemsFirst' }).turn('Theirs.', {}, { turnId: 'external-import-turn-1' });
			builder
				.call()
				.endTurn()
				.turn('Ours.')
				.call({ counts: { input: 3000, output: 30 } })
				.write(home);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 1, input: 3000, output: 30, unknown: 0 });
			assert.deepEqual(collected.skipped, { inherited: 1 });
		});

		it('counts a subagent whose counters start at zero in full', async () => {
			const child = new RolloutBuilder({ style: 'itemsFirst', atMs: childAtMs }).header(spawned);
			child.turn('Own.').call().call().write(home);
			assert.deepEqual((await read()).tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
		});
	});

	describe('places', () => {
		it('reads CODEX_HOME instead of ~/.codex', async () => {
			const builder = rollout().turn('Do it.').call();
			builder.write(join(home, 'elsewhere'));
			const env = { CODEX_HOME: join(home, 'elsewhere', '.codex') };
			assert.equal((await read({}, env)).calls.size, 1);
			assert.equal((await read()).calls.size, 0);
		});

		it('reads a folder that is named, be it a home of Codex or one with rollouts in it', async () => {
			const path = rollout().turn('Do it.').call().write(join(home, 'copied'));
			for (const folder of [join(home, 'copied/.codex'), join(home, 'copied/.codex/sessions'), join(path, '..')]) {
				const places = { ...placesAt(join(home, 'nobody')), customPlaces: { codex: [folder] } };
				assert.equal((await collect(new CodexSource(), places)).calls.size, 1, folder);
			}
		});

		it('reads an archived rollout, unless the same one is among the sessions', async () => {
			const source = new CodexSource();
			const builder = rollout().turn('Do it.').call();
			const path = builder.write(home);
			const archived = builder.write(home, 'archived_sessions');
			assert.deepEqual(
				(await unitsOf(source, placesAt(home))).map(({ key }) => key),
				[path],
			);
			const before = (await read()).tokens();
			rmSync(path);
			assert.deepEqual(
				(await unitsOf(source, placesAt(home))).map(({ key }) => key),
				[archived],
			);
			assert.deepEqual((await read()).tokens(), before);
		});

		it('reads a compressed rollout, unless the plain one is beside it', async () => {
			const builder = rollout();
			for (let turn = 0; turn < 50; turn++) builder.turn('Do it.').call().endTurn();
			const path = builder.write(home);
			const plain = (await read()).rows();
			writeFileSync(`${path}.zst`, zstdCompressSync(builder.text()));
			assert.deepEqual(
				(await unitsOf(new CodexSource(), placesAt(home))).map(({ key }) => key),
				[path],
			);
			rmSync(path);
			const compressed = (await read()).rows() as { origin: object }[];
			assert.equal(compressed.length, 50);
			const withoutRecord = (rows: unknown[]): string => JSON.stringify(rows).replaceAll(/"record":"[^"]*"/g, '');
			assert.equal(withoutRecord(compressed), withoutRecord(plain));
		});

		it('counts a damaged compressed rollout as one that cannot be read', async () => {
			const builder = rollout().turn('Do it.').call();
			const path = builder.write(home);
			rmSync(path);
			writeFileSync(`${path}.zst`, zstdCompressSync(builder.text()).subarray(0, 200));
			const source = new CodexSource();
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			await assert.rejects(source.read(unit, readAll));
		});

		it('passes over a link that leads out of the folder, and counts it', async () => {
			const builder = rollout().turn('Do it.').call();
			const path = builder.write(home);
			renameSync(path, join(home, 'outside.jsonl'));
			symlinkSync(join(home, 'outside.jsonl'), path);
			const collected = await read();
			assert.deepEqual([collected.calls.size, collected.skipped], [0, { outsideAgentFolder: 1 }]);
		});

		it('finds nothing where there is nothing', async () => {
			assert.equal(await new CodexSource().detect(placesAt(home)), null);
		});
	});

	describe('what is left out', () => {
		it('leaves out and counts a rollout of another workspace, once, however it grows', async () => {
			const builder = rollout().turn('Do it.').call();
			const path = builder.write(home);
			const source = new CodexSource();
			const collected = new Collected();
			const accepts = (): 'otherWorkspace' => 'otherWorkspace';
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			const cursor = await collected.read(source, unit, { accepts });
			const from = builder.lines.length;
			builder.turn('More.').call().append(path, from);
			const [grown] = await unitsOf(source, placesAt(home));
			assert.ok(grown);
			await collected.read(source, grown, { accepts, cursor });
			assert.deepEqual([collected.calls.size, collected.skipped], [0, { otherWorkspace: 1 }]);
		});

		it('takes a rollout for this workspace if any folder that Codex was given is in it', async () => {
			new RolloutBuilder()
				.header({ runtime_workspace_roots: ['/home/dev/project', '/home/dev/second'] })
				.turn('Do it.')
				.call()
				.write(home);
			const accepts = (folder: string | null) => (folder === '/home/dev/second' ? 'yes' : 'otherWorkspace');
			assert.equal((await read({ accepts })).calls.size, 1);
		});

		it('leaves out calls that are too old, and content that is, and still counts the former', async () => {
			const builder = rollout().turn('Old.').call().endTurn();
			const sinceMs = builder.nowMs;
			builder.turn('Newer.').call().endTurn();
			const contentSinceMs = builder.nowMs;
			const path = builder.turn('New.').call({ text: 'Here.' }).endTurn().write(home);
			utimesSync(path, new Date(), new Date(builder.nowMs));
			const { calls, responses, skipped } = await read({ metadataSinceMs: sinceMs, contentSinceMs });
			assert.deepEqual(skipped, { tooOld: 1 });
			assert.deepEqual(
				[...calls.values()].map(({ contentState, messages, messageCount }) => [
					contentState,
					messages.length,
					messageCount,
				]),
				[
					['off', 0, 3],
					['full', 5, 5],
				],
			);
			assert.deepEqual(
				[...responses.values()].map(({ completion }) => completion),
				[null, 'Here.'],
			);
		});

		it('finds the same calls when no content is wanted, with long lines unparsed', async () => {
			const builder = rollout();
			for (let turn = 0; turn < 5; turn++) {
				builder.turn(`${turn} ${'word '.repeat(1000)}`).cutCall('thought '.repeat(1000));
				builder.call({ text: 'answer '.repeat(1000) }).endTurn();
			}
			builder.write(home);
			const full = await read();
			const lean = await read({ contentSinceMs: Number.POSITIVE_INFINITY });
			assert.deepEqual(lean.tokens(), full.tokens());
			assert.equal(lean.tokens().unknown, 5);
			assert.deepEqual([...lean.calls.keys()], [...full.calls.keys()]);
			for (const { contentState, messages, systemPrompt } of lean.calls.values()) {
				assert.deepEqual([contentState, messages, systemPrompt], ['off', [], null]);
			}
		});

		it('counts a file of the time before counts as of an unknown version', async () => {
			const path = join(home, '.codex/sessions/2025/05/01/rollout-2025-05-01T12-00-00-x.jsonl');
			mkdirSync(join(path, '..'), { recursive: true });
			const lines = [
				{ id: 'x', timestamp: '2025-05-01T12:00:00Z' },
				{ type: 'message', role: 'user', content: [] },
			];
			writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
			assert.deepEqual((await read()).skipped, { unknownVersion: 1 });
		});
	});

	describe('damage', () => {
		it('reads around lines that are no JSON, not UTF-8 or of unknown kinds, and counts the first', async () => {
			const builder = rollout().turn('Do it.');
			builder.lines.push('{"timestamp":"2026', 'null', '[1,2]', '{"type":"event_msg"}');
			builder.line('something_new', { a: 1 }).event('something_newer').item({ type: 'newest_item' }).call();
			const path = builder.write(home);
			const bytes = Buffer.concat([Buffer.from(builder.text()), Buffer.from([0xff, 0xfe, 0x22, 0x0a])]);
			writeFileSync(path, bytes);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 1, input: 1000, output: 50, unknown: 0 });
			assert.deepEqual(collected.skipped, { malformed: 2 });
		});

		it('passes over a line of 100 MB in bounded memory, and counts it', async () => {
			const builder = rollout().turn('Do it.').call();
			const path = builder.write(home);
			const before = process.memoryUsage().rss;
			appendFileSync(path, '{"timestamp":"2026-11-21T12:00:09.000Z","type":"response_item","payload":{"type":"');
			const part = 'x'.repeat(1 << 20);
			for (let megabytes = 0; megabytes < 100; megabytes++) appendFileSync(path, part);
			appendFileSync(path, '"}}\n');
			const from = builder.lines.length;
			builder.call().append(path, from);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
			assert.deepEqual(collected.skipped, { malformed: 1 });
			assert.ok(process.memoryUsage().rss - before < 300 << 20);
		}).timeout(20_000);

		it('finds the calls of a rollout whose header is damaged by its name and its turns', async () => {
			const builder = rollout().turn('Do it.').call();
			builder.lines[0] = '{"timestamp":"2026-11-21T12:00:00Z","type":"session_meta","payl';
			builder.write(home);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 1, input: 1000, output: 50, unknown: 0 });
			const [call] = collected.calls.values();
			assert.deepEqual([call?.sessionId, call?.folder], [builder.id, '/home/dev/project']);
		});

		it('reads a file anew that was cut off and written again, and counts no call twice', async () => {
			const builder = rollout().turn('Do it.').call().endTurn().turn('More.').call().endTurn();
			const path = builder.write(home);
			const source = new CodexSource();
			const collected = new Collected();
			let cursor: string | null = null;
			for (const change of [() => {}, () => truncateSync(path, 700), () => void builder.write(home)]) {
				change();
				const [unit] = await unitsOf(source, placesAt(home));
				assert.ok(unit);
				cursor = await collected.read(source, unit, { cursor });
			}
			assert.deepEqual(collected.tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
		});

		it('says that a rollout is gone that was deleted after it was listed', async () => {
			const path = rollout().turn('Do it.').call().write(home);
			const source = new CodexSource();
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			rmSync(path);
			assert.deepEqual(await source.read(unit, readAll), { drafts: [], skipped: {}, cursor: null, stamp: '' });
		});
	});
});
