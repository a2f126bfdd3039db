/** A call that was seen at a place in the list, newest first. */
export interface Anchor {
	callId: string;
	startedAtMs: number;
	/** Where it was. */
	index: number;
}

/**
 * Finds the place of a call in a list sorted by start, newest first, by looking at pages of it: first where it should
 * be, then halving. `null`: it is not there (any more).
 *
 * @param guess the index to look at first
 */
export async function locate(
	anchor: Pick<Anchor, 'callId' | 'startedAtMs'>,
	guess: number,
	list: {
		total: number;
		pageSize: number;
		page(number: number): Promise<readonly { callId: string; startedAtMs: number }[]>;
	},
): Promise<number | null> {
	const { pageSize, total } = list;
	let low = 0;
	let looks = 0;
	let high = Math.ceil(total / pageSize) - 1;
	let at = Math.min(Math.max(Math.floor(guess / pageSize), low), high);
	while (low <= high) {
		const rows = await list.page(at);
		const index = rows.findIndex(({ callId }) => callId === anchor.callId);
		if (index >= 0) return at * pageSize + index;
		const newest = rows[0];
		const oldest = rows.at(-1);
		if (newest === undefined || oldest === undefined || anchor.startedAtMs > newest.startedAtMs) high = at - 1;
		else if (anchor.startedAtMs < oldest.startedAtMs) low = at + 1;
		else return (await amongTies(at, -1)) ?? (await amongTies(at, 1));
		// The neighbour first, since lists mostly grow by a little; then the middle of what is left.
		const neighbour = at < low ? low : high;
		at = looks++ === 0 ? neighbour : (low + high) >> 1;
	}
	return null;

	/** Calls of the same millisecond may go on over the edge of a page. */
	async function amongTies(from: number, step: 1 | -1): Promise<number | null> {
		for (let number = from + step; number >= 0 && number * pageSize < total; number += step) {
			const rows = await list.page(number);
			const index = rows.findIndex(({ callId }) => callId === anchor.callId);
			if (index >= 0) return number * pageSize + index;
			const edge = step === -1 ? rows[0] : rows.at(-1);
			if (edge?.startedAtMs !== anchor.startedAtMs) return null;
		}
		return null;
	}
}
