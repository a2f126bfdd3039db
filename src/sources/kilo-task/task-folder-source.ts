import { basename, dirname, join, relative, sep } from 'node:path';
import * as z from 'zod';
import type { Found, Places, ReadOptions, RecordUnit, SkipReason, Source, UnitReading } from '../source.ts';
import { staleMs } from './call-outcome.ts';
import { callIdOf, type Dialect } from './dialect.ts';
import { requestInfoSchema } from './records.ts';
import { earlier, folderOf, taskDraftsOf } from './task-drafts.ts';
import { type FolderReadOptions, readTaskFolder, type TaskFolder } from './task-folder.ts';
import { stampOf, taskRoots, taskUnits } from './task-units.ts';
import type { RateLookup } from './usage-truth.ts';

/** What was handed over of a task by its earlier readings. */
const cursorSchema = z.object({
	version: z.literal(1),
	settledThrough: z.number(),
	skipped: z.record(z.string(), z.number()),
	handedOver: z.array(z.object({ ts: z.number(), info: requestInfoSchema })),
	open: z
		.array(
			z.object({
				ts: z.number(),
				target: z.object({ agentProvider: z.string().nullable(), provider: z.string(), model: z.string() }),
				protocol: z.string().nullable(),
				answered: z.boolean(),
			}),
		)
		.default([]),
});
type Cursor = z.infer<typeof cursorSchema>;

/** When to look again at a folder that was written lately and could not be read whole, in milliseconds. */
const lookAgainMs = 60_000;

/** Things that tests put in another's place. */
export interface TaskFolderTools {
	/** List prices, at hand or to be read from disk with the first task. */
	rates: RateLookup | { load(): Promise<RateLookup> };
	now?(): number;
	reading?: Omit<FolderReadOptions, 'signal'>;
}

/**
 * The task folders of one agent: `<globalStorage>/<extension>/tasks/<task>/`. One folder is one unit.
 *
 * A task that goes on is read whole again, but only the calls that can have changed are handed over: its cursor says up
 * to where they were settled. The input of its records is inclusive or not as its dialect says.
 */
export function taskFolderSource(dialect: Dialect, tools: TaskFolderTools): Source {
	const now = tools.now ?? Date.now;

	async function read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		const before = cursorOf(options);
		const task = await readTaskFolder(unit.key, { ...tools.reading, signal: options.signal });
		if (task === null) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
		// A task of which calls were seen live is of this window, which may have no folder.
		const isHere = task.rows.length === 0 || wasSeenLive(task, basename(unit.key), options);
		const reason = isHere ? 'yes' : options.accepts(folderOf(task));
		if (reason !== 'yes') {
			// Once the folder is accepted, everything is to be handed over, but nothing deleted since is to count twice.
			const known = before ?? startAgain({ handedOver: [], open: [] });
			const skipped = { [reason]: 1 };
			if (known.handedOver.length + known.open.length === 0)
				return { drafts: [], skipped, cursor: null, stamp: task.stamp };
			const cursor = JSON.stringify({ ...startAgain(known), skipped });
			return { drafts: [], skipped: added(skipped, before?.skipped ?? {}), cursor, stamp: task.stamp };
		}
		const rates = typeof tools.rates === 'function' ? tools.rates : await tools.rates.load();
		const result = taskDraftsOf(task, {
			dialect,
			taskId: basename(unit.key),
			path: unit.key,
			rates,
			live: options.live ?? {},
			metadataSinceMs: options.metadataSinceMs,
			contentSinceMs: options.contentSinceMs,
			settledThrough: before?.settledThrough ?? 0,
			handedOver: before?.handedOver ?? [],
			open: before?.open ?? [],
			changedAtMs: unit.changedAtMs,
			nowMs: now(),
		});
		const recheckAtMs = task.complete ? result.recheckAtMs : earlier(result.recheckAtMs, lookAgainAt(unit));
		const cursor: Cursor = {
			version: 1,
			settledThrough: result.settledThrough,
			skipped: result.skipped,
			handedOver: result.handedOver,
			open: result.open,
		};
		return {
			drafts: result.drafts,
			skipped: added(result.skipped, before?.skipped ?? {}),
			cursor: JSON.stringify(cursor),
			stamp: task.stamp,
			...(recheckAtMs === null ? {} : { recheckAtMs }),
		};
	}

	function wasSeenLive({ rows }: TaskFolder, taskId: string, { live = {} }: ReadOptions): boolean {
		return rows.some(({ ts, say }) => say === 'api_req_started' && callIdOf(dialect, taskId, ts) in live);
	}

	/** Not every fault shows in a file's size and time when it is gone: one that may not be read does not. */
	function lookAgainAt({ changedAtMs }: RecordUnit): number {
		const nowMs = now();
		return nowMs + (nowMs - changedAtMs < staleMs ? lookAgainMs : staleMs);
	}

	return {
		id: dialect.id,
		title: dialect.title,
		pollMs: 10_000,
		busyPollMs: 2_000,
		units: (places) => taskUnits(dialect, places),
		read,
		watch: (places) => taskRoots(dialect, places).map((path) => ({ path, recursive: true })),
		unitAt: async (path, places) => unitAt(path, taskRoots(dialect, places)),
		detect: (places) => detect(dialect, places),
	};
}

async function detect(dialect: Dialect, places: Places): Promise<Found | null> {
	const found: Found = { places: [], units: 0, sinceMs: null, lastSeenMs: null };
	const roots = new Set<string>();
	for await (const { key, changedAtMs } of taskUnits(dialect, places)) {
		roots.add(dirname(key));
		found.units++;
		found.sinceMs = Math.min(found.sinceMs ?? changedAtMs, changedAtMs);
		found.lastSeenMs = Math.max(found.lastSeenMs ?? changedAtMs, changedAtMs);
	}
	found.places = [...roots];
	return found.units > 0 ? found : null;
}

/** The task folder that a changed file lies in. */
function unitAt(path: string, roots: readonly string[]): RecordUnit | null {
	for (const root of roots) {
		const name = relative(root, path).split(sep)[0];
		if (name === undefined || name === '' || name === '..') continue;
		const key = join(root, name);
		const seen = stampOf(key);
		if (seen !== null) return { key, ...seen };
	}
	return null;
}

/** What earlier readings handed over; when other things were recorded then, all of it is due again. */
function cursorOf({ cursor, earlierCursor = null }: ReadOptions): Cursor | null {
	if (cursor !== null) return parseCursor(cursor);
	const earlier = earlierCursor === null ? null : parseCursor(earlierCursor);
	return earlier === null ? null : startAgain(earlier);
}

/** Hands everything over again, knowing what was handed over before. */
function startAgain({ handedOver, open }: Pick<Cursor, 'handedOver' | 'open'>): Cursor {
	return { version: 1, settledThrough: 0, skipped: {}, handedOver, open };
}

function parseCursor(text: string): Cursor | null {
	try {
		return cursorSchema.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}

/** A reading counts only what the one before did not. */
function added(now: Partial<Record<SkipReason, number>>, before: Record<string, number>): UnitReading['skipped'] {
	const difference: UnitReading['skipped'] = {};
	for (const [reason, count] of Object.entries(now)) {
		const more = count - (before[reason] ?? 0);
		if (more > 0) Object.assign(difference, { [reason]: more });
	}
	return difference;
}
