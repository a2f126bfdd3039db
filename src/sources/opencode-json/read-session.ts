import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { idTimeMs } from '../opencode-session/copies.ts';
import {
	type MessageRow,
	messageDataSchema,
	type PartRow,
	partDataOf,
	type SessionRow,
} from '../opencode-session/rows.ts';
import type { SessionRecord } from '../opencode-session/session-drafts.ts';
import { readJsonFile, type Storage } from './storage.ts';

const text = z.string().optional().catch(undefined);
const ms = z.number().min(0).optional().catch(undefined);

const sessionSchema = z.looseObject({
	title: text,
	version: text,
	directory: text,
	parentID: text,
	time: z.looseObject({ created: ms, updated: ms }).optional().catch(undefined),
});
const projectSchema = z.looseObject({ worktree: text });

export interface ReadSession {
	record: SessionRecord;
	/** Files that are no JSON, or not of the shape they should have. */
	malformed: number;
}

/** The session alone, without its messages; `null` when its file is gone, `'malformed'` when it can't be read. */
export function readSessionRow(storage: Storage, path: string): SessionRow | null | 'malformed' {
	const file = readJsonFile(path);
	if (file === null || file === 'malformed') return file;
	const session = sessionSchema.safeParse(file.value);
	if (!session.success) return 'malformed';
	const { title, version, directory, parentID, time } = session.data;
	return {
		id: basename(path, '.json'),
		parentId: parentID || null,
		directory: directory ?? worktreeOf(storage, basename(dirname(path))) ?? '',
		title: title ?? '',
		version: version ?? '',
		branch: null,
		createdAtMs: time?.created ?? file.changedAtMs,
		updatedAtMs: time?.updated ?? file.changedAtMs,
	};
}

/** A session with all of its messages and parts. */
export function readSession(storage: Storage, session: SessionRow): ReadSession {
	const read: ReadSession = { record: { session, messages: [], parts: new Map() }, malformed: 0 };
	const messages: MessageRow[] = [];
	const parts = new Map<string, PartRow[]>();
	for (const id of storage.messageIds(session.id)) {
		const message = readMessage(storage, session.id, id);
		if (message === 'malformed') read.malformed++;
		if (message === null || message === 'malformed') continue;
		messages.push({ ...message, rowid: messages.length + 1 });
		const own: PartRow[] = [];
		for (const partId of storage.partIds(id)) {
			const part = readPart(storage, message, partId);
			if (part === 'malformed') read.malformed++;
			else if (part !== null) own.push(part);
		}
		parts.set(id, own);
	}
	messages.sort((one, other) => one.data.time.created - other.data.time.created);
	return { ...read, record: { session, messages, parts } };
}

export function readMessage(storage: Storage, sessionId: string, id: string): MessageRow | null | 'malformed' {
	const file = readJsonFile(storage.messageFile(sessionId, id));
	if (file === null || file === 'malformed') return file;
	const data = messageDataSchema.safeParse(file.value);
	if (!data.success) return 'malformed';
	return { id, rowid: 0, sessionId, updatedAtMs: file.changedAtMs, data: data.data };
}

/** A part has no time of its own but that in its id, and in what it tells. */
function readPart(storage: Storage, message: MessageRow, id: string): PartRow | null | 'malformed' {
	const file = readJsonFile(storage.partFile(message.id, id));
	if (file === null || file === 'malformed') return file;
	const data = partDataOf(file.value);
	if (data === null || data === 'malformed') return data;
	const madeAtMs = idTimeMs(id, message.data.time.created) ?? message.data.time.created;
	const createdAtMs = Math.max(madeAtMs, message.data.time.created);
	return { id, messageId: message.id, createdAtMs, updatedAtMs: Math.max(createdAtMs, file.changedAtMs), data };
}

function worktreeOf(storage: Storage, project: string): string | null {
	const file = readJsonFile(storage.projectFile(project));
	if (file === null || file === 'malformed') return null;
	return projectSchema.safeParse(file.value).data?.worktree ?? null;
}
