import type { Draft } from '../core/draft.ts';
import type { LedgerError, Receipt } from './ledger.ts';

/** Drafts in one transaction: small enough that a live call does not wait long behind an import. */
const BATCH_DRAFTS = 1_000;
const BATCH_CHARS = 4_000_000;
/** What waits in memory, at most, for a disk that takes nothing. */
const MAX_WAITING_DRAFTS = 50_000;
const MAX_WAITING_CHARS = 128_000_000;

interface Entry {
	drafts: readonly Draft[];
	/** How many of `drafts` are in a batch or done. */
	taken: number;
	receipts: Receipt[];
	chars: number;
	resolve: (receipts: Receipt[]) => void;
	reject: (error: LedgerError) => void;
}

/** Drafts on their way to the worker, in order, until it says that they are in the file. */
export class DraftQueue {
	#entries: Entry[] = [];
	#batch: { entry: Entry; count: number }[] = [];
	#waiting = 0;
	#chars = 0;

	/** Drafts not yet in the file. */
	get waiting(): number {
		return this.#waiting;
	}

	get isIdle(): boolean {
		return this.#entries.length === 0;
	}

	get isSending(): boolean {
		return this.#batch.length > 0;
	}

	add(drafts: readonly Draft[]): Promise<Receipt[]> {
		if (drafts.length === 0) return Promise.resolve([]);
		const chars = drafts.reduce((sum, draft) => sum + weigh(draft), 0);
		this.#waiting += drafts.length;
		this.#chars += chars;
		return new Promise((resolve, reject) => {
			this.#entries.push({ drafts, taken: 0, receipts: [], chars, resolve, reject });
		});
	}

	/** The next batch, which is then being sent: `settle` or `unsend` it before the next. */
	next(): Draft[] {
		const drafts: Draft[] = [];
		let chars = 0;
		for (const entry of this.#entries) {
			const from = entry.taken;
			while (entry.taken < entry.drafts.length && drafts.length < BATCH_DRAFTS && chars < BATCH_CHARS) {
				const draft = entry.drafts[entry.taken];
				if (draft) {
					drafts.push(draft);
					chars += weigh(draft);
				}
				entry.taken++;
			}
			if (entry.taken > from) this.#batch.push({ entry, count: entry.taken - from });
			if (entry.taken < entry.drafts.length) break;
		}
		return drafts;
	}

	/** The batch is in the file: hands out its receipts. */
	settle(receipts: readonly Receipt[]): void {
		let at = 0;
		for (const { entry, count } of this.#batch) {
			entry.receipts.push(...receipts.slice(at, at + count));
			at += count;
			this.#waiting -= count;
			if (entry.receipts.length === entry.drafts.length) {
				this.#chars -= entry.chars;
				entry.resolve(entry.receipts);
			}
		}
		this.#batch = [];
		this.#entries = this.#entries.filter((entry) => entry.receipts.length < entry.drafts.length);
	}

	/** The batch was not taken: it comes first again. */
	unsend(): void {
		for (const { entry, count } of this.#batch) entry.taken -= count;
		this.#batch = [];
	}

	/** While nothing is taken: gives up the oldest beyond what memory may hold. */
	bound(error: LedgerError): void {
		while (this.#entries.length > 1 && (this.#waiting > MAX_WAITING_DRAFTS || this.#chars > MAX_WAITING_CHARS)) {
			const oldest = this.#entries.shift();
			if (oldest) this.#giveUp(oldest, error);
		}
	}

	/** Gives up everything. */
	rejectAll(error: LedgerError): void {
		this.unsend();
		for (const entry of this.#entries) this.#giveUp(entry, error);
		this.#entries = [];
	}

	#giveUp(entry: Entry, error: LedgerError): void {
		this.#waiting -= entry.drafts.length - entry.receipts.length;
		this.#chars -= entry.chars;
		entry.reject(error);
	}
}

/** About how many characters a draft holds. Looks at the long parts only: this runs in the host. */
function weigh(draft: Draft): number {
	if (draft.eventType === 'cost_tracked') return 200;
	if (draft.eventType === 'llm_response') return 500 + (draft.completion?.length ?? 0) + (draft.reasoning?.length ?? 0);
	let chars = 500 + (draft.systemPrompt?.length ?? 0) + 200 * (draft.tools?.length ?? 0);
	for (const { content } of draft.messages ?? []) {
		if (typeof content === 'string') chars += content.length;
		else for (const part of content) chars += 100 + (part.text?.length ?? 0);
	}
	return chars;
}
