import type { CallRow } from '../../src/core/views.ts';
import type { IconName } from '../icons.ts';
import type { StringKey } from '../strings.ts';

/** How a call stands, for a person: the stored state, or what is remarkable about a call that is otherwise fine. */
export type ShownState = 'pending' | 'ok' | 'error' | 'cancelled' | 'usageMissing' | 'orphan';

/** A shape for each state, so that none is told by colour alone. */
export const stateIcons: Record<ShownState, IconName> = {
	pending: 'spinner',
	ok: 'arrow',
	error: 'cross',
	cancelled: 'ban',
	usageMissing: 'warning',
	orphan: 'question',
};

export function shownState(row: Pick<CallRow, 'state' | 'orphan' | 'usageMissing'>): ShownState {
	if (row.orphan) return 'orphan';
	if (row.state === 'ok' && row.usageMissing) return 'usageMissing';
	return row.state;
}

export function stateHint(state: ShownState): StringKey {
	if (state === 'pending' || state === 'usageMissing' || state === 'orphan') return `state.${state}.hint`;
	return `state.${state}`;
}
