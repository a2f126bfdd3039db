import * as vscode from 'vscode';
import { localTimeZone } from '../core/local-time-zone.ts';
import { bucketOf } from '../core/time-buckets.ts';
import type { TimeRange } from '../core/views.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerPlace } from './ledger-place.ts';
import type { LedgerService } from './ledger-service.ts';
import { usageHeading } from './ledger-words.ts';
import { messageOf } from './message-of.ts';
import { costText, type TickerFigures, type TickerWords, tooltipTable } from './ticker-text.ts';

/** News of many calls at once make one update, in milliseconds. */
const minIntervalMs = 50;
/** A machine that sleeps stops its timers, so midnight is looked for at least this often, in milliseconds. */
const maxWaitMs = 10 * 60_000;
/** What a link in the tooltip may run, and nothing else: names in it come from models. */
const enabledCommands = ['callmeter.showUsage', 'callmeter.runSampleTask'];

/** The status bar item: today's cost of what this window's ledger holds. A click opens the panel. */
export class Ticker implements vscode.Disposable {
	readonly #item: vscode.StatusBarItem;
	readonly #ledger: LedgerService;
	readonly #log: vscode.LogOutputChannel;
	readonly #subscriptions: vscode.Disposable[];
	#timer: NodeJS.Timeout | undefined;
	#midnight: NodeJS.Timeout | undefined;
	#refreshing = false;
	#again = false;
	#disposed = false;

	constructor(ledger: LedgerService, log: vscode.LogOutputChannel) {
		this.#ledger = ledger;
		this.#log = log;
		this.#item = vscode.window.createStatusBarItem('cost', vscode.StatusBarAlignment.Right, 90);
		this.#item.name = vscode.l10n.t('LLM Cost Today');
		this.#item.command = 'callmeter.showUsage';
		this.#subscriptions = [this.#item, ledger.onNews(() => this.#soon()), ledger.onDidChangeState(() => this.#soon())];
	}

	/** Shows the item and keeps it right from now on. */
	start(): void {
		this.#show('$(pulse) …', vscode.l10n.t('Callmeter is opening its ledger.'), vscode.l10n.t('LLM cost: loading'));
		this.#item.show();
		this.#soon();
	}

	dispose(): void {
		this.#disposed = true;
		clearTimeout(this.#timer);
		clearTimeout(this.#midnight);
		for (const subscription of this.#subscriptions) subscription.dispose();
	}

	#soon(): void {
		if (this.#disposed) return;
		if (this.#refreshing) this.#again = true;
		else this.#timer ??= setTimeout(() => void this.#refresh(), minIntervalMs);
	}

	async #refresh(): Promise<void> {
		this.#timer = undefined;
		this.#refreshing = true;
		try {
			if (this.#ledger.phase === 'failed') this.#showProblem();
			else await this.#showFigures(await this.#ledger.ledger);
		} catch (error) {
			this.#log.warn(`The status bar could not be updated: ${messageOf(error)}`);
			if (!this.#disposed && this.#ledger.phase === 'failed') this.#showProblem();
		} finally {
			this.#refreshing = false;
			if (this.#again) {
				this.#again = false;
				this.#soon();
			}
		}
	}

	async #showFigures(ledger: Ledger): Promise<void> {
		const now = Date.now();
		const today = bucketOf(now, 'day', localTimeZone());
		const range: TimeRange = { fromMs: today.startMs, toMs: today.endMs };
		const month: TimeRange = { fromMs: monthStart(now), toMs: today.endMs };
		const [totals, monthTotals, byModel, sessions] = await Promise.all([
			ledger.totals({ range }),
			ledger.totals({ range: month }),
			ledger.byModel({ range: month }),
			ledger.sessions({ filter: {}, offset: 0, limit: 1 }),
		]);
		if (this.#disposed) return;
		const figures: TickerFigures = { today: totals, month: monthTotals, byModel, task: sessions.rows[0] ?? null };
		const locale = vscode.env.language;
		const text = words(this.#ledger.place);
		const cost = costText(totals, locale, text.unpriced(totals.unpriced));
		const tooltip = new vscode.MarkdownString(tooltipTable(figures, text, locale));
		tooltip.isTrusted = { enabledCommands };
		if (figures.task === null) {
			this.#show('$(pulse) LLM', tooltip, vscode.l10n.t('LLM cost: no calls recorded yet. Open LLM usage.'));
		} else {
			this.#show(`$(pulse) ${cost}`, tooltip, vscode.l10n.t('LLM cost today: {0}. Open LLM usage.', cost));
		}
		this.#atMidnight(today.endMs);
	}

	#showProblem(): void {
		const problem = this.#ledger.problem ?? vscode.l10n.t('Calls are not being stored.');
		this.#show('$(warning) LLM', problem, vscode.l10n.t('LLM cost: calls are not being stored'));
		this.#item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
	}

	#show(text: string, tooltip: string | vscode.MarkdownString, label: string): void {
		this.#item.text = text;
		this.#item.tooltip = tooltip;
		this.#item.accessibilityInformation = { label, role: 'button' };
		this.#item.backgroundColor = undefined;
	}

	#atMidnight(endMs: number): void {
		clearTimeout(this.#midnight);
		const waitMs = Math.min(Math.max(endMs - Date.now(), 0) + 100, maxWaitMs);
		this.#midnight = setTimeout(() => {
			if (Date.now() >= endMs) this.#soon();
			else this.#atMidnight(endMs);
		}, waitMs);
		this.#midnight.unref();
	}
}

/** First moment of this month on this machine's clock. */
function monthStart(nowMs: number): number {
	const now = new Date(nowMs);
	return new Date(now.getFullYear(), now.getMonth(), 1).getTime();
}

function words(place: LedgerPlace | undefined): TickerWords {
	return {
		heading: place === undefined ? vscode.l10n.t('LLM usage') : usageHeading(place),
		task: vscode.l10n.t('This task'),
		today: vscode.l10n.t('Today'),
		month: vscode.l10n.t('This month'),
		calls: vscode.l10n.t('Calls'),
		tokens: vscode.l10n.t('Tokens'),
		cost: vscode.l10n.t('Cost'),
		unpriced: (count) => (count === 1 ? vscode.l10n.t('1 call unpriced') : vscode.l10n.t('{0} calls unpriced', count)),
		apiEquivalent: (cost) => vscode.l10n.t('{0} API-equivalent', cost),
		subscriptions: (cost) => vscode.l10n.t('Subscriptions this month: {0} at API prices, not in these sums', cost),
		nothing: vscode.l10n.t(
			'No calls recorded yet. [Run a sample task](command:callmeter.runSampleTask): it needs no key and no network.',
		),
	};
}
