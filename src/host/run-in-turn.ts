/**
 * Runs groups of steps in turn, the steps of a group side by side. Every step runs to its end, whatever became of the
 * others: what went wrong is handed to `onError`. Never rejects.
 */
export async function runInTurn(
	groups: readonly (readonly (() => Promise<unknown>)[])[],
	onError: (error: unknown) => void,
): Promise<void> {
	for (const steps of groups) {
		const results = await Promise.allSettled(steps.map(async (step) => step()));
		for (const result of results) if (result.status === 'rejected') onError(result.reason);
	}
}
