import type { HostState, RunLine } from '../../src/protocol/messages.ts';
import { button, el, setText } from '../dom.ts';
import type { Navigate, PageView } from '../page.ts';
import { retryNotice } from '../screens.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import { Throttle } from '../throttle.ts';
import type { Ui } from '../ui.ts';
import { RunSection } from './run-section.ts';

/** Runs that are shown at first, and how many more each time. */
const runsAtOnce = 20;
/** As many as the host gives at once. */
const maxRuns = 100;
/** What is shown is renewed at most this often while calls end. */
const renewEveryMs = 400;

/** Each call of a run as its diagnostics tell of it; and the switch for all of them, or for one run. */
export class DiagnosticsPage implements PageView {
	readonly element: HTMLElement;
	readonly scroller: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #state = el('p', { class: 'diagnostics-state', tabindex: '-1' });
	readonly #about = el('p', { class: 'subtle' });
	readonly #turnOn: HTMLElement;
	readonly #turnOff: HTMLElement;
	readonly #forOne = el('p', { text: text('diagnostics.forOne') });
	readonly #problem = el('div', { class: 'problems' });
	readonly #runs = el('div', { class: 'runs', role: 'region', 'aria-label': text('diagnostics.runs') });
	readonly #none = el('p', { class: 'placeholder-text', text: text('diagnostics.none') });
	readonly #more: HTMLElement;
	readonly #sections = new Map<string, RunSection>();
	readonly #renew = new Throttle(() => this.#load(), renewEveryMs);
	#enabled = false;
	#present = false;
	#limit = runsAtOnce;
	#shown: RunLine[] = [];
	#openAtFirst: string | null = null;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#turnOn = button(text('diagnostics.turnOn'), () => this.#enable(true), { appearance: 'primary' });
		this.#turnOff = button(text('diagnostics.turnOff'), () => this.#enable(false));
		this.#more = button(text('diagnostics.more'), () => {
			this.#limit += runsAtOnce;
			this.#renew.now();
		});
		this.#none.hidden = true;
		this.#more.hidden = true;
		const head = el('div', { class: 'diagnostics-head' }, this.#state, this.#about, this.#turnOn, this.#turnOff);
		this.scroller = el(
			'main',
			{ class: 'diagnostics', 'aria-label': text('page.diagnostics') },
			head,
			this.#problem,
			this.#forOne,
			this.#runs,
			this.#none,
			this.#more,
		);
		this.element = this.scroller;
		this.#showSwitch();
	}

	start(): Promise<void> {
		this.#present = true;
		return this.#load();
	}

	changed(): void {
		this.#renew.soon();
	}

	/** A call of a run that is diagnosed has ended, or the run itself. */
	diagnosed(): void {
		this.#renew.soon();
	}

	setHostState({ diagnostics }: HostState): void {
		this.#enabled = diagnostics;
		this.#showSwitch();
		// A run's own switch is told of by the same news.
		if (this.#present) this.#renew.soon();
	}

	focus(): void {
		this.#state.focus();
	}

	redraw(): void {}

	leave(): void {
		this.#present = false;
	}

	async #load(): Promise<void> {
		if (!this.#present) return;
		try {
			const { runs, total } = await this.#ui.link.request({ kind: 'runs', offset: 0, limit: this.#limit });
			this.#problem.replaceChildren();
			this.#shown = runs;
			this.#more.hidden = runs.length >= total || this.#limit >= maxRuns;
			this.#none.hidden = total > 0;
			this.#forOne.hidden = this.#enabled || total === 0;
			this.#place();
			await Promise.all([...this.#sections.values()].map((section) => section.load()));
		} catch (error) {
			this.#ui.report(error);
			this.#problem.replaceChildren(retryNotice(text('diagnostics.failed'), () => this.#renew.now()));
		}
	}

	#place(): void {
		const elements = this.#shown.map((run) => {
			const section = this.#sections.get(run.runId) ?? this.#newSection(run);
			section.update(run, this.#enabled, this.#isOpen(run));
			return section.element;
		});
		const there = this.#runs.children;
		for (const child of [...there]) if (!elements.includes(child as HTMLElement)) child.remove();
		for (const [at, element] of elements.entries()) {
			if (there[at] !== element) this.#runs.insertBefore(element, there[at] ?? null);
		}
		const shown = new Set(this.#shown.map(({ runId }) => runId));
		for (const runId of this.#sections.keys()) if (!shown.has(runId)) this.#sections.delete(runId);
	}

	/** As a person left it. At first the newest run that may be is open, and stays so when others begin. */
	#isOpen({ runId }: RunLine): boolean {
		const { openRuns } = this.#store.state;
		if (openRuns !== null) return openRuns.includes(runId);
		this.#openAtFirst ??= this.#shown.find(({ diagnosed }) => diagnosed || this.#enabled)?.runId ?? null;
		return this.#openAtFirst === runId;
	}

	#newSection(run: RunLine): RunSection {
		const { runId } = run;
		const section = new RunSection(this.#ui, run, {
			toggled: (open) => this.#toggle(runId, open),
			openCall: (callId) => this.#navigate.to('prompts', { range: 'all', filter: { sessionId: runId }, callId }),
			diagnose: (on) => {
				if (on) this.#toggle(runId, true);
				this.#ask({ kind: 'diagnoseRun', runId, on });
			},
		});
		this.#sections.set(runId, section);
		return section;
	}

	#toggle(runId: string, open: boolean): void {
		const others = this.#shown.filter((run) => run.runId !== runId && this.#isOpen(run)).map((run) => run.runId);
		this.#store.change({ kind: 'openRuns', runIds: open ? [...others, runId] : others });
		this.#place();
		void this.#sections.get(runId)?.load();
	}

	#enable(on: boolean): void {
		this.#ask({ kind: 'setDiagnostics', on });
	}

	#ask(request: Parameters<Ui['link']['request']>[0]): void {
		this.#ui.link.request(request).then(
			() => this.#renew.now(),
			(error: unknown) => {
				this.#ui.report(error);
				this.#ui.announce(text('diagnostics.notChanged'));
				this.#problem.replaceChildren(retryNotice(text('diagnostics.notChanged'), () => this.#ask(request)));
				this.#place();
			},
		);
	}

	#showSwitch(): void {
		const on = this.#enabled;
		setText(this.#state, text(on ? 'diagnostics.on' : 'diagnostics.off'));
		setText(this.#about, text(on ? 'diagnostics.on.body' : 'diagnostics.off.body'));
		this.#turnOn.hidden = on;
		this.#turnOff.hidden = !on;
	}
}
