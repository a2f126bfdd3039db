import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { Draft } from '../core/draft.ts';
import { type Ledger, LedgerError, type LedgerHealth, type LedgerNews, type Receipt } from '../ledger/ledger.ts';
import type { EventImportLink, LedgerClient } from '../ledger/ledger-client.ts';
import { LEDGER_FILE, openLedger } from '../ledger/open-ledger.ts';
import { conditionOf, type LedgerCondition } from './ledger-condition.ts';
import type { LedgerPlace } from './ledger-place.ts';
import { messageOf } from './message-of.ts';
import type { Settings } from './settings.ts';
import { showProblem } from './show-problem.ts';

/** Drafts that may wait for the ledger to open. More than a task makes in the time that takes. */
const maxEarly = 10_000;

interface Early {
	drafts: Draft[];
	resolve: (receipts: Receipt[]) => void;
	reject: (error: unknown) => void;
}

export interface LedgerServiceOptions {
	settings: Settings;
	log: vscode.LogOutputChannel;
	/** Absolute path of the worker's bundle. */
	workerPath: string;
	/** Finds the place for the ledger; asked once, after activation. */
	findPlace: () => Promise<LedgerPlace>;
}

/**
 * The workspace's ledger: opened after activation, in its worker. Until then drafts wait and queries wait with them.
 * Applies the settings that concern what is stored as they change.
 */
export class LedgerService implements vscode.Disposable {
	readonly #options: LedgerServiceOptions;
	readonly #newsEmitter = new vscode.EventEmitter<LedgerNews>();
	readonly #stateEmitter = new vscode.EventEmitter<void>();
	readonly #opened = Promise.withResolvers<Ledger>();
	readonly #subscriptions: vscode.Disposable[] = [];
	#early: Early[] = [];
	#earlyCount = 0;
	#ledger: LedgerClient | undefined;
	#place: LedgerPlace | undefined;
	#health: LedgerHealth | undefined;
	#problem: string | null = null;
	#opening: Promise<void> = Promise.resolve();
	#closed = false;

	/** After each commit, by any window. */
	readonly onNews = this.#newsEmitter.event;
	/** `condition` or `health` may have changed. */
	readonly onDidChangeState = this.#stateEmitter.event;

	constructor(options: LedgerServiceOptions) {
		this.#options = options;
		// Whoever awaits it hears of a failure; nobody has to.
		this.#opened.promise.catch(() => undefined);
	}

	get condition(): LedgerCondition {
		return conditionOf(this.#ledger !== undefined, this.#problem, this.#health);
	}

	get phase(): LedgerCondition['ledger'] {
		return this.condition.ledger;
	}

	/** What happened and what to do, for a person; `null` when all is well. */
	get problem(): string | null {
		return this.condition.problem;
	}

	/** Known once the ledger is open. Settings that changed since count from the next reload on. */
	get place(): LedgerPlace | undefined {
		return this.#place;
	}

	get health(): LedgerHealth | undefined {
		return this.#health;
	}

	/** Resolves when the ledger is open; rejects when it can't be, or after `close`. */
	get ledger(): Promise<Ledger> {
		return this.#opened.promise;
	}

	/** Begins to open the ledger; returns at once. */
	start(): void {
		this.#opening = this.#open();
	}

	/** A port that leads the import worker straight to the ledger's. Throws before the ledger is open. */
	importPort(): MessagePort {
		if (this.#ledger === undefined) throw new LedgerError('closed', 'The ledger is not open.');
		return this.#ledger.importPort();
	}

	/** A port for another worker that can ask the ledger all that this window can. Throws before the ledger is open. */
	clientPort(): MessagePort {
		if (this.#ledger === undefined) throw new LedgerError('closed', 'The ledger is not open.');
		return this.#ledger.clientPort();
	}

	/** The file that the ledger is in. Rejects where there is none. */
	async openFile(): Promise<string> {
		await this.ledger;
		const directory = this.#place?.directory;
		if (directory === undefined) throw new LedgerError('closed', 'The ledger is not open.');
		return join(directory, LEDGER_FILE);
	}

	/** Begins to take a file of exported events in. */
	async openEventImport(): Promise<EventImportLink> {
		await this.ledger;
		if (this.#ledger === undefined) throw new LedgerError('closed', 'The ledger is not open.');
		return this.#ledger.openEventImport();
	}

	/** As `Ledger.record`; drafts that come before the ledger is open wait for it. */
	record(drafts: Draft[]): Promise<Receipt[]> {
		if (this.#ledger !== undefined) return this.#ledger.record(drafts);
		if (this.#closed || this.#problem !== null || this.#earlyCount + drafts.length > maxEarly) {
			const reason = this.#problem === null ? 'closed' : 'io';
			return Promise.reject(new LedgerError(reason, this.#problem ?? 'The ledger is not open.'));
		}
		this.#earlyCount += drafts.length;
		return new Promise((resolve, reject) => {
			this.#early.push({ drafts, resolve, reject });
		});
	}

	dispose(): void {
		for (const subscription of this.#subscriptions) subscription.dispose();
		this.#newsEmitter.dispose();
		this.#stateEmitter.dispose();
	}

	/** Resolves when everything handed in is in the ledger's file, or is known not to get there. */
	async close(): Promise<void> {
		this.#closed = true;
		// What came in before the ledger was open is worth a moment.
		if (this.#earlyCount > 0) await this.#opening;
		const closed = new LedgerError('closed', 'The ledger is closed.');
		this.#opened.reject(closed);
		for (const { reject } of this.#early.splice(0)) reject(closed);
		await this.#ledger?.close().catch(() => undefined);
	}

	async #open(): Promise<void> {
		const { settings, log, workerPath, findPlace } = this.#options;
		try {
			const place = await findPlace();
			if (this.#closed && this.#earlyCount === 0) return;
			const { directory } = place;
			this.#place = place;
			const ledger = openLedger({ directory, workerPath, content: settings.content, prices: settings.prices });
			log.info(`Ledger folder: ${directory}`);
			this.#subscriptions.push(
				{ dispose: ledger.onNews((news) => this.#newsEmitter.fire(news)) },
				{ dispose: ledger.onHealth((health) => this.#setHealth(health)) },
				settings.onDidChange(['content'], () => void this.#applyContent(ledger)),
				settings.onDidChange(['prices'], () => void this.#applyPrices(ledger)),
			);
			this.#ledger = ledger;
			this.#opened.resolve(ledger);
			this.#handOverEarly(ledger);
			if (this.#closed) return;
			this.#setHealth(await ledger.health());
			await this.#applyPrices(ledger);
		} catch (error) {
			this.#problem = messageOf(error);
			log.error(`The ledger could not be opened: ${this.#problem}`);
			this.#opened.reject(error);
			this.#earlyCount = 0;
			for (const { reject } of this.#early.splice(0)) reject(error);
			this.#stateEmitter.fire();
		}
	}

	#handOverEarly(ledger: Ledger): void {
		this.#earlyCount = 0;
		for (const { drafts, resolve, reject } of this.#early.splice(0)) ledger.record(drafts).then(resolve, reject);
	}

	#setHealth(health: LedgerHealth): void {
		const before = this.#health;
		this.#health = health;
		if (health.error !== null && health.error.message !== before?.error?.message) {
			this.#options.log.error(health.error.message);
		}
		if (health.setAside !== null && before?.setAside !== health.setAside) {
			this.#options.log.warn(`A ledger file that could not be used was set aside: ${health.setAside}`);
		}
		this.#stateEmitter.fire();
	}

	async #applyContent(ledger: Ledger): Promise<void> {
		try {
			await ledger.setContent(this.#options.settings.content);
			this.#stateEmitter.fire();
		} catch (error) {
			showProblem(this.#options.log, error, vscode.l10n.t('The setting callmeter.content was not applied'));
		}
	}

	async #applyPrices(ledger: Ledger): Promise<void> {
		try {
			await ledger.setPriceOverrides(this.#options.settings.prices);
		} catch (error) {
			showProblem(this.#options.log, error, vscode.l10n.t('The setting callmeter.prices was not applied'));
		}
	}
}
