import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { DraftInput } from '../../core/draft.ts';
import { foundIn } from '../found-in.ts';
import { stampOfFile } from '../jsonl/file-stamp.ts';
import { fileAt, outsideReading, outsideStamp, walkFiles } from '../jsonl/walk-files.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import { addSkipped, moreSkipped, type Skipped } from '../unit-state.ts';
import { CallDrafts, folderOf } from './call-drafts.ts';
import { messageFiles, sessionFolders } from './places.ts';
import { callsOf, printOf } from './session-calls.ts';
import { messageIdsOf, readSessionFile, type SessionFile, type SessionReadOptions } from './session-file.ts';

/** What was handed over of a file by its earlier readings. */
const cursorSchema = z.object({
	version: z.literal(1),
	/** The first so many calls, and what they said. */
	calls: z.int().min(0),
	print: z.string(),
	/** Those of them that were left out for their age. */
	tooOld: z.int().min(0),
	skipped: z.record(z.string(), z.number()),
});
type Cursor = z.infer<typeof cursorSchema>;

/** Messages in all prompts of one page: each call carries all of the session so far. */
const pageMessages = 20_000;
/** A session not written to for this long has no answer on its way. */
const staleMs = 60 * 60_000;
/** How long to wait before reading a half-written file again, in milliseconds, by attempt. */
const defaultRetryMs = [20, 80, 200] as const;
const lookAgainMs = 60_000;

/** Things that tests put in another's place. */
export interface SessionTools {
	now?(): number;
	retryMs?: readonly number[];
	reading?: Omit<SessionReadOptions, 'signal'>;
	pageMessages?: number;
}

/**
 * Cline 4 in VS Code and Cline's command line: `~/.cline/data/sessions/<session>/*.messages.json`. A unit is one file of
 * messages, which Cline writes anew as a whole with each of them: it is read whole again, and only calls that are new
 * or changed are handed over. Input counts cache reads and writes in.
 */
export class ClineSessionSource implements Source {
	readonly id = 'cline';
	readonly title = 'Cline';
	readonly pollMs = 10_000;
	readonly busyPollMs = 2_000;
	readonly #tools: SessionTools;

	constructor(tools: SessionTools = {}) {
		this.#tools = tools;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(this.units(places), this.folders(places));
	}

	folders(places: Places): string[] {
		return sessionFolders(places);
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const folder of sessionFolders(places)) yield* walkFiles(folder, messageFiles);
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		for (const folder of sessionFolders(places)) {
			const unit = fileAt(folder, path, messageFiles);
			if (unit !== null) return unit;
		}
		return null;
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return sessionFolders(places).map((path) => ({ path, recursive: true }));
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		if (unit.stamp === outsideStamp) return outsideReading();
		const read = await this.#readSteady(unit.key, options.signal);
		if (read === null) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
		const { file, stamp } = read;
		const answer = options.accepts(folderOf(file));
		if (answer !== 'yes') return { drafts: [], skipped: { [answer]: 1 }, cursor: null, stamp };

		const nowMs = this.#tools.now?.() ?? Date.now();
		const fresh = nowMs - unit.changedAtMs < staleMs;
		const { calls, skipped } = callsOf(
			file,
			await inheritedIn(file, unit.key, options.signal),
			fresh && isRunning(file),
		);
		if (file.bad > 0) skipped.malformed = (skipped.malformed ?? 0) + file.bad;
		else if (!file.complete) skipped.malformed = (skipped.malformed ?? 0) + 1;

		const before = parseCursor(options.cursor);
		const goesOn = before !== null && before.calls <= calls.length && printOf(calls, before.calls) === before.print;
		const made = new CallDrafts(file, unit.key, options.contentSinceMs);
		const drafts: DraftInput[] = [];
		let handed = goesOn ? before.calls : 0;
		let tooOld = goesOn ? before.tooOld : 0;
		let messages = 0;
		for (const call of calls.slice(handed)) {
			if (messages >= (this.#tools.pageMessages ?? pageMessages)) break;
			handed++;
			if (call.startedAtMs < options.metadataSinceMs) {
				tooOld++;
				continue;
			}
			drafts.push(...made.draftsOf(call));
			messages += file.contentLeftOut ? 1 : call.index;
		}
		const all: Skipped = addSkipped(skipped, { tooOld });
		const cursor: Cursor = { version: 1, calls: handed, print: printOf(calls, handed), tooOld, skipped: { ...all } };
		const reading: UnitReading = {
			drafts,
			skipped: moreSkipped(all, (before?.skipped ?? {}) as Skipped),
			cursor: JSON.stringify(cursor),
			stamp,
			...(handed < calls.length ? { more: true } : {}),
		};
		if (!file.complete) return { ...reading, recheckAtMs: nowMs + (fresh ? lookAgainMs : staleMs) };
		return fresh && isRunning(file) ? { ...reading, recheckAtMs: unit.changedAtMs + staleMs + 1 } : reading;
	}

	/** Cline may be writing: what is cut off is read again, a few times, before it is taken as it is. */
	async #readSteady(path: string, signal: AbortSignal): Promise<{ file: SessionFile; stamp: string } | null> {
		const retryMs = this.#tools.retryMs ?? defaultRetryMs;
		for (let attempt = 0; ; attempt++) {
			const before = stampOfFile(path);
			if (before === null) return null;
			const file = await readSessionFile(path, { ...this.#tools.reading, signal });
			if (file === null) return null;
			const wait = retryMs[attempt];
			const steady = file.complete && stampOfFile(path)?.stamp === before.stamp;
			if (steady || wait === undefined) return { file, stamp: before.stamp };
			await pause(wait, undefined, { signal });
		}
	}
}

/** Ids of the messages that a fork took over, as long as the session they are of is there. */
async function inheritedIn(file: SessionFile, path: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
	const parent = file.isSubagent ? undefined : file.manifest?.metadata?.fork?.forkedFromSessionId;
	if (parent === undefined || parent === file.rootId || !/^[\w.-]+$/.test(parent) || parent.startsWith('.')) {
		return new Set();
	}
	const original = join(dirname(dirname(path)), parent, `${parent}.messages.json`);
	return (await messageIdsOf(original, signal).catch(() => null)) ?? new Set();
}

function isRunning({ manifest }: SessionFile): boolean {
	return manifest?.status === 'running';
}

function parseCursor(text: string | null): Cursor | null {
	if (text === null) return null;
	try {
		return cursorSchema.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}

/** Cline 4 and its command line. */
export const clineSessions: Source = new ClineSessionSource();
