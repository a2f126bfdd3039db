import type * as vscode from 'vscode';
import type { DraftInput } from '../core/draft.ts';
import type { Receipt } from '../ledger/ledger.ts';
import type { LiveCondition } from '../protocol/sources.ts';
import type { LiveFactsBySource } from '../sources/import-protocol.ts';
import type { Dialect } from '../sources/kilo-task/dialect.ts';
import { attachLive, type LiveAttachment } from '../sources/kilo-task/live-api.ts';
import type { LiveTracker } from '../sources/kilo-task/live-tracker.ts';
import type { RateLookup } from '../sources/kilo-task/usage-truth.ts';
import type { LiveFacts } from '../sources/source.ts';

/** How often an installed extension is looked at until it has become active: VS Code does not tell. */
const lookEveryMs = 250;

export interface LiveAgentsOptions {
	extensions: Pick<typeof vscode.extensions, 'getExtension' | 'onDidChange'>;
	/** Agents whose extensions tell of their calls. */
	dialects: readonly Dialect[];
	isOn(source: string): boolean;
	/** Working directory of this window's agents. */
	folder(): string | null;
	/** Prices that the agents' own counts are set right by; asked for when the first agent is there. */
	rates(): Promise<RateLookup>;
	record(drafts: DraftInput[]): Promise<Receipt[]>;
	log: Pick<vscode.LogOutputChannel, 'info' | 'warn'>;
}

interface LiveAgentsEvents {
	/** What was seen of calls, and how many of them are in the ledger by that alone. */
	onSeen(source: string, facts: Record<string, LiveFacts>, calls: number): void;
	onDidChange(): void;
	/** An agent said that a task is over. */
	onTaskEnd(taskId: string): void;
}

/** What is known of one agent's extension. */
interface Agent {
	readonly dialect: Dialect;
	condition: LiveCondition;
	/** What the extension exported when it was last looked at, attached or not. */
	exported: unknown;
	attachment: LiveAttachment | null;
	/** Kept while the extension comes and goes: it knows which calls were told of. */
	tracker: LiveTracker | null;
}

/**
 * Listens to the agents whose extensions tell of their calls: Kilo Code 5.x, Roo Code, Zoo Code. An extension is never
 * activated from here; when it is disabled, updated or started anew, what ran is closed and listening begins again.
 */
export class LiveAgents implements vscode.Disposable {
	readonly #options: LiveAgentsOptions;
	readonly #events: LiveAgentsEvents;
	readonly #agents: Agent[];
	#subscription: vscode.Disposable | undefined;
	#timer: NodeJS.Timeout | undefined;
	#rates: RateLookup | undefined;
	#disposed = false;

	constructor(options: LiveAgentsOptions, events: LiveAgentsEvents) {
		this.#options = options;
		this.#events = events;
		this.#agents = options.dialects.map((dialect) => ({
			dialect,
			condition: 'absent',
			exported: undefined,
			attachment: null,
			tracker: null,
		}));
	}

	/** Begins to look for the agents. */
	start(): void {
		this.#subscription = this.#options.extensions.onDidChange(() => this.look());
		this.look();
	}

	/** Looks which agents are there and listens to those that are. */
	look(): void {
		if (this.#disposed) return;
		clearTimeout(this.#timer);
		const before = this.#agents.map(({ condition }) => condition).join();
		for (const agent of this.#agents) {
			try {
				this.#lookAt(agent);
			} catch (error) {
				this.#complain(agent, error);
			}
		}
		if (this.#agents.some(({ condition }) => condition === 'inactive')) {
			this.#timer = setTimeout(() => this.look(), lookEveryMs);
			this.#timer.unref();
		}
		if (before !== this.#agents.map(({ condition }) => condition).join()) this.#events.onDidChange();
	}

	/** How the agent's extension is listened to. */
	condition(source: string): LiveCondition {
		return this.#agents.find(({ dialect }) => dialect.id === source)?.condition ?? 'none';
	}

	/** All that was seen of calls, for an importer that starts. */
	facts(): LiveFactsBySource {
		return Object.fromEntries(
			this.#agents.flatMap(({ dialect, tracker }) => (tracker === null ? [] : [[dialect.id, tracker.facts()]])),
		);
	}

	/** The ends of these calls were read from the agent's records: one that is only concluded has nothing to add. */
	readFromDisk(source: string, callIds: readonly string[]): void {
		this.#agents.find(({ dialect }) => dialect.id === source)?.tracker?.readFromDisk(callIds);
	}

	/** Stops listening. Calls that run are left open: whoever opens the ledger next knows that they were interrupted. */
	dispose(): void {
		this.#disposed = true;
		clearTimeout(this.#timer);
		this.#subscription?.dispose();
		for (const { attachment } of this.#agents) attachment?.detach();
	}

	#lookAt(agent: Agent): void {
		const { dialect } = agent;
		const extension = this.#options.extensions.getExtension<unknown>(dialect.extensionId);
		if (extension === undefined || !extension.isActive || !this.#options.isOn(dialect.id)) {
			this.#detach(agent, this.#options.isOn(dialect.id));
			agent.condition = extension === undefined ? 'absent' : 'inactive';
			// What is switched off is not waited for: the switch itself has it looked at again.
			if (extension !== undefined && !this.#options.isOn(dialect.id)) agent.condition = 'none';
			return;
		}
		if (agent.exported === extension.exports && (agent.attachment !== null || agent.condition === 'noApi')) return;
		this.#detach(agent, true);
		agent.exported = extension.exports;
		agent.attachment = this.#attach(agent);
		agent.condition = agent.attachment === null ? 'noApi' : 'attached';
		const version: unknown = extension.packageJSON?.version;
		this.#options.log.info(
			`${dialect.title} ${String(version)}: ${agent.attachment === null ? 'tells nothing of its calls' : 'listening'}`,
		);
	}

	#attach(agent: Agent): LiveAttachment | null {
		const { dialect, tracker } = agent;
		const { id } = dialect;
		const attachment = attachLive(agent.exported, {
			dialect,
			folder: this.#options.folder(),
			rates: (provider, model, atMs) => this.#rates?.(provider, model, atMs) ?? [],
			onDrafts: (drafts) => this.#take(agent, drafts),
			onTaskEnd: (taskId) => {
				if (this.#options.isOn(id)) this.#events.onTaskEnd(taskId);
			},
			onTrouble: (message) => this.#options.log.warn(`Listening failed: ${message}`),
			...(tracker !== null && { tracker }),
		});
		if (attachment === null) return null;
		agent.tracker = attachment.tracker;
		if (this.#rates === undefined) {
			this.#options.rates().then(
				(rates) => (this.#rates = rates),
				(error: unknown) => this.#options.log.warn(`Prices for ${id} could not be loaded: ${nameOf(error)}`),
			);
		}
		return attachment;
	}

	/** `agentGone`: what ran there is over. Not so where listening was only switched off. */
	#detach(agent: Agent, agentGone: boolean): void {
		agent.attachment?.detach(agentGone);
		agent.attachment = null;
		agent.exported = undefined;
	}

	/** Called within the agent's own turn: passes on and returns. */
	#take({ dialect, tracker, attachment }: Agent, drafts: DraftInput[]): void {
		// The switch holds from the moment it is made, not only once it was looked at.
		if (!this.#options.isOn(dialect.id)) return;
		const facts = (tracker ?? attachment?.tracker)?.newFacts() ?? {};
		this.#events.onSeen(dialect.id, facts, 0);
		if (drafts.length === 0) return;
		this.#options.record(drafts).then(
			(receipts) => {
				const isNew = (index: number) => receipts[index]?.outcome === 'appended';
				const calls = drafts.filter(({ eventType }, index) => eventType === 'llm_call' && isNew(index)).length;
				if (calls > 0) this.#events.onSeen(dialect.id, {}, calls);
			},
			(error: unknown) => this.#options.log.warn(`${dialect.title}: calls could not be stored: ${nameOf(error)}`),
		);
	}

	#complain({ dialect }: Agent, error: unknown): void {
		this.#options.log.warn(`${dialect.title}: its extension could not be looked at: ${nameOf(error)}`);
	}
}

/** Messages of foreign code may quote what it works on. */
function nameOf(error: unknown): string {
	if (!(error instanceof Error)) return typeof error;
	return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.name;
}
