import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readJsonObject } from '../json-object-reader.ts';
import { type Manifest, manifestSchema, messageSchema, type SessionMessage } from './records.ts';

/** One file of messages as it was read, before anything is made of it. */
export interface SessionFile {
	/** The session whose folder it lies in. */
	rootId: string;
	/** The session itself, or one of an agent that it started. */
	sessionId: string;
	isSubagent: boolean;
	/** `null` when it is missing or damaged. */
	manifest: Manifest | null;
	systemPrompt: string | null;
	messages: SessionMessage[];
	/** The file is too large to keep its content in memory: messages have their marks without their texts. */
	contentLeftOut: boolean;
	/** It was written to its end. */
	complete: boolean;
	bad: number;
}

export interface SessionReadOptions {
	signal: AbortSignal;
	/** A file above this size is read without its content. Bytes. */
	maxContentBytes?: number;
}

const defaultMaxContentBytes = 48 << 20;
const maxManifestBytes = 16 << 20;
const suffix = '.messages.json';

/** Reads one file of messages and the manifest of its session. `null` when it is gone. */
export async function readSessionFile(path: string, options: SessionReadOptions): Promise<SessionFile | null> {
	const size = await sizeOf(path);
	if (size === null) return null;
	const rootId = basename(dirname(path));
	const stem = basename(path).slice(0, -suffix.length);
	const file: SessionFile = {
		rootId,
		sessionId: stem === rootId ? rootId : `${rootId}__${stem}`,
		isSubagent: stem !== rootId,
		manifest: await readManifest(join(dirname(path), `${rootId}.json`)),
		systemPrompt: null,
		messages: [],
		contentLeftOut: size > (options.maxContentBytes ?? defaultMaxContentBytes),
		complete: false,
		bad: 0,
	};
	const reading = await readJsonObject(path, {
		array: 'messages',
		onElement: (value) => {
			const message = messageSchema.safeParse(value);
			if (!message.success) file.bad++;
			else file.messages.push(file.contentLeftOut ? { ...message.data, content: null } : message.data);
		},
		onMember: (key, value) => {
			if (key === 'system_prompt' && typeof value === 'string' && value !== '') file.systemPrompt = value;
			// Its own id, where it says one; an agent's file may only repeat that of the session it works for.
			if (key === 'sessionId' && typeof value === 'string' && value !== '' && value !== rootId) file.sessionId = value;
		},
		signal: options.signal,
	});
	if (reading === null) return null;
	file.bad += reading.bad;
	file.complete = reading.complete;
	return file;
}

/** Ids of the messages in another session's file; `null` when it is gone. */
export async function messageIdsOf(path: string, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
	const ids = new Set<string>();
	const reading = await readJsonObject(path, {
		array: 'messages',
		onElement: (value) => {
			const id: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined;
			if (typeof id === 'string') ids.add(id);
		},
		onMember: () => {},
		signal,
	});
	return reading === null ? null : ids;
}

async function readManifest(path: string): Promise<Manifest | null> {
	try {
		if (((await sizeOf(path)) ?? Number.POSITIVE_INFINITY) > maxManifestBytes) return null;
		return manifestSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null;
	} catch {
		return null;
	}
}

/** `null` when there is no such file, or it is a link, which may lead anywhere. */
async function sizeOf(path: string): Promise<number | null> {
	try {
		const stats = await lstat(path);
		return stats.isFile() ? stats.size : null;
	} catch {
		return null;
	}
}
