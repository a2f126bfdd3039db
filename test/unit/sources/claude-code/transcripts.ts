import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CallDraft, type DraftInput, draftSchema, type ResponseDraft } from '../../../../src/core/draft.ts';
import { claudeCodeSource } from '../../../../src/sources/claude-code/claude-code.ts';
import type { Places, ReadOptions, RecordUnit, SkipReason, Source } from '../../../../src/sources/source.ts';

const recorded = join(import.meta.dirname, '../../../fixtures/recorded');

/** A home folder with Claude Code's records in it. */
export class Home {
	readonly path = mkdtempSync(join(tmpdir(), 'callmeter-claude-'));

	static recorded(name: string): Home {
		const home = new Home();
		cpSync(join(recorded, name, 'home'), home.path, { recursive: true });
		return home;
	}

	get projects(): string {
		return join(this.path, '.claude', 'projects');
	}

	places(env: Places['env'] = {}): Places {
		return { home: this.path, env, platform: process.platform, globalStorage: [], customPlaces: {} };
	}

	/** Writes lines to a transcript, whose path is below `projects`. */
	write(path: string, lines: readonly (object | string)[]): string {
		const whole = join(this.projects, path);
		mkdirSync(dirname(whole), { recursive: true });
		writeFileSync(whole, textOf(lines));
		return whole;
	}

	append(path: string, lines: readonly (object | string)[]): void {
		appendFileSync(join(this.projects, path), textOf(lines));
	}

	remove(): void {
		rmSync(this.path, { recursive: true, force: true });
	}
}

function textOf(lines: readonly (object | string)[]): string {
	return lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join('');
}

export const readAll: ReadOptions = {
	accepts: () => 'yes',
	metadataSinceMs: 0,
	contentSinceMs: 0,
	cursor: null,
	signal: new AbortController().signal,
};

export async function unitsOf(source: Source, places: Places): Promise<RecordUnit[]> {
	const units: RecordUnit[] = [];
	for await (const unit of source.units(places)) units.push(unit);
	return units.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** What readings brought, as the ledger keeps it: the latest of each call. */
export class Gathered {
	readonly calls = new Map<string, CallDraft>();
	readonly responses = new Map<string, ResponseDraft>();
	readonly skipped: Partial<Record<SkipReason, number>> = {};
	drafts = 0;

	add(drafts: readonly unknown[], skipped: Partial<Record<SkipReason, number>>): void {
		for (const input of drafts) {
			const draft = draftSchema.parse(input);
			if (draft.eventType === 'llm_call') this.calls.set(draft.callId, draft);
			else if (draft.eventType === 'llm_response') this.responses.set(draft.callId, draft);
			this.drafts++;
		}
		for (const [reason, count] of Object.entries(skipped)) {
			Object.assign(this.skipped, { [reason]: (this.skipped[reason as SkipReason] ?? 0) + count });
		}
	}

	response(id: string): ResponseDraft {
		const response = this.responses.get(`claude-code:${id}`);
		if (response === undefined) throw new Error(`no response ${id}`);
		return response;
	}

	call(id: string): CallDraft {
		const call = this.calls.get(`claude-code:${id}`);
		if (call === undefined) throw new Error(`no call ${id}`);
		return call;
	}

	get ids(): string[] {
		return [...this.calls.keys()].map((callId) => callId.slice('claude-code:'.length)).sort();
	}
}

/** Reads every transcript to its end, going on from the cursors of earlier readings. */
export class Follower {
	readonly source: Source;
	readonly gathered = new Gathered();
	readonly #cursors = new Map<string, string | null>();
	recheckAtMs: number | null = null;

	constructor(now?: () => number) {
		this.source = claudeCodeSource(now);
	}

	/** As after a restart: nothing but the cursors is left. */
	restarted(): Follower {
		const next = new Follower();
		for (const [key, cursor] of this.#cursors) next.#cursors.set(key, cursor);
		next.gathered.add([], this.gathered.skipped);
		for (const [callId, call] of this.gathered.calls) next.gathered.calls.set(callId, call);
		for (const [callId, response] of this.gathered.responses) next.gathered.responses.set(callId, response);
		return next;
	}

	async read(
		places: Places,
		options: Partial<ReadOptions> = {},
		order = (units: RecordUnit[]) => units,
		record: (drafts: readonly DraftInput[]) => unknown = () => undefined,
	): Promise<void> {
		for (const unit of order(await unitsOf(this.source, places))) await this.readUnit(unit, options, record);
	}

	async readUnit(
		unit: RecordUnit,
		options: Partial<ReadOptions> = {},
		record: (drafts: readonly DraftInput[]) => unknown = () => undefined,
	): Promise<void> {
		for (let more = true; more; ) {
			const cursor = this.#cursors.get(unit.key) ?? null;
			const reading = await this.source.read(unit, { ...readAll, ...options, cursor });
			this.gathered.add(reading.drafts, reading.skipped);
			record(reading.drafts);
			this.#cursors.set(unit.key, reading.cursor);
			this.recheckAtMs = reading.recheckAtMs ?? null;
			more = reading.more === true;
		}
	}
}

/** All there is, read once. */
export async function gather(home: Home, options: Partial<ReadOptions> = {}): Promise<Gathered> {
	const follower = new Follower();
	await follower.read(home.places(), options);
	return follower.gathered;
}

let lineNumber = 0;

interface LineOptions {
	sessionId?: string;
	parent?: object | null;
	cwd?: string;
	atMs?: number;
	agentId?: string;
	extra?: object;
}

const baseMs = Date.UTC(2026, 10, 21, 12);

/** A line as Claude Code writes it; each is a second later than the one before. */
function line(
	rest: object,
	{ sessionId = 's1', parent = null, cwd = '/home/dev/project', ...more }: LineOptions,
): object {
	const number = ++lineNumber;
	return {
		parentUuid: parent === null ? null : Reflect.get(parent, 'uuid'),
		isSidechain: more.agentId !== undefined,
		...(more.agentId === undefined ? {} : { agentId: more.agentId }),
		...rest,
		uuid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
		timestamp: new Date(more.atMs ?? baseMs + number * 1000).toISOString(),
		userType: 'external',
		cwd,
		sessionId,
		version: '2.1.197',
		gitBranch: 'main',
		...more.extra,
	};
}

export function user(content: unknown, options: LineOptions = {}): object {
	return line({ type: 'user', message: { role: 'user', content } }, options);
}

interface AnswerOptions extends LineOptions {
	id?: string | null;
	requestId?: string;
	model?: string;
	content?: unknown[];
	usage?: object | null;
	stop?: string | null;
}

/** Usage as the API tells it. */
export function usageOf(output: number, more: object = {}): object {
	return {
		input_tokens: 10,
		cache_creation_input_tokens: 300,
		cache_read_input_tokens: 2000,
		output_tokens: output,
		cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
		service_tier: 'standard',
		...more,
	};
}

export function assistant(options: AnswerOptions = {}): object {
	const { id = 'msg_1', requestId = `req_${id}`, model = 'claude-sonnet-4-5', stop = 'end_turn' } = options;
	const { content = [{ type: 'text', text: 'Done.' }], usage = usageOf(50) } = options;
	const message = {
		...(id === null ? {} : { id }),
		type: 'message',
		role: 'assistant',
		model,
		content,
		stop_reason: stop,
	};
	return line({ message: { ...message, ...(usage === null ? {} : { usage }) }, requestId, type: 'assistant' }, options);
}

export function failure(text: string, options: LineOptions = {}): object {
	const message = {
		id: `err-${lineNumber}`,
		model: '<synthetic>',
		role: 'assistant',
		content: [{ type: 'text', text }],
	};
	const extra = { error: 'server_error', isApiErrorMessage: true, ...options.extra };
	return line({ type: 'assistant', message: { ...message, usage: usageOf(0) } }, { ...options, extra });
}
