import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import {
	assistant,
	Follower,
	failure,
	type Gathered,
	gather,
	Home,
	readAll,
	unitsOf,
	usageOf,
	user,
} from './transcripts.ts';

const session = '-home-dev-project/s1.jsonl';

describe('reading a transcript of Claude Code', () => {
	let home: Home;
	beforeEach(() => {
		home = new Home();
	});
	afterEach(() => home.remove());

	/** The response of the only call in a session of one answer. */
	async function only(options: Parameters<typeof assistant>[0]) {
		home.write(session, [user('go'), assistant(options)]);
		const gathered = await gather(home);
		assert.equal(gathered.calls.size, 1);
		const [call] = gathered.calls.values();
		const [response] = gathered.responses.values();
		assert.ok(call && response);
		return { call, response, skipped: gathered.skipped };
	}

	describe('answers', () => {
		it('are one call each, however many lines they stand on; the largest total wins', async () => {
			const asked = user('go');
			const part = (output: number, stop: string | null) => assistant({ parent: asked, usage: usageOf(output), stop });
			home.write(session, [asked, part(1, null), part(120, 'end_turn'), part(4, null)]);
			const { calls, responses } = await gather(home);
			assert.equal(calls.size, 1);
			const [response] = responses.values();
			assert.deepEqual([response?.usage?.output, response?.usageBound], [120, 'exact']);
		});

		it('have at least the tokens of their lines while their end is not written', async () => {
			const { response } = await only({ stop: null, usage: usageOf(3) });
			assert.deepEqual([response.usage?.output, response.usageBound, response.state], [3, 'atLeast', 'ok']);
			assert.equal(response.usageNotes.length, 1);
		});

		it('are told apart by another name where the provider gives no id, and a request id', async () => {
			const asked = user('go');
			const one = assistant({ id: null, requestId: 'req_a', parent: asked });
			const two = assistant({ id: null, requestId: 'req_a', parent: one });
			const three = assistant({ id: null, requestId: 'req_b', parent: two });
			home.write(session, [asked, one, two, three]);
			assert.deepEqual((await gather(home)).ids, ['req_a', 'req_b']);
		});

		it('do not need a request id', async () => {
			const { call } = await only({ extra: { requestId: undefined } });
			assert.deepEqual([call.callId, call.aliases], ['claude-code:msg_1', ['msg_1']]);
		});

		it('of which nothing was counted have no usage, not none', async () => {
			const none = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
			for (const usage of [none, null]) {
				const { response } = await only({ usage });
				assert.deepEqual([response.usage, response.usageMissing, response.usageBound], [null, true, 'exact']);
			}
		});

		it('keep cache writes of 5 minutes and of 1 hour apart, and those of which that is not told', async () => {
			const told = (await only({})).response.usage;
			assert.deepEqual([told?.cacheWrite5m, told?.cacheWrite1h, told?.cacheWriteUnknownTtl], [200, 100, 0]);
			const { cache_creation: _, ...usage } = usageOf(50) as { cache_creation: object };
			const untold = (await only({ usage })).response.usage;
			assert.deepEqual([untold?.cacheWrite5m, untold?.cacheWrite1h, untold?.cacheWriteUnknownTtl], [null, null, 300]);
		});

		it('with web searches cost at least what their tokens cost', async () => {
			const usage = usageOf(50, { server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 } });
			const { response } = await only({ usage });
			assert.deepEqual(response.unpricedFees, ['web search']);
			const cost = priceCall({ ...response, atMs: response.endedAtMs }, builtInPrices());
			assert.equal(cost.bound, 'atLeast');
			assert.match(cost.notes.join(' '), /web search/);
		});

		it('tell the fast mode, batches and priority', async () => {
			const tier = async (more: object) => (await only({ usage: usageOf(50, more) })).response.serviceTier;
			assert.equal(await tier({ speed: 'standard' }), null);
			assert.equal(await tier({ speed: 'fast' }), 'fast');
			assert.equal(await tier({ service_tier: 'batch' }), 'batch');
			assert.equal(await tier({ service_tier: 'priority', speed: 'standard' }), 'priority');
		});

		it('include what a summary on the server cost', async () => {
			const iterations = [
				{ type: 'compaction', ...usageOf(40, { input_tokens: 9000 }) },
				{ type: 'message', ...usageOf(50) },
			];
			const { response } = await only({ usage: usageOf(50, { iterations }) });
			assert.deepEqual(
				[response.usage?.output, response.usage?.uncachedInput, response.usage?.cacheRead],
				[90, 9010, 4000],
			);
			assert.equal(response.usageNotes.length, 1);
		});

		it('name who served them', async () => {
			const targets: [string, string, string][] = [
				['claude-opus-4-6', 'msg_01A', 'anthropic'],
				['claude-sonnet-4-5-20250929', 'msg_bdrk_01A', 'aws'],
				['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'msg_01A', 'aws'],
				['claude-sonnet-4-5@20250929', 'msg_vrtx_01A', 'google'],
				['openrouter/anthropic/claude-sonnet-4.5', 'gen-1', 'openrouter'],
				['deepseek-chat', 'chatcmpl-1', 'deepseek'],
				['kimi-k2', 'x', 'moonshotai'],
				['house-model', 'x', 'unknown'],
			];
			for (const [model, id, provider] of targets) {
				const { call, response } = await only({ model, id });
				assert.deepEqual([call.model, call.provider, response.provider], [model, provider, provider], model);
				if (provider === 'unknown') continue;
				const cost = priceCall({ ...response, atMs: call.startedAtMs }, builtInPrices());
				assert.ok(cost.computedNanoUsd !== null, `${model} has a price`);
			}
		});

		it('know their branch and folder', async () => {
			const { call } = await only({ cwd: '/home/dev/project/sub' });
			assert.deepEqual([call.gitBranch, call.gitCommit, call.folder], ['main', null, '/home/dev/project/sub']);
			const detached = await only({ extra: { gitBranch: 'HEAD' } });
			assert.equal(detached.call.gitBranch, null);
		});

		it('last from the line that they answer to their last line, and no time is made up without one', async () => {
			const asked = user('go', { atMs: 1_000_000 });
			const lines = [1_004_000, 1_009_500].map((atMs) => assistant({ parent: asked, atMs }));
			home.write(session, [asked, ...lines]);
			const timed = (await gather(home)).response('msg_1');
			assert.deepEqual([timed.latencyMs, timed.timeToFirstTokenMs], [9_500, null]);
			home.write(session, lines);
			const untimed = await gather(home);
			assert.equal(untimed.response('msg_1').latencyMs, null);
			assert.equal(untimed.call('msg_1').startedAtMs, 1_004_000);
		});
	});

	describe('requests that went wrong', () => {
		it('have the error of the line after the part that came', async () => {
			const asked = user('go');
			const part = assistant({ parent: asked, usage: usageOf(3), stop: 'end_turn' });
			home.write(session, [asked, part, failure('API Error: 529 {"type":"overloaded_error"}', { parent: part })]);
			const { responses, skipped } = await gather(home);
			assert.equal(responses.size, 1);
			const [response] = responses.values();
			assert.deepEqual(
				[response?.state, response?.error?.status, response?.error?.code],
				['error', 529, 'server_error'],
			);
			assert.deepEqual([response?.usage?.output, response?.usageBound, response?.finishReason], [3, 'atLeast', null]);
			assert.deepEqual(skipped, {});
		});

		it('are counted as left out when nothing of an answer came', async () => {
			const asked = user('go');
			const note = failure('No response requested.', { parent: asked, extra: { isApiErrorMessage: false } });
			home.write(session, [asked, failure('API Error: 401', { parent: asked }), note]);
			const { calls, skipped } = await gather(home);
			assert.deepEqual([calls.size, skipped], [0, { noUsage: 1 }]);
		});

		it('are cancelled when the user stopped them, but not when a tool was refused', async () => {
			const asked = user('go');
			const cut = assistant({ id: 'msg_cut', parent: asked, stop: null });
			const whole = assistant({ id: 'msg_whole', stop: 'tool_use' });
			const stopped = user([{ type: 'text', text: '[Request interrupted by user]' }], { parent: cut });
			const refused = user([{ type: 'text', text: '[Request interrupted by user for tool use]' }], { parent: whole });
			home.write(session, [asked, cut, stopped, user('again'), whole, refused]);
			for (const contentSinceMs of [0, Number.MAX_SAFE_INTEGER]) {
				const gathered = await gather(home, { contentSinceMs });
				assert.deepEqual(
					[gathered.response('msg_cut').state, gathered.response('msg_whole').state],
					['cancelled', 'ok'],
				);
				assert.equal(gathered.response('msg_cut').usageBound, 'atLeast');
			}
		});
	});

	describe('prompts', () => {
		it('are what was said up to the call, with results of tools in place', async () => {
			const asked = user('go');
			const tools = [
				{ type: 'tool_use', id: 't1', name: 'Read', input: { path: 'a' } },
				{ type: 'tool_use', id: 't2', name: 'Bash', input: { command: 'ls' } },
			];
			const [thinking, first, second] = [
				[{ type: 'thinking', thinking: 'Hm.', signature: 'x' }],
				[tools[0]],
				[tools[1]],
			].map((content) => ({ content, stop: 'tool_use' }));
			const one = assistant({ ...thinking, parent: asked });
			const two = assistant({ ...first, parent: one });
			const result = user([{ type: 'tool_result', tool_use_id: 't1', content: 'text of a' }], { parent: two });
			// The second tool's line comes after the first one's result.
			const three = assistant({ ...second, parent: result });
			const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400) } };
			const other = user([{ type: 'tool_result', tool_use_id: 't2', content: [picture] }], { parent: three });
			home.write(session, [asked, one, two, result, three, other, assistant({ id: 'msg_2', parent: other })]);
			const gathered = await gather(home);
			assert.deepEqual(gathered.call('msg_1').messages, [{ role: 'user', content: 'go' }]);
			assert.deepEqual(gathered.call('msg_2').messages, [
				{ role: 'user', content: 'go' },
				{
					role: 'assistant',
					content: [{ type: 'reasoning', text: 'Hm.' }],
					toolCalls: [
						{ id: 't1', name: 'Read', arguments: { path: 'a' } },
						{ id: 't2', name: 'Bash', arguments: { command: 'ls' } },
					],
				},
				{ role: 'tool', toolCallId: 't1', content: 'text of a' },
				{ role: 'tool', toolCallId: 't2', content: [{ type: 'image', mime: 'image/png', bytes: 300 }] },
			]);
			const { completion, reasoning, toolCalls } = gathered.response('msg_1');
			assert.deepEqual([completion, reasoning, toolCalls.length], [null, 'Hm.', 2]);
			assert.equal(gathered.call('msg_2').messageCount, 4);
		});

		it('have all results of tools that ran at once, also those that are not on the way back', async () => {
			const asked = user('go');
			const use = (id: string) => [{ type: 'tool_use', id, name: 'Read', input: {} }];
			const one = assistant({ content: use('t1'), parent: asked });
			const two = assistant({ content: use('t2'), parent: one });
			const result = (id: string, parent: object) =>
				user([{ type: 'tool_result', tool_use_id: id, content: `result of ${id}` }], { parent });
			const [first, second] = [result('t1', one), result('t2', two)];
			home.write(session, [asked, one, two, first, second, assistant({ id: 'msg_2', parent: second })]);
			const { messages } = (await gather(home)).call('msg_2');
			assert.deepEqual(
				messages.map(({ role, toolCallId }) => toolCallId ?? role),
				['user', 'assistant', 't1', 't2'],
			);
		});

		it('leave out branches that the user went back from, and begin anew after a summary', async () => {
			const asked = user('go');
			const left = assistant({ id: 'msg_left', parent: asked });
			const lost = user('wrong way', { parent: left });
			const gone = assistant({ id: 'msg_gone', parent: lost });
			const back = user('another way', { parent: left });
			const kept = assistant({ id: 'msg_kept', parent: back });
			const summary = user('This session continues…', { extra: { isCompactSummary: true } });
			const next = user('on', { parent: summary });
			home.write(session, [
				asked,
				left,
				lost,
				gone,
				back,
				kept,
				summary,
				next,
				assistant({ id: 'msg_new', parent: next }),
			]);
			const gathered = await gather(home);
			const words = (id: string) => gathered.call(id).messages.map(({ content }) => content);
			assert.deepEqual(words('msg_gone'), ['go', 'Done.', 'wrong way']);
			assert.deepEqual(words('msg_kept'), ['go', 'Done.', 'another way']);
			assert.deepEqual(words('msg_new'), ['This session continues…', 'on']);
		});

		it('go on from the line before when a damaged one is missing', async () => {
			const asked = user('go');
			const lost = user('lost');
			home.write(session, [asked, '{"uuid":"broken\n', assistant({ parent: lost })]);
			const { messages } = (await gather(home)).call('msg_1');
			assert.deepEqual(messages, [{ role: 'user', content: 'go' }]);
		});

		it('are the same whether a session is read at once, page by page, or line by line after restarts', async () => {
			const lines: object[] = [];
			let parent = user('go');
			lines.push(parent);
			for (let turn = 0; turn < 300; turn++) {
				const use = [{ type: 'tool_use', id: `t${turn}`, name: 'Read', input: { turn } }];
				const said = assistant({ id: `msg_${turn}`, content: use, stop: 'tool_use', parent });
				const result = { type: 'tool_result', tool_use_id: `t${turn}`, content: `text ${turn}` };
				parent = user([result], { parent: said });
				lines.push(said, parent);
			}
			home.write(session, lines);
			const whole = await gather(home);
			assert.equal(whole.call('msg_299').messages.length, 599);
			home.write(session, lines.slice(0, 100));
			let follower = new Follower();
			for (let from = 100; from < lines.length; from += 50) {
				await follower.read(home.places());
				follower = follower.restarted();
				home.append(session, lines.slice(from, from + 50));
			}
			await follower.read(home.places());
			assert.deepEqual(follower.gathered.calls, whole.calls);
			assert.deepEqual(follower.gathered.responses, whole.responses);
		});

		it('issue 5: cost memory for new text alone: 200 calls share their messages', async () => {
			const lines: object[] = [];
			let parent = user('go');
			lines.push(parent);
			for (let turn = 0; turn < 200; turn++) {
				const said = assistant({ id: `msg_${turn}`, parent });
				parent = user(`${turn} ${'x'.repeat(3000)}`, { parent: said });
				lines.push(said, parent);
			}
			home.write(session, lines);
			const follower = new Follower();
			const [unit] = await unitsOf(follower.source, home.places());
			assert.ok(unit);
			const distinct = new Set<object>();
			let sent = 0;
			for (let cursor: string | null = null, more = true; more; ) {
				const reading = await follower.source.read(unit, { ...readAll, cursor });
				for (const draft of reading.drafts) {
					if (draft.eventType !== 'llm_call') continue;
					sent += draft.messages?.length ?? 0;
					for (const message of draft.messages ?? []) distinct.add(message);
				}
				cursor = reading.cursor;
				more = reading.more === true;
			}
			assert.equal(sent, 200 * 200);
			assert.ok(distinct.size <= 2 * 400, `${distinct.size} messages`);
		});

		it('are left out of calls from before the limit, and of all when content is not wanted', async () => {
			const old = user('old', { atMs: 1_000_000 });
			const recent = user('new', { atMs: 9_000_000 });
			const lines = [assistant({ id: 'msg_old', parent: old, atMs: 1_001_000 }), recent];
			home.write(session, [old, ...lines, assistant({ id: 'msg_new', parent: recent, atMs: 9_001_000 })]);
			const gathered = await gather(home, { contentSinceMs: 5_000_000 });
			assert.deepEqual([gathered.call('msg_old').contentState, gathered.response('msg_old').completion], ['off', null]);
			assert.deepEqual(
				[gathered.call('msg_new').contentState, gathered.response('msg_new').completion],
				['full', 'Done.'],
			);
			const bare = await gather(home, { contentSinceMs: Number.MAX_SAFE_INTEGER });
			assert.deepEqual(
				[...bare.calls.values()].map(({ messages, contentState }) => [messages.length, contentState]),
				[
					[0, 'off'],
					[0, 'off'],
				],
			);
		});

		it('have a title: the first words that the user typed', async () => {
			const lines = [
				{ type: 'summary', summary: 'Of another session', leafUuid: 'x' },
				user('<command-name>/clear</command-name>'),
				user('Caveat: …', { extra: { isMeta: true } }),
				user([{ type: 'text', text: '  Mend the tests ' }]),
				assistant(),
			];
			home.write(session, lines);
			assert.equal((await gather(home)).call('msg_1').title, 'Mend the tests');
		});
	});

	describe('copies', () => {
		const original = 'orig';
		function conversation() {
			const asked = user('go', { sessionId: original });
			const answer = assistant({ id: 'msg_old', parent: asked, sessionId: original });
			return [asked, answer];
		}
		const renamed = (lines: object[], sessionId: string, extra = {}) =>
			lines.map((each) => ({ ...each, sessionId, ...extra }));

		async function inEachOrder(check: (gathered: Gathered) => void): Promise<void> {
			for (const order of [1, -1]) {
				const follower = new Follower();
				await follower.read(home.places(), {}, (units) => (order === 1 ? units : units.reverse()));
				check(follower.gathered);
			}
		}

		it('of a resumed session are calls of the first, whichever is read first, also where nothing marks them', async () => {
			const lines = conversation();
			const resumed = assistant({ id: 'msg_new', sessionId: 'a-later' });
			home.write(`-p/${original}.jsonl`, lines);
			await new Promise((resolve) => setTimeout(resolve, 20));
			home.write('-p/a-later.jsonl', [...renamed(lines, 'a-later'), resumed]);
			await inEachOrder((gathered) => {
				assert.deepEqual(gathered.ids, ['msg_new', 'msg_old']);
				assert.equal(gathered.call('msg_old').sessionId, original);
				assert.equal(gathered.call('msg_new').sessionId, 'a-later');
				assert.deepEqual(gathered.skipped, { inherited: 1 });
			});
		});

		it('of a forked session are calls of the one that it was forked from', async () => {
			const lines = conversation();
			const forkedFrom = { sessionId: original, messageUuid: 'x' };
			home.write('-p/fork.jsonl', [
				...renamed(lines, 'fork', { forkedFrom }),
				assistant({ id: 'msg_new', sessionId: 'fork' }),
			]);
			const alone = await gather(home);
			assert.deepEqual(alone.ids, ['msg_new', 'msg_old']);
			assert.equal(alone.call('msg_old').sessionId, original, 'though its transcript is gone');
			home.write(`-p/${original}.jsonl`, lines);
			await inEachOrder((gathered) => {
				assert.deepEqual(gathered.ids, ['msg_new', 'msg_old']);
				assert.equal(gathered.call('msg_old').sessionId, original);
				assert.deepEqual(gathered.skipped, { inherited: 1 });
			});
		});

		it('in a subagent’s transcript are calls of the conversation that it was forked from', async () => {
			const lines = conversation();
			home.write(`-p/${original}.jsonl`, lines);
			const replayed = lines.map((each) => ({ ...each, isSidechain: true, agentId: 'a1' }));
			const own = assistant({ id: 'msg_agent', sessionId: original, agentId: 'a1' });
			home.write(`-p/${original}/subagents/agent-a1.jsonl`, [...replayed, own]);
			await inEachOrder((gathered) => {
				assert.deepEqual([...gathered.calls.values()].map(({ kind, sessionId }) => [kind, sessionId]).sort(), [
					['chat', original],
					['subagent', `${original}:a1`],
				]);
				assert.deepEqual(gathered.skipped, { inherited: 1 });
			});
		});

		it('of a sidechain within one transcript give way to the conversation’s own', async () => {
			const [asked, answer] = conversation();
			const replay = { ...answer, isSidechain: true, uuid: 'other' };
			const side = { ...assistant({ id: 'msg_side', sessionId: original }), isSidechain: true };
			home.write(`-p/${original}.jsonl`, [
				asked ?? {},
				answer ?? {},
				user('on'),
				assistant({ id: 'msg_2' }),
				replay,
				side,
			]);
			const { calls } = await gather(home);
			assert.deepEqual(
				[...calls.values()].map(({ callId, kind }) => [callId.slice('claude-code:'.length), kind]).sort(),
				[
					['msg_2', 'chat'],
					['msg_old', 'chat'],
					['msg_side', 'subagent'],
				],
			);
		});

		it('that only tell of a subagent’s progress count where its own transcript is missing', async () => {
			const told = assistant({ id: 'msg_agent', agentId: 'a1', usage: usageOf(77) });
			const { message, requestId, uuid, timestamp, type } = told as Record<string, unknown>;
			const data = { type: 'agent_progress', agentId: 'a1', message: { type, message, requestId, uuid, timestamp } };
			const progress = { ...user('x', { sessionId: original }), type: 'progress', message: undefined, data };
			home.write(`-p/${original}.jsonl`, [...conversation(), progress]);
			const alone = await gather(home);
			assert.deepEqual(alone.ids, ['msg_agent', 'msg_old']);
			const { kind, sessionId, parentSessionId } = alone.call('msg_agent');
			assert.deepEqual([kind, sessionId, parentSessionId], ['subagent', `${original}:a1`, original]);
			assert.equal(alone.response('msg_agent').usage?.output, 77);
			home.write(`-p/${original}/subagents/agent-a1.jsonl`, [user('look', { agentId: 'a1' }), told]);
			await inEachOrder((gathered) => {
				assert.deepEqual(gathered.ids, ['msg_agent', 'msg_old']);
				assert.deepEqual(gathered.skipped, {});
				assert.match(gathered.call('msg_agent').origin.record ?? '', /agent-a1\.jsonl/);
			});
		});

		it('in two configuration folders are one call', async () => {
			home.write(`-p/${original}.jsonl`, conversation());
			mkdirSync(join(home.path, '.config', 'claude', 'projects', '-p'), { recursive: true });
			writeFileSync(
				join(home.path, '.config', 'claude', 'projects', '-p', `${original}.jsonl`),
				conversation()
					.map((each) => `${JSON.stringify(each)}\n`)
					.join(''),
			);
			assert.deepEqual((await gather(home)).ids, ['msg_old']);
		});
	});

	describe('subagents', () => {
		const agent = '-p/s1/subagents/agent-a1.jsonl';
		const result = (usage: object) =>
			user([{ type: 'tool_result', tool_use_id: 't1', content: 'ok' }], {
				extra: { toolUseResult: { status: 'completed', agentId: 'a1', usage } },
			});

		it('have the final counts that the session notes, as soon as it does', async () => {
			let nowMs = Date.now();
			const follower = new Follower(() => nowMs);
			home.write('-p/s1.jsonl', [user('go')]);
			const unfinished = assistant({ id: 'msg_a', agentId: 'a1', usage: usageOf(3), stop: null, atMs: nowMs });
			home.write(agent, [user('look', { agentId: 'a1', atMs: nowMs - 500 }), unfinished]);
			const [unit] = (await unitsOf(follower.source, home.places())).filter(({ key }) => key.includes('agent-a1'));
			assert.ok(unit);
			await follower.readUnit(unit);
			assert.deepEqual(
				[follower.gathered.response('msg_a').usageBound, follower.recheckAtMs],
				['atLeast', nowMs + 1000],
			);
			home.append('-p/s1.jsonl', [result(usageOf(80))]);
			nowMs += 1000;
			await follower.readUnit(unit);
			const { usage, usageBound, usageNotes } = follower.gathered.response('msg_a');
			assert.deepEqual([usage?.output, usageBound, usageNotes.length], [80, 'exact', 1]);
			assert.equal(follower.recheckAtMs, null);
		});

		it('take no counts that are of another request', async () => {
			home.write('-p/s1.jsonl', [user('go'), result(usageOf(80, { input_tokens: 11 }))]);
			home.write(agent, [assistant({ id: 'msg_a', agentId: 'a1', usage: usageOf(3), stop: null })]);
			const { usage, usageBound } = (await gather(home)).response('msg_a');
			assert.deepEqual([usage?.output, usageBound], [3, 'atLeast']);
		});

		it('are not waited for once they are old', async () => {
			home.write('-p/s1.jsonl', [user('go')]);
			home.write(agent, [assistant({ id: 'msg_a', agentId: 'a1', stop: null, atMs: Date.now() - 2 * 60 * 60_000 })]);
			const follower = new Follower();
			await follower.read(home.places());
			assert.equal(follower.recheckAtMs, null);
		});

		it('of older versions lie beside the sessions', async () => {
			home.write('-p/s1.jsonl', [user('go'), result(usageOf(80))]);
			home.write('-p/agent-a1.jsonl', [assistant({ id: 'msg_a', agentId: 'a1', usage: usageOf(3), stop: null })]);
			const gathered = await gather(home);
			const { kind, sessionId, parentSessionId } = gathered.call('msg_a');
			assert.deepEqual([kind, sessionId, parentSessionId], ['subagent', 's1:a1', 's1']);
			assert.equal(gathered.response('msg_a').usage?.output, 80);
		});

		it('started by subagents find their final counts with those', async () => {
			home.write('-p/s1.jsonl', [user('go')]);
			home.write('-p/s1/subagents/agent-up.jsonl', [user('look', { agentId: 'up' }), result(usageOf(80))]);
			home.write(agent, [assistant({ id: 'msg_a', agentId: 'a1', usage: usageOf(3), stop: null })]);
			home.write('-p/s1/subagents/agent-a1.meta.json', [{ agentType: 'x', description: 'Deep down', spawnDepth: 2 }]);
			const gathered = await gather(home);
			assert.equal(gathered.response('msg_a').usage?.output, 80);
			assert.equal(gathered.call('msg_a').title, 'Deep down');
		});

		it('that sum up the conversation are its own calls, of kind condense', async () => {
			home.write('-p/s1.jsonl', [user('go'), assistant()]);
			const summing = assistant({ id: 'msg_c', agentId: 'acompact-01' });
			home.write('-p/s1/subagents/agent-acompact-01.jsonl', [user('go', { agentId: 'acompact-01' }), summing]);
			const { kind, sessionId, parentSessionId } = (await gather(home)).call('msg_c');
			assert.deepEqual([kind, sessionId, parentSessionId], ['condense', 's1', null]);
		});
	});

	describe('what belongs to the workspace', () => {
		const here = '/home/dev/project';
		const accepts = (folder: string | null) =>
			folder === null ? 'noFolder' : folder.startsWith(here) ? 'yes' : 'otherWorkspace';

		it('is told call by call, for a session may change its folder', async () => {
			const lines = [
				user('go'),
				assistant({ id: 'msg_1', cwd: '/elsewhere' }),
				assistant({ id: 'msg_2', cwd: `${here}/sub` }),
				assistant({ id: 'msg_3', cwd: '/elsewhere/too' }),
			];
			home.write(session, lines);
			for (const contentSinceMs of [0, Number.MAX_SAFE_INTEGER]) {
				const { ids, skipped } = await gather(home, { accepts, contentSinceMs });
				assert.deepEqual([ids, skipped], [['msg_2'], { otherWorkspace: 1 }]);
			}
		});

		it('has its prompts also when the session began elsewhere', async () => {
			const asked = user('go', { cwd: '/elsewhere' });
			const far = assistant({ id: 'msg_1', parent: asked, cwd: '/elsewhere' });
			const next = user('on', { parent: far, cwd: here });
			home.write(session, [asked, far, next, assistant({ id: 'msg_2', parent: next })]);
			const { call } = { call: (await gather(home, { accepts })).call('msg_2') };
			assert.deepEqual([call.contentState, call.messages.length], ['full', 3]);
		});

		it('is not known of a line without a folder, and a folder in a tool’s input is none', async () => {
			const content = [{ type: 'tool_use', id: 't', name: 'Bash', input: { cwd: '/elsewhere' } }];
			home.write(session, [
				user('go'),
				assistant({ id: 'msg_1', extra: { cwd: undefined } }),
				assistant({ id: 'msg_2', content }),
			]);
			for (const contentSinceMs of [0, Number.MAX_SAFE_INTEGER]) {
				const { ids, skipped } = await gather(home, { accepts, contentSinceMs });
				assert.deepEqual([ids, skipped.noFolder], [['msg_2'], 1]);
			}
		});

		it('counts a transcript of another workspace once, however often it grows', async () => {
			const follower = new Follower();
			home.write(session, [user('go', { cwd: '/x' }), assistant({ cwd: '/x' })]);
			await follower.read(home.places(), { accepts });
			home.append(session, [assistant({ id: 'msg_2', cwd: '/x' })]);
			await follower.read(home.places(), { accepts });
			assert.deepEqual([follower.gathered.calls.size, follower.gathered.skipped], [0, { otherWorkspace: 1 }]);
		});

		it('is no older than asked for', async () => {
			const old = [user('go', { atMs: 1000 }), assistant({ id: 'msg_1', atMs: 2000 })];
			home.write(session, [...old, user('on'), assistant({ id: 'msg_2' })]);
			const some = await gather(home, { metadataSinceMs: 1_000_000 });
			assert.deepEqual([some.ids, some.skipped], [['msg_2'], { tooOld: 1 }]);
			utimesSync(join(home.projects, session), 100, 100);
			const none = await gather(home, { metadataSinceMs: 1_000_000 });
			assert.deepEqual([none.ids, none.skipped], [[], { tooOld: 1 }]);
		});
	});

	describe('files that are not as they should be', () => {
		it('cost nothing but the lines that are damaged', async () => {
			const cut = JSON.stringify(assistant({ id: 'msg_cut' })).slice(0, 200);
			const odd = [
				'{"type":"assistant"}\n',
				'"text"\n',
				'null\n',
				'[]\n',
				'{"type":"assistant","message":5}\n',
				'{oops\n',
			];
			home.write(session, [user('go'), ...odd, assistant(), cut]);
			const { ids, skipped } = await gather(home);
			assert.deepEqual([ids, skipped], [['msg_1'], { malformed: 1 }]);
		});

		it('are read anew when they were cut or replaced, and counted once', async () => {
			const follower = new Follower();
			const lines = [user('go'), assistant(), '{oops\n', user('on'), assistant({ id: 'msg_2' })];
			const path = home.write(session, lines);
			await follower.read(home.places());
			const before = structuredClone([follower.gathered.calls, follower.gathered.responses]);
			truncateSync(path, 900);
			await follower.read(home.places());
			home.write(session, lines);
			await follower.read(home.places());
			writeFileSync(`${path}.new`, '');
			renameSync(`${path}.new`, path);
			await follower.read(home.places());
			home.append(session, lines);
			await follower.read(home.places());
			assert.deepEqual([follower.gathered.calls, follower.gathered.responses], before);
		});

		it('give no call that has neither a name nor a time', async () => {
			const bare = { id: null, extra: { requestId: undefined, uuid: undefined } };
			home.write(session, [assistant({ extra: { timestamp: 'soon' } }), assistant(bare), assistant({ id: 'msg_2' })]);
			const { ids, skipped } = await gather(home);
			assert.deepEqual([ids, skipped], [['msg_2'], { malformed: 2 }]);
		});

		it('that are gone say nothing', async () => {
			const path = home.write(session, [user('go'), assistant()]);
			const follower = new Follower();
			const [unit] = await unitsOf(follower.source, home.places());
			assert.ok(unit);
			unlinkSync(path);
			const reading = await follower.source.read(unit, readAll);
			assert.deepEqual([reading.drafts, reading.stamp], [[], '']);
		});

		it('issue 5: are not read where a link leads out of the agent’s folder', async () => {
			home.write(session, [user('go'), assistant()]);
			const outside = join(home.path, 'outside.jsonl');
			writeFileSync(outside, `${JSON.stringify(assistant({ id: 'msg_out' }))}\n`);
			symlinkSync(outside, join(home.projects, '-home-dev-project', 'link.jsonl'));
			const { ids, skipped } = await gather(home);
			assert.deepEqual([ids, skipped], [['msg_1'], { outsideAgentFolder: 1 }]);
		});
	});

	it('hands over nothing twice: only what a later line changed', async () => {
		const follower = new Follower();
		home.write(session, [
			user('go'),
			assistant({ id: 'msg_1' }),
			user('on'),
			assistant({ id: 'msg_2', stop: null, usage: usageOf(2) }),
		]);
		await follower.read(home.places());
		assert.equal(follower.gathered.drafts, 4);
		await follower.read(home.places());
		assert.equal(follower.gathered.drafts, 4);
		home.append(session, [assistant({ id: 'msg_2', usage: usageOf(90) })]);
		await follower.read(home.places());
		assert.equal(follower.gathered.drafts, 6);
		assert.deepEqual(
			[follower.gathered.response('msg_2').usage?.output, follower.gathered.response('msg_2').usageBound],
			[90, 'exact'],
		);
	});
});
