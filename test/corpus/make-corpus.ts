import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClaudeSessions, type WrittenFile } from './claude-sessions.ts';
import { type CorpusTruth, TruthCounter } from './corpus-truth.ts';
import { OtherSessions } from './other-sessions.ts';
import { Random } from './random.ts';

export interface CorpusOptions {
	/** A folder of its own: `home` and `truth.json` go there. */
	folder: string;
	/** Of Claude Code's transcripts; the other agents' come on top. */
	bytes: number;
	seed: number;
	/** The last moment in it, epoch milliseconds. */
	nowMs: number;
	/** Days that it goes back. */
	days: number;
}

export interface Corpus {
	/** Stands for the user's home. */
	home: string;
	truth: CorpusTruth;
}

/** Size of the other agents' records beside Claude Code's. */
const otherPart = 0.15;

/**
 * Writes the records of several agents, file by file, and counts what is in them. The same options give the same bytes.
 * One that is there already is taken as it is: `truth.json` is written last.
 */
export function makeCorpus(options: CorpusOptions): Corpus {
	const { folder, bytes, seed, nowMs, days } = options;
	const home = join(folder, 'home');
	const truthFile = join(folder, 'truth.json');
	if (existsSync(truthFile)) return { home, truth: JSON.parse(readFileSync(truthFile, 'utf8')) };
	rmSync(folder, { recursive: true, force: true });
	const todayMs = new Date(nowMs).setHours(0, 0, 0, 0);
	const counter = new TruthCounter(todayMs);
	const random = new Random(seed);
	const folders = new Set<string>();
	const write = ({ path, text, changedAtMs }: WrittenFile): number => {
		const whole = join(home, path);
		if (!folders.has(dirname(whole))) mkdirSync(dirname(whole), { recursive: true });
		folders.add(dirname(whole));
		const content = Buffer.from(text);
		writeFileSync(whole, content);
		utimesSync(whole, changedAtMs / 1000, changedAtMs / 1000);
		counter.file(content.length);
		return content.length;
	};
	/** Work grows towards now; that of the last day is a day's worth. */
	const moment = (): number => nowMs - 60_000 - Math.floor(random.next() ** 1.5 * days * 86_400_000);
	const claude = new ClaudeSessions(seed + 1);
	const others = new OtherSessions(seed + 2);
	for (let written = 0; written < bytes; ) {
		const session = claude.next(moment());
		for (const file of session.files) written += write(file);
		for (const call of session.calls) counter.call(call);
	}
	for (let written = 0; written < bytes * otherPart; ) {
		const session = others.next(moment());
		for (const file of session.files) written += write(file);
		for (const call of session.calls) counter.call(call);
	}
	writeFileSync(truthFile, JSON.stringify(counter.truth, null, '\t'));
	return { home, truth: counter.truth };
}
