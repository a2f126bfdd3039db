import { localTimeZone } from '../core/local-time-zone.ts';
import type { Asker } from '../ledger/answers/answer.ts';
import type { LedgerAtHand } from './ledger-at-hand.ts';

/** Who asks, now. Throws what a person can act on when there is no ledger. */
export type AskerOf = (signal: AbortSignal) => Asker;

/** Clients ask by the clock of this machine. */
export function askerFrom(ledgers: LedgerAtHand): AskerOf {
	return (signal) => {
		const { ledger, content } = ledgers.forReading();
		return { ledger, nowMs: Date.now(), timeZone: localTimeZone(), showsContent: content() === 'full', signal };
	};
}
