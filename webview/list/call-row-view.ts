import type { CallRow } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { type ShownState, shownState, stateHint, stateIcons } from './call-state.ts';
import { chevron } from './chevron.ts';
import { CostBadge } from './cost-badge.ts';
import { HitView } from './hit-view.ts';
import { callOf, type Layout, type Line } from './line.ts';
import { type LinePlace, type LineView, lineId } from './line-view.ts';
import { isSample, sampleBadge } from './sample-badge.ts';

/** Not that of any call, nor of the empty one. */
const restingSignature = 'resting';

/** The line of a call: request and response as one. */
export class CallRowView implements LineView {
	readonly element: HTMLElement;
	line: Line | null = null;
	#signature = restingSignature;
	#below: HTMLElement | null = null;
	readonly #ui: Ui;
	readonly #stateIcon = el('span', { class: 'pair-state' });
	readonly #pairText = el('span', { class: 'sr-only' });
	readonly #model = el('bdi', { class: 'call-model' });
	readonly #provider = el('bdi', { class: 'call-provider badge' });
	readonly #kind = el('span', { class: 'call-kind badge' });
	readonly #sample = sampleBadge();
	readonly #state = el('span', { class: 'call-state' });
	readonly #duplicate: HTMLElement;
	readonly #title = el('bdi', { class: 'call-title' });
	readonly #messages = el('span', { class: 'cell-messages', role: 'gridcell' });
	readonly #duration = el('span', { class: 'duration-badge' });
	readonly #tokens = el('span', { class: 'tokens-main' });
	readonly #cached = el('span', { class: 'tokens-cached' });
	readonly #cost: CostBadge;
	readonly #relative = el('span', { class: 'time-relative' });
	readonly #exact = el('time', { class: 'time-exact' });
	readonly #hit = new HitView();

	constructor(ui: Ui) {
		this.#ui = ui;
		this.#cost = new CostBadge(ui);
		this.#duplicate = el('span', {
			class: 'call-state',
			'data-duplicate': true,
			title: text('state.duplicate.hint'),
			text: text('state.duplicate'),
		});
		const pair = el(
			'span',
			{ class: 'pair', 'aria-hidden': 'true' },
			el('span', { class: 'glyph', text: '🧠' }),
			this.#stateIcon,
			el('span', { class: 'glyph answer', text: '💬' }),
		);
		this.element = el(
			'div',
			{ class: 'row call', role: 'row', id: lineId() },
			el('div', { class: 'cell-pair', role: 'gridcell' }, chevron(), pair, this.#pairText),
			el(
				'div',
				{ class: 'cell-call', role: 'gridcell' },
				el(
					'div',
					{ class: 'call-head' },
					this.#model,
					el('span', { class: 'call-badges' }, this.#state, this.#provider, this.#kind, this.#sample, this.#duplicate),
				),
				this.#title,
			),
			this.#messages,
			el('div', { class: 'cell-duration', role: 'gridcell' }, this.#duration),
			el('div', { class: 'cell-tokens', role: 'gridcell' }, this.#tokens, this.#cached),
			el('div', { class: 'cell-cost', role: 'gridcell' }, this.#cost.element),
			el('div', { class: 'cell-time', role: 'gridcell' }, this.#relative, this.#exact),
		);
	}

	show(line: Line | null, { index, layout, nowMs, below }: LinePlace): void {
		const { element } = this;
		element.hidden = false;
		setAttribute(element, 'aria-rowindex', index + 2);
		this.#showBelow(below, line !== null);
		const signature = line === null ? '' : `${layout} ${JSON.stringify(line)}`;
		if (signature === this.#signature) return;
		this.#signature = signature;
		this.line = line;
		const row = callOf(line ?? undefined);
		setAttribute(element, 'data-loading', row === null);
		this.#hit.show(line?.type === 'hit' ? line.hit : null, element);
		if (line === null || row === null) this.#showLoading();
		else {
			// In a timeline a call stands one level below its task.
			const level = layout === 'tasks' ? line.depth + 1 : 0;
			setAttribute(element, 'aria-level', level + 1);
			element.style.setProperty('--depth', String(level));
			this.#showCall(row, layout, nowMs);
		}
	}

	tick(nowMs: number): void {
		const row = callOf(this.line ?? undefined);
		if (row === null) return;
		const { format } = this.#ui;
		setText(this.#relative, format.relative(row.startedAtMs, nowMs));
		setText(this.#exact, format.moment(row.startedAtMs, nowMs));
		if (row.state === 'pending') {
			const elapsed = Math.max(0, nowMs - row.startedAtMs);
			setText(this.#duration, text('row.elapsed', { duration: format.elapsed(elapsed) }));
		}
	}

	rest(): void {
		this.element.hidden = true;
		setAttribute(this.element, 'aria-rowindex', null);
		setAttribute(this.element, 'data-state', null);
		this.#signature = restingSignature;
		this.#showBelow(null, false);
	}

	mark(active: boolean, selected: boolean): void {
		setAttribute(this.element, 'data-active', active);
		setAttribute(this.element, 'aria-selected', selected ? 'true' : 'false');
	}

	#showBelow(below: HTMLElement | null, foldable: boolean): void {
		setAttribute(this.element, 'aria-expanded', foldable ? (below === null ? 'false' : 'true') : null);
		if (this.#below === below && (below === null || below.parentElement === this.element)) return;
		// It may have gone to another row already.
		if (this.#below?.parentElement === this.element) this.#below.remove();
		this.#below = below;
		if (below !== null) this.element.append(below);
	}

	#showLoading(): void {
		for (const part of [this.#model, this.#provider, this.#state, this.#messages, this.#duration, this.#tokens])
			setText(part, '');
		for (const part of [this.#cached, this.#relative, this.#exact]) setText(part, '');
		setText(this.#title, '');
		setText(this.#pairText, text('list.loadingRow'));
		this.#stateIcon.replaceChildren();
		setAttribute(this.element, 'data-state', 'loading');
		for (const part of [this.#state, this.#provider, this.#sample, this.#kind, this.#duplicate]) part.hidden = true;
		this.#cost.update(null);
	}

	#showCall(row: CallRow, layout: Layout, nowMs: number): void {
		const { format } = this.#ui;
		this.#showState(shownState(row), row);
		setText(this.#model, row.model);
		setAttribute(
			this.#model,
			'title',
			row.actualModel === null ? row.model : `${row.model}: ${text('row.actualModel', { model: row.actualModel })}`,
		);
		setText(this.#provider, row.provider);
		this.#provider.hidden = false;
		this.#kind.hidden = row.kind === 'chat';
		setText(this.#kind, text(`kind.${row.kind}`));
		setAttribute(this.#kind, 'data-kind', row.kind);
		this.#sample.hidden = !isSample(row);
		this.#showTitle(row, layout);
		setText(
			this.#messages,
			row.messageCount === null
				? text('none')
				: plural('row.messages', row.messageCount, format.count(row.messageCount)),
		);
		setText(this.#duration, format.duration(row.latencyMs));
		setText(this.#tokens, `${format.compact(row.inputTokens)} → ${format.compact(row.outputTokens)}`);
		setAttribute(
			this.#tokens,
			'title',
			text('row.tokens', { input: format.count(row.inputTokens), output: format.count(row.outputTokens) }),
		);
		setText(this.#cached, this.#cacheText(row));
		this.#cost.update(row.cost);
		setAttribute(this.#exact, 'datetime', new Date(row.startedAtMs).toISOString());
		setAttribute(this.#exact, 'title', format.full(row.startedAtMs));
		this.tick(nowMs);
	}

	/** Below its task a call has no need of the task's title: there it says what it was in the course of things. */
	#showTitle(row: CallRow, layout: Layout): void {
		const title = row.sessionTitle ?? text('row.untitled');
		const number = text('row.number', { number: this.#ui.format.count(row.seq) });
		const end = row.finishReason === null ? '' : ` · ${row.finishReason}`;
		setText(this.#title, layout === 'tasks' ? `${number}${end}` : title);
		setAttribute(this.#title, 'title', title);
	}

	#showState(state: ShownState, row: CallRow): void {
		setAttribute(this.element, 'data-state', state);
		this.#stateIcon.replaceChildren(icon(stateIcons[state]));
		setText(this.#pairText, text(`state.${state}`));
		this.#state.hidden = state === 'ok';
		setText(this.#state, text(`state.${state}`));
		setAttribute(this.#state, 'title', text(stateHint(state)));
		this.#duplicate.hidden = row.possibleDuplicateOf === null;
		setAttribute(this.element, 'data-duplicate', row.possibleDuplicateOf !== null);
	}

	#cacheText(row: CallRow): string {
		if (row.cacheReadTokens === null || row.inputTokens === null || row.inputTokens === 0) return '';
		return text('row.cached', { share: this.#ui.format.percent(row.cacheReadTokens / row.inputTokens) });
	}
}
