import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { ContentSetting } from '../core/redact.ts';
import { makeFolder } from './make-folder.ts';

const contentSettingSchema = z.enum(['full', 'redacted', 'off']) satisfies z.ZodType<ContentSetting>;

const entrySchema = z.object({
	version: z.literal(1),
	/** Absolute path of the ledger file. */
	ledger: z.string().min(1),
	/** Absolute paths of the workspace's folders, symlinks resolved. Empty: the window without a folder, or "all projects". */
	folders: z.array(z.string().min(1)),
	/** What the workspace is called, for a list. */
	name: z.string(),
	registeredAtMs: z.int().min(0),
	/** The user named its folder in the settings: only windows with that setting use it. */
	chosen: z.literal(true).optional(),
	/** How the window that it belongs to keeps prompts and completions there. Programs outside keep no more. */
	content: contentSettingSchema.optional(),
	/** The user's own prices, as in the setting `callmeter.prices`. Programs outside price by them, too. */
	prices: z.unknown().optional(),
});

/** By which of a user's settings a ledger is kept. */
export interface LedgerSettings {
	content: ContentSetting;
	/** The setting `callmeter.prices`. */
	prices: unknown;
}

/** Which ledger belongs to which folders. */
export type RegistryEntry = z.infer<typeof entrySchema>;

/**
 * The list of all ledgers of this user, one small file each, so that two windows never write the same one. For its owner
 * only. It serves what runs outside of a window, and a second window of the same folders.
 */
export class LedgerRegistry {
	readonly #directory: string;

	/** `directory` is made when something is registered. */
	constructor(directory: string) {
		this.#directory = directory;
	}

	/** Writes or renews an entry. Throws what the file system throws. */
	register(entry: Omit<RegistryEntry, 'version'>): void {
		makeFolder(this.#directory);
		const target = join(this.#directory, fileName(entry.ledger));
		const draft = `${target}.${randomUUID()}.tmp`;
		try {
			writeFileSync(draft, JSON.stringify({ version: 1, ...entry }, null, '\t'), { mode: 0o600 });
			renameSync(draft, target);
		} catch (error) {
			rmSync(draft, { force: true });
			throw error;
		}
	}

	/** Every ledger, the one registered last first. What cannot be read is left out. */
	all(): RegistryEntry[] {
		return list(this.#directory)
			.filter((name) => name.endsWith('.json'))
			.flatMap((name) => read(join(this.#directory, name)) ?? [])
			.sort((a, b) => b.registeredAtMs - a.registeredAtMs);
	}

	/**
	 * The ledger of exactly these folders, in any order; of several the one registered first, which has the history. Not
	 * one that the user chose for them: whoever has that setting need not look.
	 */
	find(folders: readonly string[]): RegistryEntry | null {
		const wanted = keyOf(folders);
		return this.all().findLast((entry) => entry.chosen !== true && keyOf(entry.folders) === wanted) ?? null;
	}

	/** Says by which settings a ledger is kept. Does nothing for one that is not on the list. Throws what the file system throws. */
	keepSettings(ledger: string, { content, prices }: LedgerSettings): void {
		const entry = this.all().find((each) => each.ledger === ledger);
		if (entry === undefined) return;
		const renewed = { ...entry, content, prices };
		if (JSON.stringify(renewed) !== JSON.stringify(entry)) this.register(renewed);
	}

	/** The settings that a ledger is kept by; `null`: no window has said so. */
	settingsOf(ledger: string): LedgerSettings | null {
		const real = realOf(ledger);
		const entry = this.all().find((each) => each.ledger === ledger || realOf(each.ledger) === real);
		return entry?.content === undefined ? null : { content: entry.content, prices: entry.prices };
	}

	/** Takes a ledger off the list. The ledger itself stays. */
	forget(ledger: string): void {
		rmSync(join(this.#directory, fileName(ledger)), { force: true });
	}
}

function fileName(ledger: string): string {
	return `${createHash('sha256').update(ledger).digest('hex').slice(0, 32)}.json`;
}

/** Without symlinks, also for a file that is not made yet; as it is where there is not even a folder. */
function realOf(path: string): string {
	try {
		return existsSync(path) ? realpathSync.native(path) : join(realpathSync.native(dirname(path)), basename(path));
	} catch {
		return path;
	}
}

function keyOf(folders: readonly string[]): string {
	return JSON.stringify([...new Set(folders)].sort());
}

function list(directory: string): string[] {
	try {
		return readdirSync(directory);
	} catch {
		return [];
	}
}

function read(file: string): RegistryEntry | null {
	try {
		return entrySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		return null;
	}
}
