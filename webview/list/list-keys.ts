import { clamp } from './scroll-map.ts';

/** What a key asks of the list. */
export type KeyAction =
	| { kind: 'move'; index: number }
	/** The details of a call, or the calls of a task. */
	| { kind: 'open' }
	| { kind: 'unfold' }
	| { kind: 'fold' }
	| { kind: 'toggle' }
	| { kind: 'leave' };

/** The state of the list that keys act on. */
export interface KeyPlace {
	/** The active line; `null`: none yet, so that the first arrow key marks the first line. */
	active: number | null;
	total: number;
	/** Lines that a page key moves by. */
	page: number;
}

const actions: Record<string, KeyAction> = {
	Enter: { kind: 'open' },
	' ': { kind: 'toggle' },
	ArrowRight: { kind: 'unfold' },
	ArrowLeft: { kind: 'fold' },
	Escape: { kind: 'leave' },
};

/**
 * What a key does in the list; `null`: nothing, and the browser may have it.
 * The keys are those of a tree grid: w3.org/WAI/ARIA/apg/patterns/treegrid.
 */
export function keyAction(key: string, { active, total, page }: KeyPlace): KeyAction | null {
	const index = active ?? 0;
	const moves: Record<string, number> = {
		ArrowDown: active === null ? 0 : index + 1,
		ArrowUp: index - 1,
		PageDown: index + page,
		PageUp: index - page,
		Home: 0,
		End: total - 1,
	};
	const target = Object.hasOwn(moves, key) ? moves[key] : undefined;
	if (target !== undefined) return { kind: 'move', index: clamp(target, 0, total - 1) };
	return (Object.hasOwn(actions, key) ? actions[key] : undefined) ?? null;
}
