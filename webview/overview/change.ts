import type { Totals } from '../../src/core/views.ts';
import { boundOfSum } from '../charts/cost-figures.ts';
import { el } from '../dom.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';
import type { CardName } from './summary-cards.ts';

/** How a figure stands to the one before. */
export interface Change {
	direction: 'up' | 'down' | 'same';
	/** `12 %`, `4 pts`, or a word where there is no share. */
	size: string;
}

/** How each card's figure has changed; absent where one of the two is not known, or is of another kind of money. */
export function changesOf(format: Format, now: Totals, before: Totals): Partial<Record<CardName, Change>> {
	const changes: Partial<Record<CardName, Change>> = {};
	const add = (name: CardName, change: Change | null) => {
		if (change !== null) changes[name] = change;
	};
	add('calls', ratio(format, now.calls, before.calls));
	add('cost', costChange(format, now, before));
	add('input', ratio(format, now.inputTokens, before.inputTokens));
	add('output', ratio(format, now.outputTokens, before.outputTokens));
	add('cached', ratio(format, now.cacheReadTokens, before.cacheReadTokens));
	add('errors', ratio(format, now.errors, before.errors));
	add('latency', ratio(format, now.latency.avgMs, before.latency.avgMs));
	add('cacheHit', points(format, cacheHit(now), cacheHit(before)));
	return changes;
}

/** The share of input tokens that came from a cache; `null`: no call with input told of its cache. */
export function cacheHit({
	cacheToldTokens,
	cacheReadTokens,
}: Pick<Totals, 'cacheToldTokens' | 'cacheReadTokens'>): number | null {
	return cacheToldTokens > 0 ? cacheReadTokens / cacheToldTokens : null;
}

/** A change as people read it. The arrow is drawn; its direction is said. */
export function changeElement({ direction, size }: Change): HTMLElement {
	const arrow = { up: '▲', down: '▼', same: '=' }[direction];
	return el(
		'span',
		{ class: 'change', 'data-direction': direction },
		el('span', { 'aria-hidden': 'true', text: `${arrow} ` }),
		el('span', { class: 'sr-only', text: `${text(`change.${direction}`)} ` }),
		size,
	);
}

function ratio(format: Format, now: number | null, before: number | null, mark = ''): Change | null {
	if (now === null || before === null) return null;
	if (now === before) return { direction: 'same', size: text('change.none') };
	// Nothing has no percentage of it.
	if (before === 0) return { direction: 'up', size: text('change.fromNothing') };
	const share = Math.abs(now - before) / before;
	if (share < 0.005) return { direction: 'same', size: text('change.none') };
	return { direction: now > before ? 'up' : 'down', size: mark + format.percent(share) };
}

/** Of what is billed, which is what the card shows. */
function costChange(format: Format, now: Totals, before: Totals): Change | null {
	if (now.costNanoUsd === 0 && before.costNanoUsd === 0) return null;
	// Where nothing has a price, nothing is known of how much it grew.
	if ([now, before].some(({ costNanoUsd, unpriced }) => costNanoUsd === 0 && unpriced > 0)) return null;
	const exact = boundOfSum([now]) === 'exact' && boundOfSum([before]) === 'exact';
	return ratio(format, now.costNanoUsd, before.costNanoUsd, exact ? '' : '≈ ');
}

function points(format: Format, now: number | null, before: number | null): Change | null {
	if (now === null || before === null) return null;
	const difference = Math.round((now - before) * 100);
	if (difference === 0) return { direction: 'same', size: text('change.none') };
	const size = text('change.points', { points: format.count(Math.abs(difference)) });
	return { direction: difference > 0 ? 'up' : 'down', size };
}
