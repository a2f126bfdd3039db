export type LineProblemReason = 'notJson' | 'cutOff' | 'notAnEvent' | 'hash' | 'chain' | 'content' | 'absurd';

const whatToDo: Record<LineProblemReason, string> = {
	notJson: 'Give a file that callmeter export wrote with --format jsonl.',
	cutOff: 'Copy the file again, or export it again.',
	notAnEvent: 'Give a file that callmeter export wrote with --format jsonl.',
	hash: 'Export it again from the ledger that it came from.',
	chain: 'Take the whole file as it was exported, or export it again.',
	content: 'Export it again, or without content.',
	absurd: 'Take this event out of the ledger that it came from, and export it again.',
};

/** What is wrong with a line of a file of events. `message` says where, what, and what to do. */
export class LineProblem extends Error {
	readonly reason: LineProblemReason;
	/** From 1. */
	readonly line: number;
	constructor(reason: LineProblemReason, line: number, what: string) {
		super(`Line ${line}: ${what} Nothing of the file was imported. ${whatToDo[reason]}`);
		this.name = 'LineProblem';
		this.reason = reason;
		this.line = line;
	}
}
