import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LlmAnalyticsResult } from '../../src/core/outside/analytics-result.ts';
import { ServerList } from '../../src/server/discovery/server-list.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { root } from '../run/setup.mjs';
import { pairOf } from '../unit/server/api/serving.ts';
import { chat, traces } from '../unit/server/otlp/payloads.ts';

/**
 * The local server in a real VS Code, from its command to the call in the panel. Each test goes on where the one before it
 * ended.
 */
describe('the local server in VS Code', () => {
	let vscode: VsCode;
	let endpoint = '';
	const card = () => vscode.panel().locator('.source[data-source="otlp"]');

	before(async () => {
		vscode = await openVsCode();
		await vscode.runCommand('Show LLM Usage');
		await vscode.panel().getByRole('heading').first().waitFor();
	});

	after(() => vscode?.close());

	async function post(spanId: string): Promise<number> {
		const nowMs = Date.now();
		const span = chat({
			spanId,
			startMs: nowMs - 1_000,
			endMs: nowMs,
			values: { 'gen_ai.response.id': `response-of-${spanId}` },
		});
		const headers = { 'content-type': 'application/json' };
		const body = JSON.stringify(traces(span));
		return (await fetch(`${endpoint}/v1/traces`, { method: 'POST', headers, body })).status;
	}

	it('starts by its command and says where it listens', async () => {
		await vscode.runCommand('Start Local Server');
		const message = await vscode.notification(/The local server (of this window )?listens on/);
		endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec((await message.textContent()) ?? '')?.[0] ?? '';
		assert.notEqual(endpoint, '');
	});

	it('records a call that is sent to it, and counts it among the sources', async () => {
		assert.equal(await post('EEE19B7EC3C1B101'), 200);
		await vscode.panel().locator('.sidebar-page[data-page="sources"]').click();
		await card().waitFor();
		await card().locator('dd', { hasText: /^1$/ }).first().waitFor();
		assert.equal(await card().getAttribute('data-state'), 'listening');
		await vscode.screenshot(join(root, 'out/pictures', 'local-server-source.png'));
	});

	it('answers its HTTP API to whoever shows its token, which the command copies on press', async () => {
		const file = join(vscode.home, '.local/share/callmeter/servers/token');
		await vscode.runCommand('Copy Local Server Token');
		const message = await vscode.notification(/It is kept in/);
		assert.ok((await message.textContent())?.includes(file));
		await vscode.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		await message.getByRole('button', { name: 'Copy Token' }).click();
		await vscode.page.getByText('Copied the token of the local server').waitFor();
		const token: string = await vscode.page.evaluate('navigator.clipboard.readText()');
		assert.equal(token, (await readFile(file, 'utf8')).trim());

		const ask = (path: string, headers: Record<string, string>, body?: unknown) =>
			fetch(`${endpoint}/api${path}`, {
				headers: { 'content-type': 'application/json', ...headers },
				...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
			});
		const authorization = `Bearer ${token}`;
		const events = pairOf({ callId: 'over-http', at: new Date().toISOString() });
		assert.equal((await ask('/events', {}, { events })).status, 401);
		assert.equal((await ask('/events', { authorization }, { events })).status, 200);
		const sums = (await (await ask('/analytics/llm', { authorization })).json()) as LlmAnalyticsResult;
		assert.ok(sums.byModel.some(({ model, costUsd }) => model === 'house-1' && costUsd === 0.25));
		const [listed] = new ServerList(join(vscode.home, '.local/share/callmeter/servers')).running();
		const server = (await (await ask('/server', {})).json()) as { instance: string };
		assert.equal(server.instance, listed?.instance);
		assert.deepEqual(listed?.folders, [vscode.workspace]);
	});

	it('takes no OTLP once its line is switched off there, and takes it again', async () => {
		const box = card().locator('vscode-checkbox');
		await box.click();
		await vscode.panel().locator('.source[data-source="otlp"][data-state="off"]').waitFor();
		assert.equal(await post('EEE19B7EC3C1B102'), 404);
		await box.click();
		await vscode.panel().locator('.source[data-source="otlp"][data-state="listening"]').waitFor();
		assert.equal(await post('EEE19B7EC3C1B103'), 200);
	});

	it('stops by its command', async () => {
		await vscode.runCommand('Stop Local Server');
		await vscode.notification('The local server has stopped.');
		await assert.rejects(post('EEE19B7EC3C1B104'));
		await card().waitFor({ state: 'detached' });
	});
});
