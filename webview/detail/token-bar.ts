import type { Usage } from '../../src/core/usage.ts';
import { el } from '../dom.ts';
import { type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** A part of the bar: its name, which fixes its colour and pattern, and its tokens. */
interface Segment {
	id: 'uncachedInput' | 'cacheRead' | 'cacheWrite' | 'output' | 'reasoning';
	label: StringKey;
	tokens: number;
}

/** How a call's tokens divide: a bar, and the same in numbers below it. Parts that the origin did not tell are left out. */
export function tokenBar(ui: Ui, usage: Usage): HTMLElement {
	const segments = segmentsOf(usage).filter(({ tokens }) => tokens > 0);
	const total = segments.reduce((sum, { tokens }) => sum + tokens, 0);
	const list = segments.map(({ label, tokens }) => `${text(label)} ${ui.format.count(tokens)}`).join(', ');
	const bar = el('div', {
		class: 'token-bar',
		role: 'img',
		'aria-label': text('usage.bar', { list }),
	});
	const legend = el('ul', { class: 'token-legend' });
	for (const { id, label, tokens } of segments) {
		const part = el('span', {
			class: 'token-part',
			'data-part': id,
			title: `${text(label)}: ${ui.format.count(tokens)}`,
		});
		part.style.flexGrow = String(tokens / total);
		bar.append(part);
		legend.append(
			el(
				'li',
				{},
				el('span', { class: 'token-key', 'data-part': id, 'aria-hidden': 'true' }),
				el('span', { text: text(label) }),
				el('strong', { text: ui.format.count(tokens) }),
				el('span', { class: 'subtle', text: ui.format.percent(tokens / total) }),
			),
		);
	}
	return total === 0
		? el('p', { class: 'subtle', text: text('usage.unknown') })
		: el('div', { class: 'tokens' }, bar, legend);
}

/** Output includes reasoning, so the two are shown apart: what was said, and what was thought. */
export function segmentsOf(usage: Usage): Segment[] {
	const writes = (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0) + (usage.cacheWriteUnknownTtl ?? 0);
	const reasoning = Math.min(usage.reasoning ?? 0, usage.output ?? usage.reasoning ?? 0);
	const cached = (usage.cacheRead ?? 0) + writes;
	const uncached = usage.uncachedInput ?? Math.max(0, (usage.inputTotal ?? 0) - cached);
	return [
		{ id: 'uncachedInput', label: 'usage.plainInput', tokens: uncached },
		{ id: 'cacheRead', label: 'bucket.cacheRead', tokens: usage.cacheRead ?? 0 },
		{ id: 'cacheWrite', label: 'usage.cacheWrite', tokens: writes },
		{ id: 'output', label: 'usage.plainOutput', tokens: Math.max(0, (usage.output ?? 0) - reasoning) },
		{ id: 'reasoning', label: 'usage.reasoning', tokens: reasoning },
	];
}
