import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { attemptCompletionTool } from '../../../../src/task/tools/attempt-completion.ts';
import { listFilesTool } from '../../../../src/task/tools/list-files.ts';
import { readFileTool } from '../../../../src/task/tools/read-file.ts';
import { searchFilesTool } from '../../../../src/task/tools/search-files.ts';
import type { Tool } from '../../../../src/task/tools/tool.ts';
import type { ToolErrorReason } from '../../../../src/task/tools/tool-error.ts';
import { Workspace } from '../../../../src/task/tools/workspace.ts';

describe('the tools of the Task loop', () => {
	let base = '';
	let root = '';

	beforeEach(async () => {
		base = await mkdtemp(join(tmpdir(), 'callmeter-tools-'));
		root = join(base, 'workspace');
		await mkdir(join(root, 'src/deep'), { recursive: true });
		await mkdir(join(root, 'node_modules/dep'), { recursive: true });
		await mkdir(join(base, 'workspace-other'));
		await writeFile(join(base, 'secret.txt'), 'secret');
		await writeFile(join(base, 'workspace-other/secret.txt'), 'secret');
		await writeFile(join(root, 'a.txt'), 'one\ntwo\nthree\n');
		await writeFile(join(root, 'src/deep/b.js'), 'const x = 1; // TODO later\n');
		await writeFile(join(root, 'node_modules/dep/c.js'), 'TODO\n');
	});

	afterEach(() => rm(base, { recursive: true, force: true }));

	const run = (tool: Tool, args: unknown): Promise<string> =>
		tool.run(args, { workspace: new Workspace(root), signal: new AbortController().signal });

	async function refused(tool: Tool, args: unknown, reason: ToolErrorReason): Promise<void> {
		await assert.rejects(run(tool, args), (error) => {
			assert.ok(error instanceof Error && 'reason' in error, String(error));
			assert.equal(error.reason, reason);
			assert.ok(!error.message.includes(base), 'no path of this machine goes to the model');
			return true;
		});
	}

	describe('stay inside the workspace', () => {
		const ways: [string, string][] = [
			['an absolute path', '/etc/passwd'],
			['an absolute path of another system', 'C:\\Windows\\win.ini'],
			['a drive', 'c:secret.txt'],
			['a network path', '\\\\server\\share'],
			['a way up', '../secret.txt'],
			['a hidden way up', 'src/../../secret.txt'],
			['a sibling with the same beginning', '../workspace-other/secret.txt'],
			['the folder above', '..'],
		];
		for (const [name, path] of ways) {
			it(`refuses ${name}`, async () => {
				for (const tool of [readFileTool, listFilesTool]) await refused(tool, { path }, 'outside');
				await refused(searchFilesTool, { text: 'secret', path }, 'outside');
			});
		}

		it('refuses a symlink to a file outside', async () => {
			await symlink(join(base, 'secret.txt'), join(root, 'link'));
			await refused(readFileTool, { path: 'link' }, 'outside');
		});

		it('refuses a way through a symlinked folder', async () => {
			await symlink(base, join(root, 'up'));
			await refused(readFileTool, { path: 'up/secret.txt' }, 'outside');
			await refused(listFilesTool, { path: 'up' }, 'outside');
		});

		it('refuses a symlink to nowhere without telling what is there', async () => {
			await symlink(join(base, 'nothing'), join(root, 'dangling'));
			await refused(readFileTool, { path: 'dangling' }, 'outside');
		});

		it('neither lists nor searches through symlinks', async () => {
			await symlink(base, join(root, 'up'));
			await symlink(join(base, 'secret.txt'), join(root, 'link.txt'));
			assert.ok(!/up|link/.test(await run(listFilesTool, { recursive: true })));
			assert.equal(await run(searchFilesTool, { text: 'secret' }), 'No line contains `secret`.');
		});

		it('follows a symlink within', async () => {
			await symlink(join(root, 'a.txt'), join(root, 'same.txt'));
			assert.match(await run(readFileTool, { path: 'same.txt' }), /1 \| one/);
		});

		it('works when the workspace itself is reached through a symlink', async () => {
			await symlink(root, join(base, 'linked'));
			root = join(base, 'linked');
			assert.match(await run(readFileTool, { path: 'a.txt' }), /1 \| one/);
			await refused(readFileTool, { path: '../secret.txt' }, 'outside');
		});

		it('refuses a NUL', () => refused(readFileTool, { path: 'a.txt\0.png' }, 'badArguments'));
	});

	describe('read_file', () => {
		it('numbers the lines', async () => {
			assert.equal(await run(readFileTool, { path: 'a.txt' }), '1 | one\n2 | two\n3 | three');
		});

		it('reads a part', async () => {
			assert.equal(await run(readFileTool, { path: './a.txt', startLine: 2, endLine: 2 }), '2 | two');
			await refused(readFileTool, { path: 'a.txt', startLine: 9 }, 'badArguments');
		});

		it('says so for what is not there, a folder, a binary file, a pipe', async () => {
			await refused(readFileTool, { path: 'nope' }, 'notFound');
			await refused(readFileTool, { path: 'src' }, 'wrongKind');
			await writeFile(join(root, 'bin'), Buffer.from([1, 0, 2]));
			await refused(readFileTool, { path: 'bin' }, 'wrongKind');
			execFileSync('mkfifo', [join(root, 'pipe')]);
			await refused(readFileTool, { path: 'pipe' }, 'wrongKind');
		});

		it('an empty file', async () => {
			await writeFile(join(root, 'empty'), '');
			assert.equal(await run(readFileTool, { path: 'empty' }), '(empty file)');
		});

		it('cuts a huge file, on a character', async () => {
			await writeFile(join(root, 'huge'), 'ä'.repeat(5_000_000));
			const text = await run(readFileTool, { path: 'huge' });
			assert.ok(text.length < 140_000, `${text.length} characters`);
			assert.ok(!text.includes('\ufffd'));
			assert.match(text, /cut after 128 KB of 9766 KB/);
		});
	});

	describe('list_files', () => {
		it('lists one level, or all', async () => {
			assert.equal(await run(listFilesTool, {}), 'a.txt\nsrc/');
			assert.equal(await run(listFilesTool, { path: 'src' }), 'src/deep/');
			assert.equal(await run(listFilesTool, { recursive: true }), 'a.txt\nsrc/\nsrc/deep/\nsrc/deep/b.js');
		});

		it('stops at 500 entries and says so', async () => {
			await Promise.all(Array.from({ length: 600 }, (_, n) => writeFile(join(root, `f${n}`), '')));
			const lines = (await run(listFilesTool, {})).split('\n');
			assert.equal(lines.length, 501);
			assert.match(lines.at(-1) ?? '', /more than 500/);
		});

		it('says so for a file and for an empty folder', async () => {
			await refused(listFilesTool, { path: 'a.txt' }, 'wrongKind');
			await mkdir(join(root, 'empty'));
			assert.equal(await run(listFilesTool, { path: 'empty' }), '(empty folder)');
		});
	});

	describe('search_files', () => {
		it('finds lines, whatever the case, and passes over what nobody wants to read', async () => {
			assert.equal(await run(searchFilesTool, { text: 'todo' }), 'src/deep/b.js:1: const x = 1; // TODO later');
		});

		it('searches one file', async () => {
			assert.equal(await run(searchFilesTool, { text: 'two', path: 'a.txt' }), 'a.txt:2: two');
		});

		it('takes the text as it is, not as a pattern', async () => {
			await writeFile(join(root, 'p.txt'), '(a+)+$ here\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n');
			assert.equal(await run(searchFilesTool, { text: '(a+)+$' }), 'p.txt:1: (a+)+$ here');
		});

		it('stops at 100 hits, cuts long lines, skips binary files', async () => {
			await writeFile(join(root, 'many.txt'), `needle${'x'.repeat(1000)}\n`.repeat(150));
			await writeFile(join(root, 'bin'), 'needle\0');
			const lines = (await run(searchFilesTool, { text: 'needle' })).split('\n');
			assert.equal(lines.length, 101);
			assert.match(lines.at(-1) ?? '', /may be more/);
			assert.ok(lines.every((line) => line.length < 330 && !line.startsWith('bin')));
		});
	});

	it('a cancel stops a search', async () => {
		const signal = AbortSignal.abort();
		await assert.rejects(searchFilesTool.run({ text: 'x' }, { workspace: new Workspace(root), signal }), {
			name: 'AbortError',
		});
	});

	it('arguments of the wrong shape are refused with what is wrong', async () => {
		for (const args of [null, 'a.txt', {}, { path: 1 }, { path: '' }])
			await refused(readFileTool, args, 'badArguments');
		await refused(attemptCompletionTool, {}, 'badArguments');
	});

	it('tell the model their arguments as a JSON schema', () => {
		const { name, parameters } = readFileTool.definition;
		assert.equal(name, 'read_file');
		assert.equal(parameters?.type, 'object');
		assert.deepEqual(parameters?.required, ['path']);
		assert.deepEqual(listFilesTool.definition.parameters?.required, undefined);
	});
});
