import { el } from '../dom.ts';
import { text } from '../strings.ts';

/** The names of the columns, which stay in view above the rows. */
export function listHead(): HTMLElement {
	const row = el('div', { class: 'row head', role: 'row', 'aria-rowindex': 1 });
	const column = (name: string, label: string, shown = true) =>
		row.append(
			el(
				'div',
				{ class: `cell-${name}`, role: 'columnheader' },
				el('span', { class: shown ? '' : 'sr-only', text: label }),
			),
		);
	column('pair', text('row.pair'), false);
	column('call', text('list.column.call'));
	column('messages', text('list.column.messages'));
	column('duration', text('list.column.duration'));
	column('tokens', text('list.column.tokens'));
	column('cost', text('list.column.cost'));
	column('time', text('list.column.time'));
	return el('div', { class: 'list-head', role: 'rowgroup' }, row);
}
