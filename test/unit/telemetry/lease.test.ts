import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Lease } from '../../../src/telemetry/lease.ts';

describe('the right to send', () => {
	let directory: string;
	let taken: (Lease | null)[];

	beforeEach(async () => {
		taken = [];
		directory = await mkdtemp(join(tmpdir(), 'callmeter-lease-'));
	});
	afterEach(async () => {
		for (const lease of taken) await lease?.release();
		await rm(directory, { recursive: true, force: true });
	});

	const take = async () => {
		const lease = await Lease.take(directory);
		taken.push(lease);
		return lease;
	};
	/** As if its owner had not been heard of for two minutes. */
	const age = async () => {
		const past = new Date(Date.now() - 120_000);
		for (const name of await readdir(directory)) await utimes(join(directory, name), past, past);
	};
	const takeByMany = async () =>
		(await Promise.all(Array.from({ length: 20 }, take))).filter((lease) => lease !== null);

	it('goes to one of all that ask at once', async () => {
		assert.equal((await takeByMany()).length, 1);
	});

	it('goes to the next when it is released', async () => {
		await (await take())?.release();
		assert.equal((await takeByMany()).length, 1);
	});

	it('goes to one of all that find its owner gone, and the owner that comes back knows', async () => {
		const first = await take();
		assert.equal(await first?.isHeld(), true);
		assert.equal(await take(), null);
		await age();
		const [second, ...others] = await takeByMany();
		assert.equal(others.length, 0);
		assert.equal(await second?.isHeld(), true);
		assert.equal(await first?.isHeld(), false);
		await first?.release();
		assert.equal(await second?.isHeld(), true);
		assert.equal(await take(), null);
	});

	it('goes to the next also when the clock was set back since its owner went', async () => {
		await take();
		const ahead = new Date(Date.now() + 86_400_000);
		await utimes(join(directory, 'lease-1'), ahead, ahead);
		assert.equal((await takeByMany()).length, 1);
	});

	it('ends with its folder', async () => {
		const lease = await take();
		await rm(directory, { recursive: true });
		assert.equal(await lease?.isHeld(), false);
	});

	it('is a file that only its owner can read, and leaves one at most', async () => {
		for (let n = 0; n < 3; n++) await (await take())?.release();
		const names = await readdir(directory);
		assert.deepEqual(names, ['lease-3']);
		if (process.platform === 'win32') return;
		assert.equal((await stat(join(directory, 'lease-3'))).mode & 0o777, 0o600);
	});
});
