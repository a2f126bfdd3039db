import { callAsCurl } from '../../src/core/call-curl.ts';
import { callAsJson } from '../../src/core/call-json.ts';
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
import { menuButton } from './menu-button.ts';
import { metadataTab } from './metadata-tab.ts';
import { promptTab } from './prompt-tab.ts';
import { completionAsText, promptAsText } from './prompt-text.ts';
import type { TabContext } from './tab-context.ts';
import { toolsTab } from './tools-tab.ts';
import { appendVisible } from './visible-text.ts';

export interface DetailEvents {
	close(): void;
	step(step: 1 | -1): void;
	tab(tab: DetailTab): void;
	/** Someone follows a link to another call. Without this, it is shown here and the list stays where it is. */
	visit?(callId: string): void;
}

const tabs: Record<DetailTab, (ui: Ui, detail: CallDetail, context: TabContext) => HTMLElement> = {
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
	/** What its row told while the call was on its way here. */
	#news: CallRow | null = null;
	#views = new Map<DetailTab, HTMLElement>();
	readonly #context: TabContext = {
		asWritten: false,
		showAsWritten: (asWritten) => this.#showAsWritten(asWritten),
		visit: (callId) => this.#visit(callId),
	};
	readonly #copy: HTMLElement;

	constructor(ui: Ui, tab: DetailTab, events: DetailEvents) {
		this.#ui = ui;
		this.#tab = tab;
		this.#events = events;
		const close = () => events.close();
		this.#copy = this.#copyMenu();
		this.element = el(
			'section',
			{ class: 'detail', 'aria-label': text('detail.label') },
			el(
				'header',
				{ class: 'detail-header' },
				button(text('detail.back'), close, { appearance: 'icon', icon: icon('back'), class: 'detail-back' }),
				this.#heading,
				this.#copy,
				this.#stepButton(-1),
				this.#stepButton(1),
				button(text('detail.close'), close, { appearance: 'icon', icon: icon('close'), class: 'detail-close' }),
			),
			this.#summary,
			this.#body,
		);
		this.element.addEventListener('keydown', (event) => this.#onKey(event));
	}

	get callId(): string | null {
		return this.#callId;
	}

	/** The call that is shown has not ended yet, as far as is known here. */
	get isRunning(): boolean {
		return this.#shown?.row.state === 'pending';
	}

	/** Loads a call and shows it. What its row tells is shown at once. */
	async open(callId: string, row: CallRow | null): Promise<void> {
		const same = this.#callId === callId;
		this.#callId = callId;
		if (!same) this.#news = null;
		if (row !== null) this.#showHead(row);
		if (!same) {
			// What has the focus goes; the keys of the details must go on working.
			const focused = this.#body.contains(document.activeElement);
			this.#showMessage(text('loading.call'));
			this.#copy.hidden = false;
			if (focused) this.focus();
		}
		try {
			const detail = await this.#ui.link.request({ kind: 'callDetail', callId });
			if (this.#callId !== callId) return;
			if (detail === null) this.#showMessage(text('detail.gone'));
			else this.#show(detail);
			const news = this.#news;
			this.#news = null;
			if (news !== null) await this.update(news);
		} catch (error) {
			this.#ui.report(error);
			if (this.#callId === callId) this.#showFailure(callId, row);
		}
	}

	/** Takes news of the open call: fetches it again when its row has changed. */
	async update(row: CallRow): Promise<void> {
		if (row.callId !== this.#callId) return;
		if (this.#shown === null) {
			this.#news = row;
			return;
		}
		if (JSON.stringify(row) === JSON.stringify(this.#shown.row)) return;
		await this.open(row.callId, row);
	}

	/** Looks whether a running call has ended, when no row tells of it. */
	async renewRunning(): Promise<void> {
		if (this.isRunning && this.#callId !== null) await this.open(this.#callId, null);
	}

	focus(): void {
		this.#heading.focus({ preventScroll: true });
	}

	clear(): void {
		this.#callId = null;
		this.#shown = null;
		this.#news = null;
		this.#views.clear();
		this.#body.replaceChildren();
	}

	#onKey(event: KeyboardEvent): void {
		if (event.defaultPrevented) return;
		if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
			this.#events.step(event.key === 'ArrowUp' ? -1 : 1);
		} else if (event.key === 'Escape') this.#events.close();
		else return;
		event.preventDefault();
	}

	#stepButton(step: 1 | -1): HTMLElement {
		const [name, key, sign] =
			step === 1 ? (['next', 'ArrowDown', 'down'] as const) : (['previous', 'ArrowUp', 'up'] as const);
		const label = text(`detail.${name}`);
		const element = button(label, () => this.#events.step(step), {
			appearance: 'icon',
			icon: icon(sign),
			title: text(`detail.${name}.hint`, { label }),
		});
		element.setAttribute('aria-keyshortcuts', `Alt+${key}`);
		return element;
	}

	/** Everything of a call that can be copied, from any tab. */
	#copyMenu(): HTMLElement {
		const item = (label: string, content: (detail: CallDetail) => string) => ({
			label,
			act: () => {
				if (this.#shown !== null) void this.#ui.copy(content(this.#shown));
			},
		});
		return menuButton(text('detail.copy'), icon('copy'), [
			item(text('detail.copyPrompt'), promptAsText),
			item(text('detail.copyCompletion'), completionAsText),
			item(text('detail.copyJson'), callAsJson),
			item(text('detail.copyCurl'), callAsCurl),
		]);
	}

	#showAsWritten(asWritten: boolean): void {
		this.#context.asWritten = asWritten;
		for (const view of this.#views.values()) view.replaceChildren();
		this.#fill(this.#tab);
		this.#activeBody()?.querySelector<HTMLElement>('.as-written')?.focus();
	}

	#visit(callId: string): void {
		if (this.#events.visit === undefined) void this.open(callId, null);
		else this.#events.visit(callId);
		this.focus();
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
		this.#copy.hidden = false;
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
		const focused = this.#body.contains(document.activeElement);
		this.#body.replaceChildren(panels);
		const body = this.#activeBody();
		if (body !== null) body.scrollTop = samePlace;
		if (focused) body?.focus({ preventScroll: true });
	}

	/** Builds a tab when it is first looked at. */
	#fill(name: DetailTab): void {
		const view = this.#views.get(name);
		if (view === undefined || this.#shown === null || view.childElementCount > 0) return;
		const body = tabs[name](this.#ui, this.#shown, this.#context);
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
		if (this.#copy.contains(document.activeElement)) this.focus();
		this.#copy.hidden = true;
		this.#views.clear();
		this.#body.replaceChildren(el('p', { class: 'placeholder-text', role: 'note', text: message }));
	}

	#showFailure(callId: string, row: CallRow | null): void {
		this.#showMessage(text('detail.failed'));
		this.#body.append(button(text('retry'), () => void this.open(callId, row)));
	}
}
