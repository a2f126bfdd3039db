import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../../src/cli/environment.ts';
import type { EraseJson } from '../../../src/core/outside/erase-json.ts';
import { callDraft, openStore, responseDraft, T0 } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';

const dayMs = 86_400_000;

describe('callmeter erase', () => {
	let shell: CommandLine;
	let file: string;
	beforeEach(() => {
		shell = new CommandLine();
		const said = (name: string, at: number, sessionId: string) => [
			callDraft(name, { sessionId, startedAtMs: at, messages: [{ role: 'user', content: `promptof${name}` }] }),
			responseDraft(name, { sessionId, endedAtMs: at + 5, completion: `completionof${name}` }),
		];
		file = shell.ledger('calls.db', [
			...said('old', T0, 'task-1'),
			...said('young', T0 + 2 * dayMs, 'task-1'),
			...said('gone', T0, 'task-2'),
		]);
	});
	afterEach(() => shell.remove());

	const run = (args: string[], change?: Partial<Environment>) =>
		shell.run(['erase', ...args, '--ledger', file], change);
	const standing = (...words: string[]) => {
		const texts = globSync(`${file}*`).map((each) => readFileSync(each, 'latin1').toLowerCase());
		return words.filter((word) => texts.some((text) => text.includes(word)));
	};
	const words = ['promptofold', 'promptofyoung', 'promptofgone'];
	const calls = () => {
		const store = openStore(file, { readOnly: true });
		try {
			return store.totals({}).calls;
		} finally {
			store.close();
		}
	};

	it('says first exactly what goes, and does it with --yes', async () => {
		const { code, out } = await run(['--all', '--before', '2026-03-05', '--yes']);
		assert.equal(code, 0);
		assert.equal(
			out,
			`From ${file} goes:\n` +
				'  1 task with 1 call, with all that is counted of them\n' +
				'  the content of 1 call in 1 task that are older and went on: their counts and costs stay\n' +
				'  4 distinct texts\n' +
				'Erased 4 texts in 2 tasks.\n',
		);
		assert.deepEqual([standing(...words), calls()], [['promptofyoung'], 2]);
	});

	it('takes content alone and leaves what is counted, of one task or of all', async () => {
		assert.equal((await run(['--content', '--session', 'task-2', '--yes'])).code, 0);
		assert.deepEqual([standing(...words), calls()], [['promptofold', 'promptofyoung'], 3]);
		assert.match((await run(['--content', '-y'])).out, /the content of 2 calls in 1 task\n {2}4 distinct texts/);
		assert.deepEqual([standing(...words), calls()], [[], 3]);
		assert.match((await run(['--content', '-y'])).out, /nothing is there to erase/);
	});

	it('erases nothing without --yes where nobody can be asked, nor with --dry-run', async () => {
		const { code, out, err } = await run(['--all']);
		assert.equal(code, 2);
		assert.match(out, /2 tasks with 3 calls/);
		assert.match(err, /needs --yes/);
		assert.equal((await run(['--all', '--dry-run'])).code, 0);
		assert.deepEqual([standing(...words), calls()], [words, 3]);
	});

	it('asks at a terminal, and takes nothing but yes for an answer', async () => {
		const asked: string[] = [];
		const answering = (answer: string) => ({
			ask: async (question: string) => {
				asked.push(question);
				return answer;
			},
		});
		const no = await run(['--all'], answering('no'));
		assert.deepEqual([no.code, no.err, calls()], [1, 'Nothing was erased.\n', 3]);
		assert.equal((await run(['--all'], answering(''))).code, 1);
		assert.equal((await run(['--all'], answering('Yes '))).code, 0);
		assert.equal(calls(), 0);
		assert.match(asked[0] ?? '', /cannot be undone/);
	});

	it('prints the same as JSON: what goes, and what was done', async () => {
		const dry = await shell.json<EraseJson>([
			'erase',
			'--content',
			'--before',
			'2026-03-05',
			'--dry-run',
			'--ledger',
			file,
		]);
		assert.deepEqual(dry, {
			ledger: file,
			what: 'content',
			before: new Date(2026, 2, 5).toISOString(),
			session: null,
			goes: { sessions: 0, calls: 0, emptiedSessions: 2, emptiedCalls: 2, messages: 4 },
			erased: null,
		});
		const { erased } = await shell.json<EraseJson>(['erase', '--all', '--yes', '--ledger', file]);
		assert.deepEqual(erased, { messages: 6, sessions: 2, scrubbed: true, setAside: [] });
	});

	it('erases while another window has the ledger open, which goes on writing', async () => {
		const window = openStore(file);
		try {
			window.calls({ filter: {}, sort: 'newest', offset: 0, limit: 5 });
			assert.match((await run(['--content', '--yes'])).out, /^Erased 6 texts in 2 tasks\.$/m);
			assert.deepEqual(standing(...words), []);
			window.record([
				callDraft('after', { sessionId: 'task-3', messages: [{ role: 'user', content: 'promptofafter' }] }),
			]);
			assert.equal(window.verify().ok, true);
		} finally {
			window.close();
		}
	});

	it('names files that were set aside, and does not take a damaged ledger for an erased one', async () => {
		writeFileSync(file, readFileSync(file).fill(0xa5, 4096, 40_960));
		const damaged = await run(['--all', '--yes']);
		assert.deepEqual([damaged.code, damaged.out], [1, '']);
		assert.match(damaged.err, /is damaged: nothing could be erased.*put aside as .*damaged.*keeps all it held/);
		const aside = globSync(join(shell.folder, 'calls.damaged-*.db'));
		assert.equal(aside.length, 1);
		shell.ledger('calls.db', [callDraft('new', { messages: [{ role: 'user', content: 'promptofnew' }] })]);
		const { out } = await run(['--all', '--yes']);
		assert.ok(out.includes(`Only you can delete them:\n  ${aside[0]}\n`), out);
	});

	it('wants to be told what goes, and knows no task by a name that none has', async () => {
		for (const [args, complaint] of [
			[[], /--content or --all/],
			[['--content', '--all'], /cannot be used with/],
			[['--all', '--before', 'soon'], /--before soon is no date/],
		] as const) {
			const { code, err } = await run([...args, '--yes']);
			assert.equal(code, 2);
			assert.match(err, complaint);
		}
		const unknown = await run(['--all', '--session', 'nobody', '--yes']);
		assert.equal(unknown.code, 1);
		assert.match(unknown.err, /There is no task "nobody"/);
		assert.equal(calls(), 3);
	});
});
