import { clamp } from './scroll-map.ts';

/** What a key asks of the list. */
export type KeyAction = { kind: 'move'; index: number } | { kind: 'open' } | { kind: 'leave' };

/** The state of the list that keys act on. */
export interface KeyPlace {
	/** The active row; `null`: none yet, so that the first arrow key marks the first row. */
	active: number | null;
	total: number;
	/** Rows that a page key moves by. */
	page: number;
}

/** What a key does in the list; `null`: nothing, and the browser may have it. */
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
	if (key === 'Enter' || key === ' ') return { kind: 'open' };
	return key === 'Escape' ? { kind: 'leave' } : null;
}
