import type { LedgerHealth } from '../ledger/ledger.ts';
import type { HostState } from '../protocol/messages.ts';

export type LedgerCondition = Pick<HostState, 'ledger' | 'readable' | 'problem'>;

/**
 * How a ledger is doing, for people. `problem`: why it could not be opened at all. `health`: what it last told of
 * itself, once it is open. A ledger that takes nothing more may still show what it holds.
 */
export function conditionOf(
	isOpen: boolean,
	problem: string | null,
	health: LedgerHealth | undefined,
): LedgerCondition {
	if (problem !== null) return { ledger: 'failed', readable: false, problem };
	if (health?.state === 'failed') {
		return { ledger: 'failed', readable: health.readable, problem: health.error?.message ?? null };
	}
	return { ledger: isOpen ? 'ready' : 'starting', readable: isOpen, problem: null };
}
