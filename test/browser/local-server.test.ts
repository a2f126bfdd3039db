import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { root } from '../run/setup.mjs';
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
