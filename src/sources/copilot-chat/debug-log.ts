import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CallKind, DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { peek } from '../../core/foreign.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { hasTokens } from '../../core/usage.ts';
import { readCount, usageOfInclusiveInput } from '../../core/usage-counting.ts';
import { costOfCredits } from '../ai-credits.ts';
import { firstLineOf } from '../first-line.ts';
import type { Fold } from '../folded/fold.ts';
import { answerOf, type GenAiAnswer, instructionsOf, messagesOf, toolsOf } from '../genai-messages.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { type LogPlace, placeOf } from './places.ts';
import { workspaceFolders } from './workspace-folders.ts';

export interface LogOptions {
	path: string;
	metadataSinceMs: number;
	contentSinceMs: number;
}

const text = z.string().min(1).optional().catch(undefined);
const amount = z.number().min(0).optional().catch(undefined);

/** One line. Source: VS Code, `extensions/copilot/…/chatDebugFileLoggerService.ts`. */
const entrySchema = z.looseObject({
	/** When the span began, epoch milliseconds. */
	ts: z.number().min(0).max(253_402_300_799_999),
	dur: z.number().min(0).max(1e9).catch(0),
	sid: text,
	type: z.string(),
	spanId: z.string(),
	status: text,
	attrs: z.looseObject({}).catch({}),
});
type Entry = z.infer<typeof entrySchema>;

const requestSchema = z.looseObject({
	model: z.string().min(1),
	ttft: amount,
	/** The conversation, as JSON. */
	inputMessages: text,
	debugName: text,
	/** What Copilot charged, in billionths of an AI credit. */
	copilotUsageNanoAiu: amount,
	systemPromptFile: text,
	toolsFile: text,
	maxTokens: amount,
	temperature: amount,
	topP: amount,
	error: text,
});
type Request = z.infer<typeof requestSchema>;

/** A request, and its answer as far as it was told. */
interface LogCall {
	callId: string;
	entry: Entry;
	request: Request;
	answer: GenAiAnswer;
	wasSent: boolean;
}

/** A file beside the log: a system prompt, or tool definitions. Bytes. */
const maxCompanionBytes = 8 << 20;
/** Answers come in the line after their request. */
const maxKnown = 32;

/**
 * One debug log of Copilot Chat, taken line by line: each `llm_request` is a call, written when it has ended, and the
 * `agent_response` after it has what came back, cut to 5,000 characters.
 */
export class DebugLog implements Fold {
	readonly openSinceMs = null;
	readonly #options: LogOptions;
	readonly #place: LogPlace;
	readonly #skipped: Partial<Record<SkipReason, number>> = {};
	readonly #known = new Map<string, LogCall>();
	readonly #changed = new Set<LogCall>();
	readonly #companions = new Map<string, string | null>();
	#folders: string[] | null = null;
	/** The one of them that is being recorded. */
	#folder: string | null = null;
	#title: string | null = null;
	#sessionId: string | null = null;
	#hasCalls = false;

	constructor(options: LogOptions) {
		this.#options = options;
		this.#place = placeOf(options.path);
	}

	get skipped(): Readonly<Partial<Record<SkipReason, number>>> {
		return this.#skipped;
	}

	get heldChars(): number {
		let chars = 0;
		for (const { request } of this.#known.values()) chars += request.inputMessages?.length ?? 0;
		return chars;
	}

	verdict({ accepts }: ReadOptions): 'yes' | SkipReason | null {
		this.#folders ??= workspaceFolders(this.#place.storage);
		const answers = this.#folders.map((folder) => accepts(folder));
		const at = answers.indexOf('yes');
		if (at >= 0) {
			this.#folder = this.#folders[at] ?? null;
			return 'yes';
		}
		return answers[0] ?? (accepts(null) === 'yes' ? 'yes' : null);
	}

	lastVerdict(options: ReadOptions): 'yes' | SkipReason {
		return this.verdict(options) ?? (this.#hasCalls ? options.accepts(null) : 'yes');
	}

	giveUp(): void {
		// A request is written when it has ended: none is ever open.
	}

	take(value: unknown): void {
		const entry = entrySchema.safeParse(value);
		if (!entry.success) {
			this.#skip('malformed');
			return;
		}
		const { type, sid, spanId, attrs } = entry.data;
		this.#sessionId ??= sid ?? null;
		if (type === 'llm_request') this.#takeRequest(entry.data);
		else if (type === 'user_message') this.#title ??= firstLineOf(stringIn(attrs, 'content'));
		else if (type === 'agent_response') this.#takeAnswer(spanId.replace(/^agent-msg-/, ''), attrs);
	}

	/** Of all lines, only those of requests matter when no text is wanted; each says early on what it is. */
	takeUnparsed(line: Buffer): boolean {
		return !line.subarray(0, 512).includes('"llm_request"');
	}

	drain(): DraftInput[] {
		const drafts = [...this.#changed].flatMap((call) => this.#draftsOf(call));
		// Only the answer is still to come.
		for (const { request } of this.#changed) request.inputMessages = undefined;
		this.#changed.clear();
		return drafts;
	}

	#takeRequest(entry: Entry): void {
		const request = requestSchema.safeParse(entry.attrs);
		if (!request.success) {
			this.#skip('malformed');
			return;
		}
		this.#hasCalls = true;
		if (this.#folders?.length === 0) this.#folders = foldersIn(request.data.inputMessages);
		if (entry.ts < this.#options.metadataSinceMs) {
			this.#skip('tooOld');
			return;
		}
		const call: LogCall = {
			callId: `copilot-chat:${entry.spanId}`,
			entry,
			request: request.data,
			answer: { completion: null, reasoning: null, toolCalls: [] },
			wasSent: false,
		};
		this.#changed.add(call);
		this.#known.set(entry.spanId, call);
		const [oldest] = this.#known.keys();
		if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
	}

	#takeAnswer(spanId: string, attrs: object): void {
		const call = this.#known.get(spanId);
		if (call === undefined) return;
		const response = stringIn(attrs, 'response');
		if (response !== null) call.answer = answerOf(response);
		call.answer.reasoning ??= stringIn(attrs, 'reasoning');
		this.#changed.add(call);
	}

	#draftsOf(call: LogCall): DraftInput[] {
		const { entry, request, answer, callId } = call;
		const { label, sessionId: mainId } = this.#place;
		const startedAtMs = Math.round(entry.ts);
		const endedAtMs = Math.round(entry.ts + entry.dur);
		const kind = kindOf(request.debugName ?? label);
		// What a session asks for itself (its title, a summary) is part of it; what a subagent asks is a session of its own.
		const isSubagent = kind === 'subagent' && label !== null;
		const isWanted = startedAtMs >= this.#options.contentSinceMs;
		const prompt = isWanted ? messagesOf(request.inputMessages) : null;
		const system = isWanted ? this.#systemPrompt(request) : null;
		const contentState = !isWanted ? 'off' : prompt === null ? 'none' : 'full';
		const identity = {
			callId,
			sessionId: isSubagent ? (this.#sessionId ?? label) : mainId,
			agentId: 'copilot-chat',
			aliases: [`span:${entry.spanId}`],
			origin: {
				source: 'copilot-chat',
				record: `${this.#options.path}#${entry.spanId}`,
				billing: 'subscription' as const,
			},
			provider: 'github-copilot',
			model: request.model,
		};
		const isError = entry.status === 'error';
		const drafts: DraftInput[] = [];
		if (!call.wasSent) {
			drafts.push({
				...identity,
				eventType: 'llm_call',
				startedAtMs,
				kind,
				parentSessionId: isSubagent ? mainId : null,
				title: label === null ? this.#title : null,
				folder: this.#folder,
				systemPrompt: prompt === null ? null : system,
				messages: prompt ?? [],
				tools: isWanted && prompt !== null ? this.#tools(request) : [],
				parameters: parametersOf(request),
				messageCount: prompt === null ? null : prompt.length + (system === null ? 0 : 1),
				contentState,
			});
		}
		drafts.push({
			...identity,
			eventType: 'llm_response',
			endedAtMs,
			state: isError ? 'error' : 'ok',
			...(isWanted ? answer : {}),
			...countsOf(request, isError),
			latencyMs: entry.dur,
			timeToFirstTokenMs: request.ttft ?? null,
			error: isError ? { message: isWanted ? (request.error ?? 'The call failed.') : '' } : null,
			contentState: isWanted ? 'full' : 'off',
		});
		call.wasSent = true;
		return drafts;
	}

	#systemPrompt({ systemPromptFile }: Request): string | null {
		const content = this.#companion(systemPromptFile, /^system_prompt_\d+\.json$/);
		return content === null ? null : instructionsOf(content);
	}

	#tools({ toolsFile }: Request): ToolDefinition[] {
		const content = this.#companion(toolsFile, /^tools_\d+\.json$/);
		return content === null ? [] : toolsOf(content);
	}

	/** `content` of a file beside the log, which many requests share. */
	#companion(name: string | undefined, form: RegExp): string | null {
		if (name === undefined || !form.test(name)) return null;
		let content = this.#companions.get(name);
		if (content === undefined) {
			content = readCompanion(join(this.#place.folder, name));
			// What is not there yet may come.
			if (content !== null) this.#companions.set(name, content);
		}
		return content;
	}

	#skip(reason: SkipReason): void {
		this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
	}
}

/**
 * Token counts of one request. Input counts cached tokens in. Whether a cache was written is not told, which leaves the
 * rest of the input open where writing costs more.
 */
function countsOf(
	request: Request,
	isError: boolean,
): Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageNotes' | 'reportedCostUsd' | 'reportedBy'> {
	const notes: string[] = [];
	const usage = usageOfInclusiveInput(
		{
			input: readCount(request, 'inputTokens', notes),
			output: readCount(request, 'outputTokens', notes),
			cacheRead: readCount(request, 'cachedTokens', notes),
			cacheWrite: null,
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: null,
		},
		/claude/i.test(request.model),
		notes,
	);
	if (!hasTokens(usage)) return { usage: null, usageMissing: !isError };
	return { usage, usageMissing: false, usageNotes: notes, ...costOfCredits(request.copilotUsageNanoAiu) };
}

/** What a request was for, by the name that Copilot Chat gives it or its log. */
function kindOf(name: string | null): CallKind {
	if (name === null) return 'chat';
	if (/^title/i.test(name)) return 'title';
	if (/subagent/i.test(name)) return 'subagent';
	if (/^summarizeConversation/i.test(name)) return 'condense';
	return /^(categoriz|progress|promptCategor|summarizeVirtualTools)/i.test(name) ? 'tool' : 'chat';
}

/** Where there is no other word of it: the folders that the prompt names. */
function foldersIn(inputMessages: string | undefined): string[] {
	const start = inputMessages?.indexOf('workspace with the following folders:') ?? -1;
	if (inputMessages === undefined || start < 0) return [];
	const listed = inputMessages.slice(start, start + 4_000).replaceAll('\\\\', '\\');
	const found = /folders:\s*(?:\\n|\n)\s*- (.+?)\s*(?:\\n|\n|"|<)/.exec(listed)?.[1];
	return found === undefined ? [] : [found];
}

function parametersOf({ maxTokens, temperature, topP }: Request): Record<string, unknown> {
	const all = { max_tokens: maxTokens, temperature, top_p: topP };
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function readCompanion(path: string): string | null {
	try {
		// A link may lead anywhere.
		const stats = lstatSync(path);
		if (!stats.isFile() || stats.size > maxCompanionBytes) return null;
		return stringIn(JSON.parse(readFileSync(path, 'utf8')), 'content');
	} catch {
		return null;
	}
}

function stringIn(object: unknown, key: string): string | null {
	const value = peek(object, key);
	return typeof value === 'string' && value !== '' ? value : null;
}
