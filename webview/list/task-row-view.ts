import type { SessionRow } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { chevron } from './chevron.ts';
import type { Line, TaskLine } from './line.ts';
import { type LinePlace, type LineView, lineId } from './line-view.ts';
import { TaskCost } from './task-cost.ts';

/** Marks the button that lists the calls of one task alone. */
const onlyClass = 'task-only';
/** Marks the button that exports a task. */
const reportClass = 'task-report';

/** The line of a task, above its calls. */
export class TaskRowView implements LineView {
	readonly element: HTMLElement;
	line: Line | null = null;
	#signature = '';
	readonly #ui: Ui;
	readonly #sign = el('span', { class: 'task-sign' });
	readonly #stateText = el('span', { class: 'sr-only' });
	readonly #title = el('bdi', { class: 'task-title' });
	readonly #only: HTMLElement;
	readonly #report: HTMLElement;
	readonly #agent = el('bdi', { class: 'task-agent badge' });
	readonly #folder = el('bdi', { class: 'task-folder' });
	readonly #calls = el('span', { class: 'task-calls' });
	readonly #below = el('span', { class: 'task-below' });
	readonly #running = el('span', { class: 'task-running' });
	readonly #tokens = el('span', { class: 'tokens-main' });
	readonly #cached = el('span', { class: 'tokens-cached' });
	readonly #cost: TaskCost;
	readonly #relative = el('span', { class: 'time-relative' });
	readonly #exact = el('time', { class: 'time-exact' });

	constructor(ui: Ui) {
		this.#ui = ui;
		this.#cost = new TaskCost(ui);
		this.#only = el('button', {
			type: 'button',
			class: onlyClass,
			tabindex: -1,
			text: text('task.only'),
			title: text('task.only.hint'),
		});
		this.#report = el('button', {
			type: 'button',
			class: `${onlyClass} ${reportClass}`,
			tabindex: -1,
			text: text('task.report'),
			title: text('task.report.hint'),
		});
		this.element = el(
			'div',
			{ class: 'row task', role: 'row', id: lineId() },
			el('div', { class: 'cell-pair', role: 'gridcell' }, chevron(), this.#sign, this.#stateText),
			el(
				'div',
				{ class: 'cell-call', role: 'gridcell' },
				el('div', { class: 'call-head' }, this.#title, el('span', { class: 'task-actions' }, this.#only, this.#report)),
				el('div', { class: 'task-about' }, this.#agent, this.#folder),
			),
			el('div', { class: 'cell-messages', role: 'gridcell' }, this.#calls, this.#below),
			el('div', { class: 'cell-duration', role: 'gridcell' }, this.#running),
			el('div', { class: 'cell-tokens', role: 'gridcell' }, this.#tokens, this.#cached),
			el('div', { class: 'cell-cost', role: 'gridcell' }, this.#cost.element),
			el('div', { class: 'cell-time', role: 'gridcell' }, this.#relative, this.#exact),
		);
	}

	show(line: Line | null, { index, nowMs }: LinePlace): void {
		this.element.hidden = false;
		setAttribute(this.element, 'aria-rowindex', index + 2);
		if (line?.type !== 'session') return;
		const signature = JSON.stringify(line);
		if (signature === this.#signature) return;
		this.#signature = signature;
		this.line = line;
		this.#showTask(line, nowMs);
	}

	tick(nowMs: number): void {
		if (this.line?.type !== 'session') return;
		const { lastAtMs } = this.line.session;
		setText(this.#relative, this.#ui.format.relative(lastAtMs, nowMs));
		setText(this.#exact, this.#ui.format.moment(lastAtMs, nowMs));
	}

	mark(active: boolean): void {
		setAttribute(this.element, 'data-active', active);
		for (const button of [this.#only, this.#report]) button.tabIndex = active ? 0 : -1;
	}

	rest(): void {
		this.element.hidden = true;
		setAttribute(this.element, 'aria-rowindex', null);
		this.#signature = '';
	}

	#showTask(line: TaskLine, nowMs: number): void {
		const { session, depth, open } = line;
		const { format } = this.#ui;
		const { element } = this;
		setAttribute(element, 'aria-level', depth + 1);
		setAttribute(element, 'aria-expanded', open ? 'true' : 'false');
		element.style.setProperty('--depth', String(depth));
		const running = session.pending > 0;
		setAttribute(element, 'data-running', running);
		this.#sign.replaceChildren(icon(running ? 'spinner' : depth > 0 ? 'branch' : 'task'));
		setText(this.#stateText, text(depth > 0 ? 'task.subagent' : 'task.task'));
		const title = session.title ?? text('row.untitled');
		setText(this.#title, title);
		setAttribute(this.#title, 'title', title);
		setText(this.#agent, session.agentId);
		setText(this.#folder, lastPart(session));
		setAttribute(this.#folder, 'title', session.folder);
		this.#showCalls(line);
		this.#running.hidden = !running;
		setText(this.#running, plural('task.running', session.pending, format.count(session.pending)));
		// No call is without tokens: where they sum up to none, nobody told of any.
		const told = session.inputTokens + session.outputTokens > 0;
		const input = told ? session.inputTokens : null;
		const output = told ? session.outputTokens : null;
		setText(this.#tokens, `${format.compact(input)} → ${format.compact(output)}`);
		const counts = text('row.tokens', { input: format.count(input), output: format.count(output) });
		setAttribute(this.#tokens, 'title', told ? counts : null);
		const share = session.inputTokens > 0 ? session.cacheReadTokens / session.inputTokens : 0;
		setText(this.#cached, share > 0 ? text('row.cached', { share: format.percent(share) }) : '');
		this.#cost.update(session);
		setAttribute(this.#exact, 'datetime', new Date(session.lastAtMs).toISOString());
		setAttribute(this.#exact, 'title', format.full(session.lastAtMs));
		this.tick(nowMs);
	}

	/** Those that pass the filter, and of how many. */
	#showCalls({ session, matching, matchingBelow }: TaskLine): void {
		const { format } = this.#ui;
		const all = plural('task.calls', session.calls, format.count(session.calls));
		const some = text('task.callsOf', { shown: format.count(matching), all });
		setText(this.#calls, matching === session.calls ? all : some);
		const below = plural('task.below', matchingBelow, format.count(matchingBelow));
		setText(this.#below, matchingBelow > 0 ? below : '');
	}
}

/** Whether the button that exports a task was pressed. */
export function isReportButton(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest(`.${reportClass}`) !== null;
}

/** Whether the button that lists the calls of one task alone was pressed. */
export function isOnlyButton(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest(`.${onlyClass}`) !== null;
}

/** The name of a task's folder, without those above it. */
function lastPart({ folder }: SessionRow): string {
	return folder?.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}
