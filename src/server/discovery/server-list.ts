import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { makeFolder } from '../../ledger/make-folder.ts';

const entrySchema = z.object({
	version: z.literal(1),
	/** Made up at each start. The server tells it to whoever asks, so that a client knows its server before it sends a token. */
	instance: z.string().min(1),
	pid: z.int().positive(),
	port: z.int().min(1).max(65_535),
	/** Absolute paths of the folders whose ledger it writes, symlinks resolved. Empty: a ledger of no folder. */
	folders: z.array(z.string().min(1)),
	/** Of Callmeter. */
	product: z.string(),
	startedAtMs: z.int().min(0),
});

/** A local server that runs, or did when it wrote this. */
export type ServerEntry = z.infer<typeof entrySchema>;

/**
 * Where programs outside find the local servers of this user, and the token that they ask for: small files in a folder
 * that only its owner can read. One token for all servers, made when it is first needed.
 */
export class ServerList {
	readonly #directory: string;

	/** `directory`: absolute; made when something is written. */
	constructor(directory: string) {
		this.#directory = directory;
	}

	/**
	 * Says that a server listens. Returns what takes it back. Throws what the file system throws.
	 *
	 * Whoever had this port before has it no more, even if a process with its id is alive: those entries go.
	 */
	announce(entry: Omit<ServerEntry, 'version'>): () => void {
		this.#makeFolder();
		const file = join(this.#directory, `${entry.pid}-${entry.port}.json`);
		for (const name of namesIn(this.#directory)) {
			if (name.endsWith(`-${entry.port}.json`)) rmSync(join(this.#directory, name), { force: true });
		}
		const draft = `${file}.${randomUUID()}.tmp`;
		writeFileSync(draft, JSON.stringify({ version: 1, ...entry }, null, '\t'), { mode: 0o600 });
		renameSync(draft, file);
		return () => rmSync(file, { force: true });
	}

	/** The servers whose process is alive, the one started last first. What is stale is taken off the list. */
	running(): ServerEntry[] {
		const running: ServerEntry[] = [];
		for (const name of namesIn(this.#directory)) {
			if (!name.endsWith('.json')) continue;
			const entry = read(join(this.#directory, name));
			if (entry === null) continue;
			if (isAlive(entry.pid)) running.push(entry);
			else rmSync(join(this.#directory, name), { force: true });
		}
		return running.sort((a, b) => b.startedAtMs - a.startedAtMs);
	}

	/** The token; `null`: no server has ever run. */
	token(): string | null {
		try {
			return readFileSync(this.tokenFile, 'utf8').trim() || null;
		} catch {
			return null;
		}
	}

	/**
	 * The token, made now if there is none. Of two processes that make one, both get the first. One that others could read,
	 * or that was cut off as it was written, is none: another is made.
	 */
	tokenOrNew(): string {
		this.#makeFolder();
		this.#dropUnfit();
		const known = this.token();
		if (known !== null) return known;
		const draft = `${this.tokenFile}.${randomUUID()}.tmp`;
		try {
			writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
			linkSync(draft, this.tokenFile);
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		} finally {
			rmSync(draft, { force: true });
		}
		const token = this.token();
		if (token === null) throw new Error(`${this.tokenFile} cannot be read`);
		return token;
	}

	/** Absolute path of the file that holds the token. */
	get tokenFile(): string {
		return join(this.#directory, 'token');
	}

	#dropUnfit(): void {
		const file = lstatSync(this.tokenFile, { throwIfNoEntry: false });
		if (file === undefined) return;
		const isReadByOthers = process.platform !== 'win32' && (file.mode & 0o077) !== 0;
		if (!file.isFile() || file.size === 0 || isReadByOthers) rmSync(this.tokenFile, { force: true });
	}

	#makeFolder(): void {
		makeFolder(this.#directory);
		chmodSync(this.#directory, 0o700);
	}
}

function namesIn(directory: string): string[] {
	try {
		return readdirSync(directory);
	} catch {
		return [];
	}
}

function read(file: string): ServerEntry | null {
	try {
		return entrySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		return null;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// It is there, and belongs to someone else.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
