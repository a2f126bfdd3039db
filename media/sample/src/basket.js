import { discountFor } from './discount.js';

/** Sum of a basket in cents, discount taken off. */
export function basketTotal(items) {
	const sum = items.reduce((total, item) => total + item.priceCents * item.count, 0);
	return sum - discountFor(sum);
}
