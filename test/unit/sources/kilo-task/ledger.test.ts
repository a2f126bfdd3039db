import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompletionEvent } from '../../../../src/core/completion-event.ts';
import { type DraftInput, draftSchema } from '../../../../src/core/draft.ts';
import type { CallDetail } from '../../../../src/core/views.ts';
import type { Ledger } from '../../../../src/ledger/ledger.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { rooCode } from '../../../../src/sources/kilo-task/dialects.ts';
import { LiveTracker } from '../../../../src/sources/kilo-task/live-tracker.ts';
import { rowSchema } from '../../../../src/sources/kilo-task/records.ts';
import { taskFolderSource } from '../../../../src/sources/kilo-task/task-folder-source.ts';
import { CompletionReporter } from '../../../../src/telemetry/completion-reporter.ts';
import { Recorded, readAll } from './recorded.ts';
import { requestRow, simpleTask, usageInfo, writeTask } from './task-builder.ts';

const workerPath = join(import.meta.dirname, '../../../../src/ledger/worker.ts');

describe('a Kilo-style task in the ledger, seen live and then read from disk', () => {
	let folder = '';
	let ledger: Ledger;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-kilo-task-'));
		ledger = openLedger({ directory: folder, workerPath });
	});
	afterEach(async () => {
		await ledger.close();
		rmSync(folder, { recursive: true });
	});

	async function record(drafts: DraftInput[]): Promise<string[]> {
		const receipts = await ledger.record(drafts.map((draft) => draftSchema.parse(draft)));
		return receipts.map(({ outcome }) => outcome);
	}

	async function seenAndRead(name: string): Promise<{ recorded: Recorded; details: CallDetail[] }> {
		const recorded = new Recorded(name);
		const { drafts, tracker } = recorded.replay();
		await record(drafts);
		const readings = await recorded.read(tracker.facts());
		const onDisk = readings.flatMap((reading) => reading.drafts);
		await record(onDisk);
		assert.ok(
			(await record(onDisk)).every((outcome) => outcome === 'unchanged'),
			'read again',
		);
		const found = await Promise.all(recorded.calls.map(({ callId }) => ledger.call(callId)));
		return { recorded, details: found.flatMap((detail) => detail ?? []) };
	}

	it('is there once, with what the records add', async () => {
		const { recorded, details } = await seenAndRead('roo-3.52.1');
		const { total } = await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 100 });
		assert.equal(total, recorded.calls.length);
		assert.deepEqual(
			details.map(({ row }) => row.outputTokens),
			recorded.calls.map(({ served }) => served.canonical.output),
		);
		assert.ok(details.every(({ messages, completion }) => messages.length > 0 && completion !== null));
	});

	it('ends where the earlier of both ends it', async () => {
		const { recorded, details } = await seenAndRead('kilo-legacy-5.10.4');
		const late = details.map(({ row }, index) => {
			const served = recorded.calls[index]?.served;
			assert.ok(served && row.endedAtMs !== null);
			return row.endedAtMs - Date.parse(served.tsEnd);
		});
		assert.ok(
			late.every((ms) => ms >= 0 && ms <= 700),
			`ms after the stream's end: ${late}`,
		);
	});

	it('keeps the call that the agent deleted', async () => {
		const { details } = await seenAndRead('kilo-legacy-5.10.4-abort');
		assert.deepEqual(
			details.map(({ row }) => row.state),
			['ok', 'cancelled', 'ok', 'cancelled'],
		);
		assert.equal(details[1]?.usage, null);
	});

	it('is there once when the disk was quicker, with the earlier end and one completion reported', async () => {
		const events: CompletionEvent[] = [];
		const standard = {
			appName: 'a',
			appVersion: '1',
			vscodeVersion: '1',
			platform: 'p',
			editorName: 'e',
			language: 'en',
		};
		const reporter = new CompletionReporter(standard, (event) => events.push(event));
		const tracker = new LiveTracker({ dialect: rooCode, folder: null });
		const see = async (info: object, atMs: number): Promise<void> => {
			const row = rowSchema.parse(requestRow(1_000_000, info));
			const drafts = tracker.accept({ kind: 'message', taskId: 'one', row }, atMs);
			for (const draft of drafts.map((input) => draftSchema.parse(input))) {
				if (draft.eventType === 'llm_call') reporter.began(draft);
				if (draft.eventType === 'llm_response') reporter.ended(draft);
			}
			await record(drafts);
			reporter.stored({ callId, cost: null });
		};
		const callId = 'roo-code:one:1000000';
		await see({ apiProtocol: 'openai' }, 1_000_010);

		const source = taskFolderSource(rooCode, { rates: () => [], now: () => 1_000_700 });
		const key = writeTask(folder, 'one', simpleTask(1));
		const onDisk = await source.read({ key, changedAtMs: 0, stamp: '' }, { ...readAll(), live: tracker.facts() });
		await record(onDisk.drafts);
		tracker.readFromDisk([callId]);
		await see(usageInfo(100), 1_000_900);
		await see(usageInfo(100), 1_000_950);

		const { total } = await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 100 });
		const detail = await ledger.call(callId);
		assert.deepEqual([total, detail?.row.endedAtMs, detail?.row.latencyMs], [1, 1_000_500, 500]);
		assert.deepEqual([detail?.row.inputTokens, detail?.completion], [100, 'answer 1000000']);
		assert.deepEqual(
			events.map(({ properties }) => [properties.inputTokens, properties.completionTime]),
			[[100, 900]],
		);
		assert.ok((await record(onDisk.drafts)).every((outcome) => outcome === 'unchanged'));
	});

	it('keeps where a call went that began before the window was reloaded', async () => {
		const row = (info: object) => rowSchema.parse(requestRow(1_000_000, info));
		const before = new LiveTracker({ dialect: rooCode, folder: null });
		before.configuredBy(() => ({ apiProvider: 'openai-codex', apiModelId: 'gpt-5-codex', mode: 'code' }));
		const begun = { kind: 'message', taskId: 'one', row: row({ apiProtocol: 'openai' }), updated: false } as const;
		await record(before.accept(begun, 1_000_010));
		const asked = (await ledger.call('roo-code:one:1000000'))?.row;

		const after = new LiveTracker({ dialect: rooCode, folder: null });
		after.configuredBy(() => ({ apiProvider: 'anthropic', apiModelId: 'claude-sonnet-4-5', mode: 'ask' }));
		const ended = { ...begun, row: row(usageInfo(100)), updated: true };
		await record(after.accept(ended, 1_000_900));
		const detail = await ledger.call('roo-code:one:1000000');
		const found = detail?.row;
		assert.equal(detail?.mode, 'code');
		assert.equal(asked?.model, 'gpt-5-codex');
		for (const key of ['provider', 'model', 'actualModel'] as const) {
			assert.equal(found?.[key], asked?.[key], key);
		}
		assert.deepEqual([found?.state, found?.inputTokens, found?.cost?.billing], ['ok', 100, 'subscription']);
	});

	it('has the input of a cut stream from the records', async () => {
		const { details } = await seenAndRead('roo-3.52.1-disconnect-anthropic');
		const [, cut] = details;
		assert.deepEqual([cut?.row.state, cut?.usage?.inputTotal, cut?.usageBound], ['error', 7096, 'atLeast']);
	});
});
