import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { RecordUnit } from '../source.ts';

/** A file of one message or part is small; one above this is not read. Bytes. */
const maxFileBytes = 32 << 20;

/**
 * The `storage` folder of one installation: `session/<project>/<session>.json`, `message/<session>/<message>.json`,
 * `part/<message>/<part>.json`. Ids are taken from the names of files, as the agents themselves do.
 */
export class Storage {
	readonly path: string;

	constructor(path: string) {
		this.path = path;
	}

	/** The storage that a session's file lies in. */
	static around(sessionFile: string): Storage {
		return new Storage(dirname(dirname(dirname(sessionFile))));
	}

	sessionFile(project: string, sessionId: string): string {
		return join(this.path, 'session', project, `${sessionId}.json`);
	}

	projectFile(project: string): string {
		return join(this.path, 'project', `${project}.json`);
	}

	messageFile(sessionId: string, messageId: string): string {
		return join(this.path, 'message', sessionId, `${messageId}.json`);
	}

	partFile(messageId: string, partId: string): string {
		return join(this.path, 'part', messageId, `${partId}.json`);
	}

	/** Ids of a session's messages, in the order in which they were made. */
	messageIds(sessionId: string): string[] {
		return idsIn(join(this.path, 'message', sessionId));
	}

	partIds(messageId: string): string[] {
		return idsIn(join(this.path, 'part', messageId));
	}

	sessionIds(project: string): string[] {
		return idsIn(join(this.path, 'session', project));
	}

	projects(): string[] {
		return namesIn(join(this.path, 'session'));
	}

	/** Whether a session's messages are kept somewhere else, by a link. */
	leadsOutside(sessionId: string): boolean {
		try {
			const real = realpathSync.native(join(this.path, 'message', sessionId));
			return !real.startsWith(realpathSync.native(this.path) + sep);
		} catch {
			return false;
		}
	}

	/**
	 * Size and time of a session's own file and of what is written last of it: its newest messages and their parts. It
	 * changes with each call.
	 */
	unitOf(file: RecordUnit): RecordUnit {
		const sessionId = basename(file.key, '.json');
		const newest = this.messageIds(sessionId).slice(-2);
		const written = [
			join(this.path, 'message', sessionId),
			...newest.map((id) => this.messageFile(sessionId, id)),
			...newest.map((id) => join(this.path, 'part', id)),
			...newest.flatMap((id) =>
				this.partIds(id)
					.slice(-1)
					.map((part) => this.partFile(id, part)),
			),
		].map(stampAt);
		return {
			key: file.key,
			changedAtMs: Math.max(file.changedAtMs, ...written.map(({ changedAtMs }) => changedAtMs)),
			stamp: [file.stamp, ...written.map(({ stamp }) => stamp)].join('|'),
		};
	}
}

/** `null` when there is no such file (any more); `'malformed'` when it is no JSON, half written, or too large. */
export function readJsonFile(path: string): { value: unknown; changedAtMs: number } | null | 'malformed' {
	try {
		const stats = lstatSync(path);
		if (!stats.isFile()) return null;
		if (stats.size > maxFileBytes) return 'malformed';
		return { value: JSON.parse(readFileSync(path, 'utf8')), changedAtMs: Math.floor(stats.mtimeMs) };
	} catch (error) {
		if (error instanceof SyntaxError) return 'malformed';
		if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
		throw error;
	}
}

function idsIn(folder: string): string[] {
	return namesIn(folder).flatMap((name) => (/^[\w-]+\.json$/.test(name) ? [name.slice(0, -'.json'.length)] : []));
}

/** Sorted: the agents' ids ascend with time. */
function namesIn(folder: string): string[] {
	try {
		return lstatSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
	} catch {
		return [];
	}
}

function stampAt(path: string): { stamp: string; changedAtMs: number } {
	const stats = statSync(path, { throwIfNoEntry: false });
	if (stats === undefined) return { stamp: '-', changedAtMs: 0 };
	return { stamp: `${stats.isFile() ? stats.size : 0}.${stats.mtimeMs}`, changedAtMs: Math.floor(stats.mtimeMs) };
}
