import type { CallRow } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import { text } from '../strings.ts';

/** Whether a call belongs to the sample task: its answers are scripted, and nobody was billed. */
export function isSample({ source }: Pick<CallRow, 'source'>): boolean {
	return source === 'sample';
}

/** The mark of such a call. */
export function sampleBadge(): HTMLElement {
	return el('span', { class: 'badge sample', title: text('row.sample.hint'), text: text('row.sample') });
}
