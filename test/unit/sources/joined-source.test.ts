import assert from 'node:assert/strict';
import { JoinedSource } from '../../../src/sources/joined-source.ts';
import type { RecordUnit, Source } from '../../../src/sources/source.ts';
import { MemorySource, nowhere } from './import/memory-ledger.ts';
import { readAll } from './kilo-db/agent-database.ts';

/** A part that is told of changes, and looks as often as it is made to. */
class Part extends MemorySource {
	readonly busyPollMs: number;
	watched: ReturnType<Source['watch']> = [];
	noticed: RecordUnit | null = null;

	constructor(pollMs: number, busyPollMs: number) {
		super('agent', pollMs);
		this.busyPollMs = busyPollMs;
	}

	async unitAt(path: string): Promise<RecordUnit | null> {
		return path === this.noticed?.key ? this.noticed : null;
	}

	override watch(): ReturnType<Source['watch']> {
		return this.watched;
	}
}

describe('an agent whose records lie in two places', () => {
	let quick: Part;
	let slow: Part;
	let joined: JoinedSource;
	let nowMs: number;
	const places = { ...nowhere };

	beforeEach(() => {
		nowMs = 0;
		quick = new Part(2_000, 150);
		slow = new Part(20_000, 10_000);
		joined = new JoinedSource(quick, [slow], () => nowMs);
		quick.put('database', ['a'], 100);
		slow.put('file 1', ['b', 'c'], 50);
	});

	async function keys(of = places): Promise<string[]> {
		const listed: string[] = [];
		for await (const unit of joined.units(of)) listed.push(`${unit.key}: ${unit.stamp}`);
		return listed;
	}

	it('has the name of the first and looks as often as the quickest', () => {
		assert.deepEqual([joined.id, joined.title, joined.pollMs, joined.busyPollMs], ['agent', 'Memory', 2_000, 150]);
	});

	it('is found where any of its parts is', async () => {
		const found = await joined.detect(places);
		assert.deepEqual(found, { places: ['memory'], units: 2, sinceMs: 50, lastSeenMs: 100 });
		quick.contents.clear();
		assert.equal((await joined.detect(places))?.units, 1);
		slow.contents.clear();
		assert.equal(await joined.detect(places), null);
	});

	it('lets each part read its own units', async () => {
		const units: RecordUnit[] = [];
		for await (const unit of joined.units(places)) units.push(unit);
		for (const unit of units) await joined.read(unit, readAll);
		assert.deepEqual([quick.reads, slow.reads], [['database'], ['file 1']]);
	});

	it('lists each part as often as that asks to be', async () => {
		await keys();
		quick.put('database', ['a', 'b'], 200);
		slow.put('file 2', ['d'], 200);
		nowMs = 9_999;
		assert.deepEqual(await keys(), ['database: 2 200', 'file 1: 2 50']);
		nowMs = 10_000;
		assert.deepEqual(await keys(), ['database: 2 200', 'file 1: 2 50', 'file 2: 1 200']);
	});

	it('lists all of them when the places are others, or everything is to be looked for', async () => {
		await keys();
		slow.put('file 2', ['d'], 200);
		assert.equal((await keys({ ...places })).length, 3);
		slow.put('file 3', ['e'], 300);
		await joined.detect(places);
		assert.equal((await keys()).length, 4);
	});

	it('takes nothing for news that was read since it was listed', async () => {
		await keys();
		slow.put('file 1', ['b', 'c', 'd'], 60);
		await joined.read({ key: 'file 1', changedAtMs: 50, stamp: '2 50' }, readAll);
		assert.deepEqual(await keys(), ['database: 1 100', 'file 1: 3 60']);
	});

	it('finds the unit of a changed path in whichever part has it', async () => {
		await keys();
		const changed = { key: 'file 9', changedAtMs: 70, stamp: 'new' };
		slow.noticed = changed;
		assert.deepEqual(await joined.unitAt('file 9', places), changed);
		assert.equal(await joined.unitAt('file 8', places), null);
		assert.deepEqual(await keys(), ['database: 1 100', 'file 1: 2 50', 'file 9: new']);
		slow.put('file 9', ['x'], 70);
		await joined.read(changed, readAll);
		assert.deepEqual(slow.reads, ['file 9']);
	});

	it('watches what its parts watch, each place once', () => {
		quick.watched = [
			{ path: '/a', recursive: false },
			{ path: '/b', recursive: false },
		];
		slow.watched = [{ path: '/a', recursive: true }];
		assert.deepEqual(joined.watch(places), [
			{ path: '/a', recursive: true },
			{ path: '/b', recursive: false },
		]);
	});
});
