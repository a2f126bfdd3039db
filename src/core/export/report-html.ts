import { manyLines, oneLine } from './plain-text.ts';
import { reportStyle, reportStyleHash } from './report-style.ts';
import { type Cell, reportView, type Section, type Table } from './report-view.ts';
import type { ReportText, TaskReport } from './task-report.ts';

/**
 * A report as one HTML file: without scripts, without anything from elsewhere, and with a policy that forbids both. Light
 * and dark as the reader has it; made to be printed as well.
 */
export function reportAsHtml(report: TaskReport): string {
	const view = reportView(report);
	const name = view.title === null ? view.heading : `${view.heading}: ${oneLine(view.title)}`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${reportStyleHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(name)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escaped(view.heading)}</h1>
${view.title === null ? '' : `<p class="title"><bdi>${escaped(oneLine(view.title))}</bdi></p>\n`}<dl class="facts">
${view.facts.map(({ name: fact, values }) => `<div><dt>${escaped(fact)}</dt><dd>${values.map(inline).join(', ')}</dd></div>`).join('\n')}
</dl>
</header>
<dl class="figures">
${view.figures
	.map(
		({ name: figure, value, notes }) =>
			`<div><dt>${escaped(figure)}</dt><dd><span class="value">${escaped(value)}</span>${notes
				.map((note) => `<span class="note">${escaped(note)}</span>`)
				.join('')}</dd></div>`,
	)
	.join('\n')}
</dl>
${view.sections.map(section).join('\n')}
<footer>${escaped(view.foot)}</footer>
</main>
</body>
</html>
`;
}

function section({ id, heading, table: rows, notes, calls }: Section): string {
	return `<section aria-labelledby="${id}">
<h2 id="${id}">${escaped(heading)}</h2>
${rows === null ? '' : table(rows, heading)}${
	notes.length === 0 ? '' : `<ul>\n${notes.map((note) => `<li>${note.map(inline).join('')}</li>`).join('\n')}\n</ul>\n`
}${calls
	.map(
		(call) =>
			`<details>\n<summary>${call.heading.map(inline).join('')}</summary>\n${call.said.map(said).join('\n')}\n</details>\n`,
	)
	.join('')}</section>`;
}

function said({ who, text, cut }: ReportText): string {
	const left = cut === 0 ? '' : `\n<p class="note">${cut} more characters are left out.</p>`;
	return `<h3>${escaped(who)}</h3>\n<pre dir="auto">\n${escaped(manyLines(text))}</pre>${left}`;
}

/** In a box of its own that can be scrolled, by keyboard as well: a page that is wider than the screen cannot be read. */
function table({ columns, rows }: Table, label: string): string {
	const head = columns.map(({ title, align }) => `<th scope="col"${side(align)}>${escaped(title)}</th>`).join('');
	const body = rows
		.map(
			(cells) => `<tr>${cells.map((cell, at) => `<td${side(columns[at]?.align)}>${inTable(cell)}</td>`).join('')}</tr>`,
		)
		.join('\n');
	return `<div class="wide" role="region" aria-label="${escaped(label)}" tabindex="0">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>
`;
}

function inTable(cell: Cell): string {
	const below = '<span class="below" aria-hidden="true">↳</span>'.repeat(Math.min(cell.depth ?? 0, 8));
	return `${below}${inline(cell)}${cell.share === undefined ? '' : bar(cell.share)}`;
}

/** The words beside it say the same. */
function bar(share: number): string {
	const width = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
	return `<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4"/><rect class="part" width="${width}" height="4"/></svg>`;
}

function inline({ text, foreign }: Cell): string {
	return foreign ? `<bdi>${escaped(oneLine(text)) || '—'}</bdi>` : escaped(text);
}

function side(align: 'left' | 'right' | undefined): string {
	return align === 'right' ? ' class="figure"' : '';
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
};

function escaped(text: string): string {
	return text.replaceAll(/[&<>"'`]/g, (character) => entities[character] ?? '');
}
