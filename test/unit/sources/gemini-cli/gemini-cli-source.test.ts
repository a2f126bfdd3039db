import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GeminiCliSource } from '../../../../src/sources/gemini-cli/gemini-cli-source.ts';
import { projectHash } from '../../../../src/sources/gemini-cli/project-folder.ts';
import type { ReadOptions } from '../../../../src/sources/source.ts';
import { type Collected, collect, placesAt, readAll, remove, temporaryFolder, unitsOf } from '../folded/reading.ts';
import { ChatBuilder } from './chat-builder.ts';

describe('reading chats of Gemini CLI', () => {
	let home: string;
	beforeEach(() => {
		home = temporaryFolder();
	});
	afterEach(() => remove(home));

	const read = (options: Partial<ReadOptions> = {}, env = {}): Promise<Collected> =>
		collect(new GeminiCliSource(), placesAt(home, env), options);
	const chat = (options: ConstructorParameters<typeof ChatBuilder>[0] = {}): ChatBuilder =>
		new ChatBuilder(options).head();

	for (const form of ['jsonl', 'json']) {
		describe(`in the form of .${form}`, () => {
			it('has the counts of a call: input with the cache in it, and thoughts as output', async () => {
				const tokens = { input: 5000, cached: 3000, output: 40, thoughts: 25, tool: 100 };
				chat().user('Do it.').answer({ tokens }).write(home, { form });
				const [response] = (await read()).responses.values();
				assert.deepEqual(response?.usage, {
					inputTotal: 5100,
					uncachedInput: 2100,
					cacheRead: 3000,
					cacheWrite5m: null,
					cacheWrite1h: null,
					cacheWriteUnknownTtl: null,
					output: 65,
					reasoning: 25,
				});
			});

			it('counts a message that is written again for its tools once, with what was asked of them', async () => {
				const tool = { name: 'read_file', args: { path: 'a.md' }, output: 'text of a' };
				chat().user('Read it.').answer({ text: 'I will.', thought: 'To read.', tool }).answer().write(home, { form });
				const collected = await read();
				assert.deepEqual(collected.tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
				const [first] = collected.responses.values();
				assert.deepEqual(
					[first?.completion, first?.reasoning, first?.toolCalls.map(({ name, arguments: args }) => [name, args])],
					['I will.', 'To read.', [['read_file', { path: 'a.md' }]]],
				);
				const second = [...collected.calls.values()][1];
				const [asked] = second?.messages[1]?.toolCalls ?? [];
				assert.deepEqual(second?.messages, [
					{ role: 'user', content: 'Read it.' },
					{ role: 'assistant', content: 'I will.', toolCalls: [asked] },
					{ role: 'tool', toolCallId: asked?.id, content: 'text of a' },
				]);
			});

			it('keeps a call whose stream had no counts, of unknown tokens', async () => {
				chat()
					.user('Do it.')
					.answer({ tokens: null })
					.answer({ tokens: { input: 0, output: 0 } })
					.write(home, { form });
				const { responses } = await read();
				for (const { usage, usageMissing, state } of responses.values()) {
					assert.deepEqual([usage, usageMissing, state], [null, true, 'ok']);
				}
				assert.equal(responses.size, 2);
			});

			it('has the model of each call, its session, and the first words as its title', async () => {
				const builder = chat()
					.user('<session_context>\nToday is Friday.\n</session_context>')
					.user('Fix the bug\nplease');
				builder.answer().answer({ model: 'gemini-3-flash' }).write(home, { form });
				const calls = [...(await read()).calls.values()];
				assert.deepEqual(
					calls.map(({ model, sessionId, title, provider, kind }) => [model, sessionId, title, provider, kind]),
					[
						['gemini-2.5-pro', 'session-1', 'Fix the bug', 'google', 'chat'],
						['gemini-3-flash', 'session-1', 'Fix the bug', 'google', 'chat'],
					],
				);
			});

			it('leaves out calls that are too old, and content that is', async () => {
				const builder = chat().user('Old.').answer();
				const metadataSinceMs = builder.nowMs;
				builder.user('Newer.').answer();
				const contentSinceMs = builder.nowMs;
				const path = builder.user('New.').answer({ text: 'Here.' }).write(home, { form });
				utimesSync(path, new Date(), new Date(builder.nowMs));
				const { calls, responses, skipped } = await read({ metadataSinceMs, contentSinceMs });
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

			it('counts a chat of another workspace once', async () => {
				chat().user('Do it.').answer().write(home, { form });
				mkdirSync(join(home, '.gemini'), { recursive: true });
				writeFileSync(
					join(home, '.gemini/projects.json'),
					JSON.stringify({ projects: { '/home/dev/project': 'project' } }),
				);
				const collected = await read({ accepts: () => 'otherWorkspace' });
				assert.deepEqual([collected.calls.size, collected.skipped], [0, { otherWorkspace: 1 }]);
			});
		});
	}

	it('keeps a call once that is in an older chat and in the one that went on from it', async () => {
		const builder = chat().user('Do it.').answer();
		builder.write(home, { form: 'json' });
		builder.user('More.').answer().write(home, { form: 'jsonl' });
		assert.deepEqual((await read()).tokens(), { calls: 2, input: 2000, output: 100, unknown: 0 });
	});

	it('never lets fewer tokens take the place of more for the same call', async () => {
		const builder = chat().user('Do it.');
		builder.answer({ id: 'one', tokens: { input: 1000, output: 40 } });
		const tool = { name: 'ls', args: {}, output: 'a' };
		builder.answer({ id: 'one', tokens: { input: 900, output: 1 }, tool }).answer({ id: 'one', tokens: null });
		builder
			.answer({ id: 'two', tokens: null })
			.answer({ id: 'two', tokens: { input: 70, output: 7 } })
			.write(home);
		assert.deepEqual((await read()).tokens(), { calls: 2, input: 1070, output: 47, unknown: 0 });
	});

	describe('a history that is changed', () => {
		it('shows what was left for later calls, and takes the CLI’s own summary for no call', async () => {
			const builder = chat().user('First.').answer({ id: 'a', text: 'One.' });
			const kept = JSON.parse(builder.lines.find((line) => line.includes('"id":"a"')) ?? '{}');
			const summary = { id: 's', timestamp: kept.timestamp, type: 'user', content: [{ text: 'A summary.' }] };
			const reply = { id: 'g', timestamp: kept.timestamp, type: 'gemini', content: [{ text: 'Got it.' }] };
			builder
				.record({ $set: { messages: [summary, reply] } })
				.user('Second.')
				.answer()
				.write(home);
			const { calls } = await read();
			assert.deepEqual(
				[...calls.values()].map(({ messages }) => messages.map(({ content }) => content)),
				[['First.'], ['A summary.', 'Got it.', 'Second.']],
			);
		});

		it('shows a prompt without what the user took back, and keeps what was called', async () => {
			const builder = chat().user('First.').answer().user('Wrong.');
			const wrong = JSON.parse(builder.lines.find((line) => line.includes('Wrong.')) ?? '{}');
			builder.answer().record({ $rewindTo: wrong.id }).user('Right.').answer().write(home);
			const prompts = [...(await read()).calls.values()].map(({ messages }) => messages.map(({ content }) => content));
			assert.deepEqual(prompts, [['First.'], ['First.', 'Done.', 'Wrong.'], ['First.', 'Done.', 'Right.']]);
		});
	});

	it('nests a subagent’s calls under the session that started it', async () => {
		new ChatBuilder({ sessionId: 'child' })
			.head({ kind: 'subagent' })
			.user('Look.')
			.answer()
			.write(home, { parent: 'session-1' });
		const [call] = (await read()).calls.values();
		assert.deepEqual([call?.kind, call?.parentSessionId, call?.sessionId], ['subagent', 'session-1', 'child']);
	});

	describe('the project’s folder', () => {
		const folders = (collected: Collected): (string | null)[] =>
			[...collected.calls.values()].map(({ folder }) => folder);

		it('is the one that the CLI noted beside the chats', async () => {
			chat().user('Do it.').answer().write(home);
			writeFileSync(join(home, '.gemini/tmp/project/.project_root'), '/home/dev/project');
			assert.deepEqual(folders(await read()), ['/home/dev/project']);
		});

		it('is the one in the CLI’s list of projects', async () => {
			chat().user('Do it.').answer().write(home, { project: 'slug' });
			const projects = { '/home/dev/other': 'other', '/home/dev/project': 'slug' };
			writeFileSync(join(home, '.gemini/projects.json'), JSON.stringify({ projects }));
			assert.deepEqual(folders(await read()), ['/home/dev/project']);
		});

		it('is the workspace’s whose hash the chat has, where nothing else tells', async () => {
			chat()
				.user('Do it.')
				.answer()
				.write(home, { project: projectHash('/home/dev/project') });
			const accepts: ReadOptions['accepts'] = (folder) =>
				folder === null ? 'noFolder' : folder === '/home/dev/project' ? 'yes' : 'otherWorkspace';
			const here = await read({ accepts, folders: ['/home/dev/else', '/home/dev/project'] });
			assert.deepEqual(folders(here), ['/home/dev/project']);
			const elsewhere = await read({ accepts, folders: ['/home/dev/else'] });
			assert.deepEqual([elsewhere.calls.size, elsewhere.skipped], [0, { noFolder: 1 }]);
		});

		it('is the one around a file that the chat names, if its hash is the chat’s', async () => {
			const tool = { name: 'read_file', args: { path: '/home/dev/project/src/a.ts' }, output: '' };
			chat().user('Do it.').answer({ tool }).answer().write(home);
			assert.deepEqual(folders(await read()), ['/home/dev/project', '/home/dev/project']);
			const said = "I'm currently working in the directory: /home/dev/said";
			new ChatBuilder({ sessionId: 's2', folder: '/home/dev/said' }).head().user(said).answer().write(home);
			assert.ok(folders(await read()).includes('/home/dev/said'));
		});

		it('is not made up where the chat only names other files', async () => {
			const tool = { name: 'read_file', args: { path: '/etc/hosts' }, output: '' };
			chat().user('Do it.').answer({ tool }).write(home);
			assert.deepEqual(folders(await read()), [null]);
		});
	});

	describe('places', () => {
		it('reads GEMINI_CLI_HOME instead of the home folder', async () => {
			chat().user('Do it.').answer().write(join(home, 'elsewhere'));
			assert.equal((await read({}, { GEMINI_CLI_HOME: join(home, 'elsewhere') })).calls.size, 1);
			assert.equal((await read()).calls.size, 0);
		});

		it('reads a folder that is named, be it the CLI’s own or one with projects in it', async () => {
			chat().user('Do it.').answer().write(join(home, 'copied'));
			for (const folder of [join(home, 'copied/.gemini'), join(home, 'copied/.gemini/tmp')]) {
				const places = { ...placesAt(join(home, 'nobody')), customPlaces: { 'gemini-cli': [folder] } };
				assert.equal((await collect(new GeminiCliSource(), places)).calls.size, 1, folder);
			}
		});

		it('reads nothing else that the CLI keeps beside its chats', async () => {
			chat().user('Do it.').answer().write(home);
			for (const path of [
				'tmp/project/logs.json',
				'tmp/project/checkpoints/a.json',
				'tmp/bin/chats/a.json',
				'a.json',
			]) {
				mkdirSync(join(home, '.gemini', path, '..'), { recursive: true });
				writeFileSync(join(home, '.gemini', path), '{}');
			}
			assert.equal((await unitsOf(new GeminiCliSource(), placesAt(home))).length, 1);
		});

		it('passes over a link that leads out of the folder, and counts it', async () => {
			const path = chat().user('Do it.').answer().write(home);
			renameSync(path, join(home, 'outside.jsonl'));
			symlinkSync(join(home, 'outside.jsonl'), path);
			const collected = await read();
			assert.deepEqual([collected.calls.size, collected.skipped], [0, { outsideAgentFolder: 1 }]);
		});
	});

	describe('damage', () => {
		it('reads around lines that are no JSON or of unknown kinds, and counts the first', async () => {
			const builder = chat().user('Do it.');
			builder.lines.push('{"id":"x","ty', '7', '{"$set":7}', '{"$new":{}}', '{"id":"y","type":"info","content":"Hi."}');
			builder.answer().write(home);
			const collected = await read();
			assert.deepEqual(collected.tokens(), { calls: 1, input: 1000, output: 50, unknown: 0 });
			assert.deepEqual(collected.skipped, { malformed: 1 });
		});

		it('counts an object that is half written as one that cannot be read, until it is whole', async () => {
			const builder = chat().user('Do it.').answer();
			const path = builder.write(home, { form: 'json' });
			truncateSync(path, 200);
			const source = new GeminiCliSource();
			const [half] = await unitsOf(source, placesAt(home));
			assert.ok(half);
			const first = await source.read(half, readAll);
			assert.deepEqual([first.drafts, first.skipped], [[], { unreadable: 1 }]);
			builder.write(home, { form: 'json' });
			const [unit] = await unitsOf(source, placesAt(home));
			assert.ok(unit);
			assert.notEqual(unit.stamp, first.stamp);
			const second = await source.read(unit, { ...readAll, cursor: first.cursor });
			assert.deepEqual([second.drafts.length, second.skipped], [2, {}]);
		});

		it('hands over only what is new of an object that is written anew', async () => {
			const builder = chat().user('Do it.').answer();
			builder.write(home, { form: 'json' });
			const source = new GeminiCliSource();
			const [before] = await unitsOf(source, placesAt(home));
			assert.ok(before);
			const first = await source.read(before, readAll);
			builder.user('More.').answer().write(home, { form: 'json' });
			const [after] = await unitsOf(source, placesAt(home));
			assert.ok(after);
			const second = await source.read(after, { ...readAll, cursor: first.cursor });
			assert.deepEqual([first.drafts.length, second.drafts.length], [2, 2]);
			assert.notEqual(first.drafts[0]?.callId, second.drafts[0]?.callId);
		});
	});
});
