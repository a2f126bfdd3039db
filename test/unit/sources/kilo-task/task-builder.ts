import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DraftInput, ResponseDraftInput } from '../../../../src/core/draft.ts';

/** A task folder in the making. */
export interface BuiltTask {
	rows: unknown[];
	history?: unknown[];
	item?: unknown;
}

/** Writes a task folder as the agents do: each file whole, to another name first. Returns its path. */
export function writeTask(tasks: string, id: string, { rows, history, item }: BuiltTask): string {
	const folder = join(tasks, id);
	mkdirSync(folder, { recursive: true });
	writeWhole(join(folder, 'ui_messages.json'), rows);
	if (history !== undefined) writeWhole(join(folder, 'api_conversation_history.json'), history);
	if (item !== undefined) writeWhole(join(folder, 'history_item.json'), item);
	return folder;
}

export function writeWhole(path: string, value: unknown): void {
	writeFileSync(`${path}.new`, JSON.stringify(value));
	renameSync(`${path}.new`, path);
}

export function requestRow(ts: number, info: object): object {
	return { ts, type: 'say', say: 'api_req_started', text: JSON.stringify(info) };
}

export function usageInfo(tokensIn: number, more: object = {}): object {
	return { apiProtocol: 'openai', tokensIn, tokensOut: 5, cacheWrites: 0, cacheReads: 1, cost: 0.001, ...more };
}

export function userMessage(ts: number, text: string): object {
	return { role: 'user', content: [{ type: 'text', text }], ts };
}

export function assistantMessage(ts: number, text: string): object {
	return { role: 'assistant', content: [{ type: 'text', text }], ts };
}

/** A task of `calls` calls, 1,000 ms apart from 1,000,000 on, all of them answered. */
export function simpleTask(calls: number): BuiltTask {
	const starts = Array.from({ length: calls }, (_, index) => 1_000_000 + index * 1000);
	return {
		rows: [
			{ ts: 999_000, type: 'say', say: 'text', text: 'Do it' },
			...starts.map((ts, index) => requestRow(ts, usageInfo(100 + index))),
		],
		history: starts.flatMap((ts) => [userMessage(ts + 5, `ask ${ts}`), assistantMessage(ts + 500, `answer ${ts}`)]),
	};
}

export function responsesOf(drafts: readonly DraftInput[]): ResponseDraftInput[] {
	return drafts.flatMap((draft) => (draft.eventType === 'llm_response' ? [draft] : []));
}
