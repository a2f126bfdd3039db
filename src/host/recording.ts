import type * as vscode from 'vscode';
import { describeIssues } from '../core/describe-issues.ts';
import { type Draft, type DraftInput, draftSchema } from '../core/draft.ts';
import { LedgerError, type Receipt } from '../ledger/ledger.ts';
import type { CallSink } from '../task/call-sink.ts';
import type { CompletionReporter } from '../telemetry/completion-reporter.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';

/** What is needed of the ledger. */
export type RecordingLedger = Pick<LedgerService, 'record' | 'phase'>;

/**
 * The way in for what is observed in this window: checks drafts, hands them to the ledger, and tells telemetry. What
 * cannot be stored is logged; the observed agent never hears of it.
 */
export class Recording implements CallSink {
	readonly #ledger: RecordingLedger;
	readonly #reporter: CompletionReporter;
	readonly #log: Pick<vscode.LogOutputChannel, 'error'>;

	constructor(ledger: RecordingLedger, reporter: CompletionReporter, log: Pick<vscode.LogOutputChannel, 'error'>) {
		this.#ledger = ledger;
		this.#reporter = reporter;
		this.#log = log;
	}

	accept(input: DraftInput): void {
		this.record([input]).catch((error: unknown) => {
			this.#log.error(`A call could not be stored: ${messageOf(error)}`);
		});
	}

	/** Rejects with `LedgerError`: `badInput` names the field, anything else the ledger's trouble. */
	async record(inputs: readonly DraftInput[]): Promise<Receipt[]> {
		const drafts = inputs.map(parse);
		for (const draft of drafts) this.#tell(draft);
		try {
			const stored = this.#ledger.record(drafts);
			// A ledger in trouble keeps drafts until it recovers, which may be never: events do not wait for it.
			if (this.#ledger.phase === 'failed') this.#reporter.noneStored();
			const receipts = await stored;
			// News of the commit have priced the calls by now; what is left has no news, such as a refused draft.
			for (const [index, draft] of drafts.entries()) {
				if (receipts[index]?.outcome === 'rejected') this.#notStored(draft);
			}
			return receipts;
		} catch (error) {
			drafts.forEach((draft) => {
				this.#notStored(draft);
			});
			throw error;
		}
	}

	#tell(draft: Draft): void {
		if (draft.eventType === 'llm_call') this.#reporter.began(draft);
		if (draft.eventType === 'llm_response') this.#reporter.ended(draft);
	}

	#notStored(draft: Draft): void {
		if (draft.eventType === 'llm_response') this.#reporter.notStored(draft.callId);
	}
}

function parse(input: DraftInput): Draft {
	const result = draftSchema.safeParse(input);
	if (result.success) return result.data;
	throw new LedgerError('badInput', describeIssues(result.error));
}
