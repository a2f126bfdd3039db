import { foundIn } from '../found-in.ts';
import { fileAt, walkFiles } from '../jsonl/walk-files.ts';
import type { Places, RecordUnit, Source } from '../source.ts';
import { presentRoots, sourceId, transcriptFiles, transcriptRoots } from './places.ts';
import { TranscriptReader } from './read-transcript.ts';

/**
 * Claude Code: one JSON-lines file for each session and for each of its subagents. A unit is a file. Input **excludes**
 * cache reads and writes.
 *
 * Not in these records, and so never shown: the system prompt, tool definitions, and the requests that the agent makes
 * beside the conversation (titles, checks of commands).
 */
export function claudeCodeSource(now: () => number = Date.now): Source {
	const reader = new TranscriptReader(now);

	async function* units(places: Places): AsyncGenerator<RecordUnit> {
		for (const root of presentRoots(places)) yield* walkFiles(root, transcriptFiles);
	}

	return {
		id: sourceId,
		title: 'Claude Code',
		pollMs: 10_000,
		busyPollMs: 2_000,
		units,
		detect: (places) => foundIn(units(places), presentRoots(places)),
		folders: presentRoots,
		unitAt: async (path, places) => {
			for (const root of presentRoots(places)) {
				const unit = fileAt(root, path, transcriptFiles);
				if (unit !== null) return unit;
			}
			return null;
		},
		read: (unit, options) => reader.read(unit, options),
		watch: (places) => transcriptRoots(places).map((path) => ({ path, recursive: true })),
	};
}

export const claudeCode = claudeCodeSource();
