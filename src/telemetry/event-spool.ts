import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type CompletionRecord, completionRecordSchema } from './completion-record.ts';

const fileSchema = z.array(completionRecordSchema);
const draftIsOldAfterMs = 60_000;

/** The oldest records that wait. */
export interface SpooledBatch {
	records: CompletionRecord[];
	/** There are others behind these. */
	more: boolean;
	/** Takes them out of the queue: they are delivered, or never will be. */
	remove(): Promise<void>;
}

interface SpoolFile {
	name: string;
	/** Records in it, by its name. */
	count: number;
}

/**
 * Records that wait on disk: small files that only their owner can read, in a folder that all windows share. They hold
 * the records and nothing else: no address, no header. Their names sort by when they were written.
 */
export class EventSpool {
	readonly directory: string;
	readonly #maxRecords: number;
	/** Sets this window's files apart from another's of the same millisecond. */
	readonly #writer = randomUUID().slice(0, 8);
	/** Files whose records are delivered, and which could not be deleted: not to be sent again. */
	readonly #done = new Set<string>();
	#lastMs = 0;

	/** @param maxRecords most that wait, of all windows together; each takes up to some 2 KB. */
	constructor(directory: string, maxRecords = 2_000) {
		this.directory = directory;
		this.#maxRecords = maxRecords;
	}

	/** Adds records behind all others. Gives how many of the oldest had to go for them. Throws what the file system throws. */
	async write(records: readonly CompletionRecord[]): Promise<number> {
		await mkdir(this.directory, { recursive: true, mode: 0o700 });
		await chmod(this.directory, 0o700);
		this.#lastMs = Math.max(this.#lastMs + 1, Date.now());
		const name = `${String(this.#lastMs).padStart(15, '0')}-${this.#writer}-${records.length}`;
		const draft = join(this.directory, `${name}.tmp`);
		try {
			await writeFile(draft, JSON.stringify(records), { mode: 0o600 });
			await rename(draft, join(this.directory, `${name}.json`));
		} catch (error) {
			await rm(draft, { force: true }).catch(() => undefined);
			throw error;
		}
		return this.#dropOldest();
	}

	/** Up to about `max` of the oldest; `null`: none waits. Files that cannot be read as records are deleted. */
	async oldest(max: number): Promise<SpooledBatch | null> {
		const records: CompletionRecord[] = [];
		const names: string[] = [];
		let more = false;
		await this.#tidy();
		for (const { name, count } of await this.#files()) {
			more = records.length > 0 && records.length + count > max;
			if (more) break;
			const read = await this.#read(name);
			if (read === null) continue;
			records.push(...read);
			names.push(name);
		}
		if (records.length === 0) return null;
		const remove = async () => {
			for (const name of names) this.#done.add(name);
			await this.#removeDone();
		};
		return { records, more, remove };
	}

	/** How many wait. */
	async count(): Promise<number> {
		return (await this.#files()).reduce((sum, { count }) => sum + count, 0);
	}

	/** Deletes them all, of every window, and the folder. */
	async clear(): Promise<void> {
		// Another window may be writing into it in this moment.
		await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
	}

	async #dropOldest(): Promise<number> {
		const files = await this.#files();
		let over = files.reduce((sum, { count }) => sum + count, 0) - this.#maxRecords;
		let dropped = 0;
		for (const { name, count } of files) {
			if (over <= 0) break;
			over -= count;
			// Another window may have dropped or delivered it.
			if (await this.#unlink(name)) dropped += count;
		}
		return dropped;
	}

	/** Deletes drafts of a window that ended while it wrote, and what could not be deleted before. */
	async #tidy(): Promise<void> {
		await this.#removeDone();
		for (const name of await this.#names()) {
			const writtenMs = /^(\d{15})-.*\.tmp$/.exec(name)?.[1];
			// Also one of the future: the clock was set back.
			const isOld = Math.abs(Date.now() - Number(writtenMs)) > draftIsOldAfterMs;
			if (writtenMs !== undefined && isOld) await this.#unlink(name);
		}
	}

	async #removeDone(): Promise<void> {
		for (const name of this.#done) {
			const isGone = await this.#unlink(name).then(
				() => true,
				() => false,
			);
			if (isGone) this.#done.delete(name);
		}
	}

	async #files(): Promise<SpoolFile[]> {
		return (await this.#names()).sort().flatMap((name) => {
			const count = /^\d{15}-[\da-f]{8}-(\d{1,6})\.json$/.exec(name)?.[1];
			return count === undefined || this.#done.has(name) ? [] : [{ name, count: Number(count) }];
		});
	}

	async #names(): Promise<string[]> {
		try {
			return await readdir(this.directory);
		} catch (error) {
			if (isMissing(error)) return [];
			throw error;
		}
	}

	async #read(name: string): Promise<CompletionRecord[] | null> {
		let text: string;
		try {
			text = await readFile(join(this.directory, name), 'utf8');
		} catch (error) {
			if (isMissing(error)) return null;
			throw error;
		}
		try {
			return fileSchema.parse(JSON.parse(text));
		} catch {
			// Damaged, or of a version that meant something else: neither can be sent.
			await this.#unlink(name);
			return null;
		}
	}

	/** Whether it was there. */
	async #unlink(name: string): Promise<boolean> {
		try {
			await unlink(join(this.directory, name));
			return true;
		} catch (error) {
			if (isMissing(error)) return false;
			throw error;
		}
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
