import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { DraftInput } from '../../../../src/core/draft.ts';
import type { createEvent } from '../../../../src/core/events.ts';
import { envelopeHash } from '../../../../src/core/hash-chain.ts';
import { LineProblem } from '../../../../src/ledger/event-import/line-problem.ts';
import { sha256 } from '../../../../src/ledger/event-log.ts';
import type { LedgerStore } from '../../../../src/ledger/store.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder } from '../support.ts';
import { exported, takeIn } from './support.ts';

const said = { messages: [{ role: 'user' as const, content: 'hello' }], title: 'A task', systemPrompt: 'Be brief.' };

function pair(callId: string, sessionId = 'session-1') {
	return [
		callDraft(callId, { sessionId, ...said }),
		responseDraft(callId, {
			sessionId,
			completion: 'done',
			toolCalls: [{ id: 't', name: 'read', arguments: { a: 1 } }],
		}),
	];
}

describe('Taking events in', () => {
	const folders = [temporaryFolder(), temporaryFolder()];
	let here: LedgerStore;
	let there: LedgerStore;

	beforeEach(() => {
		for (const folder of folders) folder.make();
		[here, there] = folders.map(({ file }) => openStore(file)) as [LedgerStore, LedgerStore];
	});
	afterEach(() => {
		for (const store of [here, there]) store.close();
		for (const folder of folders) folder.clean();
	});

	/** Takes in a file that is not as it should be, and gives what is said of it. */
	function refused(file: string): LineProblem {
		try {
			takeIn(there, file);
		} catch (error) {
			assert.ok(error instanceof LineProblem, String(error));
			assert.equal(there.totals({}).calls, 0, 'nothing was imported');
			return error;
		}
		throw new Error('the file was taken in');
	}

	it('issue 6, export: a line that was changed is told with its number, and nothing is imported', () => {
		here.record([...pair('a'), ...pair('b')]);
		const file = exported(here);
		const changed = refused(file.replace(/("hash":"[^"]*"}\n(?:[^\n]*\n){0}[^\n]*)"output":20/, '$1"output":21'));
		assert.deepEqual([changed.reason, changed.line], ['hash', 2]);
		assert.match(changed.message, /^Line 2: .*changed.* Nothing of the file was imported\. Export it again/);
	});

	it('issue 6, export: a file that was cut off is told, with what to do', () => {
		here.record(pair('a'));
		const file = exported(here);
		const cut = refused(file.slice(0, -40));
		assert.deepEqual([cut.reason, cut.line], ['cutOff', 2]);
		assert.match(cut.message, /ends in the middle of this line.*Copy the file again/);
		const odd = refused(`not json\n${file}`);
		assert.deepEqual([odd.reason, odd.line], ['notJson', 1]);
	});

	it('tells lines that are missing, doubled or out of order', () => {
		here.record([...pair('a'), ...pair('b')]);
		const lines = exported(here).trimEnd().split('\n');
		const without = (index: number) => `${lines.filter((_, i) => i !== index).join('\n')}\n`;
		assert.deepEqual([refused(without(0)).reason, refused(without(0)).line], ['chain', 1]);
		assert.deepEqual([refused(without(1)).reason, refused(without(1)).line], ['chain', 2]);
		assert.equal(refused(`${[lines[0], lines[0]].join('\n')}\n`).line, 2);
		assert.equal(refused(`${[lines[1], lines[0]].join('\n')}\n`).reason, 'chain');
	});

	it('tells content that is not what was recorded', () => {
		here.record(pair('a'));
		const file = exported(here, { content: true });
		for (const [from, to] of [
			['"content":"hello"', '"content":"hullo"'],
			['Be brief.', 'Be long.'],
			['"title":"A task"', '"title":"B task"'],
			['"content":"done"', '"content":"gone"'],
			['"arguments":{"a":1}', '"arguments":{"a":2}'],
		] as const) {
			assert.ok(file.includes(from), from);
			assert.equal(refused(file.replace(from, to)).reason, 'content', from);
		}
	});

	it('refuses events with figures that would make sums run over', () => {
		here.record([
			{ eventType: 'cost_tracked', sessionId: 's', agentId: 'a', origin: { source: 'x' }, atMs: T0, costUsd: 1 },
		]);
		const line = JSON.parse(exported(here)) as ReturnType<typeof createEvent>;
		const { hash: _, ...made } = { ...line, payload: { ...line.payload, costUsd: 1e300 } };
		assert.equal(refused(`${JSON.stringify({ ...made, hash: envelopeHash(made, sha256) })}\n`).reason, 'absurd');
	});

	it('issue 6, export: without content no salt and no word of it leaves', () => {
		here.record(pair('a'));
		const file = exported(here);
		assert.doesNotMatch(file, /salt|hello|done|Be brief|A task|"read"/);
		assert.match(exported(here, { content: true }), /"salt":"[0-9a-f]{32}"/);
		takeIn(there, file);
		const detail = there.call('a');
		assert.deepEqual([detail?.messages, detail?.completion, detail?.row.contentState], [[], null, 'none']);
		assert.equal(there.verify().ok, true);
	});

	it('keeps content out where the user keeps none', () => {
		here.record(pair('a'));
		const report = takeIn(there, exported(here, { content: true }), { content: 'off' });
		assert.equal(report.keepsContent, false);
		assert.deepEqual(
			[there.call('a')?.messages, there.sessions({ filter: {}, offset: 0, limit: 1 }).rows[0]?.title],
			[[], null],
		);
		assert.equal(there.verify().ok, true);
		assert.equal(exported(there), exported(here));
	});

	it('tells costs apart that are the same but for the ids of their senders, covered ones too', () => {
		const cost = (id: string, callId: string | null, costUsd = 0.25): DraftInput => ({
			eventType: 'cost_tracked',
			sessionId: 's',
			agentId: 'a',
			origin: { source: 'x' },
			atMs: T0,
			callId,
			costUsd,
			sent: { id, timed: true },
		});
		here.record([cost('1', null), cost('2', null), cost('3', 'a', 0.5), callDraft('a'), responseDraft('a')]);
		const file = exported(here);
		takeIn(there, file);
		assert.equal(here.totals({}).costNanoUsd, 500_600_000);
		assert.deepEqual(there.totals({}), here.totals({}));
		assert.equal(exported(there), file);
		assert.equal(there.verify().ok, true);
		assert.deepEqual(takeIn(there, file).taken, 0);
		assert.deepEqual(there.totals({}), here.totals({}));
	});

	it('goes on where an earlier file of the same ledger ended', () => {
		here.record([...pair('a'), ...pair('b').slice(0, 1)]);
		takeIn(there, exported(here, { content: true }));
		assert.equal(there.calls(everything).rows.find(({ callId }) => callId === 'b')?.state, 'pending');
		here.record([...pair('b').slice(1), ...pair('c')]);
		const report = takeIn(there, exported(here, { content: true }));
		assert.deepEqual([report.known, report.taken, report.calls, report.diverged], [3, 3, 1, 0]);
		assert.equal(exported(there, { content: true }), exported(here, { content: true }));
		assert.equal(there.verify().ok, true);
	});

	it('issue 6, export: a session that went on otherwise is told, and only its new calls are added', () => {
		here.record([...pair('a'), ...pair('b')]);
		there.record(pair('a'));
		const own = exported(there, { content: true });
		const report = takeIn(there, exported(here, { content: true }));
		assert.deepEqual([report.diverged, report.divergedSessions, report.recorded], [1, ['session-1'], 1]);
		assert.ok(exported(there, { content: true }).startsWith(own), 'what was there is as it was');
		assert.equal(there.totals({}).calls, 2);
		assert.deepEqual(there.call('b')?.completion, 'done');
		assert.equal(there.verify().ok, true);
		const again = takeIn(there, exported(here, { content: true }));
		assert.deepEqual([again.recorded, there.totals({}).calls], [0, 2]);
	});

	it('issue 6, export: a call that is here under another task is counted once', () => {
		there.record([
			callDraft('codex:1', { sessionId: 'mine', aliases: ['codex:req'] }),
			responseDraft('codex:1', { sessionId: 'mine' }),
		]);
		const before = there.totals({});
		here.record([
			callDraft('codex:9', { sessionId: 'theirs', aliases: ['codex:req'] }),
			responseDraft('codex:9', { sessionId: 'theirs' }),
		]);
		const report = takeIn(there, exported(here));
		assert.deepEqual([report.taken, report.calls], [2, 0]);
		assert.deepEqual(there.totals({}), before);
		assert.equal(there.verify().ok, true);
	});

	it('counts once what another source saw here without an id in common', () => {
		there.record([
			callDraft('x', { sessionId: 'mine', origin: { source: 'otlp-traces' } }),
			responseDraft('x', { sessionId: 'mine', origin: { source: 'otlp-traces' } }),
		]);
		here.record(pair('y', 'theirs'));
		takeIn(there, exported(here));
		assert.equal(there.totals({}).calls, 1);
		assert.equal(there.verify().ok, true);
	});

	it('keeps both of two calls that are as much like one that is here, and says so', () => {
		there.record([
			callDraft('x', { sessionId: 'mine', origin: { source: 'otlp-traces' } }),
			responseDraft('x', { sessionId: 'mine', origin: { source: 'otlp-traces' } }),
		]);
		here.record([...pair('y', 'theirs'), ...pair('z', 'theirs')]);
		takeIn(there, exported(here));
		const rows = there.calls(everything).rows;
		assert.deepEqual(rows.map(({ callId, possibleDuplicateOf }) => [callId, possibleDuplicateOf]).sort(), [
			['x', null],
			['z', 'x'],
		]);
	});

	it('takes events of ledgers from before defaults were left out, and keeps them as they were hashed', () => {
		here.record(pair('a'));
		const made = (line: string, prevHash: string | null): string => {
			const { hash: _, ...event } = { ...(JSON.parse(line) as ReturnType<typeof createEvent>), prevHash };
			return JSON.stringify({ ...event, hash: envelopeHash(event, sha256) });
		};
		const [first = '', second = ''] = exported(here).trimEnd().split('\n');
		const old = made(first, null);
		const file = `${old}\n${made(second, (JSON.parse(old) as { hash: string }).hash)}\n`;
		assert.notEqual(file, exported(here));
		assert.equal(takeIn(there, file).taken, 2);
		assert.equal(there.verify().ok, true);
		assert.deepEqual(
			exported(there)
				.trimEnd()
				.split('\n')
				.map((line) => (JSON.parse(line) as { hash: string }).hash),
			file
				.trimEnd()
				.split('\n')
				.map((line) => (JSON.parse(line) as { hash: string }).hash),
		);
	});

	it('does not bring back what was erased', () => {
		here.record(pair('a'));
		here.erase({ what: 'content' });
		const file = exported(here, { content: true });
		takeIn(there, file);
		assert.equal(there.call('a')?.row.contentState, 'erased');
		there.record(pair('a'));
		assert.deepEqual(there.call('a')?.messages, []);
		assert.equal(exported(here, { content: true }), file);
	});

	it('exports whole tasks, and those that share a call with them', () => {
		here.record([...pair('a', 'one'), ...pair('b', 'two'), ...pair('c', 'three')]);
		// The call of the second task turns out to be that of the first.
		here.record([
			responseDraft('b', { sessionId: 'two', aliases: ['x:1'] }),
			responseDraft('a', { sessionId: 'one', aliases: ['x:1'] }),
		]);
		const file = exported(here, { filter: { sessionId: 'one' } });
		const sessions = new Set(
			file
				.trimEnd()
				.split('\n')
				.map((line) => (JSON.parse(line) as { sessionId: string }).sessionId),
		);
		assert.deepEqual([...sessions].sort(), ['one', 'two']);
		takeIn(there, file);
		assert.equal(exported(there), file);
	});

	it('writes a long prompt once, however often it is sent again', () => {
		const messages = Array.from({ length: 40 }, (_, i) => ({
			role: 'user' as const,
			content: `${i} ${'x'.repeat(2_000)}`,
		}));
		const prompts = messages.map((_, i) => messages.slice(0, i + 1));
		here.record(
			prompts.map((sent, i) =>
				callDraft(`c${i}`, { startedAtMs: T0 + i, messages: sent, systemPrompt: 's'.repeat(5_000) }),
			),
		);
		const file = exported(here, { content: true });
		assert.ok(file.length < 40 * 4_000 + 10_000, `${file.length} characters`);
		takeIn(there, file);
		assert.equal(there.call('c39')?.messages.length, 40);
		assert.equal(exported(there, { content: true }), file);
	});
});
