import type * as vscode from 'vscode';
import { describeIssues } from '../core/describe-issues.ts';
import { type Draft, type DraftInput, draftSchema } from '../core/draft.ts';
import { LedgerError, type Receipt } from '../ledger/ledger.ts';
import type { CallSink } from '../task/call-sink.ts';
import type { CompletionReporter } from '../telemetry/completion-reporter.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';

/** What is needed of the ledger. */
export type RecordingLedger = Pick<LedgerService, 'record' | 'phase' | 'ledger'>;

/**
 * The way in for what is observed in this window: checks drafts, hands them to the ledger, and tells telemetry. What
 * cannot be stored is logged; the observed agent never hears of it.
 */
export class Recording implements CallSink {
	readonly #ledger: RecordingLedger;
	readonly #reporter: CompletionReporter;
	readonly #log: Pick<vscode.LogOutputChannel, 'error'>;
	readonly #underWay = new Set<Promise<unknown>>();
	/** Why the last call was lost: a full disk is not worth a line for each call. */
	#lastLoss = '';

	constructor(ledger: RecordingLedger, reporter: CompletionReporter, log: Pick<vscode.LogOutputChannel, 'error'>) {
		this.#ledger = ledger;
		this.#reporter = reporter;
		this.#log = log;
	}

	accept(input: DraftInput): void {
		this.record([input]).then(
			([receipt]) => {
				if (receipt?.outcome === 'rejected') this.#complain(receipt.reason ?? 'refused');
				else this.#lastLoss = '';
			},
			(error: unknown) => this.#complain(messageOf(error)),
		);
	}

	/** Rejects with `LedgerError`: `badInput` names the field, anything else the ledger's trouble. */
	record(inputs: readonly DraftInput[]): Promise<Receipt[]> {
		const work = this.#record(inputs);
		this.#underWay.add(work);
		const over = () => this.#underWay.delete(work);
		work.then(over, over);
		return work;
	}

	/** Resolves when all that was handed in so far is stored, or is known not to be. */
	async settled(): Promise<void> {
		await Promise.allSettled(this.#underWay);
	}

	async #record(inputs: readonly DraftInput[]): Promise<Receipt[]> {
		if (!Array.isArray(inputs)) throw new LedgerError('badInput', 'Drafts come as an array.');
		const drafts = inputs.map(parse);
		for (const draft of drafts) this.#tell(draft);
		let receipts: Receipt[];
		try {
			const stored = this.#ledger.record(drafts);
			// A ledger in trouble keeps drafts until it recovers, which may be never: events do not wait for it.
			if (this.#ledger.phase === 'failed') this.#reporter.noneStored();
			receipts = await stored;
		} catch (error) {
			for (const draft of drafts) if (draft.eventType === 'llm_response') this.#reporter.notStored(draft.callId);
			throw error;
		}
		// News of the commit came before the receipts, and with them the prices of the calls.
		for (const [index, draft] of drafts.entries()) {
			if (draft.eventType === 'llm_response') await this.#settle(draft.callId, receipts[index]);
		}
		return receipts;
	}

	#complain(reason: string): void {
		if (reason !== this.#lastLoss) this.#log.error(`Calls are not being stored: ${reason}`);
		this.#lastLoss = reason;
	}

	#tell(draft: Draft): void {
		if (draft.eventType === 'llm_call') this.#reporter.began(draft);
		if (draft.eventType === 'llm_response') this.#reporter.ended(draft);
	}

	/**
	 * Deals with a response that the news did not name: one that was refused, is a call we know by another id, or was in the
	 * ledger before, from the agent's records.
	 */
	async #settle(callId: string, receipt: Receipt | undefined): Promise<void> {
		if (receipt?.outcome === 'rejected') this.#reporter.notStored(callId);
		const other = receipt?.callId ?? callId;
		const isNews = other === callId && receipt?.outcome === 'appended';
		if (!isNews && !this.#reporter.isReported(other)) {
			const known = await this.#ledger.ledger.then((ledger) => ledger.call(other)).catch(() => null);
			this.#reporter.stored({ callId, cost: known?.row.cost ?? null });
		}
		this.#reporter.settled(callId);
	}
}

function parse(input: DraftInput): Draft {
	const result = draftSchema.safeParse(input);
	if (result.success) return result.data;
	throw new LedgerError('badInput', describeIssues(result.error));
}
