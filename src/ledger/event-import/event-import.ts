import type { StatementSync } from 'node:sqlite';
import type { DraftInput } from '../../core/draft.ts';
import { toHex } from '../event-log.ts';
import type { Recorder } from '../recorder.ts';
import type { Writer } from '../writer.ts';
import { draftOfLine } from './drafts-of-line.ts';
import { EventTaker } from './event-taker.ts';
import { type CheckedLine, LineChecker } from './line-checker.ts';

/** Lines of a file, in order, without their line feeds. */
export interface LineBatch {
	lines: readonly string[];
	/** The last of them is the last of the file, and no line feed follows it. */
	isEnd: boolean;
}

/** What an import did so far. */
export interface EventImportReport {
	/** Events that were read. */
	events: number;
	sessions: number;
	/** Events that were in the ledger already. */
	known: number;
	/** Events that were taken over as they are. */
	taken: number;
	/** Calls that were not in the ledger. */
	calls: number;
	/** Sessions that went on otherwise here: their calls were compared one by one. */
	diverged: number;
	/** The first of these, at most 20. */
	divergedSessions: string[];
	/** Calls of theirs that were not here, recorded anew with ids of this ledger. */
	recorded: number;
	/** Whether the user keeps content: else what the file has of it is left out. */
	keepsContent: boolean;
}

/** How a session of the file relates to the one in the ledger. */
interface Progress {
	/** Events of the file so far. */
	seq: number;
	/** `same`: all of them were here. `taking`: they are taken over. `diverged`: the ledger has others in their place. */
	state: 'same' | 'taking' | 'diverged';
}

const maxNamed = 20;

/**
 * One file of events on its way into the ledger. It is checked whole before anything of it is written; then written
 * batch by batch, each in one transaction that leaves the ledger consistent, so that live calls never wait long. When it
 * is broken off, doing it again goes on from there.
 */
export class EventImport {
	readonly #writer: Writer;
	readonly #recorder: Recorder;
	readonly #taker: EventTaker;
	readonly #checker = new LineChecker();
	readonly #again = new LineChecker();
	readonly #sessions = new Map<string, Progress>();
	readonly #hashAt: StatementSync;
	readonly #lastBefore: number;
	#checked = 0;
	#written = 0;
	readonly #report: EventImportReport;

	constructor(writer: Writer, recorder: Recorder, keepsContent: boolean) {
		this.#writer = writer;
		this.#recorder = recorder;
		this.#lastBefore = Number(writer.db.prepare('SELECT coalesce(max(n), 0) AS n FROM call').get()?.n);
		this.#taker = new EventTaker(writer, recorder.prices, { keepsContent, lastBefore: this.#lastBefore });
		this.#hashAt = writer.db.prepare('SELECT hash FROM event WHERE session_n = ? AND seq = ?');
		this.#report = {
			events: 0,
			sessions: 0,
			known: 0,
			taken: 0,
			calls: 0,
			diverged: 0,
			divergedSessions: [],
			recorded: 0,
			keepsContent,
		};
	}

	/**
	 * Checks lines without writing.
	 *
	 * @returns lines so far
	 * @throws {LineProblem}
	 */
	check({ lines, isEnd }: LineBatch): number {
		for (const [i, text] of lines.entries()) {
			this.#checked++;
			if (!isBlank(text)) this.#checker.check(text, this.#checked, isEnd && i === lines.length - 1);
		}
		return this.#checked;
	}

	/** Writes lines that were checked. */
	write({ lines, isEnd }: LineBatch): { report: EventImportReport; revision: number } {
		const checked: CheckedLine[] = [];
		for (const [i, text] of lines.entries()) {
			this.#written++;
			// Again: nobody knows what became of the file meanwhile.
			if (!isBlank(text)) checked.push(this.#again.check(text, this.#written, isEnd && i === lines.length - 1));
		}
		const { value: others, revision } = this.#writer.transaction(() => this.#write(checked));
		const report = this.#report;
		report.events += checked.length;
		report.sessions = this.#again.sessions;
		if (others.length === 0) return { report: { ...report }, revision };
		const recorded = this.#recorder.record(others);
		for (const [i, { outcome }] of recorded.receipts.entries()) {
			if (outcome === 'appended' && others[i]?.eventType === 'llm_call') report.recorded++;
		}
		return { report: { ...report }, revision: recorded.revision };
	}

	/** Returns what is to be recorded as if a source had told it. */
	#write(checked: readonly CheckedLine[]): DraftInput[] {
		const others: DraftInput[] = [];
		for (const each of checked) {
			switch (this.#follow(each)) {
				case 'same':
					this.#report.known++;
					break;
				case 'taking':
					this.#report.taken++;
					if (this.#taker.take(each)) this.#report.calls++;
					break;
				case 'diverged':
					if (this.#isNew(each)) others.push(draftOfLine(each));
			}
		}
		return others;
	}

	#follow({ line }: CheckedLine): Progress['state'] {
		const session = this.#writer.sessions.find(line.sessionId);
		const progress = this.#sessions.get(line.sessionId) ?? { seq: 0, state: 'same' };
		this.#sessions.set(line.sessionId, progress);
		progress.seq++;
		if (progress.state === 'same' && progress.seq <= (session?.event_count ?? 0)) {
			const hash = session && this.#hashAt.get(session.n, progress.seq)?.hash;
			if (hash instanceof Uint8Array && toHex(hash) === line.hash) return 'same';
			return this.#diverge(progress, line.sessionId);
		}
		if (progress.state === 'diverged') return 'diverged';
		const head = session?.head_hash ?? null;
		// Another window may be recording this very task.
		if ((head === null ? null : toHex(head)) !== line.prevHash) return this.#diverge(progress, line.sessionId);
		progress.state = 'taking';
		return 'taking';
	}

	#diverge(progress: Progress, sessionId: string): 'diverged' {
		progress.state = 'diverged';
		this.#report.diverged++;
		if (this.#report.divergedSessions.length < maxNamed) this.#report.divergedSessions.push(sessionId);
		return 'diverged';
	}

	/** Whether a call of a session that went on otherwise is to be recorded: not when it was here, or is elsewhere by now. */
	#isNew({ line }: CheckedLine): boolean {
		if (line.eventType === 'cost_tracked') return true;
		if (line.call !== undefined) return false;
		const { callId, aliases } = line.payload;
		const { calls, sessions } = this.#writer;
		for (const name of [callId, ...aliases]) {
			const known = calls.find(name);
			if (!known) continue;
			return known.n > this.#lastBefore && sessions.get(known.session_n).session_id === line.sessionId;
		}
		return true;
	}
}

function isBlank(text: string): boolean {
	return text === '' || text === '\r';
}
