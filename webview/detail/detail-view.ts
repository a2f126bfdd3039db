import type { CallDetail, CallRow } from '../../src/core/views.ts';
import { button, el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import { shownState, stateIcons } from '../list/call-state.ts';
import { CostBadge } from '../list/cost-badge.ts';
import { isSample, sampleBadge } from '../list/sample-badge.ts';
import { type DetailTab, detailTabs } from '../state.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { completionTab } from './completion-tab.ts';
import { metadataTab } from './metadata-tab.ts';
import { promptTab } from './prompt-tab.ts';
import { toolsTab } from './tools-tab.ts';
import { appendVisible } from './visible-text.ts';

export interface DetailEvents {
	close(): void;
	step(step: 1 | -1): void;
	tab(tab: DetailTab): void;
}

const tabs: Record<DetailTab, (ui: Ui, detail: CallDetail) => HTMLElement> = {
	prompt: promptTab,
	completion: completionTab,
	metadata: metadataTab,
	tools: toolsTab,
};

/** One call: what was sent, what came back, and every figure with its origin. */
export class DetailView {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #events: DetailEvents;
	readonly #heading = el('h2', { class: 'detail-heading', tabindex: -1 });
	readonly #summary = el('div', { class: 'detail-summary' });
	readonly #body = el('div', { class: 'detail-body' });
	#tab: DetailTab;
	#callId: string | null = null;
	#shown: CallDetail | null = null;
	#views = new Map<DetailTab, HTMLElement>();

	constructor(ui: Ui, tab: DetailTab, events: DetailEvents) {
		this.#ui = ui;
		this.#tab = tab;
		this.#events = events;
		const close = () => events.close();
		this.element = el(
			'section',
			{ class: 'detail', 'aria-label': text('detail.label') },
			el(
				'header',
				{ class: 'detail-header' },
				button(text('detail.back'), close, { appearance: 'icon', icon: icon('back'), class: 'detail-back' }),
				this.#heading,
				button(text('detail.previous'), () => events.step(-1), { appearance: 'icon', icon: icon('up') }),
				button(text('detail.next'), () => events.step(1), { appearance: 'icon', icon: icon('down') }),
				button(text('detail.close'), close, { appearance: 'icon', icon: icon('close'), class: 'detail-close' }),
			),
			this.#summary,
			this.#body,
		);
		this.element.addEventListener('keydown', (event) => {
			if (event.key !== 'Escape' || event.defaultPrevented) return;
			event.preventDefault();
			close();
		});
	}

	get callId(): string | null {
		return this.#callId;
	}

	/** Loads a call and shows it. What its row tells is shown at once. */
	async open(callId: string, row: CallRow | null): Promise<void> {
		const same = this.#callId === callId;
		this.#callId = callId;
		if (row !== null) this.#showHead(row);
		if (!same) this.#showMessage(text('loading.call'));
		try {
			const detail = await this.#ui.link.request({ kind: 'callDetail', callId });
			if (this.#callId !== callId) return;
			if (detail === null) this.#showMessage(text('detail.gone'));
			else this.#show(detail);
		} catch (error) {
			this.#ui.report(error);
			if (this.#callId === callId) this.#showFailure(callId, row);
		}
	}

	/** Takes news of the open call: fetches it again when its row has changed. */
	async update(row: CallRow): Promise<void> {
		if (row.callId !== this.#callId || this.#shown === null) return;
		if (JSON.stringify(row) === JSON.stringify(this.#shown.row)) return;
		await this.open(row.callId, row);
	}

	focus(): void {
		this.#heading.focus({ preventScroll: true });
	}

	clear(): void {
		this.#callId = null;
		this.#shown = null;
		this.#views.clear();
		this.#body.replaceChildren();
	}

	#show(detail: CallDetail): void {
		if (
			this.#shown !== null &&
			JSON.stringify(this.#shown.row) === JSON.stringify(detail.row) &&
			this.#shown.hash === detail.hash
		)
			return;
		const samePlace = this.#shown?.row.callId === detail.row.callId ? (this.#activeBody()?.scrollTop ?? 0) : 0;
		this.#shown = detail;
		this.#views.clear();
		this.#showHead(detail.row, detail);
		const panels = el('vscode-panels', { activeid: `tab-${this.#tab}`, 'aria-label': text('detail.label') });
		for (const name of detailTabs) panels.append(this.#tabHead(name, detail));
		for (const name of detailTabs) {
			const view = el('vscode-panel-view', { id: `view-${name}` });
			this.#views.set(name, view);
			panels.append(view);
		}
		// The toolkit tells which tab was chosen in the event, before its attribute says so.
		panels.addEventListener('change', (event) => {
			const chosen = event instanceof CustomEvent && event.detail instanceof Element ? event.detail.id : '';
			const name = detailTabs.find((tab) => chosen === `tab-${tab}`);
			if (name === undefined || name === this.#tab) return;
			this.#tab = name;
			this.#fill(name);
			this.#events.tab(name);
		});
		this.#fill(this.#tab);
		this.#body.replaceChildren(panels);
		const body = this.#activeBody();
		if (body !== null) body.scrollTop = samePlace;
	}

	/** Builds a tab when it is first looked at. */
	#fill(name: DetailTab): void {
		const view = this.#views.get(name);
		if (view === undefined || this.#shown === null || view.childElementCount > 0) return;
		const body = tabs[name](this.#ui, this.#shown);
		body.tabIndex = 0;
		view.append(body);
	}

	#activeBody(): HTMLElement | null {
		return this.#views.get(this.#tab)?.querySelector<HTMLElement>('.tab-body') ?? null;
	}

	#tabHead(name: DetailTab, detail: CallDetail): HTMLElement {
		const head = el('vscode-panel-tab', { id: `tab-${name}` }, text(`detail.tab.${name}`));
		if (name === 'tools' && detail.tools.length > 0) {
			head.append(el('span', { class: 'badge count', text: this.#ui.format.count(detail.tools.length) }));
		}
		return head;
	}

	#showHead(row: CallRow, detail?: CallDetail): void {
		const { format } = this.#ui;
		this.#heading.replaceChildren();
		const model = el('bdi');
		appendVisible(model, row.actualModel ?? row.model);
		this.#heading.append(model);
		const cost = new CostBadge(this.#ui);
		cost.update(row.cost);
		const state = shownState(row);
		this.#summary.replaceChildren(
			el(
				'span',
				{ class: 'call-state', 'data-state': state },
				icon(stateIcons[state === 'ok' ? 'ok' : state]),
				text(`state.${state}`),
			),
			cost.element,
			el('span', { class: 'duration-badge', text: format.duration(row.latencyMs) }),
			el('span', { text: `${format.compact(row.inputTokens)} → ${format.compact(row.outputTokens)}` }),
			el('bdi', { class: 'badge', text: row.provider }),
			...(isSample(row) ? [sampleBadge()] : []),
			el('time', {
				class: 'subtle',
				datetime: new Date(row.startedAtMs).toISOString(),
				text: format.moment(row.startedAtMs, this.#ui.now()),
			}),
		);
		setAttribute(this.element, 'data-state', state);
		if (detail !== undefined && detail.maskedSecrets > 0) {
			const label = plural('detail.masked', detail.maskedSecrets, format.count(detail.maskedSecrets));
			this.#summary.append(el('span', { class: 'subtle masked', text: label }));
		}
	}

	#showMessage(message: string): void {
		this.#shown = null;
		this.#views.clear();
		this.#body.replaceChildren(el('p', { class: 'placeholder-text', role: 'note', text: message }));
	}

	#showFailure(callId: string, row: CallRow | null): void {
		this.#showMessage(text('detail.failed'));
		this.#body.append(button(text('retry'), () => void this.open(callId, row)));
	}
}
