/** Opens VS Code headless, waits for the sample task's calls in the panel, prints them and takes a screenshot. */
import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openVsCode } from '../harness/open-vscode.ts';
import { countRows, readRows, whenSampleIsDone } from '../harness/panel-rows.ts';
import { root, say } from './setup.mjs';
import { table } from './table.ts';

const { values } = parseArgs({
	options: { screenshot: { type: 'string' }, once: { type: 'boolean' }, server: { type: 'boolean' } },
});
const screenshot = resolve(values.screenshot ?? join(root, '.vscode-test/screenshots/start.png'));
const failureScreenshot = join(root, '.vscode-test/screenshots/start-failed.png');
const log = join(root, '.vscode-test/start-failed.log');
const size = { width: 1440, height: 900 };

say('Opening VS Code and running the sample task');
const vscode = await openVsCode({ env: { CALLMETER_START: 'sample' }, builtins: 'all', size });
try {
	const panel = vscode.panel();
	await panel.getByRole('heading').first().waitFor();
	await whenSampleIsDone(panel);
	// A window tall enough for the virtual list to show every row.
	await vscode.page.setViewportSize({ width: size.width, height: 3000 });
	const total = await countRows(panel);
	// Above the calls are the heads of the columns, and their task.
	await panel.locator(`[role="row"][aria-rowindex="${total + 2}"][data-state]:not([data-state="loading"])`).waitFor();
	const rows = (await readRows(panel)).reverse();
	await vscode.page.setViewportSize(size);
	const header = ['#', 'model', 'provider', 'state', 'prompt', 'duration', 'tokens', 'cache', 'cost'];
	const cells = rows.map((row, index) => [
		String(index + 1),
		row.model,
		row.provider,
		row.state,
		row.messages,
		row.duration,
		row.tokens,
		row.cached,
		row.cost,
	]);
	console.log(`\n${table(header, cells)}\n`);
	await vscode.screenshot(screenshot);
	say(`${rows.length} calls recorded. Screenshot: ${relative(process.cwd(), screenshot)}`);
	if (rows.length === 0 || rows.length !== total) throw new Error(`The panel shows ${rows.length} of ${total} calls`);
} catch (error) {
	await vscode.screenshot(failureScreenshot).catch(() => undefined);
	console.error(
		`\nThe sample task's calls did not show up in the panel: ${error instanceof Error ? error.message : error}`,
	);
	console.error(
		`Screenshot: ${relative(process.cwd(), failureScreenshot)}. What VS Code said: ${relative(process.cwd(), log)}`,
	);
	writeFileSync(log, vscode.logs.join('\n'));
	console.error(vscode.remarks().join('\n'));
	process.exitCode = 1;
} finally {
	await vscode.close();
}
