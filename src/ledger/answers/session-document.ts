import { type Asker, QuestionProblem } from './answer.ts';
import { explainCalls } from './explain-calls.ts';
import { named, quotationNotice, quoted } from './foreign-text.ts';
import { callUri } from './resource-uris.ts';
import { callSummary, callsText, clockText } from './wording.ts';

const maxCalls = 100;
const maxTitle = 500;
const top = 5;

/** Everything about a task that a model may want to read: where its money went, and its newest calls. */
export async function sessionDocument(sessionId: string, asker: Asker): Promise<string> {
	const { ledger, timeZone, showsContent } = asker;
	const filter = { sessionId };
	const { rows, total } = await ledger.calls({ filter, sort: 'newest', offset: 0, limit: maxCalls });
	const [newest] = rows;
	if (newest === undefined) throw new QuestionProblem(`There is no task ${named(sessionId)}.`);
	const { lines } = await explainCalls(filter, top, asker);
	const parts = [
		'# Task',
		'',
		`${callsText(total)} of ${named(newest.agentId)}, the latest ${clockText(newest.startedAtMs, timeZone)}.`,
	];
	if (showsContent && newest.sessionTitle !== null) {
		parts.push('', quotationNotice, '', 'Title:', quoted(newest.sessionTitle, maxTitle));
	}
	parts.push('', '## Where the money went', '', ...lines, '', '## Calls, newest first', '');
	for (const row of rows) parts.push(`- ${callSummary(row, timeZone)} (${callUri(row.callId)})`);
	if (total > rows.length) parts.push(`- and ${callsText(total - rows.length)} before these`);
	return parts.join('\n');
}
