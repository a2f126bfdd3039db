import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectHash } from '../../../../src/sources/gemini-cli/project-folder.ts';

interface Tokens {
	input: number;
	output: number;
	cached?: number;
	thoughts?: number;
	tool?: number;
}

interface AnswerOptions {
	id?: string;
	text?: string;
	thought?: string;
	tokens?: Tokens | null;
	tool?: { name: string; args: object; output: string };
	model?: string;
}

/** A chat as Gemini CLI writes it: as lines that are appended, or as one object. */
export class ChatBuilder {
	readonly sessionId: string;
	readonly folder: string;
	readonly lines: string[] = [];
	nowMs: number;
	/** The messages as they stand, for the older form. */
	readonly messages = new Map<string, object>();
	#head: object = {};
	#ids = 0;

	constructor({ sessionId = 'session-1', folder = '/home/dev/project', atMs = Date.UTC(2026, 10, 21, 12) } = {}) {
		this.sessionId = sessionId;
		this.folder = folder;
		this.nowMs = atMs;
	}

	head(rest: object = {}): this {
		const startTime = this.#time();
		this.#head = { sessionId: this.sessionId, projectHash: projectHash(this.folder), startTime, ...rest };
		return this.record({ ...this.#head, lastUpdated: startTime, kind: 'main', ...rest });
	}

	record(record: object): this {
		this.lines.push(JSON.stringify(record));
		return this;
	}

	message(message: { id: string }): this {
		this.messages.set(message.id, message);
		return this.record(message).record({ $set: { lastUpdated: this.#time() } });
	}

	user(content: unknown): this {
		return this.message(
			this.#message('user', { content: typeof content === 'string' ? [{ text: content }] : content }),
		);
	}

	/** An answer; with a tool it is written twice, and what the tool gave follows. */
	answer(options: AnswerOptions = {}): this {
		const { text = 'Done.', thought, tokens = { input: 1000, output: 40, cached: 600, thoughts: 10 }, tool } = options;
		const { model = 'gemini-2.5-pro' } = options;
		const timestamp = this.#time();
		const message = {
			...this.#message('gemini', { content: text }),
			...(options.id === undefined ? {} : { id: options.id }),
			timestamp,
			thoughts: thought === undefined ? [] : [{ subject: '', description: thought, timestamp }],
			tokens: tokens && counts(tokens),
			model,
		};
		this.message(message);
		if (tool === undefined) return this;
		const id = `${tool.name}-${++this.#ids}`;
		const response = { functionResponse: { id, name: tool.name, response: { output: tool.output } } };
		const toolCalls = [
			{ id, name: tool.name, args: tool.args, result: [response], status: 'success', timestamp: this.#time() },
		];
		this.messages.set(message.id, { ...message, toolCalls });
		this.record({ ...message, toolCalls });
		return this.user([response]);
	}

	text(): string {
		return `${this.lines.join('\n')}\n`;
	}

	/** The older form: everything in one object. */
	whole(): string {
		const messages = [...this.messages.values()];
		return JSON.stringify({ ...this.#head, lastUpdated: this.#time(), messages }, null, 2);
	}

	path(home: string, { project = 'project', form = 'jsonl', parent = '' } = {}): string {
		const name = parent === '' ? `session-2026-11-21T12-00-${this.sessionId}` : this.sessionId;
		return join(home, '.gemini/tmp', project, 'chats', parent, `${name}.${form}`);
	}

	write(home: string, place: { project?: string; form?: string; parent?: string } = {}): string {
		const path = this.path(home, place);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, place.form === 'json' ? this.whole() : this.text());
		return path;
	}

	#message(type: string, rest: object): { id: string; timestamp: string } {
		return { id: `${this.sessionId}-${++this.#ids}`, timestamp: this.#time(), type, ...rest } as never;
	}

	#time(): string {
		this.nowMs += 10;
		return new Date(this.nowMs).toISOString();
	}
}

function counts({ input, output, cached = 0, thoughts = 0, tool = 0 }: Tokens): object {
	return { input, output, cached, thoughts, tool, total: input + output + thoughts + tool };
}
