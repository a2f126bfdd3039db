import { setImmediate as turn } from 'node:timers/promises';
import { readJsonLines } from '../jsonl/read-json-lines.ts';
import { Conversation } from './conversation.ts';
import { transcriptLine } from './transcript-line.ts';

/** Conversations kept for the next lines of their transcripts. */
const maxKept = 6;
const maxKeptChars = 48 << 20;

/** Conversations of the transcripts that were read last, so that one that goes on is not read from its start each time. */
export class Conversations {
	readonly #kept = new Map<string, Conversation>();

	/** A new one for a transcript that is read from its start. */
	begin(path: string): Conversation {
		const conversation = new Conversation();
		this.#keep(path, conversation);
		return conversation;
	}

	/** The one of a transcript, with all that is in the file before `offset`. */
	async upTo(path: string, offset: number, signal: AbortSignal): Promise<Conversation> {
		const known = this.#kept.get(path);
		if (known !== undefined && known.readTo >= offset) {
			this.#keep(path, known);
			return known;
		}
		const conversation = this.begin(path);
		let more = offset > 0;
		for (let cursor = null; more; await turn()) {
			const page = readJsonLines(
				path,
				(value, at) => {
					const line = transcriptLine(value);
					if (line !== null && at.start < offset) conversation.add(line, at.end - at.start);
					conversation.readTo = Math.min(at.end, offset);
					return at.end >= offset || conversation.isTooLarge ? 'stop' : undefined;
				},
				{ cursor, signal },
			);
			more = page?.more === true && conversation.readTo < offset && !conversation.isTooLarge;
			cursor = page?.cursor ?? null;
		}
		return conversation;
	}

	/** Nothing is expected to be added to this one soon. */
	forget(path: string): void {
		this.#kept.delete(path);
	}

	/** Forgets the oldest when there are too many, or too large ones. */
	trim(): void {
		let chars = [...this.#kept.values()].reduce((sum, { size }) => sum + size, 0);
		for (const [path, { size }] of this.#kept) {
			if (this.#kept.size <= maxKept && (chars <= maxKeptChars || this.#kept.size === 1)) break;
			this.#kept.delete(path);
			chars -= size;
		}
	}

	#keep(path: string, conversation: Conversation): void {
		this.#kept.delete(path);
		this.#kept.set(path, conversation);
	}
}
