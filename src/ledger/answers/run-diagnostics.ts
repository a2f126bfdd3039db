import { callDiagnostics, type DiagnosableCall, type LlmCallDiagnostics } from '../../core/diagnostics.ts';
import type { CallRow } from '../../core/views.ts';
import type { Ledger, ServedBy } from '../ledger.ts';

/** Calls of a run that are fetched at a time. */
const pageSize = 500;

/** The diagnostics of those of these calls that have ended, in their order. At most 500 calls at a time. */
export async function diagnosticsOf(
	ledger: Pick<Ledger, 'servedBy'>,
	rows: readonly CallRow[],
): Promise<{ callId: string; call: LlmCallDiagnostics }[]> {
	const ended = rows.filter(({ endedAtMs }) => endedAtMs !== null).map(({ callId }) => callId);
	const served = new Map(
		ended.length === 0 ? [] : (await ledger.servedBy(ended)).map((each) => [each.callId, each] as const),
	);
	return rows.flatMap((row) => {
		const call = callDiagnostics(diagnosable(row, served.get(row.callId)));
		return call === null ? [] : [{ callId: row.callId, call }];
	});
}

/** All calls of a run, in order, as `runSummary` takes them. */
export async function diagnosableCalls(ledger: Pick<Ledger, 'calls'>, sessionId: string): Promise<DiagnosableCall[]> {
	const calls: DiagnosableCall[] = [];
	for (let offset = 0; ; offset += pageSize) {
		const { rows, total } = await ledger.calls({ filter: { sessionId }, sort: 'oldest', offset, limit: pageSize });
		calls.push(...rows.map((row) => diagnosable(row)));
		if (rows.length === 0 || calls.length >= total) return calls;
	}
}

/** A row has no cache writes by time to live, and diagnostics need none. */
function diagnosable(row: CallRow, served?: ServedBy): DiagnosableCall {
	const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = row;
	const told = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens].some((count) => count !== null);
	return {
		row,
		usage: told
			? {
					inputTotal: inputTokens,
					uncachedInput: null,
					cacheRead: cacheReadTokens,
					cacheWrite5m: null,
					cacheWrite1h: null,
					cacheWriteUnknownTtl: cacheWriteTokens,
					output: outputTokens,
					reasoning: reasoningTokens,
				}
			: null,
		cost: row.cost && { shownNanoUsd: row.cost.nanoUsd, basis: row.cost.basis },
		inferenceProvider: served?.inferenceProvider ?? null,
		serviceTier: served?.serviceTier ?? null,
	};
}
