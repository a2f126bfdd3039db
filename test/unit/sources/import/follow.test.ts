import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Importer } from '../../../../src/sources/importer.ts';
import type { Places, RecordUnit, Source } from '../../../../src/sources/source.ts';
import {
	AgentDatabase,
	kiloDatabaseIn,
	kiloSource,
	placesAt,
	remove,
	temporaryFolder,
} from '../kilo-db/agent-database.ts';
import { Listener, MemoryLedger, MemorySource, settingsWith } from './memory-ledger.ts';

/** Files in `<home>/units`, each a unit with one call for each line. Found by watching alone: it is hardly ever polled. */
class FileSource extends MemorySource {
	readonly #home: string;

	constructor(home: string, pollMs: number) {
		super('files', pollMs);
		this.#home = home;
	}

	override watch(_places?: Places): ReturnType<Source['watch']> {
		return [{ path: join(this.#home, 'units'), recursive: true }];
	}

	async unitAt(path: string): Promise<RecordUnit | null> {
		const found = await stat(path);
		if (found.isDirectory()) {
			const [first] = await readdir(path);
			return first === undefined ? null : this.unitAt(join(path, first));
		}
		const { mtimeMs, size } = found;
		this.put(
			path,
			Array.from({ length: size }, (_, index) => String(index)),
			Math.round(mtimeMs),
		);
		return { key: path, changedAtMs: Math.round(mtimeMs), stamp: `${size} ${Math.round(mtimeMs)}` };
	}
}

describe('following records', () => {
	let home: string;
	let ledger: MemoryLedger;
	let listener: Listener;
	let importer: Importer;

	beforeEach(() => {
		home = temporaryFolder();
		ledger = new MemoryLedger();
		listener = new Listener();
	});
	afterEach(async () => {
		await importer.stop();
		remove(home);
	});

	async function follow(source: Source): Promise<void> {
		importer = new Importer(
			[source],
			ledger,
			settingsWith({ places: placesAt(home), metadataDays: null }),
			listener.events,
		);
		await importer.start();
		await importer.idle();
	}

	it('takes what is appended to a file that is watched', async () => {
		mkdirSync(join(home, 'units'));
		await follow(new FileSource(home, 60_000));
		writeFileSync(join(home, 'units', 'one'), 'ab');
		await listener.until(({ calls }) => calls === 2);
		writeFileSync(join(home, 'units', 'one'), 'abc');
		await listener.until(({ calls }) => calls === 3);
	});

	it('takes what is written into a folder that was made while it watched', async () => {
		mkdirSync(join(home, 'units'));
		await follow(new FileSource(home, 60_000));
		mkdirSync(join(home, 'units', 'task'));
		writeFileSync(join(home, 'units', 'task', 'one'), 'ab');
		await listener.until(({ calls }) => calls === 2);
		writeFileSync(join(home, 'units', 'task', 'one'), 'abc');
		await listener.until(({ calls }) => calls === 3);
	});

	it('takes what was written where no notice comes, by looking from time to time', async () => {
		const source = new MemorySource('polled', 20);
		await follow(source);
		source.put('a', ['1'], 100);
		await listener.until(({ calls }) => calls === 1);
	});

	it('finds an agent that is installed later', async () => {
		const source = new MemorySource('polled', 20);
		await follow(source);
		assert.equal(importer.status()[0]?.state, 'notFound');
		source.put('a', ['1'], 100);
		await listener.until(({ state, calls }) => state === 'following' && calls === 1);
	});

	it('hands over a call of Kilo 7 when it begins, and its end when it ends', async () => {
		const database = new AgentDatabase(kiloDatabaseIn(home));
		const session = database.session();
		database.call(session);
		await follow(kiloSource(() => database.nowMs));
		assert.equal(ledger.calls(), 1);
		const message = database.assistant(session);
		await listener.until(({ calls }) => calls === 2);
		assert.ok(!ledger.events.has(`llm_response kilo-db:${message}`));
		database.start(message, session);
		database.finish(message, session, { text: 'Done.' });
		while (!ledger.events.has(`llm_response kilo-db:${message}`)) await new Promise(setImmediate);
		database.close();
		assert.equal(ledger.calls(), 2);
	});
});
