import type { CallToolResult } from '@modelcontextprotocol/server';

/** Names of errors whose message is made for whoever asked: what happened, and what to do. */
const told = new Set(['QuestionProblem', 'LedgerError', 'CliProblem']);

/** Where a fault of our own is told: never on the protocol's stream. */
export type ReportFault = (error: unknown) => void;

/** What went wrong, in words for whoever asked. A fault of our own goes to `report`, with its stack. */
export function problemText(error: unknown, report: ReportFault): string {
	if (error instanceof Error && told.has(error.name)) return error.message;
	// The client took its question back: nobody reads this.
	if (error instanceof Error && error.name === 'AbortError') return 'Cancelled.';
	report(error);
	return 'Callmeter met a fault of its own; standard error has the details.';
}

/** The result of a tool that could not do what it was asked. */
export function toolProblem(error: unknown, report: ReportFault): CallToolResult {
	return { isError: true, content: [{ type: 'text', text: problemText(error, report) }] };
}
