import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes sessions of the shape that the Copilot CLI writes. Constructed after its recorded ones. */
export class EventBuilder {
	readonly id: string;
	readonly path: string;
	nowMs = Date.UTC(2026, 10, 20, 12);
	lines: string[] = [];
	/** Put on every line: what a subagent does. */
	agentId: string | undefined;
	#counter = 0;

	constructor(home: string, id: string) {
		this.id = id;
		this.path = join(home, '.copilot/session-state', id, 'events.jsonl');
	}

	get text(): string {
		return this.lines.map((line) => `${line}\n`).join('');
	}

	event(type: string, data: object = {}): string {
		const id = `event-${this.id}-${this.#counter++}`;
		this.nowMs += 100;
		const agent = this.agentId === undefined ? {} : { agentId: this.agentId };
		const line = { type, data, id, timestamp: new Date(this.nowMs).toISOString(), parentId: null, ...agent };
		this.lines.push(JSON.stringify(line));
		return id;
	}

	start(data: object = {}): this {
		const context = { cwd: '/home/dev/project', gitRoot: '/home/dev/project', branch: 'main' };
		this.event('session.start', {
			sessionId: this.id,
			version: 1,
			selectedModel: 'claude-sonnet-4.5',
			context,
			...data,
		});
		return this;
	}

	user(content: string): this {
		this.event('user.message', { content, transformedContent: `<now/>${content}` });
		return this;
	}

	usage(apiCallId: string, usage: object = {}): this {
		const counts = { inputTokens: 110, outputTokens: 10, cacheReadTokens: 60, cacheWriteTokens: 40 };
		const more = { model: 'claude-sonnet-4.5', cost: 1, duration: 50, isByok: false, apiCallId };
		this.event('session.usage_record', { usage: { ...counts, ...more, ...usage } });
		return this;
	}

	answer(apiCallId: string, content: string, data: object = {}): this {
		this.event('assistant.message', { messageId: `m-${apiCallId}`, apiCallId, content, toolRequests: [], ...data });
		return this;
	}

	/** One whole turn: request, counts, answer. */
	turn(apiCallId: string, usage: object = {}): this {
		this.event('assistant.turn_start', { turnId: '0' });
		this.usage(apiCallId, usage).answer(apiCallId, `Answer ${apiCallId}`);
		this.event('assistant.turn_end', { turnId: '0' });
		return this;
	}

	write(text = this.text): string {
		mkdirSync(dirname(this.path), { recursive: true });
		writeFileSync(this.path, text);
		return this.path;
	}
}
