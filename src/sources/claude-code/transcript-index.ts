import { setImmediate as turn } from 'node:timers/promises';
import * as z from 'zod';
import { stampOfFile } from '../jsonl/file-stamp.ts';
import type { LinesCursor } from '../jsonl/lines-cursor.ts';
import { readJsonLines } from '../jsonl/read-json-lines.ts';
import { isAnswerLine, keyOf } from './answer.ts';
import { requestCounts, totalOf } from './answer-usage.ts';
import { placeOf, type TranscriptPlace } from './places.ts';
import { copiedFrom, sketchOf, transcriptLine } from './transcript-line.ts';

/** What one transcript tells that others need to know. */
export interface IndexedTranscript {
	/** Answers of its own conversation, by key. */
	answers: Set<string>;
	/** Those of them that it does not say are copied from another session, with the most tokens that a line counts. */
	claims: Map<string, number>;
	/** The same of subagents' answers that it tells of. */
	asides: Map<string, number>;
	/** Final usage of subagents' last messages, by agent and by what the request counted. */
	finals: Map<string, unknown>;
}

interface Entry extends IndexedTranscript {
	stamp: string;
	cursor: LinesCursor | null;
}

/** Answers of all transcripts together that are remembered, but for those of one. */
const maxAnswers = 200_000;
const maxTranscripts = 1_000;
const resultMark = Buffer.from('"toolUseResult"');
const agentMark = Buffer.from('"agentId"');

const resultSchema = z.object({ agentId: z.string(), usage: z.looseObject({}) });

/**
 * Looks through transcripts for the answers in them, so that one that stands in several files can be told to be of one.
 * Goes on from where it was when a file grew.
 */
export class TranscriptIndex {
	readonly #entries = new Map<string, Entry>();

	/** `null`: there is no such file, or it cannot be read. */
	async of(path: string, signal: AbortSignal): Promise<IndexedTranscript | null> {
		const stamp = stampOfFile(path)?.stamp;
		if (stamp === undefined) return null;
		let entry = this.#entries.get(path);
		this.#entries.delete(path);
		entry ??= { answers: new Set(), claims: new Map(), asides: new Map(), finals: new Map(), stamp: '', cursor: null };
		try {
			if (entry.stamp !== stamp) await this.#readOn(path, entry, signal);
			else return this.#keep(path, entry);
		} catch (error) {
			if (signal.aborted) throw error;
			return null;
		}
		this.#keep(path, entry);
		this.#trim();
		return entry;
	}

	#keep(path: string, entry: Entry): Entry {
		this.#entries.set(path, entry);
		return entry;
	}

	#trim(): void {
		let answers = [...this.#entries.values()].reduce((sum, each) => sum + each.answers.size, 0);
		for (const [oldest, each] of this.#entries) {
			const fits = answers <= maxAnswers && this.#entries.size <= maxTranscripts;
			if (fits || this.#entries.size === 1) break;
			this.#entries.delete(oldest);
			answers -= each.answers.size;
		}
	}

	async #readOn(path: string, entry: Entry, signal: AbortSignal): Promise<void> {
		const place = placeOf(path);
		for (let more = true; more; ) {
			const page = readJsonLines(path, (value) => this.#take(entry, value, place), {
				cursor: entry.cursor,
				signal,
				wanted: (line) => sketchOf(line).kind === 'answer' || (line.includes(resultMark) && line.includes(agentMark)),
				onRestart: () => {
					entry.answers.clear();
					entry.claims.clear();
					entry.asides.clear();
					entry.finals.clear();
				},
			});
			if (page === null) return;
			entry.cursor = page.cursor;
			entry.stamp = page.stamp;
			more = page.more;
			if (more) await turn();
		}
	}

	#take(entry: Entry, value: unknown, place: TranscriptPlace): void {
		const line = transcriptLine(value);
		if (line === null) return;
		if (isAnswerLine(line)) {
			const key = keyOf(line);
			if (key === null) return;
			const isAside = place.agentId === null && line.isSidechain === true;
			if (!isAside) entry.answers.add(key);
			if (copiedFrom(line, place) !== null) return;
			const claims = isAside ? entry.asides : entry.claims;
			claims.set(key, Math.max(claims.get(key) ?? 0, totalOf(line.message?.usage)));
			return;
		}
		const result = resultSchema.safeParse(line.toolUseResult);
		if (!result.success) return;
		const { agentId, usage } = result.data;
		entry.finals.set(finalKey(agentId, usage), usage);
	}
}

/** An agent that is asked again gives several results: each is the last message of one turn. */
export function finalKey(agentId: string, usage: unknown): string {
	return `${agentId} ${requestCounts(usage)}`;
}
