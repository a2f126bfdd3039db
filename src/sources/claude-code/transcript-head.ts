import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { stampOf } from '../jsonl/file-stamp.ts';
import { readJsonLines } from '../jsonl/read-json-lines.ts';
import { userContent } from './blocks.ts';
import { type TranscriptLine, transcriptLine } from './transcript-line.ts';

/** What the first lines of a transcript tell. */
export interface TranscriptHead {
	/** Of its first line. A copy has that of its original. */
	uuid: string | null;
	cwd: string | null;
	/** The user's first words. */
	title: string | null;
}

const pageBytes = 1 << 16;
const maxPages = 16;
const maxRemembered = 20_000;
const maxTitle = 300;
/** Copies of one session that are looked through. Of a call that is told of twice the ledger keeps one all the same. */
const maxRelatives = 32;

interface KnownHead {
	inode: number;
	stamp: string;
	/** Has all that is looked for: what is written later changes nothing. */
	isWhole: boolean;
	head: TranscriptHead;
}

/** Reads the heads of transcripts, each once. */
export class TranscriptHeads {
	readonly #heads = new Map<string, KnownHead>();
	/** Transcripts of a folder by their first line, as of when the folder was last changed. */
	readonly #folders = new Map<string, { changedAtMs: number; byUuid: Map<string, string[]> }>();

	/** `null`: there is no such file, or it cannot be read. */
	of(path: string): TranscriptHead | null {
		const stats = statOrNull(path);
		if (!stats?.isFile()) return null;
		const { ino: inode } = stats;
		const { stamp } = stampOf(stats);
		const known = this.#heads.get(path);
		if (known?.inode === inode && (known.isWhole || known.stamp === stamp)) return known.head;
		const head = readHead(path);
		if (head === null) return null;
		if (this.#heads.size >= maxRemembered) this.#heads.clear();
		this.#heads.set(path, { inode, stamp, isWhole: head.uuid !== null && head.title !== null, head });
		return head;
	}

	/**
	 * Transcripts of the same folder that begin with the same line: resuming and forking copy a session, and earlier
	 * versions leave no mark. One that is a copy up to a point may have been copied without a mark beyond it. `older`:
	 * those of them that were there first.
	 */
	relativesOf(path: string): { relatives: string[]; older: string[] } {
		const uuid = this.of(path)?.uuid;
		if (uuid == null) return { relatives: [], older: [] };
		const others = (this.#byUuid(dirname(path)).get(uuid) ?? []).filter((other) => other !== path);
		const ages = others.map(ageOf).sort((one, other) => (isOlder(one, other) ? -1 : 1));
		const own = ages.length === 0 ? null : ageOf(path);
		const relatives = ages.slice(0, maxRelatives);
		const older = relatives.filter((other) => own !== null && isOlder(other, own));
		return { relatives: relatives.map((each) => each.path), older: older.map((each) => each.path) };
	}

	#byUuid(folder: string): Map<string, string[]> {
		const changedAtMs = statOrNull(folder)?.mtimeMs ?? 0;
		const known = this.#folders.get(folder);
		if (known?.changedAtMs === changedAtMs) return known.byUuid;
		const paths = transcriptsIn(folder).map((name) => join(folder, name));
		const byUuid = Map.groupBy(paths, (path) => this.of(path)?.uuid ?? '');
		this.#folders.set(folder, { changedAtMs, byUuid });
		return byUuid;
	}
}

const agentSchema = z.object({
	description: z.string().nullish().catch(null),
	spawnDepth: z.number().nullish().catch(null),
});

/** What is noted beside a subagent's transcript: what it was asked to do, and how many agents are above it. */
export function agentNotes(path: string): { description: string | null; spawnDepth: number } {
	try {
		const text = readFileSync(`${path.slice(0, -'.jsonl'.length)}.meta.json`, 'utf8');
		const { description, spawnDepth } = agentSchema.parse(JSON.parse(text));
		return { description: description || null, spawnDepth: spawnDepth ?? 1 };
	} catch {
		return { description: null, spawnDepth: 1 };
	}
}

/** Transcripts of subagents in the same folder, itself left out. */
export function siblingsOf(path: string): string[] {
	const folder = dirname(path);
	return entriesOf(folder).flatMap((name) =>
		name.startsWith('agent-') && name.endsWith('.jsonl') && name !== basename(path) ? [join(folder, name)] : [],
	);
}

function readHead(path: string): TranscriptHead | null {
	const head: TranscriptHead = { uuid: null, cwd: null, title: null };
	const take = (value: unknown): 'stop' | undefined => {
		const line = transcriptLine(value);
		if (line === null) return undefined;
		head.uuid ??= line.uuid ?? null;
		head.cwd ??= line.cwd ?? null;
		head.title ??= titleIn(line);
		return head.uuid !== null && head.cwd !== null && head.title !== null ? 'stop' : undefined;
	};
	try {
		let page = readJsonLines(path, take, { cursor: null, maxBytes: pageBytes });
		for (let pages = 1; page?.more && pages < maxPages && (!head.uuid || !head.title); pages++) {
			page = readJsonLines(path, take, { cursor: page.cursor, maxBytes: pageBytes });
		}
		return page === null ? null : head;
	} catch {
		return null;
	}
}

/** Words that the user typed: not a command, nor what the agent puts in the user's mouth. */
function titleIn(line: TranscriptLine): string | null {
	if (line.type !== 'user' || line.isMeta === true || line.isVisibleInTranscriptOnly === true) return null;
	const { message } = userContent(line.message?.content);
	const content = message?.content ?? '';
	const words = (typeof content === 'string' ? content : (content.find(({ text }) => text)?.text ?? '')).trim();
	if (words === '' || /^(?:<[a-z-]+>|\[Request interrupted|Caveat:)/.test(words)) return null;
	return words.length > maxTitle ? `${words.slice(0, maxTitle - 1)}…` : words;
}

interface Age {
	bornAtMs: number;
	path: string;
}

function ageOf(path: string): Age {
	return { bornAtMs: statOrNull(path)?.birthtimeMs ?? Number.POSITIVE_INFINITY, path };
}

/** In an order that stays, so that of two copies exactly one is the original. */
function isOlder(one: Age, other: Age): boolean {
	return one.bornAtMs === other.bornAtMs ? one.path < other.path : one.bornAtMs < other.bornAtMs;
}

function transcriptsIn(folder: string): string[] {
	return entriesOf(folder).filter((name) => name.endsWith('.jsonl') && !name.startsWith('agent-'));
}

function entriesOf(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function statOrNull(path: string): Stats | null {
	try {
		return statSync(path, { throwIfNoEntry: false }) ?? null;
	} catch {
		return null;
	}
}
