/** Says how many there are of something: `1 call`, `1,204 calls`. */
export function amountIn(locale: string): (amount: number, one: string) => string {
	const number = new Intl.NumberFormat(locale);
	return (amount, one) => `${number.format(amount)} ${amount === 1 ? one : `${one}s`}`;
}
