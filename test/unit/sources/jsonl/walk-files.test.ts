import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { foundIn } from '../../../../src/sources/found-in.ts';
import {
	distinctFolders,
	fileAt,
	outsideReading,
	outsideStamp,
	type WalkOptions,
	walkFiles,
} from '../../../../src/sources/jsonl/walk-files.ts';

const options: WalkOptions = { wanted: (path) => path.endsWith('.jsonl') };

describe('walkFiles', () => {
	let folder = '';
	let root = '';
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-walk-'));
		root = join(folder, 'agent');
		mkdirSync(root);
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	function write(path: string): string {
		const whole = join(folder, path);
		mkdirSync(dirname(whole), { recursive: true });
		writeFileSync(whole, '{}\n');
		return whole;
	}

	async function walk(from = root, how = options): Promise<[string, string][]> {
		const found: [string, string][] = [];
		for await (const { key, stamp } of walkFiles(from, how)) found.push([key, stamp]);
		return found.sort(([one], [other]) => (one < other ? -1 : 1));
	}

	it('finds wanted files at any depth', async () => {
		const files = [write('agent/a.jsonl'), write('agent/one/b.jsonl'), write('agent/one/two/c.jsonl')];
		write('agent/one/notes.txt');
		assert.deepEqual(
			(await walk()).map(([key]) => key),
			files,
		);
	});

	it('goes only where it is told to', async () => {
		const wanted = write('agent/sessions/b.jsonl');
		write('agent/cache/c.jsonl');
		write('agent/sessions/deep/d.jsonl');
		const enter = (path: string) => path !== 'cache';
		assert.deepEqual(
			(await walk(root, { ...options, enter, maxDepth: 1 })).map(([key]) => key),
			[wanted],
		);
	});

	it('knows no unit where the listing does not go', () => {
		const file = write('agent/cache/c.jsonl');
		assert.equal(fileAt(root, file, { ...options, enter: (path) => path !== 'cache' }), null);
	});

	it('changes the stamp of a file with every write', async () => {
		const file = write('agent/a.jsonl');
		const [before] = await walk();
		writeFileSync(file, '{}\n{}\n');
		const [after] = await walk();
		assert.notEqual(before?.[1], after?.[1]);
	});

	it('issue 5: follows no link that leaves the agent’s folder, but names it', async () => {
		const outside = write('elsewhere/secret.jsonl');
		write('elsewhere/project/x.jsonl');
		const inside = write('agent/a.jsonl');
		symlinkSync(outside, join(root, 'leak.jsonl'));
		symlinkSync(join(folder, 'elsewhere', 'project'), join(root, 'project'));
		symlinkSync(inside, join(root, 'z-again.jsonl'));
		symlinkSync(join(folder, 'nowhere'), join(root, 'dangling.jsonl'));
		const found = await walk();
		assert.deepEqual(
			found.map(([key]) => key),
			[inside, join(root, 'leak.jsonl'), join(root, 'project')],
		);
		assert.deepEqual(
			found.slice(1).map(([, stamp]) => stamp),
			[outsideStamp, outsideStamp],
		);
		assert.deepEqual(outsideReading().skipped, { outsideAgentFolder: 1 });
	});

	it('follows the root itself when that is a link', async () => {
		write('agent/a.jsonl');
		const link = join(folder, 'link');
		symlinkSync(root, link);
		assert.deepEqual(
			(await walk(link)).map(([key]) => key),
			[join(link, 'a.jsonl')],
		);
		assert.deepEqual(distinctFolders([root, link, join(folder, 'nowhere')]), [root]);
	});

	it('finds nothing where there is nothing', async () => {
		assert.deepEqual(await walk(join(folder, 'nowhere')), []);
		assert.equal(await foundIn(walkFiles(join(folder, 'nowhere'), options), [root]), null);
	});

	it('tells what was found, and since when', async () => {
		write('agent/a.jsonl');
		write('agent/b.jsonl');
		const other = join(folder, 'other');
		const found = await foundIn(walkFiles(root, options), [root, other]);
		assert.deepEqual([found?.places, found?.units], [[root], 2]);
		assert.ok((found?.sinceMs ?? 0) > 0 && (found?.lastSeenMs ?? 0) >= (found?.sinceMs ?? 0));
	});

	it('knows the unit of a changed path, as the listing does', async () => {
		const file = write('agent/one/a.jsonl');
		const elsewhere = write('elsewhere/b.jsonl');
		symlinkSync(elsewhere, join(root, 'leak.jsonl'));
		const [listed] = await walk(join(root, 'one'));
		const unit = fileAt(root, file, options);
		assert.deepEqual([unit?.key, unit?.stamp], listed);
		assert.equal(fileAt(root, join(root, 'leak.jsonl'), options)?.stamp, outsideStamp);
		for (const path of [root, elsewhere, join(root, 'one'), join(root, 'gone.jsonl'), write('agent/x.txt')]) {
			assert.equal(fileAt(root, path, options), null, path);
		}
	});
});
