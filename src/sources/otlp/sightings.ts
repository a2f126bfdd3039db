import type { DraftInput } from '../../core/draft.ts';
import type { Message } from '../../core/message.ts';
import type { SaidInEvent } from './message-events.ts';
import { combine, draftsOfReported, type OtlpSource, type ReportedCall } from './reported-call.ts';

/** How many calls are remembered, to be completed by what is still to come: spans and logs are sent seconds apart. */
const maxKnown = 1_000;
/** Text that is held for a span that has not come, in UTF-16 code units. */
const maxHeldChars = 32_000_000;

interface Sighting {
	/** From a span, or from the record that has the counts. */
	main: ReportedCall | null;
	/** From an event that repeats or completes it. */
	other: ReportedCall | null;
	/** By when and what: an event that is sent again says nothing new. */
	said: Map<string, SaidInEvent>;
	heldChars: number;
	/** Under whose name it went to the ledger first: there it stays, so that the later telling wins. */
	source: OtlpSource | null;
}

/**
 * Calls that are told of in several records, each under a key that these share: a span and its events, a log and its
 * span. A call goes to the ledger when it is first told of, and again with all that is known when more comes.
 */
export class Sightings {
	readonly #known = new Map<string, Sighting>();
	#heldChars = 0;

	/** The drafts of a call as it is now known. Without a key it stands for itself. */
	see(key: string | null, role: 'main' | 'other', call: ReportedCall, source: OtlpSource): DraftInput[] {
		if (key === null) return draftsOfReported(call, source);
		const sighting = this.#at(key);
		sighting.source ??= source;
		sighting[role] = call;
		const drafts = this.#drafts(sighting);
		sighting[role] = withoutText(call);
		return drafts;
	}

	/** What an event says of a call, if that is known; else it is kept until it is. `when` tells it from the same words again. */
	hear(key: string, when: string, said: SaidInEvent): DraftInput[] {
		const sighting = this.#at(key);
		const id = `${when} ${JSON.stringify(said)}`;
		if (!sighting.said.has(id)) {
			sighting.said.set(id, said);
			sighting.heldChars += id.length;
			this.#heldChars += id.length;
		}
		const drafts = this.#drafts(sighting);
		while (this.#heldChars > maxHeldChars) this.#forgetOldest();
		return drafts;
	}

	#drafts({ main, other, said, source }: Sighting): DraftInput[] {
		const call = main !== null && other !== null ? combine(main, other) : (main ?? other);
		return call === null || source === null ? [] : draftsOfReported(withSaid(call, [...said.values()]), source);
	}

	#at(key: string): Sighting {
		const known = this.#known.get(key) ?? { main: null, other: null, said: new Map(), heldChars: 0, source: null };
		this.#known.delete(key);
		this.#known.set(key, known);
		if (this.#known.size > maxKnown) this.#forgetOldest();
		return known;
	}

	#forgetOldest(): void {
		const [oldest] = this.#known;
		if (oldest === undefined) return;
		const [key, { heldChars }] = oldest;
		this.#heldChars -= heldChars;
		this.#known.delete(key);
	}
}

/** The ledger has the text by now, and keeps it when the call is told of again without. */
function withoutText(call: ReportedCall): ReportedCall {
	return { ...call, systemPrompt: null, messages: null, tools: null, answer: null };
}

/** The prompt and the answer from events, where the call itself has none. */
function withSaid(call: ReportedCall, said: readonly SaidInEvent[]): ReportedCall {
	if (said.length === 0) return call;
	const messages = said.flatMap((each): Message[] => ('message' in each ? [each.message] : []));
	const choice = said.find((each) => 'answer' in each);
	return {
		...call,
		messages: call.messages ?? (messages.length > 0 ? messages : null),
		answer: call.answer ?? choice?.answer ?? null,
		finishReason: call.finishReason ?? choice?.finishReason ?? null,
	};
}
