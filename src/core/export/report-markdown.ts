import { manyLines, oneLine } from './plain-text.ts';
import { type Cell, reportView, type Section, type Table } from './report-view.ts';
import type { ReportText, TaskReport } from './task-report.ts';

/** GitHub takes 65,536 characters in the text of a pull request; the rest is for its author's own words. */
const maxChars = 60_000;

/**
 * A report as Markdown, as GitHub and GitLab read it. What is foreign stands in code: there nothing is a link, a mention,
 * an image, HTML, or the end of a table. Without content it is as short as a pull request takes: of a long task the last
 * calls are not listed, which it says.
 */
export function reportAsMarkdown(report: TaskReport): string {
	let text = written(report);
	let { timeline } = report;
	while (!report.hasContent && text.length > maxChars && timeline.length > 0) {
		timeline = timeline.slice(0, Math.floor(timeline.length * 0.9));
		text = written({ ...report, timeline });
	}
	return text;
}

function written(report: TaskReport): string {
	const view = reportView(report);
	const facts = view.facts.map(({ name, values }) => `${name}: ${values.map(inline).join(', ')}`);
	const figures: Table = {
		columns: view.figures.map(({ name }) => ({ title: name, align: 'right' })),
		rows: [
			view.figures.map(({ value }) => ({ text: value })),
			view.figures.map(({ notes }) => ({ text: notes.join(', ') })),
		],
	};
	const blocks = [
		`# ${view.heading}`,
		...(view.title === null ? [] : [`**${code(view.title)}**`]),
		facts.join('  \n'),
		table(figures),
		...view.sections.flatMap(section),
		'---',
		`_${view.foot}_`,
	];
	return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function section({ heading, table: rows, notes, calls }: Section): string[] {
	return [
		`## ${heading}`,
		...(rows === null ? [] : [table(rows)]),
		...(notes.length === 0 ? [] : [notes.map((note) => `- ${note.map(inline).join('')}`).join('\n')]),
		...calls.flatMap((call) => [`### ${call.heading.map(inline).join('')}`, ...call.said.flatMap(said)]),
	];
}

function said({ who, text, cut }: ReportText): string[] {
	return [`**${who}**`, fenced(text), ...(cut === 0 ? [] : [`_${cut} more characters are left out._`])];
}

function table({ columns, rows }: Table): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [
		line(columns.map(({ title }) => title)),
		line(columns.map(({ align }) => (align === 'right' ? '--:' : '---'))),
		...rows.map((cells) => line(cells.map(inTable))),
	].join('\n');
}

/** A pipe would end the cell, in code as well, where a backslash before it is taken away again. */
function inTable(cell: Cell): string {
	const below = cell.depth ? `${'↳ '.repeat(Math.min(cell.depth, 8))}` : '';
	const text = below + inline(cell);
	// A backslash right before a pipe would take the place of the one that escapes it.
	return text.replaceAll(/\\(?=\|)/g, '\\ ').replaceAll('|', '\\|');
}

function inline({ text, foreign }: Cell): string {
	return foreign ? code(text) : text;
}

/** Between as many backticks as the text has nowhere in a row. */
function code(text: string): string {
	const line = oneLine(text);
	if (line === '') return '—';
	const fence = '`'.repeat(longestRun(line) + 1);
	const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
	return `${fence}${pad}${line}${pad}${fence}`;
}

function fenced(text: string): string {
	const lines = manyLines(text);
	const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
	return `${fence}text\n${lines}\n${fence}`;
}

function longestRun(text: string): number {
	return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
