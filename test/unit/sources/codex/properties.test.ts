import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { draftSchema } from '../../../../src/core/draft.ts';
import type { LedgerClient } from '../../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../../src/ledger/open-ledger.ts';
import { CodexSource } from '../../../../src/sources/codex/codex-source.ts';
import {
	Collected,
	collect,
	copyRecorded,
	placesAt,
	readAll,
	remove,
	temporaryFolder,
	unitsOf,
} from '../folded/reading.ts';
import { RolloutBuilder, uuid7 } from './rollout-builder.ts';

/** Rollouts with everything in them that could be counted twice. */
const rollouts: Record<string, () => RolloutBuilder> = {
	'with usage records': () => busy(new RolloutBuilder({ style: 'records' }).header()),
	'with items before counts': () => busy(new RolloutBuilder({ style: 'itemsFirst' }).header()),
	'with counts before items': () => busy(new RolloutBuilder({ style: 'countsFirst' }).header()),
	'of a fork': () => {
		const atMs = Date.UTC(2026, 10, 21, 12);
		const parent = busy(new RolloutBuilder({ style: 'itemsFirst', atMs }).header());
		const child = new RolloutBuilder({ style: 'itemsFirst', atMs: atMs + 3_600_000, total: parent.total });
		child.header({ forked_from_id: parent.id });
		for (const line of parent.lines) {
			const { type, payload } = JSON.parse(line);
			child.line(type, payload);
		}
		return busy(child, 3_700_000);
	},
};

function busy(builder: RolloutBuilder, laterMs = 0): RolloutBuilder {
	builder.nowMs += laterMs;
	const tool = { id: 'call_1', name: 'shell', args: { cmd: 'ls «é»' }, output: 'a.md' };
	builder.turn('First.').call({ reasoning: 'Hm.', tool, planType: 'plus' }).call({ text: 'Ä.' }).endTurn();
	builder
		.turn('Second.', { model: 'gpt-5.1' })
		.call({ counts: { input: 2000, output: 70 } })
		.cutCall();
	builder.call({ counts: { input: 2100, cached: 2000, output: 9 } }).endTurn();
	builder.line('compacted', { message: 'A summary.' });
	return builder.turn('Third.').call({ counts: null }).event('turn_aborted').turn('Fourth.').call().endTurn();
}

describe('however rollouts of Codex are read', () => {
	let home: string;
	beforeEach(() => {
		home = temporaryFolder();
	});
	afterEach(() => remove(home));

	/** Everything that one reading at the end finds. */
	async function inOneGo(): Promise<unknown[]> {
		return (await collect(new CodexSource(), placesAt(home))).rows();
	}

	async function readNow(source: CodexSource, collected: Collected, cursor: string | null): Promise<string | null> {
		const [unit] = await unitsOf(source, placesAt(home));
		return unit === undefined ? cursor : collected.read(source, unit, { cursor });
	}

	for (const [name, build] of Object.entries(rollouts)) {
		describe(name, () => {
			it('tells the same when a read is split at any byte', async () => {
				const builder = build();
				const path = builder.path(home);
				mkdirSync(dirname(path), { recursive: true });
				const bytes = Buffer.from(builder.text());
				// Every byte of some lines, and some bytes of every line.
				for (let at = 1; at < bytes.length; at += at % 1_500 < 120 ? 1 : 97) {
					writeFileSync(path, bytes.subarray(0, at));
					const source = new CodexSource();
					const collected = new Collected();
					const cursor = await readNow(source, collected, null);
					appendFileSync(path, bytes.subarray(at));
					await readNow(source, collected, cursor);
					const rows = collected.rows();
					const expected = await inOneGo();
					assert.deepEqual(rows, expected, `split at byte ${at}`);
				}
			}).timeout(60_000);

			it('tells the same when it is followed line by line, and when the reader is started anew each time', async () => {
				const lines = build().text().trimEnd().split('\n');
				const path = build().path(home);
				mkdirSync(dirname(path), { recursive: true });
				const following = new CodexSource();
				const readers = [
					{ source: () => following, collected: new Collected(), cursor: null as string | null },
					{ source: () => new CodexSource(), collected: new Collected(), cursor: null as string | null },
				];
				for (const line of lines) {
					appendFileSync(path, `${line}\n`);
					for (const reader of readers) {
						reader.cursor = await readNow(reader.source(), reader.collected, reader.cursor);
					}
				}
				const expected = await inOneGo();
				for (const { collected } of readers) assert.deepEqual(collected.rows(), expected);
			});

			it('tells the same when it is sent back to an earlier place', async () => {
				const builder = build();
				const path = builder.path(home);
				mkdirSync(dirname(path), { recursive: true });
				const bytes = Buffer.from(builder.text());
				const source = new CodexSource();
				const cursors: (string | null)[] = [null];
				for (let part = 1; part <= 4; part++) {
					writeFileSync(path, bytes.subarray(0, Math.floor((bytes.length * part) / 4)));
					cursors.push(await readNow(source, new Collected(), cursors.at(-1) ?? null));
				}
				const expected = await inOneGo();
				const collected = new Collected();
				for (const cursor of cursors.toReversed()) await readNow(source, collected, cursor);
				assert.deepEqual(collected.rows(), expected);
			});

			it('changes nothing by being read again', async () => {
				build().write(home);
				const collected = await collect(new CodexSource(), placesAt(home));
				const before = collected.rows();
				for (const unit of await unitsOf(new CodexSource(), placesAt(home))) {
					await collected.read(new CodexSource(), unit);
				}
				assert.deepEqual(collected.rows(), before);
			});

			it('counts what it leaves out once, wherever it is stopped', async () => {
				const builder = build();
				const path = builder.write(home);
				const { skipped } = await collect(new CodexSource(), placesAt(home));
				const bytes = readFileSync(path);
				for (let part = 1; part < 8; part++) {
					const at = Math.floor((bytes.length * part) / 8);
					writeFileSync(path, bytes.subarray(0, at));
					const collected = new Collected();
					const cursor = await readNow(new CodexSource(), collected, null);
					appendFileSync(path, bytes.subarray(at));
					await readNow(new CodexSource(), collected, cursor);
					assert.deepEqual(collected.skipped, skipped);
				}
			});
		});
	}

	it('gives a large rollout in pages that add up, each going on where the last one ended', async () => {
		const builder = new RolloutBuilder().header();
		for (let turn = 0; turn < 60; turn++) {
			builder
				.turn(`Turn ${turn}`)
				.call({ text: 'text '.repeat(60_000) })
				.endTurn();
			builder.line('compacted', { message: `Summary ${turn}.`, replacement_history: [] });
		}
		builder.write(home);
		const [unit] = await unitsOf(new CodexSource(), placesAt(home));
		assert.ok(unit);
		const first = await new CodexSource().read(unit, readAll);
		assert.equal(first.more, true);
		const held = await collect(new CodexSource(), placesAt(home));
		const anew = new Collected();
		let cursor: string | null = null;
		for (let more = true; more; ) {
			const reading = await new CodexSource().read(unit, { ...readAll, cursor });
			anew.add(reading);
			cursor = reading.cursor;
			more = reading.more ?? false;
		}
		assert.deepEqual(held.tokens(), { calls: 60, input: 60_000, output: 3_000, unknown: 0 });
		assert.deepEqual(anew.rows(), held.rows());
	});

	describe('in the ledger', () => {
		let ledger: LedgerClient;
		beforeEach(() => {
			const workerPath = join(import.meta.dirname, '../../../../src/ledger/worker.ts');
			ledger = openLedger({ directory: join(home, 'ledger'), workerPath });
		});
		afterEach(() => ledger.close());

		async function record(order: (keys: string[]) => string[]): Promise<void> {
			const source = new CodexSource();
			const units = await unitsOf(source, placesAt(home));
			for (const key of order(units.map((unit) => unit.key))) {
				const unit = units.find((each) => each.key === key);
				assert.ok(unit);
				const { drafts } = await source.read(unit, readAll);
				await ledger.record(drafts.map((draft) => draftSchema.parse(draft)));
			}
		}

		it('adds up to the same in any order of files, and however often they are read', async () => {
			const atMs = Date.UTC(2026, 10, 21, 12);
			busy(new RolloutBuilder({ style: 'itemsFirst', atMs, id: uuid7(atMs) }).header()).write(home);
			rollouts['of a fork']?.().write(home);
			busy(new RolloutBuilder({ style: 'records', atMs: atMs + 9_000_000 }).header()).write(home);
			await record((keys) => keys);
			const once = await ledger.totals({});
			await record((keys) => keys.toReversed());
			await record((keys) => keys);
			const often = await ledger.totals({});
			assert.deepEqual(often, once);
			const { calls, input, output } = (await collect(new CodexSource(), placesAt(home))).tokens();
			assert.deepEqual([once.calls, once.inputTokens, once.outputTokens], [calls, input, output]);
			assert.ok((await ledger.verify()).ok);
		});

		it('keeps the recorded sessions exactly', async () => {
			copyRecorded('codex-0.169.0-disconnect', home);
			await record((keys) => keys);
			const { calls, inputTokens, outputTokens, pending } = await ledger.totals({});
			assert.deepEqual([calls, inputTokens, outputTokens, pending], [4, 25_456, 584, 0]);
		});
	});
});
