import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { LedgerError, type LedgerHealth } from '../../../src/ledger/ledger.ts';
import type { LedgerClient } from '../../../src/ledger/ledger-client.ts';
import { LedgerAtHand } from '../../../src/mcp/ledger-at-hand.ts';
import { addLogCallTool, logCallInput } from '../../../src/mcp/log-llm-call.ts';
import { loggedCall } from './support.ts';

describe('a call that is logged while the disk takes none', () => {
	const full = { reason: 'diskFull', message: 'The disk is full.' } as const;
	let writing: PromiseWithResolvers<never>;
	let reported: unknown[];

	beforeEach(() => {
		mock.timers.enable({ apis: ['setTimeout'] });
		writing = Promise.withResolvers<never>();
		reported = [];
	});
	afterEach(() => mock.timers.reset());

	/** Logs it with a ledger whose disk is full, and lets half a minute go by. */
	async function logged(): Promise<CallToolResult> {
		const ledger = {
			record: () => writing.promise,
			health: async () => ({ error: full }) as LedgerHealth,
		} as Partial<LedgerClient> as LedgerClient;
		const opened = { ledger, content: () => 'full' as const, renew: async () => 'full' as const };
		const ledgers = new LedgerAtHand({ toRead: () => opened, toWrite: () => opened });
		let handle: ((call: object) => Promise<CallToolResult>) | undefined;
		const server = {
			registerTool: (_name: string, _config: object, handler: (call: object) => Promise<CallToolResult>) => {
				handle = handler;
			},
		} as Partial<McpServer> as McpServer;
		addLogCallTool(server, ledgers, (error) => reported.push(error));
		assert.ok(handle);
		const answer = handle(logCallInput.parse(loggedCall()));
		await new Promise(setImmediate);
		mock.timers.tick(30_000);
		return answer;
	}

	it('is answered after half a minute: why, and that it is not to be logged again', async () => {
		const { isError, content } = await logged();
		assert.equal(isError, true);
		const [first] = content;
		assert.match(first?.type === 'text' ? first.text : '', /The disk is full\. .*do not log it again/);
		assert.deepEqual(reported, []);
	});

	it('is said to be lost when the server ends before the disk has room', async () => {
		await logged();
		writing.reject(new LedgerError('closed', 'The ledger is closed.'));
		await new Promise(setImmediate);
		assert.deepEqual(reported, ['A call that was logged was not written: The ledger is closed.']);
	});
});
