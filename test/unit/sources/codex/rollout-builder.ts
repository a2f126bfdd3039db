import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Counts {
	input: number;
	cached?: number;
	cacheWrite?: number;
	output: number;
	reasoning?: number;
}

interface CallOptions {
	text?: string;
	reasoning?: string;
	tool?: { id: string; name: string; args: object; output: string };
	/** `null`: the stream had no counts. */
	counts?: Counts | null;
	planType?: string | null;
}

/** How a release writes a call: with a usage record and marks on items, with items before its counts, or after them. */
export type Style = 'records' | 'itemsFirst' | 'countsFirst';

/** A UUID of version 7 that was made at a moment. */
export function uuid7(atMs: number, tail = 0): string {
	const time = atMs.toString(16).padStart(12, '0');
	return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail.toString(16).padStart(12, '0')}`;
}

/** A rollout as Codex writes it, line by line. */
export class RolloutBuilder {
	readonly id: string;
	readonly lines: string[] = [];
	readonly style: Style;
	/** Codex's clock: each line is a little later. */
	nowMs: number;
	#ordinal = 0;
	#sequence = 0;
	#turnId: string | null = null;
	#total: Required<Counts>;
	#responses = 0;

	constructor({
		style = 'records' as Style,
		atMs = Date.UTC(2026, 10, 21, 12),
		id = uuid7(atMs),
		total = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 },
	} = {}) {
		this.style = style;
		this.nowMs = atMs;
		this.id = id;
		this.#total = { ...total };
	}

	get turnId(): string | null {
		return this.#turnId;
	}

	get total(): Required<Counts> {
		return { ...this.#total };
	}

	line(type: string, payload: object, rest: object = {}): this {
		this.nowMs += 10;
		const ordinal = this.style === 'records' ? { ordinal: this.#ordinal++ } : {};
		const timestamp = new Date(this.nowMs).toISOString();
		this.lines.push(JSON.stringify({ timestamp, ...ordinal, type, payload, ...rest }));
		return this;
	}

	event(type: string, payload: object = {}): this {
		return this.line('event_msg', { type, ...payload });
	}

	header(payload: object = {}): this {
		const timestamp = new Date(this.nowMs).toISOString();
		return this.line('session_meta', {
			id: this.id,
			timestamp,
			cwd: '/home/dev/project',
			originator: 'codex_cli_rs',
			cli_version: '0.100.0',
			source: 'cli',
			model_provider: 'openai',
			...payload,
		});
	}

	turn(text: string, context: object = {}, { turnId = uuid7(this.nowMs + 5, 7) as string | null } = {}): this {
		this.#turnId = turnId;
		const id = turnId === null ? {} : { turn_id: turnId };
		this.event('task_started', id);
		this.line('turn_context', { ...id, cwd: '/home/dev/project', model: 'gpt-5', ...context });
		return this.user(text);
	}

	endTurn(): this {
		return this.event('task_complete', this.#turnId === null ? {} : { turn_id: this.#turnId });
	}

	user(text: string): this {
		this.item({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
		return this.event('user_message', { message: text });
	}

	/** An item; `sampled`: of the model, with the mark of its request. */
	item(payload: object, sampled: number | null = null): this {
		if (this.style !== 'records') return this.line('response_item', payload);
		const metadata = { history_sequence: ++this.#sequence, sampled_through_sequence: sampled ?? 0 };
		return this.line('response_item', payload, { metadata });
	}

	/** One call: its items, its counts, and what its tool gave. */
	call(options: CallOptions = {}): this {
		const sampled = this.#sequence;
		const counts =
			options.counts === undefined ? { input: 1000, cached: 400, output: 50, reasoning: 20 } : options.counts;
		const items = this.#items(options);
		if (counts !== null && this.style === 'countsFirst') this.#count(counts, options.planType);
		for (const item of items) this.item(item, sampled);
		if (counts !== null && this.style === 'itemsFirst') this.#count(counts, options.planType);
		if (counts !== null && this.style === 'records') this.#record(counts);
		if (options.tool) {
			const { id, output } = options.tool;
			this.item({ type: 'function_call_output', call_id: id, output }, sampled);
		}
		if (this.style === 'records') this.tokenCount(counts, options.planType);
		return this;
	}

	/** A stream that was cut after its first item. */
	cutCall(reasoning = 'Half a thought'): this {
		this.item({ type: 'reasoning', summary: [{ type: 'summary_text', text: reasoning }] }, this.#sequence);
		return this.tokenCount(null);
	}

	tokenCount(last: Counts | null, planType: string | null = null): this {
		const info = { total_token_usage: wire(this.#total), ...(last && { last_token_usage: wire(full(last)) }) };
		return this.event('token_count', { info, rate_limits: { limit_id: 'codex', plan_type: planType } });
	}

	text(): string {
		return `${this.lines.join('\n')}\n`;
	}

	/** Where Codex keeps it. */
	path(home: string, folder = 'sessions'): string {
		const name = `rollout-2026-11-21T12-00-00-${this.id}.jsonl`;
		return join(home, '.codex', folder, ...(folder === 'sessions' ? ['2026', '11', '21'] : []), name);
	}

	write(home: string, folder = 'sessions'): string {
		const path = this.path(home, folder);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, this.text());
		return path;
	}

	/** Appends the lines that were added since `from`. */
	append(path: string, from: number): void {
		appendFileSync(path, `${this.lines.slice(from).join('\n')}\n`);
	}

	#items({ text, reasoning, tool }: CallOptions): object[] {
		const items: object[] = [];
		if (reasoning !== undefined)
			items.push({ type: 'reasoning', summary: [{ type: 'summary_text', text: reasoning }] });
		const said = text ?? (tool ? undefined : 'Done.');
		if (said !== undefined) {
			items.push({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said }] });
		}
		if (tool) {
			items.push({ type: 'function_call', name: tool.name, arguments: JSON.stringify(tool.args), call_id: tool.id });
		}
		return items;
	}

	#add(counts: Counts): void {
		for (const [key, value] of Object.entries(full(counts)) as [keyof Counts, number][]) this.#total[key] += value;
	}

	#count(counts: Counts, planType: string | null = null): void {
		this.#add(counts);
		this.tokenCount(counts, planType);
	}

	#record(counts: Counts): void {
		this.#add(counts);
		this.line('token_usage_record', {
			thread_id: this.id,
			turn_id: this.#turnId,
			response_id: `resp_${this.id}_${this.#responses++}`,
			usage: wire(full(counts)),
			thread_token_usage: wire(this.#total),
		});
	}
}

export function full({ input, cached = 0, cacheWrite = 0, output, reasoning = 0 }: Counts): Required<Counts> {
	return { input, cached, cacheWrite, output, reasoning };
}

export function wire({ input, cached, cacheWrite, output, reasoning }: Required<Counts>): object {
	return {
		input_tokens: input,
		cached_input_tokens: cached,
		cache_write_input_tokens: cacheWrite,
		output_tokens: output,
		reasoning_output_tokens: reasoning,
		total_tokens: input + output,
	};
}
