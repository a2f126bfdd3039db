import type { CallRow } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { type ShownState, shownState, stateHint, stateIcons } from './call-state.ts';
import { CostBadge } from './cost-badge.ts';
import { isSample, sampleBadge } from './sample-badge.ts';

let nextRowId = 0;
/** Not that of any call, nor of the empty one. */
const restingSignature = 'resting';

/** One row of the list. It is built once and filled again for each call that scrolls through it. */
export class RowView {
	readonly element: HTMLElement;
	/** The call shown; `null` while it is being fetched. */
	row: CallRow | null = null;
	#signature = restingSignature;
	readonly #ui: Ui;
	readonly #stateIcon = el('span', { class: 'pair-state' });
	readonly #pairText = el('span', { class: 'sr-only' });
	readonly #model = el('bdi', { class: 'call-model' });
	readonly #provider = el('bdi', { class: 'call-provider badge' });
	readonly #sample = sampleBadge();
	readonly #state = el('span', { class: 'call-state' });
	readonly #title = el('bdi', { class: 'call-title' });
	readonly #messages = el('span', { class: 'cell-messages', role: 'gridcell' });
	readonly #duration = el('span', { class: 'duration-badge' });
	readonly #tokens = el('span', { class: 'tokens-main' });
	readonly #cached = el('span', { class: 'tokens-cached' });
	readonly #cost: CostBadge;
	readonly #relative = el('span', { class: 'time-relative' });
	readonly #exact = el('time', { class: 'time-exact' });

	constructor(ui: Ui) {
		this.#ui = ui;
		this.#cost = new CostBadge(ui);
		const pair = el('span', { class: 'pair', 'aria-hidden': 'true' });
		pair.append(
			el('span', { class: 'glyph', text: '🧠' }),
			this.#stateIcon,
			el('span', { class: 'glyph answer', text: '💬' }),
		);
		this.element = el(
			'div',
			{ class: 'row', role: 'row', id: `call-row-${nextRowId++}` },
			el('div', { class: 'cell-pair', role: 'gridcell' }, pair, this.#pairText),
			el(
				'div',
				{ class: 'cell-call', role: 'gridcell' },
				el('div', { class: 'call-head' }, this.#model, this.#provider, this.#sample, this.#state),
				this.#title,
			),
			this.#messages,
			el('div', { class: 'cell-duration', role: 'gridcell' }, this.#duration),
			el('div', { class: 'cell-tokens', role: 'gridcell' }, this.#tokens, this.#cached),
			el('div', { class: 'cell-cost', role: 'gridcell' }, this.#cost.element),
			el('div', { class: 'cell-time', role: 'gridcell' }, this.#relative, this.#exact),
		);
	}

	/** Shows a call at an index. Content is written only when the call has changed. */
	show(row: CallRow | null, index: number, nowMs: number): void {
		this.element.hidden = false;
		setAttribute(this.element, 'aria-rowindex', index + 2);
		const signature = row === null ? '' : JSON.stringify(row);
		if (signature === this.#signature) return;
		this.#signature = signature;
		this.row = row;
		setAttribute(this.element, 'data-loading', row === null);
		if (row === null) this.#showLoading();
		else this.#showCall(row, nowMs);
	}

	/** Rewrites what depends on the time of day. */
	tick(nowMs: number): void {
		if (this.row === null) return;
		const { format } = this.#ui;
		setText(this.#relative, format.relative(this.row.startedAtMs, nowMs));
		setText(this.#exact, format.moment(this.row.startedAtMs, nowMs));
		if (this.row.state === 'pending') {
			const elapsed = Math.max(0, nowMs - this.row.startedAtMs);
			setText(this.#duration, text('row.elapsed', { duration: format.elapsed(elapsed) }));
		}
	}

	/** Takes the row out of sight until it is needed for another call. */
	rest(): void {
		this.element.hidden = true;
		setAttribute(this.element, 'data-state', null);
		this.#signature = restingSignature;
	}

	mark(active: boolean, selected: boolean): void {
		setAttribute(this.element, 'data-active', active);
		setAttribute(this.element, 'aria-selected', selected ? 'true' : 'false');
	}

	#showLoading(): void {
		for (const part of [this.#model, this.#provider, this.#state, this.#messages, this.#duration, this.#tokens])
			setText(part, '');
		for (const part of [this.#cached, this.#relative, this.#exact]) setText(part, '');
		setText(this.#title, '');
		setText(this.#pairText, text('list.loadingRow'));
		this.#stateIcon.replaceChildren();
		setAttribute(this.element, 'data-state', 'loading');
		this.#state.hidden = true;
		this.#provider.hidden = true;
		this.#sample.hidden = true;
		this.#cost.update(null);
	}

	#showCall(row: CallRow, nowMs: number): void {
		const { format } = this.#ui;
		const state = shownState(row);
		this.#showState(state, row);
		setText(this.#model, row.model);
		setAttribute(
			this.#model,
			'title',
			row.actualModel === null ? row.model : `${row.model}: ${text('row.actualModel', { model: row.actualModel })}`,
		);
		setText(this.#provider, row.provider);
		this.#provider.hidden = false;
		this.#sample.hidden = !isSample(row);
		const title = row.sessionTitle ?? text('row.untitled');
		const kind = row.kind === 'chat' ? '' : `${text(`kind.${row.kind}`)} · `;
		setText(this.#title, `${kind}${title}`);
		setAttribute(this.#title, 'title', title);
		setText(
			this.#messages,
			row.messageCount === null
				? text('none')
				: plural('row.messages', row.messageCount, format.count(row.messageCount)),
		);
		setText(this.#duration, format.duration(row.latencyMs));
		setText(this.#tokens, `${format.compact(row.inputTokens)} → ${format.compact(row.outputTokens)}`);
		setAttribute(this.#tokens, 'aria-label', null);
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

	#showState(state: ShownState, row: CallRow): void {
		setAttribute(this.element, 'data-state', state);
		this.#stateIcon.replaceChildren(icon(stateIcons[state]));
		setText(this.#pairText, text(`state.${state}`));
		const remarkable = state !== 'ok';
		const duplicate = row.possibleDuplicateOf !== null;
		this.#state.hidden = !remarkable && !duplicate;
		setText(this.#state, remarkable ? text(`state.${state}`) : text('state.duplicate'));
		setAttribute(this.#state, 'title', remarkable ? text(stateHint(state)) : text('state.duplicate.hint'));
		setAttribute(this.#state, 'data-duplicate', !remarkable && duplicate);
	}

	#cacheText(row: CallRow): string {
		if (row.cacheReadTokens === null || row.inputTokens === null || row.inputTokens === 0) return '';
		return text('row.cached', { share: this.#ui.format.percent(row.cacheReadTokens / row.inputTokens) });
	}
}
