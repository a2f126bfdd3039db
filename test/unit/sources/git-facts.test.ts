import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { CallDraftInput } from '../../../src/core/draft.ts';
import { GitFacts } from '../../../src/sources/git-facts.ts';

const T0 = Date.UTC(2026, 2, 4, 10);
const MINUTE = 60_000;
const NONE = '0'.repeat(40);
const sha = (letter: string): string => letter.repeat(40);
const nowhere = { branch: null, commit: null };

/** A line as git writes it: `minute` minutes after `T0`. */
const line = (minute: number, commit: string, message: string): string =>
	`${NONE} ${commit} A. U. Thor <author@example.org> ${(T0 + minute * MINUTE) / 1000} +0100\t${message}\n`;

describe('GitFacts', () => {
	let folder: string;
	let nowMs: number;
	let facts: GitFacts;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-git-'));
		nowMs = T0;
		facts = new GitFacts(() => nowMs);
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	/** Makes a repository whose HEAD has the given log. */
	function repository(lines: string[], { head = 'ref: refs/heads/main', git = join(folder, '.git') } = {}): string {
		mkdirSync(join(git, 'logs'), { recursive: true });
		mkdirSync(join(git, 'refs/heads'), { recursive: true });
		writeFileSync(join(git, 'HEAD'), `${head}\n`);
		writeFileSync(join(git, 'logs/HEAD'), lines.join(''));
		return git;
	}
	const at = (minute: number, where = folder) => facts.at(where, T0 + minute * MINUTE);

	it('tells the git branch and commit at the time of the call, issue 5', () => {
		repository([
			line(0, sha('a'), 'commit (initial): one'),
			line(10, sha('b'), 'commit: two'),
			line(20, sha('b'), 'checkout: moving from main to feature/x'),
			line(30, sha('c'), 'commit: three'),
			line(40, sha('b'), 'checkout: moving from feature/x to main'),
		]);
		assert.deepEqual(
			[-1, 0, 15, 25, 35, 45].map((minute) => at(minute)),
			[
				nowhere,
				{ branch: 'main', commit: sha('a') },
				{ branch: 'main', commit: sha('b') },
				{ branch: 'feature/x', commit: sha('b') },
				{ branch: 'feature/x', commit: sha('c') },
				{ branch: 'main', commit: sha('b') },
			],
		);
	});

	it('is on the branch of today where it never changed', () => {
		repository([line(0, sha('a'), 'clone: from https://example.org/x.git')], { head: 'ref: refs/heads/trunk' });
		assert.deepEqual(at(5), { branch: 'trunk', commit: sha('a') });
	});

	it('is on no branch at a commit, a tag, a remote branch or an expression', () => {
		const git = repository([
			line(0, sha('a'), 'checkout: moving from main to v1.0'),
			line(10, sha('a'), 'checkout: moving from v1.0 to origin/main'),
			line(20, sha('a'), `checkout: moving from origin/main to ${sha('a')}`),
			line(30, sha('b'), `checkout: moving from ${sha('a')} to HEAD~2`),
			line(40, sha('b'), 'checkout: moving from HEAD~2 to was-deleted'),
		]);
		for (const name of ['refs/tags/v1.0', 'refs/remotes/origin/main']) {
			mkdirSync(join(git, name, '..'), { recursive: true });
			writeFileSync(join(git, name), sha('a'));
		}
		const branches = [5, 15, 25, 35, 45].map((minute) => at(minute).branch);
		assert.deepEqual(branches, [null, null, null, null, 'was-deleted']);
	});

	it('follows a rebase and a branch that gets another name', () => {
		repository([
			line(0, sha('a'), 'checkout: moving from main to topic'),
			line(10, sha('b'), 'rebase (start): checkout main'),
			line(11, sha('c'), 'rebase (finish): returning to refs/heads/topic'),
			line(20, NONE, 'Branch: renamed refs/heads/topic to refs/heads/better'),
			line(20, sha('c'), 'Branch: renamed refs/heads/topic to refs/heads/better'),
		]);
		assert.deepEqual(at(15), { branch: 'topic', commit: sha('c') });
		assert.deepEqual(at(25), { branch: 'better', commit: sha('c') });
	});

	it('knows each worktree by its own log, from a folder inside of it', () => {
		const git = repository([line(0, sha('a'), 'commit (initial): one')]);
		const own = join(git, 'worktrees/side');
		repository([line(5, sha('b'), ''), line(10, sha('c'), 'checkout: moving from side to other')], {
			git: own,
			head: 'ref: refs/heads/other',
		});
		writeFileSync(join(own, 'commondir'), '../..\n');
		const inside = join(folder, 'side/src');
		mkdirSync(inside, { recursive: true });
		writeFileSync(join(folder, 'side/.git'), `gitdir: ${own}\n`);
		assert.deepEqual(at(7, inside), { branch: 'side', commit: sha('b') });
		assert.deepEqual(at(11, inside), { branch: 'other', commit: sha('c') });
		assert.deepEqual(at(11), { branch: 'main', commit: sha('a') });
	});

	it('looks again when the log grew', () => {
		const git = repository([line(0, sha('a'), 'commit (initial): one')]);
		assert.equal(at(20).commit, sha('a'));
		appendFileSync(join(git, 'logs/HEAD'), line(10, sha('b'), 'commit: two'));
		nowMs += 5_000;
		assert.equal(at(20).commit, sha('b'));
	});

	it('reads the end of a log that is too long', () => {
		const lines = Array.from({ length: 60_000 }, (_, minute) => line(minute, sha(minute % 2 ? 'a' : 'b'), 'commit: x'));
		repository(lines);
		assert.deepEqual(at(0), nowhere);
		assert.deepEqual(at(59_999), { branch: 'main', commit: sha('a') });
	});

	it('says nothing where there is nothing, or no sense, to read', () => {
		repository(
			['what is this', '\u0000\n', `${'a'.repeat(100_000)}\n`, line(0, sha('a'), 'commit: cut off').slice(0, 60)],
			{
				head: 'neither branch nor commit',
			},
		);
		assert.deepEqual(at(5), nowhere);
		for (const path of ['', 'relative', join(folder, 'gone'), '//server/share', '\\\\server\\share', '\u0000']) {
			assert.deepEqual(at(5, path), nowhere, JSON.stringify(path));
		}
		writeFileSync(join(folder, 'file'), '');
		assert.deepEqual(at(5, join(folder, 'file')), nowhere);
	});

	describe('completes a draft', () => {
		const draft = (more: Partial<CallDraftInput> = {}): CallDraftInput => ({
			eventType: 'llm_call',
			callId: 'a',
			sessionId: 's',
			agentId: 'x',
			origin: { source: 'x' },
			startedAtMs: T0 + 5 * MINUTE,
			provider: 'p',
			model: 'm',
			folder,
			...more,
		});
		const told = (more: Partial<CallDraftInput>) => {
			const { gitBranch, gitCommit } = facts.complete(draft(more)) as CallDraftInput;
			return [gitBranch ?? null, gitCommit ?? null];
		};
		beforeEach(() => {
			repository([line(0, sha('a'), 'commit (initial): one')]);
		});

		it('that names a folder alone', () => assert.deepEqual(told({}), ['main', sha('a')]));
		it('with what its record leaves out, where the two agree', () => {
			assert.deepEqual(told({ gitBranch: 'main' }), ['main', sha('a')]);
			assert.deepEqual(told({ gitCommit: sha('a') }), ['main', sha('a')]);
		});
		it('with nothing where its record tells otherwise', () => {
			assert.deepEqual(told({ gitBranch: 'other' }), ['other', null]);
			assert.deepEqual(told({ gitCommit: sha('f') }), [null, sha('f')]);
		});
		it('not at all without a folder', () => assert.deepEqual(told({ folder: null }), [null, null]));
	});
});
