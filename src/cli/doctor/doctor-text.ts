import type { DoctorJson, Finding, LedgerFound } from '../../core/outside/doctor-json.ts';
import { amountIn } from '../amount.ts';
import type { Environment } from '../environment.ts';
import { lines } from '../lines.ts';
import { paint } from '../paint.ts';
import { printable } from '../printable.ts';
import { type Column, table } from '../table.ts';
import { wrap } from '../wrap.ts';

const indent = '  ';

/** What was found, for people: what is wrong first. */
export function doctorText(found: DoctorJson, environment: Environment): string {
	const { out, locale } = environment;
	const { versions, abilities, prices } = found;
	const yes = (is: boolean) => (is ? 'yes' : 'no');
	const parts: [title: string, text: string][] = [
		['Problems', findingsText(found.problems, 'bad', environment)],
		['Notes', findingsText(found.notes, 'warning', environment)],
		[
			'Versions',
			indented(
				lines([
					['Callmeter', versions.callmeter],
					['Node', versions.node],
					['SQLite', `${versions.sqlite}, full-text index: ${yes(abilities.fullText)}, zstd: ${yes(abilities.zstd)}`],
					['System', versions.system],
					['Prices', `${prices.source}, of ${prices.asOf}`],
				]),
			),
		],
		['Ledgers', found.ledgers.map((ledger) => ledgerText(ledger, environment)).join('\n') || `${indent}none`],
		['Agents', agentsText(found, environment)],
		['Local servers', serversText(found, locale)],
		[
			'Disks',
			indented(
				lines(found.disks.map(({ path, freeBytes }) => [printable(path), `${sizeText(freeBytes, locale)} free`])),
			),
		],
	];
	const shown = parts.filter(([, text]) => text !== '');
	const body = shown.map(([title, text]) => `${paint(out, 'heading', title)}\n${text}`).join('\n\n');
	return found.ok ? `${paint(out, 'good', 'No problems found.')}\n\n${body}` : body;
}

function findingsText(findings: readonly Finding[], style: 'bad' | 'warning', { out }: Environment): string {
	const width = out.columns === null ? null : Math.max(20, out.columns - 2 * indent.length);
	return findings
		.flatMap(({ what, advice, command }) => {
			const [first = '', ...rest] = wrap([{ text: printable(what) }], width);
			return [
				`${indent}${paint(out, style, `- ${first}`)}`,
				...rest.map((line) => `${indent}${indent}${paint(out, style, line)}`),
				...(advice === null
					? []
					: wrap([{ text: printable(advice) }], width).map((line) => `${indent}${indent}${line}`)),
				// Whole, and on a line of its own: it is to be copied.
				...(command === null ? [] : [`${indent}${indent}${printable(command)}`]),
			];
		})
		.join('\n');
}

const conditions: Readonly<Record<string, string>> = {
	ok: 'fine',
	missing: 'not there',
	damaged: 'damaged',
	newerVersion: 'of a newer version',
	foreignFile: 'no ledger',
};

function ledgerText(ledger: LedgerFound, { locale, out }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const { condition, isChecked, calls, sessions, lastCallAt, folders, mode, folderMode, content } = ledger;
	const state = conditions[condition] ?? `cannot be read (${condition})`;
	const pairs: [string, string][] = [
		[
			'State',
			condition === 'ok' && !isChecked
				? `${state}, as far as it was looked at: callmeter verify looks at all of it`
				: state,
		],
	];
	if (folders.length > 0) pairs.push(['Folders', folders.map(printable).join(', ')]);
	if (ledger.bytes !== null) pairs.push(['Size', sizeText(ledger.bytes, locale)]);
	if (calls !== null) {
		const newest = lastCallAt === null ? '' : `, the newest of ${timeText(lastCallAt, locale)}`;
		pairs.push(['Calls', `${number.format(calls)} in ${amountIn(locale)(sessions ?? 0, 'task')}${newest}`]);
		pairs.push(['Content', content ?? 'not known']);
	}
	if (mode !== null) pairs.push(['Permissions', `file ${mode}, folder ${folderMode ?? 'not known'}`]);
	const mark = ledger.isCurrent ? ' (of the current folder)' : '';
	return `${indent}${paint(out, ledger.isCurrent ? 'heading' : 'quiet', printable(ledger.file))}${mark}\n${indented(indented(lines(pairs)))}`;
}

function agentsText({ agents }: DoctorJson, { out, locale }: Environment): string {
	const number = new Intl.NumberFormat(locale);
	const columns: Column[] = [
		{ title: 'Agent' },
		{ title: 'Records', align: 'right' },
		{ title: 'Newest', drop: 1 },
		{ title: 'Where', shrink: true, drop: 0 },
	];
	const rows = agents.map(({ title, found, records, newestAt, places }) =>
		found
			? [title, number.format(records), newestAt === null ? '' : timeText(newestAt, locale), places.join(', ')]
			: [title, 'none', '', ''],
	);
	return indented(table(columns, rows, out.columns === null ? null : out.columns - indent.length));
}

function serversText({ servers }: DoctorJson, locale: string): string {
	if (servers.length === 0) return `${indent}none`;
	return servers
		.map(({ port, pid, version, startedAt, folders, answers }) => {
			const what = `http://127.0.0.1:${port}, process ${pid}, Callmeter ${printable(version)}, since ${timeText(startedAt, locale)}`;
			const of = folders.length === 0 ? '' : `, for ${folders.map(printable).join(', ')}`;
			return `${indent}${what}${of}${answers ? '' : ': does not answer'}`;
		})
		.join('\n');
}

function timeText(iso: string, locale: string): string {
	return new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short' }).format(Date.parse(iso));
}

function sizeText(bytes: number | null, locale: string): string {
	if (bytes === null) return 'not known';
	const [unit, size] =
		bytes >= 1e9 ? ['gigabyte', bytes / 1e9] : bytes >= 1e6 ? ['megabyte', bytes / 1e6] : ['kilobyte', bytes / 1e3];
	return new Intl.NumberFormat(locale, { style: 'unit', unit: String(unit), maximumFractionDigits: 1 }).format(
		Number(size),
	);
}

function indented(text: string): string {
	return text
		.split('\n')
		.map((line) => indent + line)
		.join('\n');
}
