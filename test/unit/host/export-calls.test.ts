import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as exporterModule from '../../../src/host/export-calls.ts';
import type { LedgerClient } from '../../../src/ledger/ledger-client.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { callDraft, parsed, responseDraft, temporaryFolder, workerPath } from '../ledger/support.ts';

const exportWorker = new URL('../../../src/ledger/export/export-worker.ts', import.meta.url).pathname;

interface Item {
	label: string;
	detail?: string;
}

describe('the command that exports', () => {
	let Exporter: typeof exporterModule.Exporter;
	let window: Record<string, unknown>;
	const folder = temporaryFolder();
	let ledger: LedgerClient;
	let server: Server | undefined;
	/** Labels to pick, in order; what was offered, asked in a box, and said. */
	let picks: string[];
	let offered: Item[][];
	let boxes: string[];
	let agreed: boolean;
	let confirmed: { text: string; detail: string } | null;
	let said: string[];
	const secrets = new Map<string, string>();

	before(async () => {
		({ Exporter } = await import('../../../src/host/export-calls.ts'));
		const stub = (await import('vscode')) as unknown as { window: typeof window; Uri: object; workspace: object };
		window = stub.window;
		Object.assign(stub.Uri, { file: (path: string) => ({ path }) });
		folder.make();
		ledger = openLedger({ file: folder.file, workerPath });
		await ledger.record(
			parsed([
				callDraft('a', { messages: [{ role: 'user', content: 'a secret plan' }], title: 'The plan' }),
				responseDraft('a', { completion: 'agreed' }),
			]),
		);
	});
	after(async () => {
		await ledger.close();
		folder.clean();
	});
	afterEach(() => server?.close());

	beforeEach(() => {
		[picks, offered, boxes, agreed, confirmed, said] = [[], [], [], true, null, []];
		secrets.clear();
		const uriOf = (path: string) => ({ scheme: 'file', fsPath: path, toString: () => path });
		Object.assign(window, {
			showQuickPick: async (items: Item[]) => {
				offered.push(items);
				const wanted = picks.shift();
				const found = items.find(({ label }) => label === wanted);
				assert.ok(wanted === undefined || found, `${wanted} is offered`);
				return found;
			},
			showInputBox: async () => boxes.shift(),
			showSaveDialog: async () => uriOf(join(folder.path, 'out')),
			showOpenDialog: async () => [uriOf(join(folder.path, 'out'))],
			showWarningMessage: async (text: string, options?: { detail?: string }) => {
				if (options?.detail === undefined) return said.push(text);
				confirmed = { text, detail: options.detail };
				return agreed ? 'Send' : undefined;
			},
			showInformationMessage: async (text: string) => {
				said.push(text);
			},
			withProgress: async (_: unknown, work: (...args: unknown[]) => Promise<unknown>) =>
				work({ report: () => undefined }, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
		});
	});

	function exporter(): exporterModule.Exporter {
		const service = {
			ledger: Promise.resolve(ledger),
			openFile: async () => folder.file,
			openEventImport: () => ledger.openEventImport(),
		};
		const storage = {
			get: async (name: string) => secrets.get(name),
			store: async (name: string, value: string) => void secrets.set(name, value),
			delete: async (name: string) => void secrets.delete(name),
		};
		return new Exporter({ service, secrets: storage as never, version: '1.2.3', workerPath: exportWorker });
	}

	const written = () => readFileSync(join(folder.path, 'out'), 'utf8');

	it('issue 6, export: the command asks what, as what, with or without content, and where', async () => {
		picks = ['All calls', 'CSV', 'Without prompts and completions'];
		await exporter().run();
		assert.equal(offered.length, 3);
		assert.ok(
			offered[2]?.every(({ detail }) => (detail ?? '').length > 20),
			'each choice says what it means',
		);
		assert.match(written(), /^call_id,[^\n]*\r\na,/);
		assert.doesNotMatch(written(), /secret|agreed|The plan/);
		assert.match(said.join(), /1 calls were written to .*out/);
	});

	it('issue 6, export: from the panel, the calls that are listed go as they are chosen there', async () => {
		picks = ['JSONL', 'With prompts and completions'];
		await exporter().exportListed({ model: 'no-such-model' });
		assert.equal(written(), '');
		picks = ['JSONL', 'With prompts and completions'];
		await exporter().exportListed({ model: 'claude-sonnet-4-5' });
		assert.match(written(), /a secret plan/);
		picks = [];
		await exporter().importEvents();
		assert.match(said.join(), /0 calls were added\. 0 events were taken over, 2 were known already/);
	});

	it('issue 6, export: a task has a report, with its title when that is asked for', async () => {
		picks = ['Report, Markdown', 'Without prompts and completions, with the title of the task'];
		await exporter().exportTask('session-1');
		assert.match(written(), /# LLM usage of a task\n\n\*\*`The plan`\*\*/);
		assert.ok(!written().includes('secret plan'));
	});

	it('writes nothing when the person changes their mind', async () => {
		const before = readdirSync(folder.path);
		picks = ['All calls'];
		await exporter().run();
		Object.assign(window, { showSaveDialog: async () => undefined });
		picks = ['All calls', 'CSV', 'Without prompts and completions'];
		await exporter().run();
		assert.deepEqual([readdirSync(folder.path), said], [before, []]);
	});

	it('issue 6, export: VS Code sends nothing before the person has read what leaves the machine, and agreed', async () => {
		const keys: (string | undefined)[] = [];
		server = createServer((request, response) => {
			keys.push(request.headers['x-key']?.toString());
			request.resume().on('end', () => response.end('{}'));
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const choice = ['All calls', 'Send to an OpenTelemetry receiver…', 'Without prompts and completions'];
		[picks, boxes, agreed] = [[...choice], [endpoint, 'x-key=abc'], false];
		await exporter().run();
		assert.equal(confirmed?.text, `Send 1 calls to ${endpoint}?`);
		assert.match(confirmed.detail ?? '', /^All calls.*Without prompts and completions.*\/v1\/traces/s);
		assert.deepEqual(keys, []);
		[picks, boxes, agreed] = [[...choice], [endpoint, 'x-key=abc'], true];
		await exporter().run();
		assert.deepEqual([keys, secrets.size], [['abc'], 1]);
		assert.match(said.join(), /1 calls were sent to http:\/\/127/);
		assert.ok(!existsSync(join(folder.path, 'sent')));
	});
});
