import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes debug logs of the shape that Copilot Chat writes. Constructed after its source: there is no recorded log.
 * Source: VS Code, `extensions/copilot/src/extension/chat/vscode-node/chatDebugFileLoggerService.ts`.
 */
export class LogBuilder {
	readonly storage: string;
	readonly sessionId: string;
	nowMs = Date.UTC(2026, 10, 20, 12);
	lines: string[] = [];
	#counter = 0;

	/** `storage`: the folder of one workspace's storage. */
	constructor(storage: string, sessionId: string) {
		this.storage = storage;
		this.sessionId = sessionId;
	}

	get folder(): string {
		return join(this.storage, 'GitHub.copilot-chat/debug-logs', this.sessionId);
	}

	get text(): string {
		return this.lines.map((line) => `${line}\n`).join('');
	}

	entry(type: string, attrs: object, more: object = {}): string {
		const spanId = (this.#counter++).toString(16).padStart(16, '0') + this.sessionId;
		this.nowMs += 1_000;
		const common = { ts: this.nowMs, dur: 0, sid: this.sessionId, type, name: type, spanId, status: 'ok', attrs };
		this.lines.push(JSON.stringify({ ...common, ...more }));
		return spanId;
	}

	start(): this {
		this.entry('session_start', { copilotVersion: '0.59.0', vscodeVersion: '1.131.0' }, { v: 1 });
		return this;
	}

	user(content: string): this {
		this.entry('user_message', { content });
		return this;
	}

	/** A request and, unless `answer` is `null`, what came back. Returns the span's id. */
	request(attrs: object = {}, answer: string | null = 'Done', more: object = {}): string {
		const inputMessages = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Do it' }] }]);
		const counts = { inputTokens: 1000, outputTokens: 50, cachedTokens: 400, ttft: 120 };
		const common = { model: 'gpt-5', ...counts, inputMessages, debugName: 'panel/editAgent' };
		const span = this.entry('llm_request', { ...common, ...attrs }, { dur: 500, ...more });
		if (answer !== null) {
			const response = JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: answer }] }]);
			this.entry('agent_response', { response }, { spanId: `agent-msg-${span}` });
		}
		return span;
	}

	companion(name: string, content: unknown): this {
		mkdirSync(this.folder, { recursive: true });
		const text = typeof content === 'string' ? content : JSON.stringify(content);
		writeFileSync(join(this.folder, name), JSON.stringify({ content: text }));
		return this;
	}

	workspace(about: object): this {
		mkdirSync(this.storage, { recursive: true });
		writeFileSync(join(this.storage, 'workspace.json'), JSON.stringify(about));
		return this;
	}

	write(name = 'main.jsonl', text = this.text): string {
		const path = join(this.folder, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		return path;
	}
}
