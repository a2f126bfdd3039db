import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type DraftInput, draftSchema } from '../../../src/core/draft.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';

export const root = join(import.meta.dirname, '../../..');
/** What users start. `npm run build` makes it. */
export const program = join(root, 'dist/callmeter.cjs');

/** A home with a ledger, and clients of servers that run as processes of their own. */
export class McpSetting {
	readonly folder = mkdtempSync(join(tmpdir(), 'callmeter-mcp-'));
	readonly file = join(this.folder, 'calls.db');
	readonly #clients: Client[] = [];

	constructor() {
		if (!existsSync(join(root, 'dist/mcp.cjs'))) throw new Error('There is nothing to test: npm run build makes it.');
	}

	/** Of the server's process: nothing of this machine's user gets in. */
	get env(): Record<string, string> {
		return { HOME: this.folder, XDG_DATA_HOME: join(this.folder, 'data'), TZ: 'UTC', PATH: process.env.PATH ?? '' };
	}

	/** A client of a server of its own, on the ledger unless `args` says otherwise. */
	async connect(
		args: string[] = ['--ledger', this.file],
		options?: ClientOptions,
		env: Record<string, string> = {},
	): Promise<Connected> {
		const client = new Client({ name: 'tester', version: '1.0.0' }, options);
		const transport = new StdioClientTransport({
			command: process.execPath,
			args: [program, 'mcp', ...args],
			cwd: this.folder,
			env: { ...this.env, ...env },
			stderr: 'pipe',
		});
		let said = '';
		transport.stderr?.on('data', (chunk) => {
			said += String(chunk);
		});
		this.#clients.push(client);
		await client.connect(transport);
		return { client, transport, stderr: () => said };
	}

	async record(drafts: readonly DraftInput[], content: 'full' | 'redacted' | 'off' = 'full'): Promise<void> {
		const ledger = openLedger({ file: this.file, workerPath: join(root, 'src/ledger/worker.ts'), content });
		try {
			for (const { outcome, reason } of await ledger.record(drafts.map((draft) => draftSchema.parse(draft)))) {
				if (outcome === 'rejected') throw new Error(`A call of the test was rejected: ${reason}`);
			}
		} finally {
			await ledger.close();
		}
	}

	async close(): Promise<void> {
		await Promise.all(this.#clients.splice(0).map((client) => client.close()));
		rmSync(this.folder, { recursive: true, force: true });
	}
}

export interface Connected {
	client: Client;
	transport: StdioClientTransport;
	/** What the server said beside the protocol. */
	stderr: () => string;
}

/** What `tools/call` gave, as a test looks at it. */
export interface ToolAnswer<T> {
	text: string;
	data: T;
	isError: boolean;
}

export async function callTool<T = Record<string, unknown>>(
	client: Client,
	name: string,
	given: Record<string, unknown> = {},
): Promise<ToolAnswer<T>> {
	const { content, structuredContent, isError } = await client.callTool({ name, arguments: given });
	const [first] = content;
	return {
		text: first?.type === 'text' ? first.text : '',
		data: structuredContent as T,
		isError: isError === true,
	};
}

/** A call as an agent logs it; `more` replaces fields. */
export function loggedCall(more: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		sessionId: 'task-1',
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		messages: [{ role: 'user', content: 'Where is the lighthouse?' }],
		completion: 'On the cape.',
		finishReason: 'stop',
		usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100, cacheReadTokens: 400, cacheWriteTokens: 0 },
		latencyMs: 1200,
		...more,
	};
}
