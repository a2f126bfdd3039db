/** Five per cent off above 100.00, in cents. */
export function discountFor(sumCents) {
	return sumCents > 10_000 ? Math.round(sumCents * 0.05) : 0;
}
// TODO: a voucher should come off before the discount, not after it.
