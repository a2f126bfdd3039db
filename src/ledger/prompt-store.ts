import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { MessageStore } from './message-store.ts';

/** Every so many calls a prompt is listed whole, so that reading one never walks a long way back. */
const MAX_DEPTH = 32;
/** Prompts of a session remembered as bases: subagents that share a session take turns. */
const RECENT_PER_SESSION = 4;
const MAX_SESSIONS = 200;

/** A stored prompt. Numbers are those of `message`. */
export interface StoredPrompt {
	messages: number[];
	system: number | null;
	tools: number | null;
	parameters: number | null;
}

interface PromptRow {
	call_n: number;
	base_n: number | null;
	depth: number;
	shared: number;
	added: string;
	system_n: number | null;
	tools_n: number | null;
	parameters_n: number | null;
}

/**
 * What each call sent, as the call it extends, the length of the prefix they share, and the messages after it. `depth` 0
 * is a keyframe: `added` then lists all messages, and base and prefix only tell what it extends.
 */
export class PromptStore {
	readonly #messages: MessageStore;
	readonly #recent = new Map<number, { call: number; depth: number; messages: readonly number[] }[]>();
	readonly #insert: StatementSync;
	readonly #read: StatementSync;
	readonly #dependents: StatementSync;
	readonly #latest: StatementSync;
	readonly #remove: StatementSync;

	constructor(db: DatabaseSync, messages: MessageStore) {
		this.#messages = messages;
		const columns = 'call_n, base_n, depth, shared, added, system_n, tools_n, parameters_n';
		this.#insert = db.prepare(`INSERT OR REPLACE INTO prompt (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
		this.#read = db.prepare(`SELECT ${columns} FROM prompt WHERE call_n = ?`);
		this.#dependents = db.prepare(`SELECT ${columns} FROM prompt WHERE base_n = ?`);
		this.#latest = db.prepare(
			`SELECT p.call_n, p.depth FROM call c JOIN prompt p ON p.call_n = c.n
			WHERE c.session_n = ? ORDER BY c.started_ms DESC LIMIT 1`,
		);
		this.#remove = db.prepare('DELETE FROM prompt WHERE call_n = ?');
	}

	/** Stores the prompt of a call that has none. */
	store(call: number, session: number, prompt: StoredPrompt): void {
		const recent = this.#recentOf(session);
		let base: (typeof recent)[number] | null = null;
		let shared = 0;
		for (const candidate of recent) {
			const length = sharedPrefix(candidate.messages, prompt.messages);
			if (length > shared) [base, shared] = [candidate, length];
		}
		const depth = base && base.depth + 1 < MAX_DEPTH ? base.depth + 1 : 0;
		const added = depth > 0 ? prompt.messages.slice(shared) : prompt.messages;
		this.#write({
			call_n: call,
			base_n: base?.call ?? null,
			depth,
			shared,
			added: JSON.stringify(added),
			system_n: prompt.system,
			tools_n: prompt.tools,
			parameters_n: prompt.parameters,
		});
		for (const n of added) this.#messages.use(n, call, 'prompt');
		if (prompt.system !== null) this.#messages.use(prompt.system, call, 'system');
		if (prompt.tools !== null) this.#messages.use(prompt.tools, call, 'tools');
		if (prompt.parameters !== null) this.#messages.use(prompt.parameters, call, 'parameters');
		recent.unshift({ call, depth, messages: prompt.messages });
		recent.length = Math.min(recent.length, RECENT_PER_SESSION);
	}

	/** What a call sent; `null` when nothing is stored. */
	get(call: number): (StoredPrompt & { base: number | null; shared: number }) | null {
		const row = this.#row(call);
		if (!row) return null;
		return {
			messages: this.#list(row),
			system: row.system_n,
			tools: row.tools_n,
			parameters: row.parameters_n,
			base: row.base_n,
			shared: row.shared,
		};
	}

	/** The last message that a call added to what it extends; one that added nothing: the last that it sent. `null`: none. */
	lastMessage(call: number): number | null {
		const row = this.#row(call);
		if (!row) return null;
		// A keyframe lists all, a call that added something ends with it: either way it is the last that was sent.
		return parseNumbers(row.added).at(-1) ?? this.#list(row).at(-1) ?? null;
	}

	has(call: number): boolean {
		return this.#row(call) !== undefined;
	}

	/** Deletes the prompt of a call. Prompts that extend it are re-hung on what it extends. Returns the number of texts that went with it. */
	remove(call: number): number {
		const row = this.#row(call);
		if (!row) return 0;
		for (const dependent of this.#dependents.all(call) as unknown as PromptRow[]) this.#rehang(dependent, row);
		this.#remove.run(call);
		this.#recent.clear();
		let removed = 0;
		for (const place of ['prompt', 'system', 'tools', 'parameters'] as const) {
			removed += this.#messages.releaseAll(call, place);
		}
		return removed;
	}

	forget(): void {
		this.#recent.clear();
	}

	#rehang(row: PromptRow, base: PromptRow): void {
		const shared = Math.min(row.shared, base.shared);
		if (row.depth === 0) {
			this.#write({ ...row, base_n: base.base_n, shared });
			return;
		}
		const ofBase = parseNumbers(base.added);
		const inherited =
			base.depth === 0 ? ofBase.slice(0, row.shared) : ofBase.slice(0, Math.max(0, row.shared - base.shared));
		const added = [...inherited, ...parseNumbers(row.added)];
		this.#write({ ...row, base_n: base.base_n, depth: base.depth, shared, added: JSON.stringify(added) });
		for (const n of inherited) this.#messages.use(n, row.call_n, 'prompt');
	}

	#list(row: PromptRow): number[] {
		const added: number[][] = [];
		let current = row;
		let keep = Number.POSITIVE_INFINITY;
		for (;;) {
			const own = parseNumbers(current.added);
			if (current.depth === 0) {
				added.push(own.slice(0, keep));
				break;
			}
			added.push(own.slice(0, Math.max(0, keep - current.shared)));
			keep = Math.min(keep, current.shared);
			const base = current.base_n === null ? null : this.#row(current.base_n);
			if (!base) throw new Error(`Prompt of call ${row.call_n} lacks its base`);
			current = base;
		}
		return added.reverse().flat();
	}

	#recentOf(session: number): { call: number; depth: number; messages: readonly number[] }[] {
		const known = this.#recent.get(session);
		if (known) return known;
		if (this.#recent.size >= MAX_SESSIONS) this.#recent.clear();
		const latest = this.#latest.get(session) as { call_n: number; depth: number } | undefined;
		const stored = latest ? this.get(latest.call_n) : null;
		const recent = latest && stored ? [{ call: latest.call_n, depth: latest.depth, messages: stored.messages }] : [];
		this.#recent.set(session, recent);
		return recent;
	}

	#row(call: number): PromptRow | undefined {
		return this.#read.get(call) as PromptRow | undefined;
	}

	#write(row: PromptRow): void {
		const values: SQLInputValue[] = [row.call_n, row.base_n, row.depth, row.shared, row.added];
		this.#insert.run(...values, row.system_n, row.tools_n, row.parameters_n);
	}
}

/** How many leading messages two prompts have in common. */
export function sharedPrefix(a: readonly number[], b: readonly number[]): number {
	const end = Math.min(a.length, b.length);
	let i = 0;
	while (i < end && a[i] === b[i]) i++;
	return i;
}

function parseNumbers(json: string): number[] {
	return JSON.parse(json) as number[];
}
