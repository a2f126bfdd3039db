import type { SourceSkipReason, SourceView } from '../../src/protocol/sources.ts';
import { el } from '../dom.ts';
import type { Format } from '../format.ts';
import { plural, text } from '../strings.ts';

/** In the order in which a person wants to know: what they can do something about comes first. */
const reasons: readonly SourceSkipReason[] = [
	'otherWorkspace',
	'noFolder',
	'tooOld',
	'unknownVersion',
	'unreadable',
	'malformed',
	'outsideAgentFolder',
	'noUsage',
	'inherited',
];

/** How much was left out, for all reasons together. */
export function skippedCount(skipped: SourceView['skipped']): number {
	return reasons.reduce((sum, reason) => sum + (skipped[reason] ?? 0), 0);
}

/** What was left out, a short sentence for each reason. */
export function skippedWords(skipped: SourceView['skipped'], format: Format): string[] {
	return reasons.flatMap((reason) => {
		const count = skipped[reason] ?? 0;
		return count === 0 ? [] : [plural(`sources.skip.${reason}`, count, format.count(count))];
	});
}

/** What was left out and why, one line for each reason. */
export function skippedList(skipped: SourceView['skipped'], format: Format): HTMLElement {
	const list = el('ul', { class: 'source-skipped' });
	for (const reason of reasons) {
		const count = skipped[reason] ?? 0;
		if (count === 0) continue;
		const line = el('li', {}, plural(`sources.skip.${reason}`, count, format.count(count)));
		line.append(' ', el('span', { class: 'subtle', text: text(`sources.skip.${reason}.hint`) }));
		list.append(line);
	}
	return list;
}
