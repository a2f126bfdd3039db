import { createHash, randomUUID } from 'node:crypto';
import {
	chmodSync,
	closeSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** For whom a batch waits: a server that was named, or the one that is found from a folder. */
export type QueueTarget = { url: string } | { folder: string };

const headSchema = z.object({
	version: z.literal(1),
	target: z.union([z.object({ url: z.string() }), z.object({ folder: z.string() })]),
});

/** Events that go and come together, each as JSON. */
export interface QueuedBatch {
	target: QueueTarget;
	events: readonly string[];
}

/** A batch on disk, by what its name tells. */
export interface QueueFile {
	name: string;
	/** `targetKey` of its batch. */
	target: string;
	events: number;
	bytes: number;
}

export interface QueueLimits {
	maxEvents: number;
	maxBytes: number;
}

const fileName = /^\d{14}-\d{6}-[0-9a-f]{8}-([0-9a-f]{16})\.(\d+)\.(\d+)\.jsonl$/;
const lockName = 'delivery.lock';
/** A lock that its owner has not touched for so long is no one's. */
const lockStaleMs = 60_000;
/** A file that was begun so long ago is not written any more. */
const leftoverMs = 3_600_000;
/** How long a list of the files is good enough to keep to the limits by. */
const recentMs = 2_000;

/** Tells targets apart in the names of files. */
export function targetKey(target: QueueTarget): string {
	return createHash('sha256').update(JSON.stringify(target)).digest('hex').slice(0, 16);
}

/**
 * Events that wait on disk for a server: one small file each batch, written once, named so that the oldest comes first
 * and that its target and size are known without opening it. Any number of programs add to it and deliver from it; nothing is ever
 * appended to, so none can lose what another writes. For its owner only.
 */
export class DiskQueue {
	readonly #directory: string;
	readonly #limits: QueueLimits;
	#made = false;
	#lastMs = 0;
	#count = 0;
	#dropped = 0;
	/** What lay here a moment ago, the oldest first: thousands of names are not read again for each new one. */
	#recent: { files: QueueFile[]; atMs: number } | null = null;

	/** `directory`: absolute; made when something is written. */
	constructor(directory: string, limits: QueueLimits) {
		this.#directory = directory;
		this.#limits = limits;
	}

	/** Events that had to go for newer ones. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Everything that waits, the oldest first. Nothing when it cannot be read. */
	files(): QueueFile[] {
		let names: string[];
		try {
			names = readdirSync(this.#directory);
		} catch {
			return [];
		}
		return names.sort().flatMap((name) => {
			const [, key, events, bytes] = fileName.exec(name) ?? [];
			return key === undefined ? [] : [{ name, target: key, events: Number(events), bytes: Number(bytes) }];
		});
	}

	totals(): { events: number; bytes: number } {
		const files = this.files();
		return { events: sum(files, 'events'), bytes: sum(files, 'bytes') };
	}

	/** Rejects with what the file system says. */
	async add(batch: QueuedBatch): Promise<void> {
		const prepared = this.#prepare(batch);
		if (prepared === null) return;
		const draft = join(this.#directory, `${prepared.name}.tmp`);
		try {
			await writeFile(draft, prepared.text, { mode: 0o600, flag: 'wx' });
			await rename(draft, join(this.#directory, prepared.name));
		} catch (error) {
			await rm(draft, { force: true });
			throw error;
		}
	}

	/** For a process that is about to end. Throws what the file system says. */
	addNow(batch: QueuedBatch): void {
		const prepared = this.#prepare(batch);
		if (prepared === null) return;
		const draft = join(this.#directory, `${prepared.name}.tmp`);
		writeFileSync(draft, prepared.text, { mode: 0o600, flag: 'wx' });
		renameSync(draft, join(this.#directory, prepared.name));
	}

	/** `null`: it is gone, or is no batch. */
	async read({ name }: QueueFile): Promise<QueuedBatch | null> {
		try {
			const [head = '', ...events] = (await readFile(join(this.#directory, name), 'utf8')).trimEnd().split('\n');
			return { target: headSchema.parse(JSON.parse(head)).target, events };
		} catch {
			return null;
		}
	}

	remove({ name }: QueueFile): void {
		this.#recent = null;
		rmSync(join(this.#directory, name), { force: true });
	}

	/**
	 * Keeps programs from delivering the same files at the same time, which would do no harm but send everything twice.
	 * `null`: another one is at it. Otherwise what says that this one still is, and what ends it.
	 */
	lock(): { touch: () => void; release: () => void } | null {
		const file = join(this.#directory, lockName);
		for (const attempt of [1, 2]) {
			try {
				const descriptor = openSync(file, 'wx', 0o600);
				writeSync(descriptor, String(process.pid));
				closeSync(descriptor);
				return {
					touch: () => quietly(() => utimesSync(file, new Date(), new Date())),
					release: () => quietly(() => rmSync(file, { force: true })),
				};
			} catch (error) {
				if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return null;
				if (attempt === 2 || !isStale(file)) return null;
				quietly(() => rmSync(file, { force: true }));
			}
		}
		return null;
	}

	/** Makes room, and names the file. `null`: the batch is more than the queue may hold at all, and is dropped. */
	#prepare({ target, events }: QueuedBatch): { name: string; text: string } | null {
		const text = `${[JSON.stringify({ version: 1, target }), ...events].join('\n')}\n`;
		const bytes = Buffer.byteLength(text);
		if (events.length > this.#limits.maxEvents || bytes > this.#limits.maxBytes) {
			this.#dropped += events.length;
			return null;
		}
		this.#makeFolder();
		this.#makeRoom(events.length, bytes);
		// A clock that was set back must not bring later events before earlier ones.
		this.#lastMs = Math.max(this.#lastMs, Date.now());
		this.#count++;
		const order = `${String(this.#lastMs).padStart(14, '0')}-${String(this.#count % 1_000_000).padStart(6, '0')}`;
		const key = targetKey(target);
		const name = `${order}-${randomUUID().slice(0, 8)}-${key}.${events.length}.${bytes}.jsonl`;
		this.#recent?.files.push({ name, target: key, events: events.length, bytes });
		return { name, text };
	}

	#makeRoom(events: number, bytes: number): void {
		if (this.#recent === null || Date.now() - this.#recent.atMs > recentMs) {
			this.#recent = { files: this.files(), atMs: Date.now() };
		}
		const { files } = this.#recent;
		let [eventsLeft, bytesLeft] = [sum(files, 'events') + events, sum(files, 'bytes') + bytes];
		while (eventsLeft > this.#limits.maxEvents || bytesLeft > this.#limits.maxBytes) {
			const oldest = files.shift();
			if (oldest === undefined) return;
			eventsLeft -= oldest.events;
			bytesLeft -= oldest.bytes;
			if (this.#takeAway(oldest)) this.#dropped += oldest.events;
		}
	}

	/** `false`: it was gone, delivered by another program perhaps. */
	#takeAway({ name }: QueueFile): boolean {
		try {
			unlinkSync(join(this.#directory, name));
			return true;
		} catch {
			return false;
		}
	}

	#makeFolder(): void {
		// Each time: someone may have erased it meanwhile.
		mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
		if (this.#made) return;
		chmodSync(this.#directory, 0o700);
		this.#made = true;
		for (const name of readdirSync(this.#directory)) {
			const file = join(this.#directory, name);
			// Of a program that ended while it wrote.
			if (name.endsWith('.tmp')) quietly(() => Date.now() - statSync(file).mtimeMs > leftoverMs && rmSync(file));
		}
	}
}

function sum(files: readonly QueueFile[], of: 'events' | 'bytes'): number {
	return files.reduce((total, file) => total + file[of], 0);
}

function isStale(file: string): boolean {
	try {
		if (Date.now() - statSync(file).mtimeMs > lockStaleMs) return true;
		process.kill(Number(readFileSync(file, 'utf8')), 0);
		return false;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ESRCH';
	}
}

function quietly(work: () => unknown): void {
	try {
		work();
	} catch {
		// It only saves work or space.
	}
}
