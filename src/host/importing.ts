import * as vscode from 'vscode';
import { ImportClient } from '../sources/import-client.ts';
import type { ImportSettings, LiveFactsBySource, SourceStatus } from '../sources/import-protocol.ts';
import type { LiveFacts } from '../sources/source.ts';
import type { LedgerService } from './ledger-service.ts';
import { messageOf } from './message-of.ts';
import type { SourceSettings } from './source-settings.ts';

/** How far back the first start reads, in days. */
const metadataDays = 90;
const contentDays = 30;
/** Reading for shorter than this is everyday following, and no import that a person waits for. Milliseconds. */
const worthTellingMs = 700;

const heldKey = 'callmeter.import.heldSinceMs';
const everythingKey = 'callmeter.import.everything';

export interface ImportingOptions {
	ledger: Pick<LedgerService, 'ledger' | 'importPort'>;
	settings: SourceSettings;
	/** Remembers what the user chose for this ledger. */
	memory: vscode.Memento;
	/** Absolute path of the worker's bundle. */
	workerPath: string;
	log: vscode.LogOutputChannel;
	/** All that was seen of calls live. */
	live(): LiveFactsBySource;
	/** The ends of these calls were read from records. */
	onRecorded(source: string, callIds: string[]): void;
}

/**
 * The import of agents' records, which runs in its own worker once the ledger is open: keeps its settings as the user's
 * are, and remembers over a restart what the user stopped or asked for.
 */
export class Importing implements vscode.Disposable {
	readonly #options: ImportingOptions;
	readonly #emitter = new vscode.EventEmitter<void>();
	readonly #subscription: vscode.Disposable;
	/** The ledger that is open is for this choice; another one takes a reload of the window. */
	readonly #scope: SourceSettings['scope'];
	#client: ImportClient | undefined;
	#failed = false;
	#readingSinceMs: number | null = null;
	#closed = false;

	/** `status`, `progress`, `isHeld` or `failed` may have changed. */
	readonly onDidChange = this.#emitter.event;

	constructor(options: ImportingOptions) {
		this.#options = options;
		this.#scope = options.settings.scope;
		this.#subscription = options.settings.onDidChange(() => {
			this.#client?.setSettings(this.#settings());
			this.#emitter.fire();
		});
	}

	/** Whose calls this window's ledger takes. */
	get scope(): SourceSettings['scope'] {
		return this.#scope;
	}

	get status(): readonly SourceStatus[] {
		return this.#client?.status ?? [];
	}

	get failed(): boolean {
		return this.#failed;
	}

	/** The user stopped the import: only what changes from then on is read. */
	get isHeld(): boolean {
		return this.#heldSinceMs !== null;
	}

	/** How far back records are read, in days; `null` = all there are. */
	get limits(): { metadataDays: number | null; contentDays: number | null } {
		return this.#options.memory.get(everythingKey) === true
			? { metadataDays: null, contentDays: null }
			: { metadataDays, contentDays };
	}

	/** Records are being read, for longer than following takes: how many are done, and of how many. */
	get progress(): { done: number; total: number } | null {
		if (this.#readingSinceMs === null || Date.now() - this.#readingSinceMs < worthTellingMs) return null;
		const sum = (count: (status: SourceStatus) => number) => this.status.reduce((all, each) => all + count(each), 0);
		return { done: sum(({ unitsDone }) => unitsDone), total: sum(({ unitsTotal }) => unitsTotal) };
	}

	/** Begins once the ledger is open; returns at once. */
	start(): void {
		this.#start().catch((error: unknown) => {
			if (!this.#closed) this.#options.log.warn(`Records are not imported: ${messageOf(error)}`);
		});
	}

	/** Looks everywhere now, and takes up an import that was stopped. */
	async importNow(): Promise<void> {
		await this.#options.memory.update(heldKey, undefined);
		this.#client?.setSettings(this.#settings());
		this.#client?.importNow();
		this.#emitter.fire();
	}

	/** Reads all records there are, however old, content included. */
	async importEverything(): Promise<void> {
		await this.#options.memory.update(everythingKey, true);
		await this.importNow();
	}

	/** Stops reading history. What comes from now on is still recorded. */
	async stop(): Promise<void> {
		await this.#options.memory.update(heldKey, this.#heldSinceMs ?? Date.now());
		this.#client?.setSettings(this.#settings());
		this.#emitter.fire();
	}

	/** Hands on what was seen of calls; `calls` of them are in the ledger by that alone. */
	seenLive(source: string, facts: Readonly<Record<string, LiveFacts>>, calls: number): void {
		this.#client?.seenLive(source, facts, calls);
	}

	/** Ends the worker; what it has read is in the ledger when this resolves, or is read again next time. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.#client?.dispose();
	}

	dispose(): void {
		this.#subscription.dispose();
		this.#emitter.dispose();
	}

	get #heldSinceMs(): number | null {
		const value = this.#options.memory.get<unknown>(heldKey);
		return typeof value === 'number' ? value : null;
	}

	async #start(): Promise<void> {
		const { ledger, log, workerPath, live, onRecorded } = this.#options;
		await ledger.ledger;
		if (this.#closed) return;
		const client = new ImportClient({
			workerFile: workerPath,
			settings: this.#settings(),
			connectLedger: () => ledger.importPort(),
			live,
			log: (level, message) => log[level](message),
		});
		client.onStatus((sources) => {
			const reading = sources.some(({ state }) => state === 'reading');
			this.#readingSinceMs = reading ? (this.#readingSinceMs ?? Date.now()) : null;
			this.#emitter.fire();
		});
		client.onRecorded(onRecorded);
		client.onFailed(() => {
			this.#failed = true;
			this.#readingSinceMs = null;
			this.#emitter.fire();
		});
		this.#client = client;
		client.start();
	}

	#settings(): ImportSettings {
		const { settings } = this.#options;
		return {
			scope: { projects: this.#scope === 'allProjects' ? 'all' : 'workspace', folders: settings.folders },
			places: settings.places,
			off: settings.off,
			heldSinceMs: this.#heldSinceMs,
			...this.limits,
		};
	}
}
