import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../../src/ledger/make-folder.ts';

describe('making a folder', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'callmeter-folder-'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it('makes what is missing above it, for its owner only, and leaves what is there as it is', () => {
		const open = join(folder, 'open');
		mkdirSync(open, { mode: 0o755 });
		const path = join(open, 'a', 'b');
		makeFolder(path);
		makeFolder(path);
		assert.deepEqual(
			[open, join(open, 'a'), path].map((each) => statSync(each).mode & 0o777),
			[0o755, 0o700, 0o700],
		);
	});

	it('fails at once where no folder can be made', function () {
		if (process.platform !== 'linux') this.skip();
		// In a process of its own: what this guards against never returns.
		const script = `import(${JSON.stringify(new URL('../../../src/ledger/make-folder.ts', import.meta.url).href)})
			.then(({ makeFolder }) => makeFolder('/proc/callmeter/ledger')).catch(({ code }) => console.log(code))`;
		const told = execFileSync(process.execPath, ['-e', script], { timeout: 8_000, encoding: 'utf8' });
		assert.equal(told.trim(), 'ENOENT');
	});
});
