import { isUtf8 } from 'node:buffer';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ArrayReading, readJsonArray } from '../json-array-reader.ts';
import type { SkipReason } from '../source.ts';
import {
	type HistoryItem,
	type HistoryMessage,
	historyItemSchema,
	historyMessageSchema,
	type Row,
	rowSchema,
} from './records.ts';
import { stampOf, taskFiles } from './task-units.ts';

/** A task folder as it was read, before anything is made of it. */
export interface TaskFolder {
	/** Rows that tell something of calls, oldest first, and the task's first row. */
	rows: Row[];
	history: HistoryMessage[];
	item: HistoryItem | null;
	/** The history is too large to keep its content in memory: `history` has its marks without its texts. */
	contentLeftOut: boolean;
	/** Every file that is there was read to its end, and none was written meanwhile. */
	complete: boolean;
	/** The conversation is there and undamaged: a call without an answer in it has none. */
	historyWhole: boolean;
	skipped: Partial<Record<SkipReason, number>>;
	stamp: string;
}

export interface FolderReadOptions {
	signal: AbortSignal;
	/** A history above this size is read without its content. Bytes. */
	maxHistoryBytes?: number;
	/** How long to wait before reading a half-written folder again, in milliseconds, by attempt. */
	retryMs?: readonly number[];
}

const defaultMaxHistoryBytes = 48 << 20;
const defaultRetryMs = [20, 80, 200] as const;
/** A history item holds the task's first text, which may be long. */
const maxItemBytes = 16 << 20;

/** Words of which one is in each row that matters; the others (tool output, partial text) are not even parsed. */
const rowMarks = [
	'"api_req_',
	'"error_retry"',
	'"condense_context"',
	'"deleted_api_reqs"',
	'"subagent_usage"',
	'"resume_task"',
	'"resume_completed_task"',
	'"completion_result"',
].map((mark) => Buffer.from(mark));

/**
 * Reads one task folder. The agents write each file whole, to another name first, so a reader may meet two files of two
 * moments, or half a file where the disk was full: then it reads again, a few times, and in the end takes what is there
 * and counts it as malformed. `null` when the folder is gone, which is no fault.
 */
export async function readTaskFolder(folder: string, options: FolderReadOptions): Promise<TaskFolder | null> {
	const { signal, retryMs = defaultRetryMs } = options;
	for (let attempt = 0; ; attempt++) {
		signal.throwIfAborted();
		const before = stampOf(folder);
		if (before === null) return null;
		if (await leavesAgentFolder(folder)) return { ...nothing(before.stamp), skipped: { outsideAgentFolder: 1 } };
		const wait = retryMs[attempt];
		try {
			const reading = await readOnce(folder, before.stamp, options);
			const steady = stampOf(folder)?.stamp === before.stamp;
			if (steady && reading.complete) return reading.folder;
			if (wait === undefined) return { ...reading.folder, complete: false };
		} catch (error) {
			if (signal.aborted) throw error;
			if (stampOf(folder) === null) return null;
			if (wait === undefined) return { ...nothing(before.stamp), skipped: { unreadable: 1 } };
		}
		await pause(wait, undefined, { signal });
	}
}

function nothing(stamp: string): TaskFolder {
	return {
		rows: [],
		history: [],
		item: null,
		contentLeftOut: false,
		complete: false,
		historyWhole: false,
		skipped: {},
		stamp,
	};
}

async function readOnce(
	folder: string,
	stamp: string,
	{ signal, maxHistoryBytes = defaultMaxHistoryBytes }: FolderReadOptions,
): Promise<{ folder: TaskFolder; complete: boolean }> {
	const read = nothing(stamp);
	let malformed = 0;

	const rows = await readJsonArray(
		join(folder, taskFiles.rows),
		(value) => {
			const row = rowSchema.safeParse(value);
			if (row.success) read.rows.push(row.data);
			else malformed++;
		},
		{ signal, wanted: (element, index) => index === 0 || rowMarks.some((mark) => element.includes(mark)) },
	);

	const historyPath = join(folder, taskFiles.history);
	const historyBytes = await sizeOf(historyPath);
	let history: ArrayReading | null = null;
	if (historyBytes !== null) {
		read.contentLeftOut = historyBytes > maxHistoryBytes;
		history = await readJsonArray(
			historyPath,
			(value) => {
				const message = historyMessageSchema.safeParse(value);
				if (!message.success) malformed++;
				else read.history.push(read.contentLeftOut ? withoutTexts(message.data) : message.data);
			},
			{ signal },
		);
	}

	const item = await readItem(join(folder, taskFiles.item));
	read.item = item.value;

	read.historyWhole = history?.complete === true && history.bad === 0;
	const complete = rows.complete && (history === null || history.complete) && item.complete;
	malformed += rows.bad + (history?.bad ?? 0) + (item.complete ? 0 : 1);
	// A file that ends between two elements has no bad one, and is half written all the same.
	if (malformed === 0 && !complete) malformed = 1;
	if (malformed > 0) read.skipped.malformed = malformed;
	read.complete = complete;
	return { folder: read, complete };
}

/** Keeps of a message what places calls and names models: its marks, and blocks that are short. */
function withoutTexts(message: HistoryMessage): HistoryMessage {
	const { content, ...marks } = message;
	if (typeof content === 'string') return { ...marks, content: '' };
	const last = content.at(-1);
	const details = JSON.stringify(last ?? null).length < 64 << 10 ? [last] : [];
	return { ...marks, content: message.role === 'user' ? details : [] };
}

async function readItem(path: string): Promise<{ value: HistoryItem | null; complete: boolean }> {
	const bytes = await sizeOf(path);
	if (bytes === null) return { value: null, complete: true };
	if (bytes > maxItemBytes) return { value: null, complete: false };
	const text = await readFile(path);
	try {
		if (!isUtf8(text)) return { value: null, complete: false };
		const item = historyItemSchema.safeParse(JSON.parse(text.toString('utf8')));
		return { value: item.data ?? null, complete: item.success };
	} catch {
		return { value: null, complete: false };
	}
}

async function sizeOf(path: string): Promise<number | null> {
	try {
		return (await stat(path)).size;
	} catch {
		return null;
	}
}

/** Whether the folder, or a file that would be read, is a link to somewhere outside of the agent's own storage. */
async function leavesAgentFolder(folder: string): Promise<boolean> {
	const storage = await realpath(dirname(dirname(folder)));
	for (const path of [folder, ...Object.values(taskFiles).map((name) => join(folder, name))]) {
		const real = await realpath(path).catch(() => null);
		if (real !== null && !real.startsWith(storage + sep)) return true;
	}
	return false;
}
