import type { Ledger } from '../ledger.ts';

/** What the answers ask of the ledger. */
export type AskedLedger = Pick<
	Ledger,
	'analytics' | 'byModel' | 'call' | 'calls' | 'costs' | 'facets' | 'search' | 'sessions' | 'totals'
>;

/** Who asks, and when. */
export interface Asker {
	ledger: AskedLedger;
	nowMs: number;
	/** IANA name of the zone by whose clock days begin. */
	timeZone: string;
	/** Whether prompts, completions and titles may be handed out, as far as they are kept. */
	showsContent: boolean;
	/** Aborted when nobody waits for the answer any more. */
	signal?: AbortSignal;
}

/** An answer twice: for a program, and in words for a model. Both are bounded. */
export interface Answer<T> {
	data: T;
	text: string;
}

/** The question cannot be answered as it was put. `message` says why, and what to ask instead. */
export class QuestionProblem extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'QuestionProblem';
	}
}
