import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { runInTurn } from '../../../src/host/run-in-turn.ts';

describe('what is closed in turn', () => {
	it('goes on to the next group when a step of the one before failed, at once or later', async () => {
		const done: string[] = [];
		const errors: unknown[] = [];
		const [atOnce, later] = [new Error('at once'), new Error('later')];
		await runInTurn(
			[
				[
					() => {
						throw atOnce;
					},
					async () => {
						await new Promise(setImmediate);
						throw later;
					},
				],
				[async () => done.push('ledger')],
			],
			(error) => errors.push(error),
		);
		assert.deepEqual(done, ['ledger']);
		assert.deepEqual(errors, [atOnce, later]);
	});

	it('begins a group only when all of the one before is over, one that failed early included', async () => {
		const order: string[] = [];
		await runInTurn(
			[
				[
					() => Promise.reject(new Error('early')),
					async () => {
						await new Promise(setImmediate);
						order.push('task stopped');
					},
				],
				[async () => order.push('ledger closed')],
			],
			() => undefined,
		);
		assert.deepEqual(order, ['task stopped', 'ledger closed']);
	});
});
