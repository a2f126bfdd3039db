import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** One that was not renewed for so long belongs to a process that is gone, in milliseconds. */
const staleAfterMs = 60_000;
const renewEveryMs = 15_000;

/**
 * The right to send what waits in a folder that several windows write to: one of them has it at a time.
 *
 * It is the file `lease-<n>` with the highest number, which its owner keeps young. Whoever finds it old makes the next
 * number, exclusively, so that of all that try only one gets it; an owner that slept too long finds a higher number.
 */
export class Lease {
	readonly #directory: string;
	readonly #number: number;
	readonly #timer: NodeJS.Timeout;

	private constructor(directory: string, number: number) {
		this.#directory = directory;
		this.#number = number;
		this.#timer = setInterval(() => void this.#renew(), renewEveryMs);
		this.#timer.unref();
	}

	/** `null`: another window has it. Throws what the file system throws. */
	static async take(directory: string): Promise<Lease | null> {
		await mkdir(directory, { recursive: true, mode: 0o700 });
		const numbers = await numbersIn(directory);
		const highest = Math.max(0, ...numbers);
		if (highest > 0 && !(await isStale(fileOf(directory, highest)))) return null;
		if (!(await create(fileOf(directory, highest + 1)))) return null;
		const lease = new Lease(directory, highest + 1);
		await Promise.all(numbers.map((number) => rm(fileOf(directory, number), { force: true })));
		return lease;
	}

	/** Nobody has taken it over, and the folder is still there. */
	async isHeld(): Promise<boolean> {
		return Math.max(0, ...(await numbersIn(this.#directory).catch(() => []))) === this.#number;
	}

	/** Others may have it. Never throws. */
	async release(): Promise<void> {
		clearInterval(this.#timer);
		// Kept, as one that is old: the next number must be higher.
		await utimes(this.#file, 0, 0).catch(() => undefined);
	}

	async #renew(): Promise<void> {
		const now = new Date();
		await utimes(this.#file, now, now).catch(() => undefined);
	}

	get #file(): string {
		return fileOf(this.#directory, this.#number);
	}
}

function fileOf(directory: string, number: number): string {
	return join(directory, `lease-${number}`);
}

async function numbersIn(directory: string): Promise<number[]> {
	const names = await readdir(directory);
	return names.map((name) => Number(/^lease-(\d{1,15})$/.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
}

async function isStale(file: string): Promise<boolean> {
	try {
		// Also one of the future: a clock that was set back would keep it young for as long.
		return Math.abs(Date.now() - (await stat(file)).mtimeMs) > staleAfterMs;
	} catch {
		// Deleted in this moment: whoever did it goes on.
		return false;
	}
}

/** `false`: another one was faster. */
async function create(file: string): Promise<boolean> {
	try {
		await (await open(file, 'wx', 0o600)).close();
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
		throw error;
	}
}
