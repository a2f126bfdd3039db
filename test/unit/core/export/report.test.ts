import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import MarkdownIt from 'markdown-it';
import { describe, it } from 'mocha';
import { reportAsHtml } from '../../../../src/core/export/report-html.ts';
import { reportAsMarkdown } from '../../../../src/core/export/report-markdown.ts';
import { reportStyle, reportStyleHash } from '../../../../src/core/export/report-style.ts';
import { ReportSums, reportText, type TaskReport } from '../../../../src/core/export/task-report.ts';
import { hostileTexts } from '../../../browser/dev-page/hostile-texts.ts';
import { costOf, exportedCall } from './exported-call.ts';

/** A report in which every name is this text, and so is all that was said. */
function reportOf(text: string, hasContent = true): TaskReport {
	const sums = new ReportSums(hasContent);
	const call = exportedCall(
		{ model: text, provider: text, agentId: text, inputTokens: 100, cacheReadTokens: 40, outputTokens: 5, cost: null },
		{ cost: costOf(2_500_000), folder: `/home/dev/${text}`, gitBranch: text, usageNotes: [text] },
	);
	sums.add(call, 0, hasContent ? [reportText('user', text), reportText('assistant', `${text}\n${text}`)] : null);
	sums.add(
		exportedCall({ state: 'error', seq: 2 }, { error: { message: '', status: null, code: text }, cost: costOf(null) }),
		0,
		null,
	);
	return {
		sessionId: text,
		title: text,
		agentId: text,
		startedAtMs: Date.UTC(2026, 2, 4, 10),
		lastAtMs: Date.UTC(2026, 2, 4, 11),
		tasks: [
			{ sessionId: text, title: text, agentId: text, depth: 0, totals: sums.ofTask(0) },
			{ sessionId: text, title: text, agentId: text, depth: 1, totals: sums.ofTask(1) },
		],
		...sums.parts(),
		pricesAsOf: '2026-09-23',
		hasContent,
		madeAtMs: Date.UTC(2026, 4, 1),
		version: '1.2.3',
		locale: 'en-US',
		timeZone: 'UTC',
	};
}

/** Longer ones are cut, which is said in a line of its own. */
const readable = (text: string) => text.slice(0, 3_000);

/** Tags of a page, without what stands in them as text. */
function tagsOf(html: string): string[] {
	return [...html.matchAll(/<\/?([a-z][a-z0-9]*)\b[^>]*>/gi)].map(([tag]) => tag);
}

/** What a browser takes an attribute for that loads, runs or leads somewhere. */
const dangerous =
	/<(script|iframe|img|object|embed|link|base|form|a|video|audio|source|use|animate)\b|\son\w+=|\s(href|src|srcset|action|formaction|style|xlink:href)=/i;

describe('The report of a task', () => {
	it('issue 6, export: an HTML report runs and loads nothing, whatever the names and texts in it', () => {
		const clean = tagsOf(reportAsHtml(reportOf('plain'))).join('');
		for (const text of hostileTexts().map(readable)) {
			const html = reportAsHtml(reportOf(text));
			const tags = tagsOf(html);
			assert.equal(tags.filter((tag) => dangerous.test(tag)).length, 0, text);
			assert.equal(tags.join(''), clean, text);
		}
	}).timeout(20_000);

	it('issue 6, export: an HTML report has a policy that lets its own style through and nothing else', () => {
		const html = reportAsHtml(reportOf('x'));
		const hash = createHash('sha256').update(reportStyle).digest('base64');
		assert.equal(reportStyleHash, `sha256-${hash}`);
		const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
		assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
		assert.ok(html.includes(`<style>${reportStyle}</style>`));
		assert.doesNotMatch(html, /https?:\/\/|url\(|@import/);
	});

	it('issue 6, export: a Markdown report keeps its tables, and makes no link, mention or HTML of any name', () => {
		const markdown = new MarkdownIt({ html: true, linkify: true });
		const shape = (text: string) => tagsOf(markdown.render(reportAsMarkdown(reportOf(text)))).join('');
		const clean = shape('plain');
		for (const text of [
			...hostileTexts().map(readable),
			'@team #12 https://evil.example www.evil.example',
			'a|b\\|c`|`',
			'``',
			'|',
			'\\',
		]) {
			const html = markdown.render(reportAsMarkdown(reportOf(text))).replaceAll(' style="text-align:right"', '');
			assert.equal(tagsOf(html).filter((tag) => dangerous.test(tag)).length, 0, text);
			// Names stand in code, where no mention or address is found; an empty one is a dash.
			const outside = html.replaceAll(/<pre>.*?<\/pre>|<code>.*?<\/code>/gs, '');
			assert.doesNotMatch(outside, /@team|evil\.example|panel\.test/, text);
			if (!/^[\s\p{C}\u200b-\u200f\u2028-\u202e\u2060-\u2069]*$/u.test(text)) assert.equal(shape(text), clean, text);
		}
	}).timeout(20_000);

	it('issue 6, export: a report has totals with their bound, models, tasks, cache, costs and the price table', () => {
		const text = reportAsMarkdown(reportOf('claude'));
		for (const said of [
			'| ≥ $0.0025 | 2 | 100 | 5 |',
			'1 unpriced',
			'40.0%'.replace('.0', ''),
			'↳',
			'the table of 2026-09-23',
			'1 call: computed from token counts and the price table.',
			'The cost is a lower bound',
		]) {
			assert.ok(text.includes(said), said);
		}
	});

	it('issue 6, export: the Markdown of a long task fits into a pull request, and says what it does not list', () => {
		const sums = new ReportSums(false);
		for (let seq = 1; seq <= 1_000; seq++) sums.add(exportedCall({ callId: `call-${seq}`, seq }), 0, null);
		const report = { ...reportOf('plain', false), ...sums.parts() };
		const text = reportAsMarkdown(report);
		assert.ok(text.length <= 60_000 && text.length > 50_000, `${text.length} characters`);
		const listed = text.match(/^\| \d+\.\d+ \|.*\| ok \|/gm)?.length ?? 0;
		assert.ok(text.includes(`- ${1_000 - listed} later calls are not listed; all sums have them.`), `${listed} listed`);
		assert.ok(text.includes('| 1,000 |'));
		assert.doesNotMatch(reportAsHtml(report), /are not listed/);
	});

	it('has what was said only when asked, and cuts what nobody would read', () => {
		assert.ok(!reportAsMarkdown(reportOf('x', false)).includes('What was said'));
		assert.ok(reportAsMarkdown(reportOf('x')).includes('What was said'));
		const { text, cut } = reportText('user', 'y'.repeat(10_000));
		assert.deepEqual([text.length, cut], [8_000, 2_000]);
	});
});
