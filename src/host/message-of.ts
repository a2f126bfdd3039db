/** What to say of a failure. A `LedgerError` speaks to people; anything else is given as it is. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
