import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { Receiving } from './receiving.ts';

const nsPerMs = 1e6;
const bodies = 6;

async function p99During(work: Promise<unknown>): Promise<number> {
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	await work;
	delay.disable();
	return delay.percentile(99) / nsPerMs;
}

describe('the OTLP receiver under load', () => {
	let receiving: Receiving;
	beforeEach(async () => {
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(() => receiving.stop());

	it('keeps the host’s event loop free while bodies of 8 MB come: p99 at most 10 ms above idle', async function () {
		this.timeout(60_000);
		const sender = fork(new URL('./sending-process.ts', import.meta.url), [receiving.endpoint, String(bodies)]);
		const gone = once(sender, 'exit');
		await once(sender, 'message');
		await receiving.post('traces', {});
		const idle = await p99During(setTimeout(1_000));
		const statuses = once(sender, 'message');
		sender.send('go');
		const busy = await p99During(statuses);
		assert.deepEqual((await statuses)[0], Array(bodies).fill(200));
		assert.equal((await receiving.ledger.totals({})).calls, bodies * 10);
		assert.ok(busy - idle <= 10, `p99 ${busy.toFixed(1)} ms, idle ${idle.toFixed(1)} ms`);
		await gone;
	});
});
