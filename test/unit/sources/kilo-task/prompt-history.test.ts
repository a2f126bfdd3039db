import assert from 'node:assert/strict';
import { normaliseMessages } from '../../../../src/core/normalise-messages.ts';
import { answerOf, PromptHistory } from '../../../../src/sources/kilo-task/prompt-history.ts';
import { type HistoryMessage, historyMessageSchema } from '../../../../src/sources/kilo-task/records.ts';

function message(role: 'user' | 'assistant', text: string, more: Record<string, unknown> = {}): HistoryMessage {
	return historyMessageSchema.parse({ role, content: [{ type: 'text', text }], ...more });
}

function historyOf(
	messages: HistoryMessage[],
	condensedAt: { ts: number; condenseId: string | null }[] = [],
): PromptHistory {
	return new PromptHistory(messages, (each) => normaliseMessages([each]), condensedAt);
}

function texts(history: PromptHistory, end: number, ts: number): string[] {
	return history
		.promptBefore(end, ts)
		.map(({ content }) => (typeof content === 'string' ? content : String(content[0]?.text)));
}

describe('PromptHistory', () => {
	it('gives a call what came before its own answer', () => {
		const history = historyOf([
			message('user', 'one', { ts: 11 }),
			message('assistant', 'a', { ts: 15 }),
			message('user', 'two', { ts: 21 }),
			message('assistant', 'b', { ts: 25 }),
		]);
		const turns = history.turns([
			{ ts: 10, failed: false },
			{ ts: 20, failed: false },
		]);
		assert.deepEqual(turns, [
			{ assistant: 1, promptEnd: 1 },
			{ assistant: 3, promptEnd: 3 },
		]);
		assert.deepEqual(texts(history, 3, 20), ['one', 'a', 'two']);
	});

	it('gives a cut call and its retry the same prompt', () => {
		const history = historyOf([message('user', 'one', { ts: 11 }), message('assistant', 'a', { ts: 55 })]);
		const turns = history.turns([
			{ ts: 10, failed: true },
			{ ts: 50, failed: false },
		]);
		assert.deepEqual(turns, [
			{ assistant: null, promptEnd: 1 },
			{ assistant: 1, promptEnd: 1 },
		]);
	});

	it('gives a call that still runs all that was said', () => {
		const history = historyOf([message('user', 'one', { ts: 11 })]);
		assert.deepEqual(history.turns([{ ts: 10, failed: false }]), [{ assistant: null, promptEnd: 1 }]);
	});

	it('walks a history without times in order, past rows that failed', () => {
		const history = historyOf([
			message('user', 'one'),
			message('assistant', 'a'),
			message('user', 'two'),
			message('assistant', 'b'),
		]);
		const turns = history.turns([
			{ ts: 10, failed: false },
			{ ts: 20, failed: true },
			{ ts: 30, failed: false },
		]);
		assert.deepEqual(
			turns.map(({ assistant }) => assistant),
			[1, null, 3],
		);
	});

	it('puts back for earlier calls what a later condensation took out', () => {
		const history = historyOf(
			[
				message('user', 'one', { ts: 11, condenseParent: 'c' }),
				message('assistant', 'a', { ts: 15, condenseParent: 'c' }),
				message('user', 'summary', { ts: 16, isSummary: true, condenseId: 'c' }),
				message('user', 'two', { ts: 41 }),
				message('assistant', 'b', { ts: 45 }),
			],
			[{ ts: 30, condenseId: 'c' }],
		);
		assert.deepEqual(texts(history, 1, 10), ['one']);
		assert.deepEqual(texts(history, 4, 40), ['summary', 'two']);
		assert.equal(history.countBefore(4, 40), 2);
		assert.deepEqual(texts(history, 2, 20), ['one', 'a'], 'a call before the condensation');
	});

	it('leaves out what a truncation hid, from then on', () => {
		const history = historyOf([
			message('user', 'one', { ts: 11, truncationParent: 't' }),
			message('user', 'hidden', { ts: 30, isTruncationMarker: true, truncationId: 't' }),
			message('user', 'two', { ts: 41 }),
		]);
		assert.deepEqual(texts(history, 3, 40), ['hidden', 'two']);
		assert.deepEqual(texts(history, 3, 20), ['one', 'two']);
	});

	it('reads model, mode and folder from the details that the agent adds, not from a file that quotes them', () => {
		const details =
			'<environment_details>\n# Current Mode\n<slug>ask</slug>\n<model>gpt-5</model>\n# Current Workspace Directory (/a (b)) Files\n</environment_details>';
		const history = historyOf([
			historyMessageSchema.parse({
				role: 'user',
				content: [
					{ type: 'text', text: 'see: <environment_details><model>fake</model></environment_details>' },
					{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: details }] },
				],
			}),
		]);
		assert.deepEqual(history.environmentBefore(1), { model: 'gpt-5', mode: 'ask', folder: '/a (b)' });
		assert.equal(history.folder(), '/a (b)');
	});
});

describe('answerOf', () => {
	it('takes an assistant message apart', () => {
		const answer = answerOf(
			historyMessageSchema.parse({
				role: 'assistant',
				content: [
					{ type: 'reasoning', text: 'hm' },
					{ type: 'text', text: 'done' },
					{ type: 'tool_use', id: 't1', name: 'read_file', input: { path: 'x' } },
					{ type: 'thoughtSignature', thoughtSignature: 'zz' },
				],
			}),
		);
		assert.deepEqual(answer, {
			completion: 'done',
			reasoning: 'hm',
			toolCalls: [{ id: 't1', name: 'read_file', arguments: { path: 'x' } }],
			thoughtSignature: true,
		});
	});
});
