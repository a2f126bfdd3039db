import type { DiagnosticsLine, RunLine } from '../../src/protocol/messages.ts';
import { button, el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { runFigures } from '../run-figures.ts';
import { retryNotice } from '../screens.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { fields } from './call-fields.ts';
import { CallRow } from './call-row.ts';

/** Calls that the table has at a time. */
const pageSize = 100;
/** Calls that are fetched at a time when a whole run is copied. */
const copySize = 500;

export interface RunSectionEvents {
	/** The run was folded or unfolded. */
	toggled(open: boolean): void;
	/** The details of a call are wanted. */
	openCall(callId: string): void;
	/** Diagnostics of this run alone are wanted, or no longer. */
	diagnose(on: boolean): void;
}

/** One run: its summary, and once unfolded the table of its calls, a page at a time. Updated in place. */
export class RunSection {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #events: RunSectionEvents;
	readonly #runId: string;
	readonly #toggle = el('button', { type: 'button', class: 'link-button run-toggle' });
	readonly #title = el('bdi');
	readonly #about = el('span', { class: 'subtle' });
	readonly #switch = el('input', { type: 'checkbox' });
	readonly #switchLabel: HTMLElement;
	readonly #copy: HTMLElement;
	readonly #figures = el('div', { class: 'run-summary' });
	readonly #body = el('div', { class: 'run-body' });
	readonly #instead = el('p', { class: 'subtle', role: 'status' });
	readonly #rows = el('tbody');
	readonly #table: HTMLElement;
	readonly #pager = el('div', { class: 'diagnostics-pager', role: 'group' });
	readonly #known = new Map<string, { of: string; row: CallRow }>();
	#run: RunLine;
	#shown = '';
	#open = false;
	#enabled = false;
	#allowed = false;
	#offset = 0;
	#asked = 0;
	#loading: Promise<void> = Promise.resolve();

	constructor(ui: Ui, run: RunLine, events: RunSectionEvents) {
		this.#ui = ui;
		this.#events = events;
		this.#run = run;
		this.#runId = run.runId;
		this.#toggle.append(icon('chevron'), this.#title);
		this.#toggle.addEventListener('click', () => this.#events.toggled(!this.#open));
		this.#switchLabel = el('label', { class: 'run-switch' }, this.#switch, text('diagnostics.diagnose'));
		this.#switch.addEventListener('change', () => this.#events.diagnose(this.#switch.checked));
		this.#copy = button(text('diagnostics.copyRun'), () => void this.#copyRun());
		const head = el('tr', {});
		head.append(el('th', { scope: 'col', class: 'diagnostics-seq', text: text('diagnostics.field.seq') }));
		head.append(el('th', { scope: 'col', 'data-field': 'model', text: text('diagnostics.field.model') }));
		for (const { name, label, always, figure } of fields) {
			const cell = el('th', { scope: 'col', 'data-field': name, 'data-always': always, 'data-figure': figure });
			cell.textContent = text(label);
			cell.title = name;
			head.append(cell);
		}
		this.#table = el('table', { class: 'diagnostics-table' }, el('thead', {}, head), this.#rows);
		this.#body.append(this.#instead, el('div', { class: 'diagnostics-scroll' }, this.#table), this.#pager);
		this.element = el(
			'section',
			{ class: 'run', 'data-run': run.runId },
			el(
				'div',
				{ class: 'run-head' },
				el('h2', {}, this.#toggle),
				this.#about,
				el('div', { class: 'run-actions' }, this.#switchLabel, this.#copy),
			),
			this.#figures,
			this.#body,
		);
	}

	/** @param enabled diagnostics are on for all runs; @param open the calls are to be shown, if they may be */
	update(run: RunLine, enabled: boolean, open: boolean): void {
		this.#run = run;
		this.#enabled = enabled;
		this.#allowed = enabled || run.diagnosed;
		this.#open = open && this.#allowed;
		const title = run.title ?? text('diagnostics.untitled');
		setText(this.#title, title);
		setText(this.#about, `${run.agentId} · ${this.#ui.format.moment(run.startedAtMs, this.#ui.now())}`);
		setAttribute(this.#toggle, 'aria-expanded', this.#open ? 'true' : 'false');
		setAttribute(this.#toggle, 'aria-label', text('diagnostics.show', { title }));
		this.#toggle.disabled = !this.#allowed;
		setAttribute(this.#table, 'aria-label', text('diagnostics.table', { title }));
		this.#switchLabel.hidden = enabled;
		this.#switch.checked = run.diagnosed;
		this.#copy.hidden = !this.#allowed;
		const shown = JSON.stringify([run.summary, run.cost, run.pending]);
		if (shown !== this.#shown) this.#figures.replaceChildren(runFigures(this.#ui, run));
		this.#shown = shown;
		this.#body.hidden = !this.#open;
	}

	/** Fetches the page of calls that is shown, and resolves when it is; shows its own failure. Nothing for a run that is folded. */
	load(): Promise<void> {
		this.#loading = this.#load();
		return this.#loading;
	}

	async #load(): Promise<void> {
		if (!this.#open) return;
		const asked = ++this.#asked;
		if (this.#rows.childElementCount === 0) this.#say(text('diagnostics.loading'));
		try {
			const { lines, total, run } = await this.#ui.link.request({
				kind: 'diagnostics',
				runId: this.#runId,
				offset: this.#offset,
				limit: pageSize,
			});
			// Another request overtook this one: what is shown is its answer.
			if (asked !== this.#asked) return this.#loading;
			if (run !== null) this.update(run, this.#enabled, this.#open);
			this.#place(lines);
			this.#say(lines.length === 0 ? text('diagnostics.noCalls') : null);
			this.#page(total);
		} catch (error) {
			if (asked !== this.#asked) return;
			this.#ui.report(error);
			this.#say(null);
			this.#pager.replaceChildren(retryNotice(text('diagnostics.failed'), () => void this.load()));
		}
	}

	#say(words: string | null): void {
		this.#instead.hidden = words === null;
		setText(this.#instead, words ?? '');
	}

	/** Rows of calls that are shown already stay, unfolded or focused as they are. */
	#place(lines: readonly DiagnosticsLine[]): void {
		const elements = lines.flatMap((line) => {
			const of = JSON.stringify(line.call);
			const known = this.#known.get(line.callId);
			if (known?.of === of) return known.row.elements;
			const row = new CallRow(this.#ui, line, (callId) => this.#events.openCall(callId));
			this.#known.set(line.callId, { of, row });
			return row.elements;
		});
		const there = this.#rows.children;
		const same = elements.length === there.length && elements.every((element, at) => there[at] === element);
		if (!same) {
			// Those that stay are not touched: a row that is taken out loses the focus.
			for (const child of [...there]) if (!elements.includes(child as HTMLElement)) child.remove();
			for (const [at, element] of elements.entries()) {
				if (there[at] !== element) this.#rows.insertBefore(element, there[at] ?? null);
			}
		}
		const shown = new Set(lines.map(({ callId }) => callId));
		for (const callId of this.#known.keys()) if (!shown.has(callId)) this.#known.delete(callId);
	}

	#page(total: number): void {
		this.#pager.hidden = total <= pageSize;
		if (total <= pageSize) return;
		const { format } = this.#ui;
		const to = Math.min(total, this.#offset + pageSize);
		const words = { from: format.count(this.#offset + 1), to: format.count(to), total: format.count(total) };
		const step = (label: string, offset: number, name: 'back' | 'next', possible: boolean) => {
			const element = button(label, () => this.#turnTo(offset), {
				appearance: 'icon',
				icon: icon('back'),
				class: name,
			});
			setAttribute(element, 'disabled', !possible);
			return element;
		};
		this.#pager.replaceChildren(
			step(text('diagnostics.previous'), this.#offset - pageSize, 'back', this.#offset > 0),
			el('span', { role: 'status', text: text('diagnostics.pages', words) }),
			step(text('diagnostics.next'), this.#offset + pageSize, 'next', to < total),
		);
	}

	#turnTo(offset: number): void {
		const forward = offset > this.#offset;
		this.#offset = Math.max(0, offset);
		void this.load().then(() => {
			// The buttons are new ones, and at an end one of them cannot take the focus.
			const wanted = this.#pager.querySelector<HTMLElement>(`.${forward ? 'next' : 'back'}:not([disabled])`);
			(wanted ?? this.#pager.querySelector<HTMLElement>('vscode-button:not([disabled])'))?.focus();
		});
	}

	async #copyRun(): Promise<void> {
		const calls: DiagnosticsLine['call'][] = [];
		try {
			for (let offset = 0; ; offset += copySize) {
				const page = { kind: 'diagnostics', runId: this.#runId, offset, limit: copySize } as const;
				const { lines, total } = await this.#ui.link.request(page);
				calls.push(...lines.map(({ call }) => call));
				if (offset + copySize >= total) break;
			}
		} catch (error) {
			this.#ui.report(error);
			this.#ui.announce(text('diagnostics.failed'));
			return;
		}
		const copied = { run_id: this.#runId, summary: this.#run.summary, calls };
		const done = await this.#ui.copy(JSON.stringify(copied, null, '\t'));
		setText(this.#copy, text(done ? 'detail.copied' : 'detail.copyFailed'));
		setTimeout(() => setText(this.#copy, text('diagnostics.copyRun')), 1500);
	}
}
