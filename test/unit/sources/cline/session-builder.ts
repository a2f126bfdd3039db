import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Metrics {
	inputTokens?: unknown;
	outputTokens?: unknown;
	cacheReadTokens?: unknown;
	cacheWriteTokens?: unknown;
	cost?: unknown;
}

/** Writes sessions of the shape that Cline 4 writes. Constructed after its recorded ones. */
export class SessionBuilder {
	readonly id: string;
	readonly folder: string;
	nowMs = Date.UTC(2026, 10, 20, 12);
	messages: object[] = [];
	manifest: Record<string, unknown>;
	systemPrompt: string | null = 'You are an agent.';
	#counter = 0;

	constructor(home: string, id: string) {
		this.id = id;
		this.folder = join(home, '.cline/data/sessions', id);
		this.manifest = {
			version: 1,
			session_id: id,
			status: 'completed',
			provider: 'anthropic',
			model: 'claude-sonnet-4-5',
			cwd: '/home/dev/project',
			prompt: `The task of ${id}`,
			metadata: {},
		};
	}

	get path(): string {
		return join(this.folder, `${this.id}.messages.json`);
	}

	user(text: string): this {
		this.messages.push({ id: this.#nextId(), role: 'user', content: [{ type: 'text', text }], ts: this.#tick() });
		return this;
	}

	answer(metrics: Metrics | null = {}, more: Record<string, unknown> = {}): this {
		this.messages.push({
			id: this.#nextId(),
			role: 'assistant',
			content: [{ type: 'text', text: `Answer ${this.messages.length}` }],
			ts: this.#tick(),
			modelInfo: { id: 'claude-sonnet-4-5', provider: 'anthropic' },
			...(metrics === null
				? {}
				: { metrics: { inputTokens: 110, outputTokens: 10, cacheReadTokens: 60, cacheWriteTokens: 40, ...metrics } }),
			...more,
		});
		return this;
	}

	/** Writes all of it, as Cline does with each message. */
	write(name = `${this.id}.messages.json`, messages = this.messages): string {
		mkdirSync(this.folder, { recursive: true });
		writeFileSync(join(this.folder, `${this.id}.json`), JSON.stringify(this.manifest));
		const path = join(this.folder, name);
		writeFileSync(path, this.text(messages));
		return path;
	}

	text(messages = this.messages): string {
		const tail = this.systemPrompt === null ? {} : { system_prompt: this.systemPrompt };
		return JSON.stringify({ version: 1, agent: 'lead', sessionId: this.id, messages, ...tail }, null, 2);
	}

	#nextId(): string {
		return `msg_${this.id}_${this.#counter++}`;
	}

	#tick(): number {
		this.nowMs += 1_000;
		return this.nowMs;
	}
}
