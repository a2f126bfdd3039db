import assert from 'node:assert/strict';
import { formatDuration } from '../../../src/core/durations.ts';
import { formatNanoUsd } from '../../../src/core/money.ts';
import { formatAllTokens, formatTokens } from '../../../src/core/tokens-text.ts';

describe('formatNanoUsd', () => {
	it('shows as many digits as tell something', () => {
		const shown = [
			0, 50_000, 100_000, 4_890_000, 13_240_000, 138_000_000, 50_000_000, 1_239_000_000, 1_234_567_000_000,
		].map((nano) => formatNanoUsd(nano));
		assert.deepEqual(shown, [
			'$0.00',
			'<$0.0001',
			'$0.0001',
			'$0.0049',
			'$0.013',
			'$0.138',
			'$0.05',
			'$1.24',
			'$1,234.57',
		]);
	});

	it('marks bounds, and rounds them so that they stay true', () => {
		const nano = 1_239_000_000;
		assert.deepEqual(
			(['exact', 'atLeast', 'atMost', 'about'] as const).map((bound) => formatNanoUsd(nano, { bound })),
			['$1.24', '≥ $1.23', '≤ $1.24', '≈ $1.24'],
		);
		assert.equal(formatNanoUsd(1_231_000_000, { bound: 'atMost' }), '≤ $1.24');
		assert.equal(formatNanoUsd(10, { bound: 'atLeast' }), '> $0.00');
	});

	it('says unpriced, not $0', () => {
		assert.equal(formatNanoUsd(null), 'unpriced');
		assert.equal(formatNanoUsd(null, { unpriced: 'ohne Preis' }), 'ohne Preis');
	});

	it('follows the locale, and falls back to English', () => {
		assert.equal(formatNanoUsd(1_239_000_000, { locale: 'de' }).replace(/\s/g, ' '), '1,24 $');
		assert.equal(formatNanoUsd(1_239_000_000, { locale: 'not a locale' }), '$1.24');
	});
});

describe('formatDuration', () => {
	it('picks the unit', () => {
		const shown = [0, 912, 999.4, 999.6, 1250, 59_900, 59_960, 72_000, 3_599_600, 7_500_000].map((ms) =>
			formatDuration(ms),
		);
		assert.deepEqual(shown, ['0ms', '912ms', '999ms', '1s', '1.3s', '59.9s', '1m', '1m 12s', '1h', '2h 5m']);
	});

	it('knows unknown', () => assert.equal(formatDuration(null), '—'));
});

describe('formatTokens', () => {
	it('shows three digits, or all', () => {
		assert.deepEqual(
			[0, 812, 12_431, 1_284_000].map((tokens) => formatTokens(tokens)),
			['0', '812', '12.4K', '1.28M'],
		);
		assert.equal(formatAllTokens(12_431), '12,431');
	});

	it('knows unknown', () => assert.deepEqual([formatTokens(null), formatAllTokens(null)], ['—', '—']));
});
