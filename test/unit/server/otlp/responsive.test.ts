import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Receiving } from './receiving.ts';

const bodies = 6;
const usPerMs = 1_000;

/**
 * The most that this thread works between two looks, a millisecond apart where it is free, while `work` goes on. In its own
 * processor time, milliseconds: a machine that is busy with other things delays a look and lengthens no turn.
 */
async function longestTurn(work: Promise<unknown>): Promise<number> {
	let longest = 0;
	let before = process.threadCpuUsage();
	const timer = setInterval(() => {
		const now = process.threadCpuUsage();
		longest = Math.max(longest, (now.user + now.system - before.user - before.system) / usPerMs);
		before = now;
	}, 1);
	await work;
	clearInterval(timer);
	return longest;
}

describe('the OTLP receiver under load', () => {
	let receiving: Receiving;
	beforeEach(async () => {
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(() => receiving.stop());

	it('keeps the host’s event loop free while bodies of 8 MB come: no turn takes over 10 ms', async function () {
		this.timeout(60_000);
		const sender = fork(new URL('./sending-process.ts', import.meta.url), [receiving.endpoint, String(bodies)]);
		const gone = once(sender, 'exit');
		await once(sender, 'message');
		await receiving.post('traces', {});
		const statuses = once(sender, 'message');
		sender.send('go');
		const longest = await longestTurn(statuses);
		assert.deepEqual((await statuses)[0], Array(bodies).fill(200));
		assert.equal((await receiving.ledger.totals({})).calls, bodies * 10);
		assert.ok(longest > 0 && longest <= 10, `a turn of ${longest.toFixed(1)} ms`);
		await gone;
	});
});
