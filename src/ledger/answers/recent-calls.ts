import * as z from 'zod';
import { callSortSchema, callStateSchema } from '../../core/views.ts';
import type { Answer, Asker } from './answer.ts';
import { callChoice, callFields, callSchema, filterOf } from './call-fields.ts';
import { rangeOf, timeQuestion } from './time-words.ts';
import { boundsExplained, callLine, callsText } from './wording.ts';

const maxCalls = 100;

export const recentCallsQuestion = z.strictObject({
	...timeQuestion,
	...callChoice,
	sessionId: z.string().min(1).max(500).optional().describe('Only calls of this task.'),
	state: callStateSchema.optional().describe('Only calls in this state.'),
	sort: callSortSchema
		.exclude(['oldest'])
		.optional()
		.describe('newest first (the default), or the largest cost, latency or number of tokens first.'),
	limit: z.int().min(1).max(maxCalls).optional().describe(`How many calls, at most ${maxCalls}. Default: 20.`),
	offset: z.int().min(0).max(1_000_000).optional().describe('How many calls to pass over, for the next page.'),
});
export type RecentCallsQuestion = z.infer<typeof recentCallsQuestion>;

export const recentCallsSchema = z.object({
	calls: z.array(callSchema),
	total: z.int().describe('Calls that the question chooses; calls holds a page of them.'),
});
export type RecentCalls = z.infer<typeof recentCallsSchema>;

/** The calls themselves, the newest first unless asked otherwise. Default: of all time. */
export async function recentCalls(question: RecentCallsQuestion, asker: Asker): Promise<Answer<RecentCalls>> {
	const { ledger, nowMs, timeZone } = asker;
	const { state, sort = 'newest', limit = 20, offset = 0 } = question;
	const { range, name } = rangeOf(question, 'all', nowMs, timeZone);
	const filter = { ...filterOf(question, range), ...(state !== undefined && { state }) };
	const { rows, total } = await ledger.calls({ filter, sort, offset, limit });
	const data = { calls: rows.map(callFields), total };
	if (rows.length === 0) {
		const none = total === 0 ? `No such calls were recorded for ${name}.` : `There are only ${callsText(total)}.`;
		return { data, text: none };
	}
	const order = sort === 'newest' ? 'the newest first' : `the largest ${sort} first`;
	const lines = [`${callsText(total)} of ${name}; ${offset + 1} to ${offset + rows.length}, ${order}:`];
	for (const row of rows) lines.push(`- ${callLine(row, timeZone)}`);
	if (rows.some(({ cost }) => cost !== null && cost.bound !== 'exact')) lines.push('', boundsExplained);
	return { data, text: lines.join('\n') };
}
