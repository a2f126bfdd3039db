import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claudeCodeSource } from '../../../../src/sources/claude-code/claude-code.ts';
import { transcriptRoots } from '../../../../src/sources/claude-code/places.ts';
import { assistant, gather, Home, unitsOf, user } from './transcripts.ts';

const lines = [user('go'), assistant()];

describe('where Claude Code keeps its transcripts', () => {
	let home: Home;
	const source = claudeCodeSource();
	beforeEach(() => {
		home = new Home();
	});
	afterEach(() => home.remove());

	const below = (root: string, path: string) => {
		mkdirSync(join(root, path, '..'), { recursive: true });
		writeFileSync(join(root, path), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
		return join(root, path);
	};
	const keys = async (env = {}) => (await unitsOf(source, home.places(env))).map(({ key }) => key);

	it('is the usual folders, and those that the environment names', async () => {
		const usual = below(home.path, '.claude/projects/-p/s1.jsonl');
		const config = below(home.path, '.config/claude/projects/-p/s2.jsonl');
		const xdg = below(home.path, 'xdg/claude/projects/-p/s3.jsonl');
		const one = below(home.path, 'one/projects/-p/s4.jsonl');
		const two = below(home.path, 'two/projects/-p/s5.jsonl');
		assert.deepEqual(await keys(), [usual, config]);
		const named = `${join(home.path, 'one')}, ~/two ,,`;
		const env = { CLAUDE_CONFIG_DIR: named, XDG_CONFIG_HOME: join(home.path, 'xdg') };
		assert.deepEqual((await keys(env)).sort(), [usual, config, one, two, xdg].sort());
	});

	it('is a folder that was named: a configuration, its projects, or one project', async () => {
		const file = below(home.path, 'elsewhere/projects/-p/s1.jsonl');
		for (const path of ['elsewhere', 'elsewhere/projects', 'elsewhere/projects/-p']) {
			const places = { ...home.places(), customPlaces: { 'claude-code': [join(home.path, path)] } };
			assert.deepEqual(
				(await unitsOf(source, places)).map(({ key }) => key),
				[file],
				path,
			);
		}
	});

	it('is looked at once when one place is a link to the other', async () => {
		const file = below(home.path, '.claude/projects/-p/s1.jsonl');
		mkdirSync(join(home.path, '.config'));
		symlinkSync(join(home.path, '.claude'), join(home.path, '.config', 'claude'));
		assert.deepEqual(await keys(), [file]);
	});

	it('has sessions and subagents in it, and much else that is not read', async () => {
		const session = below(home.projects, '-p/s1.jsonl');
		const agent = below(home.projects, '-p/s1/subagents/agent-a1.jsonl');
		const nested = below(home.projects, '-p/s1/subagents/workflows/w1/agent-a2.jsonl');
		below(home.projects, '-p/s1/subagents/workflows/w1/journal.jsonl');
		below(home.projects, '-p/s1/tool-results/t1.jsonl');
		below(home.projects, '-p/s1/subagents/agent-a1.meta.json');
		below(home.path, '.claude/history.jsonl');
		assert.deepEqual(await keys(), [session, agent, nested].sort());
		for (const path of [session, agent, nested]) {
			assert.equal((await source.unitAt?.(path, home.places()))?.key, path);
		}
		for (const path of ['-p/s1/tool-results/t1.jsonl', '-p/s1', '-p/gone.jsonl']) {
			assert.equal(await source.unitAt?.(join(home.projects, path), home.places()), null, path);
		}
	});

	it('is found when there is a transcript, and only then', async () => {
		mkdirSync(home.projects, { recursive: true });
		assert.equal(await source.detect(home.places()), null);
		below(home.projects, '-p/s1.jsonl');
		const found = await source.detect(home.places());
		assert.deepEqual([found?.places, found?.units], [[home.projects], 1]);
	});

	it('is watched also where it does not exist yet', () => {
		assert.deepEqual(
			source.watch(home.places()).map(({ path }) => path),
			transcriptRoots(home.places()),
		);
	});

	it('is the same below a Windows profile', () => {
		const places = { ...home.places(), platform: 'win32' as const };
		assert.ok(transcriptRoots(places).includes(join(home.path, '.claude', 'projects')));
	});
});

describe('how Claude Code is paid', () => {
	let home: Home;
	beforeEach(() => {
		home = new Home();
		home.write('-p/s1.jsonl', lines);
	});
	afterEach(() => home.remove());

	const billing = async () => {
		const [call] = (await gather(home)).calls.values();
		return call?.origin.billing;
	};
	const account = (content: unknown, path = '.claude.json') =>
		writeFileSync(join(home.path, path), typeof content === 'string' ? content : JSON.stringify(content));

	it('is a subscription when the account is one', async () => {
		for (const organizationType of ['claude_pro', 'claude_max', 'claude_team', 'claude_enterprise']) {
			account({ oauthAccount: { organizationType } });
			assert.equal(await billing(), 'subscription', organizationType);
		}
	});

	it('is the API where nothing says otherwise', async () => {
		const others = [
			{ oauthAccount: { organizationType: 'api_individual' } },
			{ oauthAccount: null },
			{},
			'{oops',
			'[]',
		];
		assert.equal(await billing(), 'api');
		for (const content of others) {
			account(content);
			assert.equal(await billing(), 'api', JSON.stringify(content));
		}
	});

	it('is told by the configuration folder that the transcript is in', async () => {
		account({ oauthAccount: { organizationType: 'claude_max' } });
		account({ oauthAccount: { organizationType: 'api_individual' } }, '.claude/.claude.json');
		assert.equal(await billing(), 'api');
	});

	it('is the API for what a cloud provider served', async () => {
		account({ oauthAccount: { organizationType: 'claude_max' } });
		home.write('-p/s1.jsonl', [user('go'), assistant({ id: 'msg_bdrk_01' })]);
		assert.equal(await billing(), 'api');
	});
});
