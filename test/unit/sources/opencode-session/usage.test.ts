import assert from 'node:assert/strict';
import { usageOfStep } from '../../../../src/sources/opencode-session/usage.ts';

const cache = { read: 30, write: 0 };

describe('usage of a step of Kilo 7', () => {
	it('adds reasoning to output where the sum shows that it is apart', () => {
		const { usage, usageNotes, usageBound } = usageOfStep({ total: 160, input: 70, output: 40, reasoning: 20, cache });
		assert.deepEqual([usage?.output, usage?.reasoning, usage?.inputTotal], [60, 20, 100]);
		assert.deepEqual([usageNotes, usageBound], [[], 'exact']);
	});

	it('takes output as it is where the sum shows that reasoning is in it, and says what that does to the cost', () => {
		const { usage, usageNotes, usageBound } = usageOfStep({ total: 140, input: 70, output: 40, reasoning: 20, cache });
		assert.deepEqual([usage?.output, usageBound, usageNotes?.length], [40, 'exact', 1]);
	});

	it('gives output as a least where nothing tells', () => {
		for (const total of [undefined, 9999]) {
			const { usage, usageBound } = usageOfStep({ total, input: 70, output: 40, reasoning: 20, cache });
			assert.deepEqual([usage?.output, usageBound], [40, 'atLeast']);
		}
	});

	it('knows reasoning to be apart when there is more of it than output', () => {
		const { usage, usageBound } = usageOfStep({ input: 70, output: 10, reasoning: 20, cache });
		assert.deepEqual([usage?.output, usageBound], [30, 'exact']);
	});

	it('does not guess how long cache writes live', () => {
		const { usage } = usageOfStep({ input: 7, output: 1, reasoning: 0, cache: { read: 0, write: 500 } });
		assert.deepEqual(
			[usage?.cacheWriteUnknownTtl, usage?.cacheWrite5m, usage?.cacheWrite1h, usage?.inputTotal],
			[500, null, null, 507],
		);
	});

	it('takes all zeros for a provider that sent no usage', () => {
		const { usage, usageMissing } = usageOfStep({ input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } });
		assert.deepEqual([usage, usageMissing], [null, true]);
	});
});
