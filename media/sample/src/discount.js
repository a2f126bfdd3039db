/** Five per cent off from 100.00 on, in cents. */
export function discountFor(sumCents) {
	return sumCents > 10_000 ? Math.round(sumCents * 0.05) : 0;
}
