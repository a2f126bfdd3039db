import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallDraft, ResponseDraft } from '../../../../src/core/draft.ts';
import { CopilotChatSource } from '../../../../src/sources/copilot-chat/copilot-chat-source.ts';
import type { Places, ReadOptions, RecordUnit, UnitReading } from '../../../../src/sources/source.ts';
import { parsed, placesAt, readAll, remove, temporaryFolder, unitsOf } from '../kilo-db/agent-database.ts';
import { costOf } from '../served-truth.ts';
import { LogBuilder } from './log-builder.ts';

describe('debug logs of Copilot Chat (constructed)', () => {
	let home: string;
	let user: string;
	let places: Places;
	let source: CopilotChatSource;

	beforeEach(() => {
		home = temporaryFolder();
		user = join(home, '.config/Code/User');
		mkdirSync(join(user, 'globalStorage'), { recursive: true });
		places = { ...placesAt(home), globalStorage: [join(user, 'globalStorage')] };
		source = new CopilotChatSource();
	});
	afterEach(() => remove(home));

	async function unitAt(path: string): Promise<RecordUnit> {
		const unit = await source.unitAt(path, places);
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

	function log(sessionId = 'session-1', workspace = 'hash1'): LogBuilder {
		const builder = new LogBuilder(join(user, 'workspaceStorage', workspace), sessionId);
		return builder
			.workspace({ folder: pathToFileURL('/home/dev/project').href })
			.start()
			.user('Explain this\nplease');
	}

	describe('where they are', () => {
		it('are found in the storage of each workspace, and in that of windows without one', async () => {
			const one = log();
			one.request();
			const other = log('session-2', 'hash2');
			other.request();
			const paths = [one.write(), one.write('title-child-1.jsonl'), other.write()];
			const global = new LogBuilder(join(user, 'globalStorage'), 'session-3').start();
			const path = join(user, 'globalStorage/github.copilot-chat/debug-logs/session-3/main.jsonl');
			mkdirSync(join(path, '..'), { recursive: true });
			writeFileSync(path, global.text);
			mkdirSync(join(user, 'workspaceStorage/hash1/other.extension/debug-logs/x'), { recursive: true });
			writeFileSync(join(user, 'workspaceStorage/hash1/other.extension/debug-logs/x/main.jsonl'), '{}');
			writeFileSync(join(one.folder, 'models.json'), '[]');
			const units = await unitsOf(source, places);
			assert.deepEqual(units.map(({ key }) => key).sort(), [...paths, path].sort());
			assert.equal((await source.detect(places))?.units, 4);
		});

		it('are those of the whole editor, also when a profile is in use', async () => {
			const builder = log();
			builder.request();
			const path = builder.write();
			const profile = join(user, 'profiles/abc/globalStorage');
			mkdirSync(profile, { recursive: true });
			const units = await unitsOf(source, { ...places, globalStorage: [profile] });
			assert.deepEqual(
				units.map(({ key }) => key),
				[path],
			);
		});

		it('are not followed out of the storage by a link', async () => {
			if (process.platform === 'win32') return;
			const outside = temporaryFolder();
			const builder = log();
			builder.request();
			writeFileSync(join(outside, 'main.jsonl'), builder.text);
			mkdirSync(builder.folder, { recursive: true });
			symlinkSync(join(outside, 'main.jsonl'), join(builder.folder, 'main.jsonl'));
			const [unit] = await unitsOf(source, places);
			assert.ok(unit);
			assert.deepEqual((await source.read(unit, readAll)).skipped, { outsideAgentFolder: 1 });
			remove(outside);
		});
	});

	describe('calls', () => {
		it('have their counts, times and answer', async () => {
			const builder = log();
			builder.request();
			const [pair] = known((await read(builder.write())).drafts);
			const { call, response } = pair ?? {};
			assert.deepEqual(
				[call?.sessionId, call?.title, call?.kind, call?.model, call?.provider, call?.origin.billing, call?.folder],
				['session-1', 'Explain this', 'chat', 'gpt-5', 'github-copilot', 'subscription', '/home/dev/project'],
			);
			assert.deepEqual(call?.messages, [{ role: 'user', content: 'Do it' }]);
			assert.deepEqual(response?.usage, {
				inputTotal: 1000,
				uncachedInput: 600,
				cacheRead: 400,
				cacheWrite5m: null,
				cacheWrite1h: null,
				cacheWriteUnknownTtl: null,
				output: 50,
				reasoning: null,
			});
			assert.deepEqual(
				[response?.latencyMs, response?.timeToFirstTokenMs, response?.completion, response?.state],
				[500, 120, 'Done', 'ok'],
			);
			assert.equal((response?.endedAtMs ?? 0) - (call?.startedAtMs ?? 0), 500);
		});

		it('cost a least where writing a cache costs more and nothing tells of it', async () => {
			const builder = log();
			builder.request({ model: 'claude-sonnet-4.5' });
			builder.request({ model: 'gpt-5' });
			const [claude, gpt] = known((await read(builder.write())).drafts);
			assert.ok(claude?.response && gpt?.response);
			assert.equal(costOf(claude.response, builder.nowMs).bound, 'atLeast');
			assert.deepEqual(
				[costOf(gpt.response, builder.nowMs).bound, costOf(gpt.response, builder.nowMs).computedNanoUsd],
				['exact', 600 * 1_250 + 400 * 125 + 50 * 10_000],
			);
		});

		it('have the cost that Copilot charged in AI credits', async () => {
			const builder = log();
			builder.request({ copilotUsageNanoAiu: 1_500_000_000 });
			builder.request({ copilotUsageNanoAiu: 0 });
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ response }) => [
					response?.reportedCostUsd,
					response?.reportedBy,
				]),
				[
					[0.015, 'provider'],
					[null, null],
				],
			);
		});

		it('that failed have their error, and no usage to miss', async () => {
			const builder = log();
			const counts = { inputTokens: undefined, outputTokens: undefined, cachedTokens: undefined };
			builder.request({ ...counts, error: 'Rate limited' }, null, { status: 'error' });
			builder.request({ ...counts }, null);
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ response }) => [
					response?.state,
					response?.error?.message,
					response?.usageMissing,
				]),
				[
					['error', 'Rate limited', false],
					['ok', undefined, true],
				],
			);
		});

		it('are of the kind that their names tell', async () => {
			const builder = log();
			const names = [
				'panel/editAgent',
				'title',
				'summarizeConversationHistory-full',
				'categorization',
				'tool/runSubagent',
			];
			for (const debugName of names) builder.request({ debugName }, null);
			assert.deepEqual(
				known((await read(builder.write())).drafts).map(({ call }) => call?.kind),
				['chat', 'title', 'condense', 'chat', 'subagent'].map((kind, nth) => (nth === 3 ? 'tool' : kind)),
			);
		});

		it('of a log beside the main one belong to its session, those of a subagent to one of their own', async () => {
			const title = log('child-1');
			title.request({ debugName: undefined });
			const agent = log('child-2');
			agent.request({ debugName: undefined });
			const main = log();
			main.write();
			const readings = [
				await read(main.write('title-child-1.jsonl', title.text)),
				await read(main.write('runSubagent-child-2.jsonl', agent.text)),
			];
			assert.deepEqual(
				readings.map(({ drafts }) => {
					const call = known(drafts)[0]?.call;
					return [call?.kind, call?.sessionId, call?.parentSessionId, call?.title];
				}),
				[
					['title', 'session-1', null, null],
					['subagent', 'child-2', 'session-1', null],
				],
			);
		});

		it('have the system prompt and the tools that lie beside the log', async () => {
			const builder = log()
				.companion('system_prompt_0.json', [{ type: 'text', content: 'You are Copilot.' }])
				.companion('tools_0.json', [
					{ type: 'function', name: 'read_file', description: 'Reads', parameters: { type: 'object' } },
					{ function: { name: 'run' } },
				]);
			builder.request({ systemPromptFile: 'system_prompt_0.json', toolsFile: 'tools_0.json' });
			builder.request({ systemPromptFile: '../../../../secret.json', toolsFile: 'tools_9.json' });
			const pairs = known((await read(builder.write())).drafts);
			assert.deepEqual(
				pairs.map(({ call }) => [call?.systemPrompt, call?.tools.map(({ name }) => name), call?.messageCount]),
				[
					['You are Copilot.', ['read_file', 'run'], 2],
					[null, [], 1],
				],
			);
		});

		it('have tool calls and their results in the prompt', async () => {
			const inputMessages = JSON.stringify([
				{ role: 'user', parts: [{ type: 'text', content: 'Read a' }] },
				{
					role: 'assistant',
					parts: [
						{ type: 'reasoning', content: 'Hm' },
						{ type: 'tool_call', id: 't1', name: 'read', arguments: '{"path":"a"}' },
					],
				},
				{ role: 'tool', parts: [{ type: 'tool_call_response', id: 't1', response: { text: 'A' } }] },
			]);
			const builder = log();
			builder.request({ inputMessages });
			const [pair] = known((await read(builder.write())).drafts);
			assert.deepEqual(pair?.call?.messages, [
				{ role: 'user', content: 'Read a' },
				{
					role: 'assistant',
					content: [{ type: 'reasoning', text: 'Hm' }],
					toolCalls: [{ id: 't1', name: 'read', arguments: { path: 'a' } }],
				},
				{ role: 'tool', toolCallId: 't1', content: '{"text":"A"}' },
			]);
		});

		it('keep what is left of a prompt or an answer that was cut off', async () => {
			const builder = log();
			const span = builder.request({ inputMessages: '[{"role":"user","parts":[{"type":"te' }, null);
			builder.entry(
				'agent_response',
				{ response: '[{"role":"assis', reasoning: 'Why' },
				{ spanId: `agent-msg-${span}` },
			);
			const [pair] = known((await read(builder.write())).drafts);
			assert.deepEqual(
				[pair?.call?.contentState, pair?.call?.messageCount, pair?.response?.completion, pair?.response?.reasoning],
				['none', null, '[{"role":"assis', 'Why'],
			);
			assert.equal(pair?.response?.usage?.inputTotal, 1000);
		});
	});

	describe('the workspace', () => {
		async function foldersAsked(about: object | null, builder = log()): Promise<(string | null)[]> {
			if (about !== null) builder.workspace(about);
			builder.request();
			const asked: (string | null)[] = [];
			await read(builder.write(), {
				accepts: (folder) => {
					asked.push(folder);
					return folder === null ? 'noFolder' : 'otherWorkspace';
				},
			});
			return [...new Set(asked)];
		}

		it('is the folder that its storage names, also one on another machine', async () => {
			assert.deepEqual(await foldersAsked({ folder: 'file:///home/dev/my%20project' }), ['/home/dev/my project']);
			assert.deepEqual(await foldersAsked({ folder: 'vscode-remote://ssh-remote%2Bhost/srv/app' }), ['/srv/app']);
		});

		it('is any of the folders that a workspace file names', async () => {
			const file = join(home, 'dev/all.code-workspace');
			mkdirSync(join(home, 'dev'), { recursive: true });
			writeFileSync(file, '{\n// both\n"folders": [{ "path": "one" }, { "path": "/abs//two" },],\n}');
			const about = { workspace: pathToFileURL(file).href };
			assert.deepEqual(await foldersAsked(about), [join(home, 'dev/one'), '/abs//two']);
			const builder = log().workspace(about);
			builder.request();
			const accepts = (folder: string | null) =>
				folder === '/abs//two' ? ('yes' as const) : ('otherWorkspace' as const);
			assert.deepEqual(
				known((await read(builder.write(), { accepts })).drafts).map(({ call }) => call?.folder),
				['/abs//two'],
			);
		});

		it('is named in the prompt where the storage tells nothing', async () => {
			const builder = log().workspace({});
			const content = 'I am working in a workspace with the following folders:\n- /home/dev/told \nmore';
			builder.request({ inputMessages: JSON.stringify([{ role: 'user', parts: [{ type: 'text', content }] }]) });
			assert.deepEqual(await foldersAsked(null, builder), [null, '/home/dev/told']);
			assert.deepEqual(await foldersAsked({}), [null]);
		});

		it('of another window is left out, and counted', async () => {
			const builder = log();
			builder.request();
			const reading = await read(builder.write(), { accepts: () => 'otherWorkspace' });
			assert.deepEqual([reading.drafts, reading.skipped], [[], { otherWorkspace: 1 }]);
		});
	});

	describe('reading', () => {
		function long(): LogBuilder {
			const builder = log();
			for (let nth = 0; nth < 8; nth++) {
				builder.request({ inputTokens: 1000 + nth }, `Answer ${nth} é`);
				builder.entry('tool_call', { args: '{}', result: 'x'.repeat(50) });
			}
			return builder;
		}
		const summary = (drafts: UnitReading['drafts']): unknown[] =>
			known(drafts)
				.map(({ call, response }) => [call?.callId, call?.messages, response?.usage?.inputTotal, response?.completion])
				.sort();

		it('gives the same wherever it was divided, with a reader that remembers and one that starts again', async () => {
			const builder = long();
			const whole = Buffer.from(builder.text);
			const path = builder.write();
			const expected = summary((await read(path)).drafts);
			assert.equal(expected.length, 8);
			for (let cut = 0; cut < whole.length; cut += 97) {
				for (const isRestarted of [false, true]) {
					writeFileSync(path, whole.subarray(0, cut));
					const first = await read(path);
					writeFileSync(path, whole);
					if (isRestarted) source = new CopilotChatSource();
					const second = await read(path, { cursor: first.cursor });
					assert.deepEqual(summary([...first.drafts, ...second.drafts]), expected, `cut at ${cut}`);
				}
			}
		});

		it('counts nothing twice when the log was cut at its head, as it is when it grows large', async () => {
			const builder = long();
			const path = builder.write();
			const first = await read(path);
			const more = builder.lines.slice(-9);
			builder.lines = more;
			builder.request({ inputTokens: 5 }, 'New');
			builder.write();
			const second = await read(path, { cursor: first.cursor });
			assert.equal(known([...first.drafts, ...second.drafts]).length, 9);
		});

		it('leaves out what is too old, once, and content from before its time', async () => {
			const builder = log();
			builder.request();
			const since = builder.nowMs + 1;
			builder.request();
			const path = builder.write();
			const first = await read(path, { metadataSinceMs: since });
			assert.deepEqual([known(first.drafts).length, first.skipped], [1, { tooOld: 1 }]);
			assert.deepEqual((await read(path, { metadataSinceMs: since, cursor: first.cursor })).skipped, {});
			assert.deepEqual(
				known((await read(path, { contentSinceMs: since })).drafts).map(({ call, response }) => [
					call?.contentState,
					call?.messages.length,
					response?.completion,
				]),
				[
					['off', 0, null],
					['full', 1, 'Done'],
				],
			);
			const unit = await unitAt(path);
			const bare = await source.read(unit, { ...readAll, contentSinceMs: unit.changedAtMs + 1 });
			assert.deepEqual(
				known(bare.drafts).map(({ response }) => [response?.completion, response?.usage?.inputTotal]),
				[
					[null, 1000],
					[null, 1000],
				],
			);
		});

		it('goes on behind what is damaged, and counts it', async () => {
			const builder = log();
			builder.request();
			builder.lines.push(
				'{"type":',
				'5',
				'{"ts":1}',
				JSON.stringify({ ts: 1, type: 'llm_request', spanId: 's', attrs: {} }),
			);
			builder.request();
			const reading = await read(builder.write());
			assert.deepEqual([known(reading.drafts).length, reading.skipped], [2, { malformed: 4 }]);
		});
	});
});
