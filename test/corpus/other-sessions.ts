import { RolloutBuilder, uuid7 } from '../unit/sources/codex/rollout-builder.ts';
import { EventBuilder } from '../unit/sources/copilot-cli/event-builder.ts';
import { ChatBuilder } from '../unit/sources/gemini-cli/chat-builder.ts';
import type { WrittenSession } from './claude-sessions.ts';
import type { TrueCall } from './corpus-truth.ts';
import { Random } from './random.ts';

const text = 'A line of a file, as a tool gave it back; and «another» one.\n';

/** Sessions of Codex, of Gemini CLI and of the Copilot CLI, the first of which are most. */
export class OtherSessions {
	readonly #random: Random;
	#count = 0;

	constructor(seed: number) {
		this.#random = new Random(seed);
	}

	/** The next session, its last line about at `endMs`. */
	next(endMs: number): WrittenSession {
		const number = ++this.#count;
		const share = this.#random.next();
		if (share < 0.6) return this.#codex(endMs, number);
		return share < 0.8 ? this.#gemini(endMs, number) : this.#copilot(endMs, number);
	}

	#codex(endMs: number, number: number): WrittenSession {
		const random = this.#random;
		const calls = random.skewed(2, 60);
		const atMs = endMs - calls * 200;
		const style = random.pick(['records', 'itemsFirst', 'countsFirst'] as const);
		const builder = new RolloutBuilder({ style, atMs, id: uuid7(atMs, number) }).header().turn('Go on.');
		const told: TrueCall[] = [];
		for (let call = 0; call < calls; call++) {
			const tool = { id: `call_${call}`, name: 'shell', args: { cmd: 'cat a' }, output: this.#output() };
			const cached = random.skewed(100, 90_000);
			const fresh = random.skewed(50, 4_000);
			const output = random.skewed(20, 2_000);
			builder.call({ tool, counts: { input: cached + fresh, cached, output, reasoning: Math.floor(output / 3) } });
			// The same counts again say nothing new, as after a stream that was cut.
			if (random.chance(0.02)) builder.cutCall();
			const tokens = { uncachedInput: fresh, cacheRead: cached, cacheWrite5m: 0, cacheWrite1h: 0, output };
			told.push({ source: 'codex', provider: 'openai', model: 'gpt-5', atMs: builder.nowMs, tokens });
		}
		builder.endTurn();
		const [year, month, day] = new Date(atMs).toISOString().slice(0, 10).split('-');
		const name = `rollout-${year}-${month}-${day}T12-00-00-${builder.id}.jsonl`;
		const path = `.codex/sessions/${year}/${month}/${day}/${name}`;
		return { files: [{ path, text: builder.text(), changedAtMs: endMs }], calls: told };
	}

	#gemini(endMs: number, number: number): WrittenSession {
		const random = this.#random;
		const calls = random.skewed(2, 40);
		const chat = new ChatBuilder({ sessionId: `session-${number}`, atMs: endMs - calls * 100 }).head();
		const told: TrueCall[] = [];
		chat.user('Go on.');
		for (let call = 0; call < calls; call++) {
			const cached = random.skewed(100, 90_000);
			const fresh = random.skewed(50, 4_000);
			const [output, thoughts] = [random.skewed(10, 900), random.skewed(5, 500)];
			const tool = random.chance(0.7) ? { name: 'read_file', args: { path: 'a' }, output: this.#output() } : undefined;
			chat.answer({ tokens: { input: cached + fresh, cached, output, thoughts }, ...(tool ? { tool } : {}) });
			const tokens = { uncachedInput: fresh, cacheRead: cached, cacheWrite5m: 0, cacheWrite1h: 0 };
			const atMs = chat.nowMs;
			const spent = { ...tokens, output: output + thoughts };
			told.push({ source: 'gemini-cli', provider: 'google', model: 'gemini-2.5-pro', atMs, tokens: spent });
		}
		const path = `.gemini/tmp/project/chats/session-2026-11-21T12-00-session-${number}.jsonl`;
		return { files: [{ path, text: chat.text(), changedAtMs: endMs }], calls: told };
	}

	#copilot(endMs: number, number: number): WrittenSession {
		const random = this.#random;
		const calls = random.skewed(2, 40);
		const events = new EventBuilder('', `copilot-${number}`);
		events.nowMs = endMs - calls * 500;
		events.start().user('Go on.');
		const told: TrueCall[] = [];
		for (let call = 0; call < calls; call++) {
			const cached = random.skewed(100, 90_000);
			const fresh = random.skewed(50, 4_000);
			const output = random.skewed(10, 900);
			const usage = { model: 'gpt-5', inputTokens: cached + fresh, cacheReadTokens: cached, cacheWriteTokens: 0 };
			events.turn(`api-${number}-${call}`, { ...usage, outputTokens: output });
			events.event('tool.execution_complete', { toolCallId: 't', result: { content: this.#output() } });
			const tokens = { uncachedInput: fresh, cacheRead: cached, cacheWrite5m: 0, cacheWrite1h: 0, output };
			told.push({ source: 'copilot-cli', provider: 'openai', model: 'gpt-5', atMs: events.nowMs, tokens });
		}
		const path = events.path.replace(/^\/+/, '');
		return { files: [{ path, text: events.text, changedAtMs: endMs }], calls: told };
	}

	#output(): string {
		return text.repeat(this.#random.skewed(20, 400));
	}
}
