import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kiloDb, opencodeDb } from '../../../../src/sources/kilo-db/kilo-db.ts';
import { placesAt, remove, temporaryFolder, unitsOf } from '../kilo-db/agent-database.ts';

describe('where Kilo 7 and opencode keep their databases', () => {
	let home: string;

	beforeEach(() => {
		home = temporaryFolder();
	});
	afterEach(() => remove(home));

	function file(...names: string[]): string {
		const path = join(home, ...names);
		mkdirSync(join(path, '..'), { recursive: true });
		writeFileSync(path, 'x');
		return path;
	}

	it('is the data folder, with a database for each release channel', async () => {
		const released = file('.local/share/opencode/opencode.db');
		const other = file('.local/share/opencode/opencode-dev.db');
		file('.local/share/opencode/opencode.db-wal');
		file('.local/share/opencode/auth.json');
		const units = await unitsOf(opencodeDb, placesAt(home));
		assert.deepEqual(units.map(({ key }) => key).sort(), [other, released].sort());
	});

	it('is another one when the environment says so, absolute or within the data folder', async () => {
		const moved = file('data/kilo/kilo.db');
		const absolute = file('elsewhere/my.db');
		const relative = file('data/kilo/other.db');
		const env = { XDG_DATA_HOME: join(home, 'data') };
		const keys = async (named: string): Promise<string[]> =>
			(await unitsOf(kiloDb, placesAt(home, { ...env, KILO_DB: named }))).map(({ key }) => key);
		assert.deepEqual(await keys(absolute), [moved, absolute]);
		assert.deepEqual(await keys('other.db'), [moved, relative]);
		assert.deepEqual(await keys(':memory:'), [moved]);
	});

	it('is what the user adds', async () => {
		const added = file('copies/kilo.db');
		const places = { ...placesAt(home), customPlaces: { 'kilo-db': [join(home, 'copies')] } };
		assert.deepEqual(
			(await unitsOf(kiloDb, places)).map(({ key }) => key),
			[added],
		);
	});

	it('is found when there is only a log yet, and not when there is nothing', async () => {
		assert.equal(await kiloDb.detect(placesAt(home)), null);
		const path = file('.local/share/kilo/kilo.db');
		writeFileSync(path, '');
		assert.equal(await kiloDb.detect(placesAt(home)), null);
		writeFileSync(`${path}-wal`, 'log');
		assert.deepEqual((await kiloDb.detect(placesAt(home)))?.places, [path]);
	});

	it('tells a unit by the path of any of its files', async () => {
		const path = file('.local/share/kilo/kilo.db');
		assert.equal((await kiloDb.unitAt(`${path}-wal`, placesAt(home)))?.key, path);
		assert.equal(await kiloDb.unitAt(join(path, '..', 'log.txt'), placesAt(home)), null);
	});

	it('has a stamp that changes with the log alone', async () => {
		const path = file('.local/share/kilo/kilo.db');
		const [before] = await unitsOf(kiloDb, placesAt(home));
		writeFileSync(`${path}-wal`, 'log');
		const [after] = await unitsOf(kiloDb, placesAt(home));
		assert.notEqual(before?.stamp.split(':').slice(0, 5).join(), after?.stamp.split(':').slice(0, 5).join());
	});
});
