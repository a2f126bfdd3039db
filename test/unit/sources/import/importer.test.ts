import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ImportSettings } from '../../../../src/sources/import-protocol.ts';
import { Importer } from '../../../../src/sources/importer.ts';
import type { LiveFacts } from '../../../../src/sources/source.ts';
import { Listener, MemoryLedger, MemorySource, settingsWith } from './memory-ledger.ts';

describe('Importer', () => {
	let ledger: MemoryLedger;
	let source: MemorySource;
	let listener: Listener;
	let importers: Importer[];

	beforeEach(() => {
		ledger = new MemoryLedger();
		source = new MemorySource();
		listener = new Listener();
		importers = [];
	});
	afterEach(() => Promise.all(importers.map((importer) => importer.stop())));

	function importer(settings: Partial<ImportSettings> = {}, sources = [source]): Importer {
		const made = new Importer(sources, ledger, settingsWith(settings), listener.events);
		importers.push(made);
		return made;
	}

	async function importAll(settings: Partial<ImportSettings> = {}): Promise<Importer> {
		const made = importer(settings);
		await made.start();
		await made.idle();
		return made;
	}

	it('reads the unit that changed last first', async () => {
		source.put('old', ['1'], 100);
		source.put('new', ['1'], 300);
		source.put('middle', ['1'], 200);
		await importAll();
		assert.deepEqual(source.reads, ['new', 'middle', 'old']);
	});

	it('issue 5: brings the calls of many new units before the content of any, newest first, and counts each once', async () => {
		const now = Date.now();
		const names = Array.from({ length: 60 }, (_, index) => `unit ${index}`);
		for (const [index, name] of names.entries()) source.put(name, ['1'], now - index * 1000);
		await importAll();
		assert.deepEqual(source.reads, [...names, ...names]);
		const withContent = source.options.map(({ contentSinceMs }) => contentSinceMs < now);
		assert.deepEqual(withContent, [...names.map(() => false), ...names.map(() => true)]);
		const second = await importAll();
		assert.equal(source.reads.length, 120);
		const [status] = second.status();
		assert.deepEqual([status?.calls, status?.unitsDone, status?.state], [60, 60, 'following']);
	});

	it('issue 5: goes on with the content that was still to come after a restart', async () => {
		const now = Date.now();
		for (let index = 0; index < 60; index++) source.put(`unit ${index}`, ['1'], now - index * 1000);
		const first = importer();
		await first.start();
		while (source.reads.length < 70) await new Promise((resolve) => setImmediate(resolve));
		await first.stop();
		await importAll();
		const whole = new Set(source.reads.filter((_, at) => (source.options[at]?.contentSinceMs ?? now) < now));
		assert.equal(whole.size, 60);
		assert.equal(ledger.calls(), 60);
	});

	it('waits with the first unit until all agents were listed, so that the newest of any comes first', async () => {
		const slow = new MemorySource('slow');
		slow.put('newest', ['1'], 500);
		const detect = slow.detect.bind(slow);
		slow.detect = async () => {
			await new Promise((resolve) => setTimeout(resolve, 50));
			return detect();
		};
		source.put('older', ['1'], 400);
		slow.reads = source.reads;
		const made = importer({}, [source, slow]);
		await made.start();
		await made.idle();
		assert.deepEqual(source.reads, ['newest', 'older']);
	});

	it('stores how far it read a unit only after the ledger has its calls', async () => {
		source.put('a', ['1', '2'], 100);
		await importAll();
		assert.deepEqual(ledger.steps, ['record 4', 'state a']);
	});

	it('carries many small units in one message', async () => {
		for (let index = 0; index < 100; index++) source.put(`unit ${index}`, ['1'], index);
		await importAll();
		assert.equal(ledger.steps.filter((step) => step.startsWith('record')).length, 1);
	});

	it('has at most two batches under way, however slow the ledger is', async () => {
		for (let index = 0; index < 20; index++)
			source.put(
				`unit ${index}`,
				Array.from({ length: 200 }, (_, call) => String(call)),
				index,
			);
		let open = (): void => {};
		ledger.gate = new Promise((resolve) => {
			open = resolve;
		});
		const made = importer();
		await made.start();
		await new Promise((resolve) => setImmediate(resolve));
		const readAhead = source.reads.length;
		open();
		await made.idle();
		// Three units of 400 drafts fill a batch.
		assert.ok(readAhead <= 6, `${readAhead} units read ahead`);
		assert.ok(ledger.mostAtOnce <= 2, `${ledger.mostAtOnce} at once`);
		assert.equal(ledger.calls(), 4000);
	});

	it('brings further batches while how far it read the first ones is being stored', async () => {
		source.pageCalls = 100;
		for (let index = 0; index < 20; index++) {
			const calls = Array.from({ length: 300 }, (_, call) => String(call));
			source.put(`unit ${index}`, calls, index);
		}
		let open = (): void => {};
		ledger.stateGate = new Promise((resolve) => {
			open = resolve;
		});
		const made = importer();
		await made.start();
		for (let turns = 0; turns < 1_000 && ledger.calls() < 6_000; turns++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		const recordedMeanwhile = ledger.calls();
		const storedMeanwhile = ledger.states.size;
		open();
		await made.idle();
		assert.deepEqual([recordedMeanwhile, storedMeanwhile], [6_000, 0]);
		assert.deepEqual([made.status()[0]?.calls, made.status()[0]?.unitsDone], [6_000, 20]);
		const stored = [...(ledger.states.get(source.id)?.values() ?? [])];
		assert.equal(
			stored.reduce((sum, { calls }) => sum + calls, 0),
			6_000,
		);
	});

	it('reads again what it could not store how far it had read, and counts its calls once', async () => {
		for (let index = 0; index < 5; index++) source.put(`unit ${index}`, ['1', '2'], index);
		ledger.refuseStates = 1;
		const made = importer();
		await made.start();
		await listener.until(({ unitsDone, state }) => unitsDone === 5 && state === 'following');
		const stored = [...(ledger.states.get(source.id)?.values() ?? [])];
		assert.deepEqual([ledger.calls(), made.status()[0]?.calls], [10, 10]);
		assert.deepEqual(
			stored.map(({ calls }) => calls),
			[2, 2, 2, 2, 2],
		);
	});

	it('reads nothing again that did not change, also after a restart', async () => {
		source.put('a', ['1'], 100);
		await (await importAll()).stop();
		const second = await importAll();
		assert.deepEqual(source.reads, ['a']);
		assert.equal(second.status()[0]?.calls, 1);
		assert.equal(second.status()[0]?.state, 'following');
	});

	it('goes on from the cursor where a unit has grown', async () => {
		source.put('a', ['1'], 100);
		await (await importAll()).stop();
		source.put('a', ['1', '2'], 200);
		const second = await importAll();
		assert.deepEqual(
			source.options.map(({ cursor }) => cursor),
			[null, '1'],
		);
		assert.equal(ledger.calls(), 2);
		assert.deepEqual([second.status()[0]?.calls, second.status()[0]?.skipped], [2, { noUsage: 1 }]);
	});

	it('reads a unit in pages, and counts each of its calls once', async () => {
		source.pageCalls = 3;
		source.put('a', ['1', '2', '3', '4', '5', '6', '7'], 100);
		const made = await importAll();
		assert.equal(source.reads.length, 3);
		assert.deepEqual([made.status()[0]?.calls, made.status()[0]?.unitsDone], [7, 1]);
	});

	it('counts the same however often, and wherever, it was stopped', async () => {
		source.pageCalls = 2;
		for (let index = 0; index < 5; index++) source.put(`unit ${index}`, ['1', '2', '3', '4', '5'], index);
		for (let stops = 1; stops <= 6; stops++) {
			const made = importer();
			await made.start();
			for (let turns = 0; turns < stops; turns++) await new Promise((resolve) => setImmediate(resolve));
			await made.stop();
		}
		const last = await importAll();
		assert.equal(ledger.calls(), 25);
		assert.deepEqual([last.status()[0]?.calls, last.status()[0]?.skipped], [25, { noUsage: 5 }]);
	});

	it('keeps nothing of a batch that the ledger refused, and brings it again', async () => {
		source.pageCalls = 2;
		source.put('a', ['1', '2', '3', '4', '5'], 100);
		ledger.refuse = 1;
		const made = importer();
		await made.start();
		const waiting = await listener.until(({ state }) => state === 'waiting');
		assert.equal(ledger.states.size, 0);
		await listener.until(({ unitsDone, state }) => unitsDone === 1 && state === 'following');
		assert.equal(waiting.calls, 0);
		assert.equal(made.status()[0]?.calls, 5);
		assert.ok(listener.logs.some((line) => line.includes('diskFull')));
	});

	it('counts a unit that cannot be read, tells no content of it, and goes on', async () => {
		source.put('bad', ['1'], 200);
		source.put('good', ['1'], 100);
		source.broken.add('bad');
		const made = await importAll();
		assert.deepEqual(made.status()[0]?.skipped, { unreadable: 1, noUsage: 1 });
		assert.equal(made.status()[0]?.calls, 1);
		assert.ok(!listener.logs.join().includes('secret'));
	});

	it('counts a unit that cannot be read once, however often it is tried, and only until it can be', async () => {
		source.put('a', ['1'], 100);
		const made = await importAll();
		source.broken.add('a');
		for (const changedAtMs of [200, 300, 400]) {
			source.put('a', ['1', '2'], changedAtMs);
			await made.importNow();
			await made.idle();
		}
		assert.deepEqual(made.status()[0]?.skipped, { unreadable: 1, noUsage: 1 });
		source.broken.clear();
		source.put('a', ['1', '2'], 500);
		await made.importNow();
		await made.idle();
		assert.deepEqual([made.status()[0]?.skipped, made.status()[0]?.calls], [{ noUsage: 1 }, 2]);
	});

	it('counts what the ledger refuses as not readable, and keeps the rest', async () => {
		source.put('a', ['1', '2'], 100);
		const read = source.read.bind(source);
		source.read = async (unit, options) => {
			const reading = await read(unit, options);
			const drafts = reading.drafts.map((draft, index) => (index === 0 ? { ...draft, callId: '' } : draft));
			return { ...reading, drafts, skipped: {} };
		};
		const made = await importAll();
		assert.deepEqual([made.status()[0]?.calls, made.status()[0]?.skipped], [1, { malformed: 1 }]);
	});

	it('reads everything anew when more is to be recorded', async () => {
		source.put('a', ['1'], 100);
		const made = await importAll({ metadataDays: 90 });
		await made.setSettings(settingsWith({ metadataDays: null }));
		await made.idle();
		assert.deepEqual(
			source.options.map(({ cursor, earlierCursor, metadataSinceMs }) => [
				cursor,
				earlierCursor,
				metadataSinceMs === 0,
			]),
			[
				[null, null, false],
				[null, '1', true],
			],
		);
		assert.equal(made.status()[0]?.calls, 1, 'and counts no call twice');
	});

	it('leaves a source alone that is off, and takes it up when it is switched on', async () => {
		source.put('a', ['1'], 100);
		const made = await importAll({ off: ['memory'] });
		assert.deepEqual([made.status()[0]?.state, source.reads], ['off', []]);
		await made.setSettings(settingsWith());
		await made.idle();
		assert.equal(ledger.calls(), 1);
		await made.setSettings(settingsWith({ off: ['memory'] }));
		assert.equal(made.status()[0]?.state, 'off');
	});

	it('takes only what changes from now on when the backfill was cancelled, and the rest when asked', async () => {
		const heldSinceMs = Date.now();
		source.put('old', ['1'], 100);
		const made = await importAll({ heldSinceMs });
		assert.deepEqual([made.status()[0]?.state, ledger.calls()], ['held', 0]);
		source.put('live', ['1'], heldSinceMs + 1);
		await made.importNow();
		await made.idle();
		assert.deepEqual(source.reads, ['live']);
		await made.setSettings(settingsWith({ heldSinceMs: null }));
		await made.idle();
		assert.deepEqual(source.reads, ['live', 'old']);
	});

	it('tells what there is of an agent from one listing where that is enough', async () => {
		source.put(join('memory', 'a'), ['1'], 100);
		source.put(join('memory', 'b'), ['1'], 300);
		let listings = 0;
		const { units } = source;
		Object.assign(source, {
			folders: () => ['memory', 'elsewhere'],
			detect: () => assert.fail('listed twice'),
			units: () => {
				listings++;
				return units.call(source);
			},
		});
		const made = await importAll();
		const [status] = made.status();
		assert.deepEqual([listings, status?.places, status?.sinceMs, status?.lastSeenMs], [1, ['memory'], 100, 300]);
		assert.deepEqual([status?.state, status?.unitsDone, ledger.calls()], ['following', 2, 2]);
	});

	it('says so when an agent keeps no records here', async () => {
		const made = await importAll();
		assert.equal(made.status()[0]?.state, 'notFound');
	});

	it('says so when the places of an agent cannot be listed, and goes on with the others', async () => {
		const other = new MemorySource('other');
		other.put('a', ['1'], 100);
		source.detect = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
		const made = importer({}, [source, other]);
		await made.start();
		await made.idle();
		assert.deepEqual(
			made.status().map(({ state, problem }) => [state, problem]),
			[
				['failed', 'EACCES'],
				['following', null],
			],
		);
	});

	it('looks again at the time that a reading asked for', async () => {
		source.put('a', ['1'], 100);
		const read = source.read.bind(source);
		source.read = async (unit, options) => {
			const reading = await read(unit, options);
			return source.reads.length === 1 ? { ...reading, recheckAtMs: Date.now() + 60 } : reading;
		};
		const made = importer();
		await made.start();
		await listener.until(() => source.reads.length === 2);
		await made.idle();
		assert.equal(made.status()[0]?.calls, 1);
	});

	describe('given what was seen of calls while they ran', () => {
		const facts: LiveFacts = {
			provider: 'anthropic',
			model: 'm',
			mode: null,
			endedAtMs: null,
			parentSessionId: null,
			state: 'pending',
		};

		it('reads records with it, and tells which of those calls are in the ledger with their ends', async () => {
			source.put('a', ['1', '2'], 100);
			const made = importer();
			made.seenLive('memory', { 'a/1': facts });
			made.seenLive('other', { 'a/2': facts });
			await made.start();
			await made.idle();
			assert.deepEqual(source.options[0]?.live, { 'a/1': facts });
			assert.deepEqual(listener.recorded, ['a/1']);
		});

		it('says nothing of a call whose end no record tells yet', async () => {
			const read = source.read.bind(source);
			source.read = async (unit, options) => {
				const reading = await read(unit, options);
				return { ...reading, drafts: reading.drafts.filter(({ eventType }) => eventType === 'llm_call') };
			};
			source.put('a', ['1'], 100);
			const made = importer();
			made.seenLive('memory', { 'a/1': facts });
			await made.start();
			await made.idle();
			assert.deepEqual([ledger.calls(), listener.recorded], [1, []]);
		});

		it('counts calls that only that made known, also after a restart', async () => {
			source.put('a', ['1'], 100);
			const made = await importAll();
			await made.countLive('memory', 2);
			assert.equal(made.status()[0]?.calls, 3);
			const [status] = (await importAll()).status();
			assert.deepEqual([status?.calls, status?.unitsTotal, status?.skipped], [3, 1, { noUsage: 1 }]);
		});

		it('remembers the calls that were seen last', async () => {
			source.put('a', ['1'], 100);
			const made = importer();
			for (let n = 0; n <= 5_000; n++) made.seenLive('memory', { [`call ${n}`]: facts });
			await made.start();
			await made.idle();
			const live = Object.keys(source.options[0]?.live ?? {});
			assert.deepEqual([live.length, live[0], live.at(-1)], [5_000, 'call 1', 'call 5000']);
		});
	});
});
