import type { TrueCall, TrueTokens } from './corpus-truth.ts';
import { Random } from './random.ts';

/** A transcript to be written: its path below the home, its lines, and when it was last written. */
export interface WrittenFile {
	path: string;
	text: string;
	changedAtMs: number;
}

/** What one session consists of. */
export interface WrittenSession {
	files: WrittenFile[];
	/** Calls that no other session made. */
	calls: TrueCall[];
}

/** A session that may be copied: a fork or a resumed one begins with its lines. */
interface Original {
	id: string;
	project: string;
	lines: string[];
	/** `uuid` of the last line. */
	lastUuid: string;
}

const models = ['claude-sonnet-4-5', 'claude-sonnet-4-5', 'claude-opus-4-5', 'claude-haiku-4-5'] as const;
const projects = Array.from({ length: 24 }, (_, index) => `/home/dev/project-${index}`);
/** Sessions of which the latest may be copied. */
const maxOriginals = 24;
/** Lines that a copied session may have, so that copies do not make up the corpus. */
const maxCopied = 60;

/**
 * Sessions of Claude Code as it writes them (see `test/fixtures/recorded/claude-*`): one line for each block of an
 * answer, partial counts in early lines, results of tools twice in their line, subagents in files of their own with their
 * final counts in the parent's, sessions that begin with another one's lines, and damage.
 */
export class ClaudeSessions {
	readonly #random: Random;
	readonly #texts: string[];
	readonly #originals: Original[] = [];

	constructor(seed: number) {
		this.#random = new Random(seed);
		this.#texts = Array.from({ length: 400 }, () => escapedText(this.#random));
	}

	/** The next session, its last line at `endMs`. */
	next(endMs: number): WrittenSession {
		const random = this.#random;
		const original = random.chance(0.05) && this.#originals.length > 0 ? random.pick(this.#originals) : null;
		const id = random.uuid();
		const project = original?.project ?? random.pick(projects);
		const session = new Session(random, this.#texts, { id, project, endMs });
		if (original !== null) session.copy(original);
		const calls = random.skewed(2, 90);
		for (let call = 0; call < calls; call++) session.call(calls - call);
		if (session.lines.length <= maxCopied) {
			this.#originals.push({ id, project, lines: [...session.lines], lastUuid: session.parent ?? '' });
			if (this.#originals.length > maxOriginals) this.#originals.shift();
		}
		return session.written();
	}
}

class Session {
	readonly lines: string[] = [];
	parent: string | null = null;
	readonly #random: Random;
	readonly #texts: readonly string[];
	readonly #id: string;
	readonly #project: string;
	readonly #folder: string;
	readonly #endMs: number;
	readonly #calls: TrueCall[] = [];
	readonly #files: WrittenFile[] = [];
	/** Copies keep the times that their lines had. */
	#atMs = 0;
	#tool: string | null = null;
	#context = 0;

	constructor(
		random: Random,
		texts: readonly string[],
		{ id, project, endMs }: { id: string; project: string; endMs: number },
	) {
		this.#random = random;
		this.#texts = texts;
		this.#id = id;
		this.#project = project;
		this.#folder = `.claude/projects/${project.replaceAll('/', '-')}`;
		this.#endMs = endMs;
	}

	/** Begins as another session did. Some copies say so, some keep the other's id, some say nothing. */
	copy({ id, lines, lastUuid }: Original): void {
		const mark = this.#random.pick(['forkedFrom', 'kept', 'none'] as const);
		for (const line of lines) {
			const renamed = line.replaceAll(`"sessionId":"${id}"`, `"sessionId":"${this.#id}"`);
			if (mark === 'kept') this.lines.push(line);
			else if (mark === 'none') this.lines.push(renamed);
			else this.lines.push(`${renamed.slice(0, -1)},"forkedFrom":{"sessionId":"${id}","messageUuid":"${lastUuid}"}}`);
		}
		this.parent = lastUuid;
	}

	/** One call, `left` of them to go, the last of which is at the end. */
	call(left: number): void {
		const random = this.#random;
		this.#atMs = Math.max(this.#atMs + 2_000, this.#endMs - left * 45_000);
		this.#ask();
		const model = random.pick(models);
		const usage = this.#usage(model);
		const id = `msg_01${random.hex(22)}`;
		const end = random.chance(0.004) ? 'cut' : random.chance(0.3) ? 'growing' : 'whole';
		const parts = end === 'whole' ? random.whole(1, 3) : random.whole(2, 3);
		this.#tool = left > 1 ? `toolu_01${random.hex(22)}` : null;
		const requestId = random.chance(0.04) ? null : `req_01${random.hex(22)}`;
		for (let part = 1; part <= parts; part++) {
			const isEarly = end === 'cut' || (end === 'growing' && part < parts);
			const tokens = { ...usage, output: isEarly ? Math.min(usage.output, part) : usage.output };
			const stop = isEarly ? null : this.#tool === null ? 'end_turn' : 'tool_use';
			this.#say(this.#answer({ id, model, requestId, tokens, stop, block: this.#block(part, parts) }));
			this.#atMs += random.whole(300, 4_000);
		}
		if (end === 'cut') this.#fail();
		const output = end === 'cut' ? Math.min(usage.output, parts) : usage.output;
		this.#count(model, { ...usage, output }, end === 'cut');
		if (this.#tool !== null && end !== 'cut' && random.chance(0.02)) this.#agent(this.#tool);
		if (random.chance(0.003)) this.lines.push('{"type":"assistant","message":{"id":"msg_01');
	}

	written(): WrittenSession {
		let text = `${this.lines.join('\n')}\n`;
		if (this.#random.chance(0.02))
			text += `{"parentUuid":"${this.parent}","isSidechain":false,"type":"user","message":{"ro`;
		this.#files.unshift({ path: `${this.#folder}/${this.#id}.jsonl`, text, changedAtMs: this.#endMs });
		return { files: this.#files, calls: this.#calls };
	}

	/** What is sent with the next call: the result of a tool, or the user's words. */
	#ask(): void {
		const random = this.#random;
		if (this.#tool === null) {
			this.#say(this.#user(`"${this.#text().slice(0, 200).replace(/\\+$/, '')}"`));
			return;
		}
		const result = Array.from({ length: random.skewed(2, 40) }, () => this.#text()).join('\\n');
		const content = `[{"tool_use_id":"${this.#tool}","type":"tool_result","content":"${result}"}]`;
		this.#say(this.#user(content, `,"toolUseResult":{"stdout":"${result}","stderr":"","interrupted":false}`));
	}

	#block(part: number, parts: number): string {
		if (part === parts && this.#tool !== null) {
			return `{"type":"tool_use","id":"${this.#tool}","name":"Bash","input":{"command":"${this.#text()}"}}`;
		}
		return part === 1 && parts > 1
			? `{"type":"thinking","thinking":"${this.#text()}","signature":"bGFi"}`
			: `{"type":"text","text":"${this.#text()}"}`;
	}

	/** A subagent: its own transcript, and its final counts in what the tool gave. */
	#agent(tool: string): void {
		const random = this.#random;
		const agentId = `a${random.hex(16)}`;
		const model = random.pick(models);
		const own = new Agent(this, agentId);
		const calls = random.whole(1, 8);
		let last: TrueTokens = noTokens;
		for (let call = 1; call <= calls; call++) {
			this.#atMs += random.whole(1_000, 3_000);
			own.say(this.#user(`"${this.#text()}"`));
			const usage = this.#usage(model);
			const isLast = call === calls;
			const tokens = isLast ? { ...usage, output: Math.min(3, usage.output) } : usage;
			const block = `{"type":"text","text":"${this.#text()}"}`;
			const id = `msg_01${random.hex(22)}`;
			this.#atMs += 1_500;
			own.say(this.#answer({ id, model, requestId: null, tokens, stop: isLast ? null : 'tool_use', block }));
			this.#count(model, usage, false);
			last = usage;
		}
		const path = `${this.#folder}/${this.#id}/subagents/agent-${agentId}.jsonl`;
		this.#files.push({ path, text: `${own.lines.join('\n')}\n`, changedAtMs: Math.min(this.#atMs, this.#endMs) });
		const usage = usageText(last);
		const result = `{"status":"completed","agentId":"${agentId}","content":[],"totalTokens":1,"usage":${usage}}`;
		const content = `[{"tool_use_id":"${tool}","type":"tool_result","content":"${this.#text()}"}]`;
		this.#say(this.#user(content, `,"toolUseResult":${result}`));
		this.#tool = null;
	}

	#usage(model: string): TrueTokens {
		const random = this.#random;
		this.#context = this.#context > 150_000 ? 12_000 : this.#context + random.skewed(200, 6_000);
		const isLong = model === 'claude-sonnet-4-5' && random.chance(0.01);
		return {
			uncachedInput: random.skewed(3, 400),
			cacheRead: isLong ? random.whole(190_000, 400_000) : this.#context,
			cacheWrite5m: isLong ? random.whole(20_000, 60_000) : random.skewed(50, 9_000),
			cacheWrite1h: random.chance(0.15) ? random.skewed(50, 9_000) : 0,
			output: random.skewed(8, 4_000),
		};
	}

	#count(model: string, tokens: TrueTokens, atLeast: boolean): void {
		this.#calls.push({ source: 'claude-code', provider: 'anthropic', model, atMs: this.#atMs, tokens, atLeast });
	}

	#fail(): void {
		const content = '[{"type":"text","text":"API Error: Connection closed mid-response."}]';
		const message = `{"id":"${this.#random.uuid()}","model":"<synthetic>","role":"assistant","content":${content}}`;
		const usage = '"error":"server_error","isApiErrorMessage":true';
		this.#say((uuid) => this.#line(uuid, `"message":${message},"type":"assistant"`, `,${usage}`));
	}

	#answer(of: {
		id: string;
		model: string;
		requestId: string | null;
		tokens: TrueTokens;
		stop: string | null;
		block: string;
	}): (uuid: string, more?: string) => string {
		const stop = of.stop === null ? 'null' : `"${of.stop}"`;
		const message =
			`{"id":"${of.id}","type":"message","role":"assistant","model":"${of.model}","content":[${of.block}],` +
			`"stop_reason":${stop},"stop_sequence":null,"usage":${usageText(of.tokens)}}`;
		const request = of.requestId === null ? '' : `,"requestId":"${of.requestId}"`;
		return (uuid, agentId) => this.#line(uuid, `"message":${message}${request},"type":"assistant"`, '', agentId);
	}

	#user(content: string, rest = ''): (uuid: string, agentId?: string) => string {
		const body = `"type":"user","message":{"role":"user","content":${content}}`;
		return (uuid, agentId) => this.#line(uuid, body, rest, agentId);
	}

	#say(line: (uuid: string) => string): void {
		const uuid = this.#random.uuid();
		this.lines.push(line(uuid));
		this.parent = uuid;
	}

	#line(uuid: string, body: string, rest: string, agentId?: string): string {
		const parent = this.parent === null ? 'null' : `"${this.parent}"`;
		const agent = agentId === undefined ? '"isSidechain":false' : `"isSidechain":true,"agentId":"${agentId}"`;
		return (
			`{"parentUuid":${parent},${agent},${body},"uuid":"${uuid}","timestamp":"${new Date(this.#atMs).toISOString()}"${rest},` +
			`"userType":"external","entrypoint":"cli","cwd":"${this.#project}","sessionId":"${this.#id}","version":"2.1.197",` +
			'"gitBranch":"main"}'
		);
	}

	#text(): string {
		return this.#random.pick(this.#texts);
	}

	uuid(): string {
		return this.#random.uuid();
	}
}

/** A subagent's own lines: each follows the one before. */
class Agent {
	readonly lines: string[] = [];
	readonly #session: Session;
	readonly #agentId: string;

	constructor(session: Session, agentId: string) {
		this.#session = session;
		this.#agentId = agentId;
	}

	say(line: (uuid: string, agentId?: string) => string): void {
		this.lines.push(line(this.#session.uuid(), this.#agentId));
	}
}

const noTokens: TrueTokens = { uncachedInput: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 };

function usageText({ uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output }: TrueTokens): string {
	return (
		`{"input_tokens":${uncachedInput},"cache_creation_input_tokens":${cacheWrite5m + cacheWrite1h},` +
		`"cache_read_input_tokens":${cacheRead},"output_tokens":${output},"server_tool_use":{"web_search_requests":0},` +
		`"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":${cacheWrite1h},` +
		`"ephemeral_5m_input_tokens":${cacheWrite5m}},"speed":"standard"}`
	);
}

const words =
	'const the return file value if import of test string a await number for line in type from error to'.split(' ');

/** A paragraph or a few lines of a file, as they stand in JSON text. */
function escapedText(random: Random): string {
	const lines = Array.from({ length: random.skewed(2, 30) }, () =>
		Array.from({ length: random.whole(4, 14) }, () => random.pick(words)).join(' '),
	);
	return JSON.stringify(`${lines.join(';\n\t')} → "é"`).slice(1, -1);
}
