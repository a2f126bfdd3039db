import type { CallDetail } from '../../src/core/views.ts';
import { append, el } from '../dom.ts';
import { shownState } from '../list/call-state.ts';
import { type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { costBreakdown } from './cost-breakdown.ts';
import { jsonView } from './json-view.ts';
import type { TabContext } from './tab-context.ts';
import { tokenBar } from './token-bar.ts';
import { appendVisible } from './visible-text.ts';

type Fact = string | number | HTMLElement | null | undefined;

/** Everything known of a call but its texts: cost first, then tokens, then facts. */
export function metadataTab(ui: Ui, detail: CallDetail, tab: TabContext): HTMLElement {
	const { format } = ui;
	const { row, usage, origin } = detail;
	const element = el('div', { class: 'tab-body metadata' }, costBreakdown(ui, detail));

	const tokens = el('section', {}, el('h3', { text: text('usage.heading') }));
	tokens.append(usage === null ? el('p', { class: 'subtle', text: text('usage.unknown') }) : tokenBar(ui, usage));
	if (usage !== null) {
		tokens.append(
			facts([
				['usage.input', format.count(usage.inputTotal)],
				['usage.plainInput', format.count(usage.uncachedInput)],
				['bucket.cacheRead', format.count(usage.cacheRead)],
				['bucket.cacheWrite5m', format.count(usage.cacheWrite5m)],
				['bucket.cacheWrite1h', format.count(usage.cacheWrite1h)],
				['bucket.cacheWriteUnknownTtl', usage.cacheWriteUnknownTtl ? format.count(usage.cacheWriteUnknownTtl) : null],
				['bucket.output', format.count(usage.output)],
				['usage.reasoning', format.count(usage.reasoning)],
			]),
		);
	}
	if (detail.usageBound !== 'exact')
		tokens.append(el('p', { class: 'cost-note', text: text(`usage.bound.${detail.usageBound}`) }));

	const parameters = Object.keys(detail.parameters).length > 0 ? jsonView(detail.parameters) : null;
	append(
		element,
		tokens,
		section('meta.heading', [
			['meta.provider', row.provider],
			['meta.inferenceProvider', detail.inferenceProvider],
			['meta.model', row.model],
			['meta.actualModel', row.actualModel],
			['meta.kind', text(`kind.${row.kind}`)],
			['meta.state', text(`state.${shownState(row)}`)],
			['meta.finishReason', row.finishReason],
			['meta.started', format.full(row.startedAtMs)],
			['meta.ended', row.endedAtMs === null ? null : format.full(row.endedAtMs)],
			['meta.latency', row.latencyMs === null ? null : format.duration(row.latencyMs)],
			['meta.timeToFirstToken', row.timeToFirstTokenMs === null ? null : format.duration(row.timeToFirstTokenMs)],
			['meta.completionTime', detail.completionTimeMs === null ? null : format.duration(detail.completionTimeMs)],
			['meta.serviceTier', detail.serviceTier],
			['meta.parameters', parameters],
		]),
		section('meta.place', [
			['meta.agent', row.agentId],
			['meta.task', row.sessionTitle],
			['meta.mode', detail.mode],
			['meta.folder', detail.folder],
			['meta.branch', detail.gitBranch],
			['meta.commit', detail.gitCommit],
		]),
		section('meta.record', [
			['meta.source', origin.live ? text('meta.live', { source: origin.source }) : origin.source],
			['meta.readFrom', origin.record],
			['meta.billing', text(`meta.billing.${origin.billing}`)],
			['meta.callId', row.callId],
			['meta.session', text('meta.sessionSeq', { session: row.sessionId, seq: row.seq })],
			['meta.parent', row.parentSessionId],
			['meta.extends', callLink(tab, detail.extendsCallId)],
			['meta.duplicate', callLink(tab, row.possibleDuplicateOf)],
			['meta.aliases', detail.aliases.length === 0 ? null : detail.aliases.join(', ')],
			['meta.masked', detail.maskedSecrets === 0 ? null : format.count(detail.maskedSecrets)],
			['meta.hash', detail.hash],
			['meta.events', detail.eventIds.length === 0 ? null : detail.eventIds.join(', ')],
		]),
	);
	return element;
}

function section(heading: StringKey, list: [StringKey, Fact][]): HTMLElement {
	return el('section', {}, el('h3', { text: text(heading) }), facts(list));
}

/** Another call, one press away. */
function callLink(tab: TabContext, callId: string | null): HTMLElement | null {
	if (callId === null) return null;
	const link = el('button', { type: 'button', class: 'link' });
	appendVisible(link, callId.slice(0, 300));
	link.addEventListener('click', () => tab.visit(callId));
	return link;
}

/** A list of names and values; what is not known is left out. */
function facts(list: [StringKey, Fact][]): HTMLElement {
	const element = el('dl', { class: 'facts' });
	for (const [label, value] of list) {
		if (value === null || value === undefined || value === '') continue;
		const cell = el('dd', { dir: 'auto' });
		if (value instanceof HTMLElement) cell.append(value);
		else appendVisible(cell, String(value).slice(0, 4000));
		element.append(el('dt', { text: text(label) }), cell);
	}
	return element;
}
