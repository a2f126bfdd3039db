import assert from 'node:assert/strict';
import type { SearchJson } from '../../../src/core/outside/search-json.ts';
import { callDraft, responseDraft, T0 } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';

const minuteMs = 60_000;

describe('callmeter search', () => {
	const shell = new CommandLine();
	let file: string;
	before(() => {
		const said = (n: number, agentId: string, prompt: string, completion: string) => [
			callDraft(`call-${n}`, {
				agentId,
				sessionId: `session-${n}`,
				startedAtMs: T0 + n * minuteMs,
				messages: [{ role: 'user', content: prompt }],
			}),
			responseDraft(`call-${n}`, {
				agentId,
				sessionId: `session-${n}`,
				endedAtMs: T0 + n * minuteMs + 1_000,
				completion,
			}),
		];
		file = shell.ledger('calls.db', [
			...said(1, 'codex', 'why is the quick brown fox so slow', 'It jumps over a lazy dog.'),
			...said(
				2,
				'cline',
				'another prompt',
				'The fox is quick: look at \u001b[31mred\u001b[0m \u009b2J and \u202ebackwards.',
			),
			...said(3, 'codex', 'nothing of that kind', 'no'),
		]);
	});
	after(() => shell.remove());

	const on = (...args: string[]) => ['search', ...args, '--ledger', file];
	/** Signs that begin an escape sequence, or turn a line around. */
	const hasCommand = (text: string) => ['\u001b', '\u009b', '\u202e'].some((sign) => text.includes(sign));

	it('finds calls by what was sent and what came back, the newest first, with snippet and offsets', async () => {
		const { hits, more } = await shell.json<SearchJson>(on('quick', 'fox'));
		assert.deepEqual(
			hits.map(({ call, place }) => [call.callId, place]),
			[
				['call-2', 'completion'],
				['call-1', 'prompt'],
			],
		);
		assert.equal(more, false);
		const { snippet = '', matches = [] } = hits[1] ?? {};
		assert.deepEqual(
			matches.map(([start, end]) => snippet.slice(start, end)),
			['quick', 'fox'],
		);
	});

	it('takes a phrase in quotes, the filters of llm, and a limit, and says that there is more', async () => {
		const ids = async (...args: string[]) =>
			(await shell.json<SearchJson>(on(...args))).hits.map(({ call }) => call.callId);
		assert.deepEqual(await ids('"quick brown"'), ['call-1']);
		assert.deepEqual(await ids('fox', '--agent', 'cline'), ['call-2']);
		assert.deepEqual(await ids('fox', '--to', new Date(T0 + 1.5 * minuteMs).toISOString()), ['call-1']);
		assert.deepEqual(await ids('fox', '--workspace', '/nowhere'), []);
		const limited = await shell.json<SearchJson>(on('fox', '--limit', '1'));
		assert.deepEqual([limited.hits.length, limited.more], [1, true]);
		assert.match((await shell.run(on('fox', '-n', '1'))).out, /The newest 1 call. --limit shows more/);
	});

	it('marks hits in colour on a terminal and with signs elsewhere, and lets no escape sequence through', async () => {
		let painted = '';
		const terminal = { write: (text: string) => (painted += text), columns: 40, colors: true };
		await shell.run(on('quick', 'fox'), { out: terminal });
		assert.ok(painted.includes('\u001b[1m\u001b[33mfox\u001b[39m\u001b[22m'), JSON.stringify(painted));
		assert.ok(!painted.includes('\u001b[31m') && !painted.includes('\u009b') && !painted.includes('\u202e'));
		const { out } = await shell.run(on('quick', 'fox'));
		assert.match(out, /The «fox» is «quick»: look at red/);
		assert.ok(!hasCommand(out));
		const json = await shell.run([...on('fox'), '--json']);
		assert.ok(!hasCommand(json.out));
		assert.ok(JSON.parse(json.out).hits[0].snippet.includes('\u202ebackwards'));
	});

	it('keeps to the width of the terminal', async () => {
		for (const columns of [200, 60, 24]) {
			let written = '';
			await shell.run(on('fox'), { out: { write: (text) => (written += text), columns } });
			const longest = Math.max(
				...written
					.split('\n')
					.slice(0, -2)
					.map((line) => line.length),
			);
			assert.ok(longest <= columns, `${longest} of ${columns}:\n${written}`);
		}
	});

	it('says when there is nothing to look for, and when nothing is found', async () => {
		const nothing = await shell.run(on('?!'));
		assert.equal(nothing.code, 2);
		assert.match(nothing.err, /nothing to look for/);
		assert.deepEqual(await shell.run(on('unsaid')), { code: 0, out: 'Nothing found.\n', err: '' });
		assert.equal((await shell.run(['search', '--ledger', file])).code, 2);
	});
});
