import type { ExportedCall } from '../../core/export/exported-call.ts';
import {
	ReportSums,
	type ReportTask,
	type ReportText,
	reportText,
	type TaskReport,
} from '../../core/export/task-report.ts';
import type { Message } from '../../core/message.ts';
import { pricesAsOf } from '../../core/pricing/prices-as-of.ts';
import type { ContentStores } from '../queries/call-detail.ts';
import type { Reader } from '../queries/reader.ts';
import type { ExportRequest } from './export-request.ts';
import { ExportedCalls } from './exported-calls.ts';
import { sessionFamily } from './exported-sessions.ts';

interface SessionRow {
	n: number;
	session_id: string;
	parent_session_id: string | null;
	agent_id: string;
	title: string | null;
	started_ms: number;
	last_ms: number;
}

/** The report of a task with its subagents; `null`: the ledger does not have it. */
export function taskReport(reader: Reader, stores: ContentStores, request: ExportRequest): TaskReport | null {
	const sessionId = request.filter.sessionId;
	const tasks = sessionId === undefined ? [] : tasksOf(reader, sessionId);
	const [root] = tasks;
	if (root === undefined || sessionId === undefined) return null;
	const hasTitle = request.title || request.content;
	const at = new Map(tasks.map(({ row }, index) => [row.session_id, index]));
	const sums = new ReportSums(request.content);
	for (const call of new ExportedCalls(reader, stores, { sessionId }, request.content)) {
		const said = request.content ? saidIn(reader, stores, call) : null;
		sums.add(call, at.get(call.row.sessionId) ?? 0, said);
	}
	return {
		sessionId,
		title: hasTitle ? root.row.title : null,
		agentId: root.row.agent_id,
		startedAtMs: Math.min(...tasks.map(({ row }) => row.started_ms)),
		lastAtMs: Math.max(...tasks.map(({ row }) => row.last_ms)),
		tasks: tasks.map(
			({ row, depth }, index): ReportTask => ({
				sessionId: row.session_id,
				title: hasTitle ? row.title : null,
				agentId: row.agent_id,
				depth,
				totals: sums.ofTask(index),
			}),
		),
		...sums.parts(),
		pricesAsOf: pricesAsOf.date,
		hasContent: request.content,
		madeAtMs: request.nowMs,
		version: request.version,
		locale: request.locale,
		timeZone: request.timeZone,
	};
}

/** The task, and below each task those that it started, in order of their start. */
function tasksOf(reader: Reader, sessionId: string): { row: SessionRow; depth: number }[] {
	const numbers = sessionFamily(reader, sessionId);
	const rows = numbers.flatMap((n) => {
		const row = reader
			.sql('SELECT n, session_id, parent_session_id, agent_id, title, started_ms, last_ms FROM session WHERE n = ?')
			.get(n);
		return row ? [row as unknown as SessionRow] : [];
	});
	const below = Map.groupBy(rows, ({ parent_session_id }) => parent_session_id);
	const root = rows.find((row) => row.session_id === sessionId);
	const ordered: { row: SessionRow; depth: number }[] = [];
	const seen = new Set<number>();
	const waiting = root ? [{ row: root, depth: 0 }] : [];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { row, depth } = next;
		if (seen.has(row.n)) continue;
		seen.add(row.n);
		ordered.push(next);
		const children = (below.get(row.session_id) ?? []).toSorted((a, b) => b.started_ms - a.started_ms || b.n - a.n);
		for (const child of children) waiting.push({ row: child, depth: depth + 1 });
	}
	return ordered;
}

/** What a call added to the conversation that it goes on with, and what came back. */
function saidIn(reader: Reader, stores: ContentStores, call: ExportedCall): ReportText[] {
	const n = reader.callNumber(call.row.callId);
	const prompt = n === null ? null : stores.prompts.get(n);
	const shared = prompt?.shared ?? 0;
	const { systemPrompt, completion, reasoning, toolCalls, error } = call;
	return [
		...(shared === 0 && systemPrompt !== null ? [reportText('system', systemPrompt)] : []),
		...call.messages.slice(shared).flatMap(ofMessage),
		...(reasoning === null ? [] : [reportText('reasoning', reasoning)]),
		...(completion === null || completion === '' ? [] : [reportText('assistant', completion)]),
		...toolCalls.map((tool) => reportText('tool call', `${tool.name} ${JSON.stringify(tool.arguments) ?? ''}`)),
		...(error?.message ? [reportText('error', error.message)] : []),
	];
}

function ofMessage({ role, content, toolCalls = [] }: Message): ReportText[] {
	const text =
		typeof content === 'string'
			? content
			: content.map((part) => part.text ?? (part.type === 'text' ? '' : `[${part.type}]`)).join('\n');
	return [
		...(text === '' ? [] : [reportText(role, text)]),
		...toolCalls.map((tool) => reportText('tool call', `${tool.name} ${JSON.stringify(tool.arguments) ?? ''}`)),
	];
}
