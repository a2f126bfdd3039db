import assert from 'node:assert/strict';
import { mochaSummary } from '../../run/stages.mjs';

describe("a stage's counts", () => {
	it("are those of mocha's closing lines", () => {
		const output = '  .....\n\n  3 passing (12ms)\n  1 pending\n  2 failing\n\n  1) a\n';
		assert.deepEqual(mochaSummary(2, output), { passed: 3, failed: 2, skipped: 1 });
	});

	it('show a failure when mocha never came to its end, whatever the exit code', () => {
		assert.deepEqual(mochaSummary(0, 'Extension host terminated unexpectedly.'), { passed: 0, failed: 1, skipped: 0 });
	});

	it('show a failure when no test ran', () => {
		assert.deepEqual(mochaSummary(0, '\n  0 passing (1ms)\n'), { passed: 0, failed: 1, skipped: 0 });
	});

	it('show a failure when the run broke after its last test', () => {
		assert.deepEqual(mochaSummary(7, '\n  3 passing (1ms)\n'), { passed: 3, failed: 1, skipped: 0 });
	});
});
