import { numberFormat } from './intl-cache.ts';

export interface MoneyFormat {
	/** How the sum relates to what was spent; `about` when some parts are too high and others too low. */
	bound?: 'exact' | 'atLeast' | 'atMost' | 'about';
	/** BCP 47. */
	locale?: string;
	/** What stands for a sum that is not known. */
	unpriced?: string;
}

const MARKS = { exact: '', atLeast: '≥ ', atMost: '≤ ', about: '≈ ' } as const;
/** A lower bound that were rounded up would be none, and an upper bound rounded down neither. */
const ROUNDING = { exact: 'halfExpand', atLeast: 'floor', atMost: 'ceil', about: 'halfExpand' } as const;
/** Below a hundredth of a cent digits tell nothing. */
const SMALLEST_NANO_USD = 100_000;

/** `$1.24`, `≥ $1.24`, `$0.138`, `$0.0049`, `<$0.0001`. `null` is unpriced, not zero. */
export function formatNanoUsd(nanoUsd: number | null, options: MoneyFormat = {}): string {
	const { bound = 'exact', locale = 'en-US', unpriced = 'unpriced' } = options;
	if (nanoUsd === null) return unpriced;
	if (nanoUsd > 0 && nanoUsd < SMALLEST_NANO_USD) {
		const smallest = usdFormat(locale, SMALLEST_NANO_USD, 'halfExpand').format(SMALLEST_NANO_USD / 1e9);
		return bound === 'atLeast' ? `> ${zero(locale)}` : `<${smallest}`;
	}
	return MARKS[bound] + usdFormat(locale, nanoUsd, ROUNDING[bound]).format(nanoUsd / 1e9);
}

function zero(locale: string): string {
	return usdFormat(locale, 0, 'halfExpand').format(0);
}

type RoundingMode = (typeof ROUNDING)[keyof typeof ROUNDING];

/** Cents from a dollar on, a tenth of a cent from a cent on, below that two digits that count. */
function usdFormat(locale: string, nanoUsd: number, roundingMode: RoundingMode): Intl.NumberFormat {
	const digits =
		nanoUsd === 0 || nanoUsd >= 1_000_000_000
			? { minimumFractionDigits: 2, maximumFractionDigits: 2 }
			: nanoUsd >= 10_000_000
				? { minimumFractionDigits: 2, maximumFractionDigits: 3 }
				: { minimumSignificantDigits: 1, maximumSignificantDigits: 2 };
	return numberFormat(locale, {
		style: 'currency',
		currency: 'USD',
		currencyDisplay: 'narrowSymbol',
		roundingMode,
		...digits,
	});
}
