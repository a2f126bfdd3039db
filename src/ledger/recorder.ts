import { describeIssues } from '../core/describe-issues.ts';
import { type CallDraft, type CostDraft, type Draft, draftSchema, type ResponseDraft } from '../core/draft.ts';
import { builtInPrices } from '../core/pricing/built-in-prices.ts';
import type { Prices } from '../core/pricing/find-price.ts';
import type { PriceOverride } from '../core/pricing/overrides.ts';
import { applyContentSetting, type ContentSetting } from '../core/redact.ts';
import { absurdCost, withoutAbsurdities } from './absurdity.ts';
import { CallMerger } from './call-merger.ts';
import { LIVE } from './call-record.ts';
import { CallRecorder } from './call-recorder.ts';
import { CostRecorder } from './cost-recorder.ts';
import { DuplicateFinder } from './duplicate-finder.ts';
import { withJsonContent } from './json-content.ts';
import type { Receipt } from './ledger.ts';
import { rejected } from './receipts.ts';
import { repriceCalls } from './reprice.ts';
import { ResponseRecorder } from './response-recorder.ts';
import { SentEvents } from './sent-events.ts';
import { toLedgerError } from './sqlite-error.ts';
import { pricesWith } from './user-prices.ts';
import type { Writer } from './writer.ts';

/** From so many drafts on it costs less to look up their calls together than one by one. */
const LOOKED_UP_AT_ONCE = 8;

/** What a batch did. */
export interface Recorded {
	receipts: Receipt[];
	revision: number;
	/** `n` of the live calls that began, and that ended. */
	started: number[];
	completed: number[];
}

/**
 * The one way into the ledger: validates, applies the content setting, prices, and writes. The only place where any of
 * these happens.
 */
export class Recorder {
	readonly #writer: Writer;
	readonly #calls: CallRecorder;
	readonly #responses: ResponseRecorder;
	readonly #costs: CostRecorder;
	readonly #merger: CallMerger;
	readonly #duplicates: DuplicateFinder;
	readonly #sent: SentEvents;
	#content: ContentSetting;

	/** `self` is this process's row in `writer`: it marks the pending calls that this process watches. */
	constructor(writer: Writer, self: number, content: ContentSetting, prices: Prices = builtInPrices()) {
		this.#writer = writer;
		this.#content = content;
		this.#calls = new CallRecorder(writer, self);
		this.#responses = new ResponseRecorder(writer, prices);
		this.#costs = new CostRecorder(writer);
		this.#merger = new CallMerger(writer, this.#calls, this.#responses);
		this.#duplicates = new DuplicateFinder(writer, this.#merger);
		this.#sent = new SentEvents(writer);
	}

	/** What calls are priced by. */
	get prices(): Prices {
		return this.#responses.prices;
	}

	setContent(setting: ContentSetting): void {
		this.#content = setting;
	}

	/**
	 * Prices what comes from now on with the user's own prices, too. Returns those that held before.
	 *
	 * @throws {LedgerError} `badInput` with the path of what is wrong.
	 */
	setPriceOverrides(overrides: unknown): readonly PriceOverride[] {
		const prices = pricesWith(overrides);
		const before = this.#responses.prices.overrides;
		this.#responses.prices = prices;
		return before;
	}

	/** Prices the calls anew that the user has another price for than `before`. Returns how many cost something else now. */
	reprice(before: readonly PriceOverride[]): number {
		return repriceCalls(this.#writer, this.#responses, before);
	}

	/**
	 * Records drafts in one transaction, with one receipt each, in order. A draft that makes our own code fail is refused
	 * alone: those around it are recorded, and nothing waits behind it.
	 */
	record(drafts: readonly unknown[]): Recorded {
		try {
			return this.#recordAll(drafts);
		} catch (error) {
			const known = toLedgerError(error);
			if (known.reason !== 'internal') throw error;
			const [only] = drafts;
			if (drafts.length > 1) return this.#recordEach(drafts);
			return {
				receipts: [rejected(only, known.message)],
				revision: this.#writer.revision(),
				started: [],
				completed: [],
			};
		}
	}

	#recordEach(drafts: readonly unknown[]): Recorded {
		const each = drafts.map((draft) => this.record([draft]));
		return {
			receipts: each.flatMap(({ receipts }) => receipts),
			revision: Math.max(...each.map(({ revision }) => revision)),
			started: [...new Set(each.flatMap(({ started }) => started))],
			completed: [...new Set(each.flatMap(({ completed }) => completed))],
		};
	}

	#recordAll(drafts: readonly unknown[]): Recorded {
		const ready = drafts.map((draft) => this.#ready(draft));
		const started = new Set<number>();
		const completed = new Set<number>();
		const { value: receipts, revision } = this.#writer.transaction(() => {
			if (ready.length >= LOOKED_UP_AT_ONCE) this.#writer.calls.lookUp(ready.flatMap(namesOf));
			return ready.map((item) => ('outcome' in item ? item : this.#write(item.draft, item.masked, started, completed)));
		});
		return { receipts, revision, started: [...started], completed: [...completed] };
	}

	#write(draft: Draft, masked: number, started: Set<number>, completed: Set<number>): Receipt {
		const known = this.#sent.find(draft);
		if (known !== null) return known;
		const { receipt, event } = this.#writeNew(draft, masked, started, completed);
		this.#sent.add(draft, receipt, event);
		return receipt;
	}

	/** `event`: the number of the one that the draft became, or said nothing new beside. */
	#writeNew(
		draft: Draft,
		masked: number,
		started: Set<number>,
		completed: Set<number>,
	): { receipt: Receipt; event: number | null } {
		if (draft.eventType === 'cost_tracked') {
			const receipt = this.#costs.record(draft);
			return { receipt, event: this.#writer.events.last };
		}
		const { receipt, record, ...news } =
			draft.eventType === 'llm_call' ? this.#calls.record(draft, masked) : this.#responses.record(draft, masked);
		const event = draft.eventType === 'llm_call' ? record.call_event : record.response_event;
		let kept = this.#merger.link(record, [draft.callId, ...draft.aliases]);
		if ('ended' in news && receipt.outcome !== 'unchanged') kept = this.#duplicates.check(kept);
		// Also a request can show that a call is one that has a response, or give it the name that a cost came under.
		if (kept.response_event !== null) this.#costs.cover(kept);
		if (kept.flags & LIVE) {
			if ('began' in news && news.began) started.add(kept.n);
			if ('ended' in news && news.ended) completed.add(kept.n);
		}
		return { receipt: { ...receipt, callId: kept.call_id }, event };
	}

	/** A digest of what was sent could confirm a guess at a text that is not kept. */
	#withoutDigest(draft: Draft): Draft {
		if (draft.sent?.digest === undefined || this.#content === 'full') return draft;
		const { digest: _, ...sent } = draft.sent;
		return { ...draft, sent };
	}

	#ready(input: unknown): { draft: CallDraft | ResponseDraft | CostDraft; masked: number } | Receipt {
		const parsed = draftSchema.safeParse(withoutAbsurdities(input));
		if (!parsed.success) return rejected(input, describeIssues(parsed.error));
		const problem = parsed.data.eventType === 'cost_tracked' ? absurdCost(parsed.data.costUsd) : null;
		if (problem) return rejected(input, problem);
		try {
			return applyContentSetting(withJsonContent(this.#withoutDigest(parsed.data)), this.#content);
		} catch (error) {
			return rejected(input, error instanceof Error ? error.message : String(error));
		}
	}
}

/** The names by which a draft may be of a call that is known. */
function namesOf(item: { draft: Draft } | Receipt): string[] {
	if ('outcome' in item || item.draft.eventType === 'cost_tracked') return [];
	return [item.draft.callId, ...item.draft.aliases];
}
