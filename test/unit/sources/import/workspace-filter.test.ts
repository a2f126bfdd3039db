import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceFilter } from '../../../../src/sources/workspace-filter.ts';
import { remove, temporaryFolder } from '../kilo-db/agent-database.ts';

describe('WorkspaceFilter', () => {
	let root: string;
	let project: string;

	beforeEach(() => {
		root = realpathSync.native(temporaryFolder());
		project = folder('project');
	});
	afterEach(() => remove(root));

	function folder(...names: string[]): string {
		const path = join(root, ...names);
		mkdirSync(path, { recursive: true });
		return path;
	}

	function git(at: string, ...args: string[]): void {
		const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
		execFileSync('git', [...identity, ...args], { cwd: at, stdio: 'ignore' });
	}

	function repositoryAt(path: string): void {
		git(path, 'init');
		git(path, 'commit', '--allow-empty', '-m', 'first');
	}

	function ask(path: string | null, platform: NodeJS.Platform = 'linux'): string {
		return new WorkspaceFilter({ projects: 'workspace', folders: [project] }, platform).accepts(path);
	}

	it('takes what is in a folder of the workspace, and nothing beside it', () => {
		assert.equal(ask(project), 'yes');
		assert.equal(ask(join(project, 'src')), 'yes');
		assert.equal(ask(folder('project-two')), 'otherWorkspace');
		assert.equal(ask(root), 'otherWorkspace');
	});

	it('takes everything when all projects are chosen', () => {
		const filter = new WorkspaceFilter({ projects: 'all', folders: [project] });
		assert.deepEqual([filter.accepts('/elsewhere'), filter.accepts(null)], ['yes', 'yes']);
	});

	it('says when a record has no folder, or none that means anything here', () => {
		assert.deepEqual([ask(null), ask(''), ask('project')], ['noFolder', 'noFolder', 'otherWorkspace']);
	});

	it('knows a folder behind a symbolic link', () => {
		symlinkSync(project, join(root, 'link'));
		assert.equal(ask(join(root, 'link', 'src')), 'yes');
	});

	it('knows a folder that has been deleted since', () => {
		assert.equal(ask(join(project, 'gone', 'deep')), 'yes');
		assert.equal(ask(join(root, 'gone', 'deep')), 'otherWorkspace');
	});

	it('minds letter case only where the platform does', () => {
		const shouted = join(root, 'PROJECT', 'src');
		assert.deepEqual(
			[ask(shouted, 'linux'), ask(shouted, 'darwin'), ask(shouted, 'win32')],
			['otherWorkspace', 'yes', 'yes'],
		);
	});

	it('takes the worktrees of the same repository, and not those of another', () => {
		repositoryAt(project);
		git(project, 'worktree', 'add', join(root, 'feature'));
		const other = folder('other');
		repositoryAt(other);
		git(other, 'worktree', 'add', join(root, 'other-feature'));
		assert.equal(ask(join(root, 'feature', 'src')), 'yes');
		assert.equal(ask(join(root, 'other-feature')), 'otherWorkspace');
	});

	it('takes the main worktree when the workspace is a linked one', () => {
		const main = folder('main');
		repositoryAt(main);
		rmSync(project, { recursive: true });
		git(main, 'worktree', 'add', project);
		assert.equal(ask(join(main, 'src')), 'yes');
	});

	it('takes a worktree that was made after it', () => {
		repositoryAt(project);
		const filter = new WorkspaceFilter({ projects: 'workspace', folders: [project] });
		git(project, 'worktree', 'add', join(root, 'later'));
		assert.equal(filter.accepts(join(root, 'later')), 'yes');
	});

	it('takes a worktree that is gone but was not pruned', () => {
		repositoryAt(project);
		git(project, 'worktree', 'add', join(root, 'feature'));
		rmSync(join(root, 'feature'), { recursive: true });
		assert.equal(ask(join(root, 'feature', 'src')), 'yes');
	});
});
