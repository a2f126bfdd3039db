import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { CompletionEvent } from '../../../src/core/completion-event.ts';
import type { Draft } from '../../../src/core/draft.ts';
import { Recording, type RecordingLedger } from '../../../src/host/recording.ts';
import { LedgerError, type Receipt } from '../../../src/ledger/ledger.ts';
import { CompletionReporter } from '../../../src/telemetry/completion-reporter.ts';
import { callDraft, responseDraft } from '../core/drafts.ts';

/** A ledger that does with drafts what a test says. */
class FakeLedger implements RecordingLedger {
	phase: RecordingLedger['phase'] = 'ready';
	ledger: RecordingLedger['ledger'] = Promise.reject(new LedgerError('closed', 'Not open.'));
	readonly taken: Draft[] = [];

	constructor() {
		this.ledger.catch(() => undefined);
	}

	answer: (drafts: Draft[]) => Promise<Receipt[]> = async (drafts) => drafts.map(() => receipt('appended'));

	record(drafts: Draft[]): Promise<Receipt[]> {
		this.taken.push(...drafts);
		return this.answer(drafts);
	}
}

const receipt = (outcome: Receipt['outcome']): Receipt => ({
	callId: 'call-1',
	outcome,
	eventId: null,
	hash: null,
	reason: null,
});

describe('recording what is observed', () => {
	let ledger: FakeLedger;
	let events: CompletionEvent[];
	let errors: string[];
	let recording: Recording;

	beforeEach(() => {
		ledger = new FakeLedger();
		events = [];
		errors = [];
		const reporter = new CompletionReporter({ appVersion: '0', vscodeVersion: '0', platform: 'linux' }, (event) =>
			events.push(event),
		);
		recording = new Recording(ledger, reporter, { error: (message: string) => errors.push(message) });
	});

	it('fills in what a source leaves out', async () => {
		const { messages: _, tools: __, ...bare } = callDraft();
		await recording.record([bare]);
		assert.equal(ledger.taken.length, 1);
		const [draft] = ledger.taken;
		assert.ok(draft?.eventType === 'llm_call');
		assert.deepEqual(draft.messages, []);
		assert.equal(draft.kind, 'chat');
	});

	it('names the field of a draft that is not valid, and hands nothing over', async () => {
		const draft = { ...responseDraft(), endedAtMs: -1 };
		await assert.rejects(recording.record([callDraft(), draft]), (error: unknown) => {
			assert.ok(error instanceof LedgerError);
			assert.equal(error.reason, 'badInput');
			assert.match(error.message, /endedAtMs/);
			return true;
		});
		assert.deepEqual(ledger.taken, []);
	});

	it('hides every failure from the observed agent and logs it without content', async () => {
		ledger.answer = () => Promise.reject(new LedgerError('diskFull', 'The disk is full.'));
		recording.accept(responseDraft({ completion: 'private words' }));
		recording.accept({ ...callDraft({ systemPrompt: 'private words' }), model: '' });
		await new Promise(setImmediate);
		assert.equal(errors.length, 2);
		assert.match(errors.join('\n'), /The disk is full/);
		assert.equal(errors.join('\n').includes('private words'), false);
	});

	it('makes the event of a call that the ledger refuses', async () => {
		ledger.answer = async () => [receipt('rejected')];
		await recording.record([responseDraft()]);
		assert.equal(events.length, 1);
	});

	it('does not let events wait for a ledger in trouble', () => {
		ledger.phase = 'failed';
		ledger.answer = () => new Promise(() => undefined);
		recording.accept(responseDraft());
		assert.equal(events.length, 1);
	});

	it("makes one event of a live call whose end the agent's record told first", async () => {
		ledger.answer = async (drafts) => drafts.map(() => receipt('superseded'));
		await recording.record([responseDraft()]);
		await recording.record([responseDraft()]);
		assert.equal(events.length, 1);
	});

	it('leaves the event of a call that was stored to the news of its price', async () => {
		await recording.record([callDraft(), responseDraft()]);
		assert.deepEqual(events, []);
	});

	it('makes one event of a call that the ledger knows by another id, with the price it has there', async () => {
		const row = { cost: { nanoUsd: 5, basis: 'computed', bound: 'exact', diverges: false, billing: 'api' } };
		ledger.ledger = Promise.resolve({ call: async () => ({ row }) }) as unknown as RecordingLedger['ledger'];
		ledger.answer = async () => [{ ...receipt('superseded'), callId: 'elsewhere' }];
		await recording.record([responseDraft()]);
		assert.deepEqual(
			events.map(({ properties }) => properties.cost),
			[5e-9],
		);
	});

	it('is settled once everything handed in so far is stored or refused', async () => {
		const answers: ((receipts: Receipt[]) => void)[] = [];
		ledger.answer = () => new Promise((resolve) => answers.push(resolve));
		recording.accept(callDraft());
		recording.accept(callDraft());
		let settled = false;
		const waiting = recording.settled().then(() => {
			settled = true;
		});
		answers[0]?.([receipt('appended')]);
		await new Promise(setImmediate);
		assert.equal(settled, false);
		answers[1]?.([receipt('rejected')]);
		await waiting;
		assert.equal(settled, true);
	});

	it('says once why calls are lost, and again when the reason changes or after it went well', async () => {
		const failing = (message: string) => () => Promise.reject(new LedgerError('diskFull', message));
		for (const answer of [failing('full'), failing('full'), failing('gone')]) {
			ledger.answer = answer;
			recording.accept(callDraft());
			await new Promise(setImmediate);
		}
		ledger.answer = async () => [receipt('appended')];
		recording.accept(callDraft());
		await new Promise(setImmediate);
		ledger.answer = failing('gone');
		recording.accept(callDraft());
		await new Promise(setImmediate);
		assert.deepEqual(
			errors.map((text) => text.split(': ').at(-1)),
			['full', 'gone', 'gone'],
		);
	});
});
