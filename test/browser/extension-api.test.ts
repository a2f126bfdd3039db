import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { countRows, readRows, showPrompts } from '../harness/panel-rows.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';
import { root } from '../run/setup.mjs';

/** The example of the documentation, installed beside Callmeter as any other extension. */
describe('an extension that uses the API', () => {
	let vscode: VsCode;
	const row = (model: string) => vscode.panel().locator('.rows .row', { hasText: model });

	before(async () => {
		vscode = await openVsCode({ alongside: [join(root, 'docs/examples/callmeter-consumer')] });
		await vscode.runCommand('Show LLM Usage');
		await showPrompts(vscode.panel());
	});
	after(() => vscode?.close());

	it('has the calls of its own agent recorded as they happen, with prompt, answer and price', async () => {
		await vscode.runCommand('Callmeter Example: Run a Task');
		await row('gpt-4o').waitFor();
		const [shown] = await readRows(vscode.panel());
		assert.deepEqual(
			[shown?.state, shown?.provider, shown?.title, shown?.cost],
			['ok', 'openai', 'Example task', '$0.0029'],
		);
		const [file = ''] = ledgerFiles(vscode.serverData);
		const [call] = await recordedCalls(file);
		assert.ok(call);
		assert.deepEqual(
			[call.systemPrompt, call.messages.map(({ content }) => content), call.completion, call.row.agentId],
			['You are terse.', ['Hello'], 'You said: Hello', 'example-agent'],
		);
	});

	it('hands in calls that it saw elsewhere', async () => {
		await vscode.runCommand('Callmeter Example: Record a Finished Call');
		await row('claude-sonnet-4-5').waitFor();
		assert.equal(await countRows(vscode.panel()), 2);
	});

	it('reads the sums of all agents', async () => {
		await vscode.runCommand("Callmeter Example: Show Today's Cost");
		// 500 × $2.50 + 500 × $1.25 + 100 × $10, and 200 × $3 + 1,000 × $0.30 + 50 × $15, a million tokens each.
		await vscode.notification('Today: $0.0045 in 2 calls');
	});

	it('is told of each call that ends', async () => {
		await vscode.runCommand('Callmeter Example: Run a Task');
		await vscode.page.locator('[id="example.callmeter-consumer.lastCall"]').getByText('gpt-4o $0.0029').waitFor();
	});
});
