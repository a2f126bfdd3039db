import * as z from 'zod';
import { type Answer, type Asker, QuestionProblem } from './answer.ts';
import { callChoice, filterOf } from './call-fields.ts';
import { explainCall, explainedCallSchema, explainedCallText } from './explain-call.ts';
import { explainCalls, explainedCallsSchema } from './explain-calls.ts';
import { named } from './foreign-text.ts';
import { rangeOf, timeQuestion } from './time-words.ts';
import { callsText, rowCostText, sumText } from './wording.ts';

const maxTop = 20;

export const explainCostQuestion = z.strictObject({
	callId: z.string().min(1).max(500).optional().describe('Explain the cost of this call, line by line.'),
	sessionId: z.string().min(1).max(500).optional().describe('Explain the cost of this task.'),
	...timeQuestion,
	...callChoice,
	top: z
		.int()
		.min(1)
		.max(maxTop)
		.optional()
		.describe(`How many of the costliest to name, at most ${maxTop}. Default: 5.`),
});
export type ExplainCostQuestion = z.infer<typeof explainCostQuestion>;

export const explainedCostSchema = z.object({
	about: z.enum(['call', 'session', 'range']),
	costText: z.string().describe('The cost in words, with its bound.'),
	call: explainedCallSchema.nullable().describe('For a call.'),
	calls: explainedCallsSchema.nullable().describe('For a task or a time.'),
});
export type ExplainedCost = z.infer<typeof explainedCostSchema>;

/** Why something cost what it did: one call, or the calls of a task or a time. Default: today. */
export async function explainCost(question: ExplainCostQuestion, asker: Asker): Promise<Answer<ExplainedCost>> {
	const { callId, ...others } = question;
	if (callId === undefined) return explainMany(question, asker);
	if (Object.entries(others).some(([name, value]) => value !== undefined && name !== 'top')) {
		throw new QuestionProblem('callId stands alone: leave out the task, the time and other choices.');
	}
	const detail = await asker.ledger.call(callId);
	if (detail === null)
		throw new QuestionProblem(`There is no call ${named(callId)}. recent_calls lists those that there are.`);
	return {
		data: { about: 'call', costText: rowCostText(detail.row), call: explainCall(detail), calls: null },
		text: explainedCallText(detail, asker.timeZone),
	};
}

async function explainMany(question: ExplainCostQuestion, asker: Asker): Promise<Answer<ExplainedCost>> {
	const { sessionId, top = 5 } = question;
	const { range, name } = rangeOf(question, sessionId === undefined ? 'today' : 'all', asker.nowMs, asker.timeZone);
	const filter = filterOf(question, range);
	const totals = await asker.ledger.totals(filter);
	if (totals.calls === 0 && sessionId !== undefined && range === null) {
		throw new QuestionProblem(
			`There is no task ${named(sessionId)} with such calls. recent_calls lists calls and their tasks.`,
		);
	}
	const { data, lines } = await explainCalls(filter, top, asker);
	const what = sessionId === undefined ? name : `task ${named(sessionId)}${range === null ? '' : `, ${name}`}`;
	const text =
		totals.calls === 0
			? `No LLM calls were recorded for ${what}.`
			: [`Where the money went, ${what}: ${callsText(totals.calls)}.`, ...lines].join('\n');
	const about = sessionId === undefined ? 'range' : 'session';
	return { data: { about, costText: sumText(totals), call: null, calls: data }, text };
}
